"""Makes an SVG of Rich or Textual stand alone: nothing is fetched to look at it, no font draws its bars. Pure."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from itertools import groupby
from typing import Final

_FONT_FACE: Final = re.compile(r"\s*@font-face\s*\{[^}]*\}")
_FAMILY: Final = re.compile(r"font-family: (?:Fira Code|arial)[^;\n]*;?")
_MONOSPACE: Final = (
    "font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace;"
)
_COMMENT: Final = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_IDS: Final = re.compile(r"terminal-\d+")
_TEXT: Final = re.compile(
    r'<text class="(?P<style>[^"]+)" x="(?P<x>[\d.]+)" y="(?P<y>[\d.]+)" textLength="[\d.]+"'
    r' clip-path="(?P<clip>[^"]+)">(?P<text>[^<\n]*)</text>'
)
_BAR: Final = "▏▎▍▌▋▊▉█"
_COLUMN: Final = "▁▂▃▄▅▆▇█"
_DISCS: Final = {"🔵": "#4d8fe0", "🟢": "#43b581", "🟡": "#eeb747", "🟠": "#e8833a", "🔴": "#db5a52"}
_SHAPES: Final = {*_BAR, *_COLUMN, *_DISCS}
_CELL_WIDTH, _CELL_HEIGHT, _ABOVE_BASELINE = 12.2, 24.4, 18.5
"""The grid that Rich draws on."""
_BETWEEN_BARS: Final = 4.0
_RADIUS: Final = 7.5
_REMOTE: Final = re.compile(
    r"""(?:href|src)\s*=\s*["'](?!\#)|url\((?!\#)|@import|<script|<foreignObject""", re.IGNORECASE
)


def alone(svg: str, name: str) -> str:
    """`svg` without remote fonts, its bars drawn, its ids beginning with `name` so that two can stand on one page."""
    for pattern, instead in ((_COMMENT, ""), (_FONT_FACE, ""), (_FAMILY, _MONOSPACE), (_IDS, name)):
        svg = pattern.sub(instead, svg)
    svg = _TEXT.sub(lambda found: "".join(_drawn(found)), svg)
    return "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n"


def references(svg: str) -> list[str]:
    """What an SVG would fetch or run; nothing when it stands alone."""
    return [found.group() for found in _REMOTE.finditer(svg)]


def _drawn(found: re.Match[str]) -> Iterator[str]:
    """A text with its bars, columns and discs as shapes: fonts leave seams between them, or do not have them."""
    text, style = html.unescape(found["text"]), found["style"]
    x, top = float(found["x"]), float(found["y"]) - _ABOVE_BASELINE
    if not set(text) & _SHAPES:
        yield found.group()
    elif set(text) <= {*_BAR, "\xa0", " "}:
        eighths = sum(_BAR.find(character) + 1 for character in text)
        x += _CELL_WIDTH * (len(text) - len(text.lstrip()))
        yield _rectangle(style, x, top + _BETWEEN_BARS / 2, eighths * _CELL_WIDTH / 8, _CELL_HEIGHT - _BETWEEN_BARS)
    else:
        for character, run in groupby(text):
            count = len(list(run))
            width = count * _CELL_WIDTH * (2 if character in _DISCS else 1)
            if character in _DISCS:
                centre = f'cx="{x + _CELL_WIDTH:.1f}" cy="{top + _CELL_HEIGHT / 2:.1f}"'
                yield f'<circle {centre} r="{_RADIUS}" fill="{_DISCS[character]}"/>'
            elif character in _COLUMN:
                height = (_COLUMN.index(character) + 1) * _CELL_HEIGHT / 8
                yield _rectangle(style, x, top + _CELL_HEIGHT - height, width, height)
            elif not character.isspace():
                place = f'x="{x:.1f}" y="{found["y"]}" textLength="{width:.1f}" clip-path="{found["clip"]}"'
                yield f'<text class="{style}" {place}>{html.escape(character * count)}</text>'
            x += width


def _rectangle(style: str, x: float, y: float, width: float, height: float) -> str:
    return f'<rect class="{style}" x="{x:.1f}" y="{y:.2f}" width="{width:.2f}" height="{height:.2f}"/>'
