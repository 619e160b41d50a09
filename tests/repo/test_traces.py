"""Nothing of the machine it was written on stays in the repository: no folder, no registry, no proxy."""

from __future__ import annotations

import re

import pytest

from tests.repo.tree import files, text

TRACES = {
    "a folder of one machine": r"(?<![\w.}>])/(?:work|home|root|Users)/\w",
    "a download address in a lock file": r'"resolved":\s*"https?:',
    "a package index": r"--(?:extra-)?index-url[ =]|--find[-]links[ =]|https?://[^\s\"')]*/simple(?:[/\"']|\s|$)",
    "a proxy": r"(?i)\bhttps?[_]proxy\s*[=:]",
}


def traces(content: str) -> list[str]:
    """`line: what: the text found` for each trace in `content`."""
    return [
        f"{number}: {what}: {found.group()}"
        for number, line in enumerate(content.splitlines(), start=1)
        for what, pattern in TRACES.items()
        for found in re.finditer(pattern, line)
    ]


def test_no_file_names_the_machine_it_was_written_on() -> None:
    """No committed text names a home folder, a package registry or a proxy."""
    assert [f"{path}:{trace}" for path in files() for trace in traces(text(path) or "")] == []


@pytest.mark.parametrize(
    "line",
    [
        "see /ho" + "me/ada/notes",
        "--" + "index-url https://registry.example/",
        "https://registry.example" + "/simple/",
        '"resolved"' + ': "https://registry.example/a.tgz"',
        "HTTPS" + "_PROXY=registry.example",
    ],
)
def test_each_kind_of_trace_is_found(line: str) -> None:
    """A line with any kind of trace is named."""
    assert len(traces("\n" + line)) == 1


@pytest.mark.parametrize("line", ["https://shop.example/ho" + "me/sale", "examples/wo" + "rk/1", "make it simple"])
def test_ordinary_text_is_no_trace(line: str) -> None:
    """Addresses and words that only look alike pass."""
    assert traces(line) == []
