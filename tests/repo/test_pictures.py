"""The pictures in the documents stand alone: they fetch nothing, run nothing, and are small."""

from __future__ import annotations

import io
import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from scripts.picture.svg import alone, references
from tests.repo.tree import ROOT, files

PICTURES = files("docs/pictures/*.svg")
MOST_BYTES = 150_000


def drawn(line: str) -> str:
    """A line as Rich draws it, made to stand alone."""
    console = Console(record=True, file=io.StringIO(), width=40)
    console.print(line)
    return alone(console.export_svg(title="a line"), "line")


@pytest.mark.parametrize("path", PICTURES, ids=str)
def test_a_picture_stands_alone_and_is_small(path: Path) -> None:
    """It is sound XML, refers to nothing outside, brings no script and no font, and weighs less than 150 kB."""
    svg = (ROOT / path).read_text()
    assert ET.fromstring(svg).tag == "{http://www.w3.org/2000/svg}svg"
    assert references(svg) == []
    assert "@font-face" not in svg
    assert len(svg.encode()) < MOST_BYTES


def test_the_readme_shows_the_demo() -> None:
    """The first picture of the README is the demo, and the command that draws it leaves it where the README looks."""
    found = re.search(r"!\[[^\]]+\]\(([^)]+)\)", (ROOT / "README.md").read_text())
    assert found, "README.md shows no picture"
    assert Path(found[1]) == Path("docs/pictures/demo.svg")
    assert Path(found[1]) in PICTURES


@pytest.mark.parametrize(
    "reference",
    ['<image href="https://a.example/x.png"/>', "<style>@import 'x.css'</style>", "url(x.woff)", "<script>1</script>"],
)
def test_each_kind_of_reference_is_found(reference: str) -> None:
    """What would be fetched or run is named; a reference to a part of the picture itself is none."""
    assert len(references(f'<svg clip-path="url(#a)">{reference}<use href="#b"/></svg>')) == 1


def test_bars_columns_and_discs_are_drawn_without_a_font() -> None:
    """A bar is one rectangle of its length, a column has its height, a disc its colour; words stay words."""
    whole = drawn("██▌")
    assert 'width="30.50"' in whole
    assert whole.count("<rect class=") == 1
    mixed = drawn("▂█ 🔵 power & user")
    assert 'height="6.10"' in mixed
    assert "<circle" in mixed
    assert not set(mixed) & set("▂█🔵")
    assert "&amp;" in mixed
    ET.fromstring(mixed)


def test_a_picture_of_rich_is_made_to_stand_alone() -> None:
    """Rich's own SVG names fonts on the web; none is left, and nothing else is lost."""
    console = Console(record=True, file=io.StringIO(), width=40)
    console.print("who came?")
    svg = console.export_svg(title="a line")
    assert references(svg)
    assert references(alone(svg, "line")) == []
    assert "who&#160;came?" in alone(svg, "line")
