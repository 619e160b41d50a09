"""The commands that documents show exist, with the options that they show."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from footfall.cli.document import commands

ROOT = Path(__file__).parents[2]
DOCUMENTS = [
    ROOT / "README.md",
    ROOT / "docs" / "importing.md",
    ROOT / "docs" / "settings.md",
    ROOT / "CONTRIBUTING.md",
]
FENCE = re.compile(r"^```(?:bash|text|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ALL = dict(commands())


def told(document: Path) -> list[str]:
    """The lines of a document's blocks that run `footfall`."""
    lines = [line.removeprefix("$ ") for block in FENCE.findall(document.read_text()) for line in block.splitlines()]
    return [line for line in lines if line.startswith("footfall ")]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_commands_that_are_told_can_be_given(document: Path) -> None:
    """Each one parses: the command exists, and so do its options."""
    for line in told(document):
        words = shlex.split(line.partition(" > ")[0], comments=True)[1:]
        path = tuple(words[:2]) if tuple(words[:2]) in ALL else tuple(words[:1])
        assert path in ALL, line
        ALL[path].make_context(" ".join(path), words[len(path) :]).close()


def test_the_first_documents_tell_commands() -> None:
    """The pattern finds what stands there."""
    assert len(told(DOCUMENTS[0])) >= 5
    assert len(told(DOCUMENTS[1])) >= 4
