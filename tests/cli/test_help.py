"""Help and wrong usage: every command has an example, its page in the documentation is fresh, errors say what to do."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import footfall
from footfall.cli.document import commands, markdown
from tests.cli.terminal import footfall as run

DOCUMENT = Path(__file__).parents[2] / "docs" / "commands.md"
ALL = {" ".join(path): command for path, command in commands()}


def examples(text: str) -> Iterator[str]:
    """The lines of a command's examples."""
    yield from (line.strip() for line in text.partition("Examples:")[2].splitlines() if line.strip())


@pytest.mark.parametrize("name", ALL)
def test_help_has_an_example_that_can_be_read(name: str) -> None:
    """Each example begins with the command and parses: its options exist."""
    ran = run(*name.split(), "--help")
    assert ran.code == 0
    lines = list(examples(ran.out))
    assert lines
    for line in lines:
        words = shlex.split(line.partition(" > ")[0])
        assert " ".join(words).startswith(f"footfall {name}".strip())
        command, rest = ALL[name], words[1 + len(name.split()) :]
        command.make_context(name, rest).close()


def test_the_documentation_is_fresh() -> None:
    """`docs/commands.md` is what the code makes of its commands."""
    assert DOCUMENT.read_text() == markdown(), "run: python -m footfall.cli.document > docs/commands.md"


def test_the_version_is_shown() -> None:
    """It is the package's."""
    assert run("--version") == (0, f"footfall {footfall.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["sesions"], "No such command"),
        (["sessions", "--limit", "0"], "greater than or equal to 1"),
        (["sessions", "--format", "xml"], "'xml' is not one of"),
        (["sessions", "--data", "no/such/folder"], "there is no data folder no/such/folder"),
        (["import", "a.csv", "--preset", "rees64"], "did you mean 'rees46'"),
        (["import", "a.csv", "--map", "a=usr_id"], "did you mean 'user_id'"),
        (["import", "a.csv", "--delimiter", ";;"], "--delimiter wants one character"),
        (["import", "a.csv", "--form", "xls"], "there are csv, tsv, ndjson, parquet"),
        (["import", "a.csv", "--encoding", "klingon"], "--encoding 'klingon' is unknown"),
    ],
)
def test_wrong_usage_is_told_with_exit_code_2(arguments: list[str], said: str) -> None:
    """What was wrong, and what may stand there; nothing is done."""
    ran = run(*arguments)
    assert ran.code == 2
    assert said in ran.err


def test_a_traceback_is_shown_only_when_asked_for(tmp_path: Path) -> None:
    """One line says what was wrong; with --debug, wherever it stands, the place in the code is shown too."""
    command = [sys.executable, "-m", "footfall", "import", str(tmp_path / "gone.csv"), "--data", str(tmp_path / "data")]
    plain = subprocess.run(command, capture_output=True, check=False, text=True)
    assert (plain.returncode, plain.stdout) == (1, "")
    assert plain.stderr == f"footfall: there is no file or folder {tmp_path / 'gone.csv'}\n"
    debug = subprocess.run([*command, "--debug"], capture_output=True, check=False, text=True)
    assert debug.returncode == 1
    assert "Traceback" in debug.stderr
