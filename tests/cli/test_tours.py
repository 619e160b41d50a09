"""README and the tours in docs/, to the letter: what stands in `console` blocks is typed, and must be answered so."""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from footfall.cli.client import listening_at

ROOT = Path(__file__).parents[2]
TOURS = [ROOT / "README.md", ROOT / "docs" / "first-steps.md", ROOT / "docs" / "questions.md"]
FENCE = re.compile(r"^```(?P<form>\w+)(?: (?P<file>\S+))?\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL)
TOLD_ADDRESS = "127.0.0.1:8787"
LASTING = ("footfall serve", "curl -N")
"""Commands that have a terminal to themselves until Ctrl-C (`^C`), or the tour's end."""
PATIENCE_SECONDS = 60.0


class Turn(NamedTuple):
    """Something that is typed, and what then stands on the screen."""

    typed: str
    shown: str


def turns(body: str) -> Iterator[Turn]:
    """The turns of a `console` block: a command begins with `$ `, goes on while a quote or a backslash is open."""
    typed, shown = "", ""
    for line in body.splitlines():
        if line == "^C" or (line.startswith("$ ") and not _is_open(typed)):
            if typed:
                yield Turn(typed, shown)
            typed, shown = line.removeprefix("$ "), ""
        elif _is_open(typed):
            typed += "\n" + line
        else:
            shown += line.rstrip() + "\n"
    yield Turn(typed, shown)


def _is_open(typed: str) -> bool:
    try:
        shlex.split(typed)
    except ValueError:
        return True
    return typed.endswith("\\")


def is_shown(shown: str, printed: str) -> bool:
    """Whether `printed` is what the document shows: `…` stands for the rest of a line, alone in it for any lines."""
    lines = [".*" if line == "…" else re.escape(line).replace("…", "[^\n]*") for line in shown.splitlines()]
    pattern = "\n".join(lines).replace("\n.*", "(?:\n.*)?").replace(".*\n", "(?:.*\n)?")
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.splitlines()), re.DOTALL) is not None


class Traveller:
    """A new user in an empty folder, whose `footfall` is this one and whose port 8787 is a free one."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self._address = f"127.0.0.1:{port}"
        programs = folder / ".programs"
        programs.mkdir()
        for name, arguments in (("python3", ""), ("footfall", "-m footfall")):
            program = programs / name
            program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} {arguments} "$@"\n')
            program.chmod(0o755)
        self._environment = {name: text for name, text in os.environ.items() if not name.startswith("FOOTFALL_")} | {
            "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
            "FOOTFALL_PORT": str(port),
        }
        self._lasting: list[tuple[Turn, subprocess.Popen[bytes], Path]] = []

    def save(self, name: str, text: str) -> None:
        """Save a file that the document shows."""
        (self._folder / name).write_text(text.replace(TOLD_ADDRESS, self._address))

    def do(self, turn: Turn) -> None:
        """Type it, and compare; what lasts is compared when it ends."""
        if turn.typed == "^C":
            self.end()
        elif turn.typed.startswith(LASTING):
            self._begin(turn)
        else:
            ran = subprocess.run(
                self._shell(turn.typed),
                cwd=self._folder,
                env=self._environment,
                capture_output=True,
                check=False,
                text=True,
                timeout=PATIENCE_SECONDS,
            )
            assert ran.returncode == 0, (turn.typed, ran.stdout, ran.stderr)
            self._compare(turn, ran.stdout)

    def end(self) -> None:
        """Press Ctrl-C in every terminal where something runs, the newest first."""
        while self._lasting:
            turn, process, screen = self._lasting.pop()
            process.send_signal(signal.SIGINT)
            process.wait(PATIENCE_SECONDS)
            self._compare(turn, screen.read_text())

    def give_up(self) -> None:
        """Leave nothing running."""
        for _, process, _ in self._lasting:
            process.kill()
            process.wait()

    def _begin(self, turn: Turn) -> None:
        screen = self._folder / ".programs" / f"screen-{len(self._lasting)}"
        with screen.open("wb") as out:
            command = self._shell(f"exec {turn.typed}")
            process = subprocess.Popen(command, cwd=self._folder, env=self._environment, stdout=out)
        self._lasting.append((turn, process, screen))
        serves = turn.typed.startswith("footfall serve")
        _wait(lambda: listening_at(self._folder / "footfall-data") is not None if serves else screen.stat().st_size > 0)

    def _shell(self, typed: str) -> list[str]:
        return ["bash", "-c", typed.replace(TOLD_ADDRESS, self._address)]

    def _compare(self, turn: Turn, printed: str) -> None:
        printed = printed.replace(self._address, TOLD_ADDRESS)
        assert is_shown(turn.shown, printed), f"$ {turn.typed}\nis said to print\n{turn.shown}\nand prints\n{printed}"


def _wait(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("document", TOURS, ids=lambda path: path.name)
def test_a_tour_is_as_it_is_told(document: Path, tmp_path: Path) -> None:
    """Whoever types what a document shows sees what it shows, from the first command to the last."""
    traveller = Traveller(tmp_path)
    try:
        for fence in FENCE.finditer(document.read_text()):
            if fence["file"]:
                traveller.save(fence["file"], fence["body"])
            elif fence["form"] == "console":
                for turn in turns(fence["body"]):
                    traveller.do(turn)
        traveller.end()
    finally:
        traveller.give_up()


def test_a_document_that_tells_something_else_is_noticed() -> None:
    """Every word counts, but for what is left out: the rest of a line, or lines."""
    assert is_shown("a  1\nb …\n", "a  1 \nb 2, 3\n")
    assert is_shown("a\n…\nz\n", "a\nb\nc\nz\n")
    assert is_shown("a\n…\n", "a\n")
    assert not is_shown("a  1\n", "a  2\n")
    assert not is_shown("a\nb …\n", "a\nc\nb 2\n")
    assert not is_shown("a\n", "a\nb\n")


def test_turns_are_told_apart() -> None:
    """A command may have several lines; what follows it is its answer."""
    told = "$ say 'a\n$ b'\nc\n\n$ d \\\n  e\n^C\n$ f\n"
    assert list(turns(told)) == [("say 'a\n$ b'", "c\n\n"), ("d \\\n  e", ""), ("^C", ""), ("f", "")]
