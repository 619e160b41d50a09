"""What a terminal shows: enough of one to read the live view, which places text and colours it. No more of one."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import Final

_CONTROL: Final = re.compile(
    r"\x1b\[(?P<numbers>[0-?]*)[ -/]*(?P<final>[@-~])"  # CSI
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)"  # OSC
    r"|\x1b[^\[\]]"
)
_PARTIAL: Final = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?)?\Z")
_ALTERNATE: Final = "?1049"


class Screen:
    """Takes in what programs write: the picture that a full-screen one draws, and the lines of any other."""

    def __init__(self, rows: int, columns: int) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rows, self._columns = rows, columns
        self._grid = self._blank()
        self._row = self._column = 0
        self._rest = ""
        self._line = ""
        self.drawing = False
        """Whether a full-screen program has the terminal."""
        self.lines: list[str] = []
        """What was written line by line, outside of any picture."""

    @property
    def picture(self) -> list[str]:
        """The rows of the picture as text: the last one drawn, also after its program has left the screen."""
        return ["".join(row).rstrip() for row in self._grid]

    def write(self, output: bytes) -> None:
        """Take in output; it may end in the middle of a character or of a control sequence."""
        text = self._rest + self._decoder.decode(output)
        partial = _PARTIAL.search(text)
        end = partial.start() if partial else len(text)
        text, self._rest = text[:end], text[end:]
        place = 0
        for control in _CONTROL.finditer(text):
            self._put(text[place : control.start()])
            self._obey(control["numbers"] or "", control["final"] or "")
            place = control.end()
        self._put(text[place:])

    def _obey(self, numbers: str, final: str) -> None:
        if final in {"h", "l"} and numbers == _ALTERNATE:
            self.drawing = final == "h"
            if self.drawing:
                self._grid = self._blank()
        elif final == "H":
            row, _, column = numbers.partition(";")
            self._row, self._column = int(row or 1) - 1, int(column or 1) - 1

    def _put(self, text: str) -> None:
        if self.drawing:
            for character in text:
                self._draw(character)
            return
        *whole, self._line = (self._line + text).split("\n")
        self.lines += [line.rstrip() for line in whole]

    def _draw(self, character: str) -> None:
        if character == "\r":
            self._column = 0
        elif character == "\n":
            self._row += 1
        elif self._row < self._rows and self._column < self._columns:
            wide = unicodedata.east_asian_width(character) in {"W", "F"}
            self._grid[self._row][self._column] = character
            if wide and self._column + 1 < self._columns:
                self._grid[self._row][self._column + 1] = ""
            self._column += 1 + wide

    def _blank(self) -> list[list[str]]:
        return [[" "] * self._columns for _ in range(self._rows)]
