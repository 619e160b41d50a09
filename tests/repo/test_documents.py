"""The documents: links lead somewhere and to every page, the change log has a place for what comes, versions agree."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import footfall
from tests.repo.tree import ROOT, files, text

LINK = re.compile(r"(?<!!)\[[^\]]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<picture>[^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def anchors(markdown: str) -> set[str]:
    """The anchors of a document's headings, made the way that code hosts make them."""
    headings = re.findall(r"^#+ +(.+?) *$", FENCE.sub("", markdown), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(path: Path, markdown: str) -> list[str]:
    """The links of `markdown`, standing at `path`, that lead to no file or no heading of this repository."""
    faults = []
    for found in LINK.finditer(FENCE.sub("", markdown)):
        link = found["target"] or found["picture"]
        if re.match(r"[a-z]+:", link):
            continue
        target, _, anchor = link.partition("#")
        file = (ROOT / path.parent / target).resolve() if target else ROOT / path
        if not file.exists() or not file.is_relative_to(ROOT):
            faults.append(f"{path}: {link} leads to no file")
        elif anchor and file.suffix == ".md" and anchor not in anchors(file.read_text()):
            faults.append(f"{path}: {link} leads to no heading")
    return faults


def links(markdown: str) -> set[str]:
    """The files that a document's links lead to, as they are written."""
    return {(found["target"] or found["picture"]).partition("#")[0] for found in LINK.finditer(markdown)}


def test_links_of_the_documents_resolve() -> None:
    """Every relative link of every Markdown file leads to a file, and to a heading when it names one."""
    assert [fault for path in files("*.md") for fault in broken_links(path, text(path) or "")] == []


def test_every_page_is_found_from_the_first_one() -> None:
    """README links every page of docs/, and the list of decisions every decision."""
    pages = {str(path) for path in files("docs/*.md") if path.parent == Path("docs")}
    assert pages - links((ROOT / "README.md").read_text()) == set()
    decisions = {path.name for path in files("docs/decisions/*.md")} - {"README.md"}
    assert decisions - links((ROOT / "docs" / "decisions" / "README.md").read_text()) == set()


def test_a_broken_link_is_named() -> None:
    """A missing file, a missing heading and a way out of the repository are faults; code and addresses are not."""
    here = Path("docs/a.md")
    assert broken_links(here, "# A b\n[x](gone.md)") == ["docs/a.md: gone.md leads to no file"]
    assert broken_links(here, "[x](../CHANGELOG.md#gone)") == ["docs/a.md: ../CHANGELOG.md#gone leads to no heading"]
    assert broken_links(here, "[x](../../a)") == ["docs/a.md: ../../a leads to no file"]
    assert broken_links(here, "[x](../CHANGELOG.md#unreleased) [y](https://a.example)\n```\n[z](gone)\n```\n") == []


def test_the_change_log_has_a_place_for_what_comes() -> None:
    """CHANGELOG.md begins with an Unreleased section, and its sections are those of Keep a Changelog."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    versions = re.findall(r"^## \[([^\]]+)\]", changelog, re.MULTILINE)
    assert versions[:1] == ["Unreleased"]
    kinds = set(re.findall(r"^### (.+)$", changelog, re.MULTILINE))
    assert kinds <= {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


def test_the_version_stands_once() -> None:
    """The package says the version that its metadata says."""
    assert footfall.__version__ == tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
