"""The judgement of a fresh machine's demo: what is wrong is found, and the recording that is kept tells of none."""

from __future__ import annotations

import re

import pytest

from scripts.fresh.judging import faults, moments
from scripts.fresh.machine import passed_on
from scripts.fresh.screen import Screen
from scripts.fresh.watching import Said, Watched
from tests.repo.tree import ROOT

GOOD = {
    ".venv/bin/python -m footfall demo --seconds 20": 20.0,
    "its pages in a browser: http://127.0.0.1:8787, log in with the token fft_x": 23.0,
    "imported 8,000 events of the shop's last week (861 sessions)": 24.0,
    "🟡 bouncer → browser  ann, 3 events": 25.0,
    "🔴 HIGH_VELOCITY: User has 7 events in the last minute (u:ann)": 27.0,
    "Report  2026-03-01 00:02:00 to 2026-03-08 07:02:14 UTC, money in EUR": 45.0,
    "played against what came out  played  right": 46.0,
    "browser                           38     38  ✓": 46.0,
}
SEEN_IN_THE_VIEW = "  07:02:41  ■ high    16×  ann  User has 20 events in the last minute"


def watched(*, code: int = 0, changed: dict[str, tuple[str, float] | None] | None = None) -> Watched:
    """A run like a good one, save for the lines that begin with a key of `changed`: replaced, or left out for None."""
    said = [Said(seconds, text) for text, seconds in GOOD.items()]
    for begin, instead in (changed or {}).items():
        [place] = [place for place, line in enumerate(said) if line.text.startswith(begin)]
        said[place : place + 1] = [] if instead is None else [Said(instead[1], instead[0])]
    return Watched(code, 47.0, said, [line.text for line in said], [])


def test_a_good_run_has_no_fault() -> None:
    """All was seen in time and every line of the verdict holds."""
    assert faults(watched()) == []
    assert moments(watched())["first alert"] == 27.0


def test_an_alert_is_recognized_in_the_live_view_too() -> None:
    """The view tells an alert in a line of its own form."""
    assert faults(watched(changed={"🔴": (SEEN_IN_THE_VIEW, 27.0)})) == []


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"its pages": None}, "never seen: pages told of"),
        ({"🟡": None}, "never seen: first class change"),
        ({"🔴": None}, "never seen: first alert"),
        ({"🔴": ("🔴 HIGH_VELOCITY: User has 7 events", 81.0)}, "first alert: 61 s after the installation's end"),
        ({"browser": ("browser         38     37  ✗", 46.0)}, "the verdict says: browser         38     37  ✗"),
        ({"browser": None}, "the verdict has no line that holds"),
    ],
    ids=["no pages", "no change", "no alert", "late alert", "wrong class", "empty verdict"],
)
def test_what_is_wrong_is_told(changed: dict[str, tuple[str, float] | None], fault: str) -> None:
    """Each thing that must be seen, its time, and the verdict are looked at."""
    assert any(told.startswith(fault) for told in faults(watched(changed=changed)))


def test_an_exit_code_is_a_fault() -> None:
    """A demo that fails is no good one, whatever it showed."""
    assert faults(watched(code=2)) == ["it ended with exit code 2"]


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_the_screen_shows_what_a_program_draws(size: int) -> None:
    """Text stands where the cursor was put, over what stood there, however the output is cut into pieces."""
    drawn = "\x1b[2;3H\x1b[38;5;9mabcd\x1b[0m\x1b[2;4H🔵X\x1b]11;?\x1b\\\r\nc"
    output = f"before\r\n\x1b[?1049h{drawn}\x1b[?1049lafter\r\n".encode()
    screen = Screen(3, 8)
    for place in range(0, len(output), size):
        screen.write(output[place : place + size])
    assert screen.picture == ["", "  a🔵X", "c"]
    assert screen.lines == ["before", "after"]
    assert not screen.drawing


def test_a_fresh_machine_knows_how_to_reach_packages_and_nothing_else() -> None:
    """Settings of pip and uv, proxies and certificates are passed on; caches and everything else are not."""
    of_node = ["npm_config_registry", "NODE_EXTRA_CA_CERTS"]
    known = dict.fromkeys(["PIP_CERT", "UV_DEFAULT_INDEX", "NO_PROXY", "https_proxy", "SSL_CERT_FILE", *of_node], "x")
    caches = ["PIP_CACHE_DIR", "UV_CACHE_DIR", "npm_config_cache"]
    other = dict.fromkeys([*caches, "PATH", "HOME", "VIRTUAL_ENV", "LANG", "PYTHONPATH"], "x")
    assert passed_on(known | other) == known


def test_the_recording_that_is_kept_is_of_a_good_run() -> None:
    """docs/demo-recording.txt tells both runs with all their moments, a date, and nothing that does not hold."""
    recording = (ROOT / "docs" / "demo-recording.txt").read_text()
    assert re.search(r"on \d{4}-\d\d-\d\d\.$", recording, re.MULTILINE)
    assert all(recording.count(f" s  {moment}\n") == 2 for moment in ("installed", "first class change", "first alert"))
    assert recording.count("✓") >= 16
    assert "✗" not in recording
    assert "footfall-fresh-" not in recording
