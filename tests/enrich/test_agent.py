"""What user agents say, against public lists of what is expected."""

from __future__ import annotations

import gzip
import sys
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from footfall.enrich.agent import read_agent, read_sender
from footfall.events.surroundings import Agent
from tests.required import data


def cases(name: str) -> list[dict[str, Any]]:
    """The cases of a list of user agents with what they are."""
    with gzip.open(data() / "user_agents_bots" / name) as file:
        found: list[dict[str, Any]] = yaml.load(file, getattr(yaml, "CSafeLoader", yaml.SafeLoader))["test_cases"]
    return found


def told(name: str, right: int, of: int) -> None:
    """Show an accuracy: `pytest -rP` prints it."""
    sys.stdout.write(f"{name}: {right} of {of} right, {100 * right / of:.2f} %\n")


@pytest.mark.parametrize(("name", "field"), [("test_ua.yaml.gz", "browser"), ("test_os.yaml.gz", "os")])
def test_families_are_those_that_are_expected(name: str, field: str) -> None:
    """Of browsers and of operating systems, every one."""
    found = [(getattr(read_agent(case["user_agent_string"]), field) or "Other", case["family"]) for case in cases(name)]
    right = sum(mine == expected for mine, expected in found)
    told(field, right, len(found))
    assert right == len(found)


def test_crawlers_are_bots() -> None:
    """All of a public list of 3,720."""
    lines = gzip.decompress((data() / "user_agents_bots" / "crawlers.txt.gz").read_bytes()).decode().splitlines()
    found = sum(read_agent(line).is_bot for line in lines)
    told("bots", found, len(lines))
    assert found == len(lines) == 3720


def test_people_are_no_bots() -> None:
    """None of the Firefoxes is one, and of real devices so few that the list itself may be wrong."""
    foxes = cases("firefox_user_agent_strings.yaml.gz")
    assert not [case for case in foxes if read_agent(case["user_agent_string"]).is_bot]
    devices = [case for case in cases("test_device.yaml.gz") if case["family"] != "Spider"]
    people = sum(not read_agent(case["user_agent_string"]).is_bot for case in devices)
    told("people", people, len(devices))
    assert people > 0.99 * len(devices)


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "desktop"),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605",
            "desktop",
        ),
        ("Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "desktop"),
        ("Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/130.0.0.0 Mobile Safari/537.36", "mobile"),
        ("Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 Chrome/130.0.0.0 Safari/537.36", "tablet"),
        ("Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 Version/16.6 Mobile/15E148", "tablet"),
        ("Mozilla/5.0 (SMART-TV; Linux; Tizen 7.0) AppleWebKit/537.36 Chrome/94.0 TV Safari/537.36", "tv"),
        ("Mozilla/5.0 (PlayStation; PlayStation 5/9.00) AppleWebKit/605.1.15 Version/13.0 Safari/605.1.15", "console"),
        ("atc/1.0 watchOS/5.2 model/Watch4,4 hwp/t8006 build/16T225", "wearable"),
        ("SAMSUNG-SGH-E250/1.0 Profile/MIDP-2.0 Configuration/CLDC-1.1", "mobile"),
        ("curl/8.5.0", None),
    ],
)
def test_devices(agent: str, device: str | None) -> None:
    """The kinds that reports tell apart."""
    assert read_agent(agent).device == device


@pytest.mark.parametrize("agent", [None, "", "  "])
def test_without_an_agent_nothing_is_known(agent: str | None) -> None:
    """Nor is it a bot's: servers send events for people."""
    assert read_agent(agent) == Agent()


@pytest.mark.parametrize(
    ("agent", "is_bot"),
    [
        ("curl/8.5.0", False),
        ("python-requests/2.32", False),
        ("okhttp/4.12.0", False),
        ("analytics-python/2.3", False),
        ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", True),
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 HeadlessChrome/130.0.0.0 Safari/537.36", True),
        ("Twitterbot/1.0", True),
        ("facebookexternalhit/1.1", True),
        ("UptimeRobot/2.0", True),
    ],
)
def test_programs_that_send_events_are_no_crawlers(agent: str, is_bot: bool) -> None:
    """An SDK on a server sends what people did; who visits pages by itself is a bot at the door, too."""
    assert read_sender(agent).is_bot is is_bot


@given(st.text(max_size=3_000))
def test_nothing_that_is_sent_breaks_it(agent: str) -> None:
    """Any text is read, long ones as far as agents go."""
    assert read_agent(agent) == read_agent(agent[:1_000])
