"""The commands that documents show exist, with the options that they show."""

from __future__ import annotations

import re
import shlex
from itertools import takewhile
from pathlib import Path

import pytest

from footfall.cli.document import commands

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE = re.compile(r"^```(?:bash|text|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
COMMAND = re.compile(r"^(?:\$ )?(footfall (?:\"[^\"]*\"|\\\n|[^\"\n])+)$", re.MULTILINE)
"""A line that runs `footfall`, with the next ones when a quote is open at its end, or a backslash stands there."""
ALL = dict(commands())
SHELL = {">", "2>&1", "|", "||"}
"""Words at which what the shell does begins."""


def told(document: Path) -> list[str]:
    """The commands of a document's blocks that run `footfall`."""
    return [command for block in FENCE.findall(document.read_text()) for command in COMMAND.findall(block)]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_told_can_be_given(document: Path) -> None:
    """Each one parses: the command exists, and so do its options."""
    for line in told(document):
        words = [*takewhile(lambda word: word not in SHELL, shlex.split(line.replace("\\\n", " "), comments=True))][1:]
        path = tuple(words[:2]) if tuple(words[:2]) in ALL else tuple(words[:1])
        assert path in ALL, line
        ALL[path].make_context(" ".join(path), words[len(path) :]).close()


def test_documents_tell_commands() -> None:
    """The pattern finds what stands there, on several lines, too."""
    assert len(told(ROOT / "README.md")) >= 8
    assert len(told(ROOT / "docs" / "importing.md")) >= 4
    assert any("\n" in command for command in told(ROOT / "docs" / "first-steps.md"))
