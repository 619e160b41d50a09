"""What a user agent says: kind of device, browser, operating system, and whether it is a bot's.

Browser and system are named by ua-parser, bots by crawlerdetect: both are lists of thousands of expressions that
others keep. They are loaded with the first agent that is read (40 MB, half a second), and answers are remembered.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, NamedTuple

from footfall.enrich.crawlers import Crawlers
from footfall.events.surroundings import NO_AGENT, Agent

if TYPE_CHECKING:
    from ua_parser import OS, Device, UserAgent

_REMEMBERED: Final = 50_000
"""Agents whose answers are kept, each cut to the length that is read."""
_MOST_CHARACTERS: Final = 1_000
"""Longer ones are cut: nothing that tells stands behind, and expressions take time for each character."""
_TABLET: Final = re.compile(r"ipad|tablet|kindle|silk/|playbook|nexus (7|9|10)|\bsm-[tx]\d|xoom")
_MOBILE: Final = re.compile(
    r"mobi|iphone|ipod|phone|opera mini|blackberry|symbian|dalvik|\bmidp|windows ce|nokia|webos"
)
_TELEVISION: Final = re.compile(
    r"smart-?tv|appletv|google ?tv|hbbtv|bravia|roku|crkey|aft[a-z]+ build|web0s|netcast|tizen.*tv"
)
_CONSOLE: Final = re.compile(r"playstation|xbox|nintendo")
_WEARABLE: Final = re.compile(r"watchos|watch\d|wear os")
_VISITOR: Final = re.compile(
    r"^(mozilla|opera)/|bot\b|bot[/_]|crawl|spider|slurp|facebookexternalhit|https?://", re.IGNORECASE
)
"""What a browser's agent begins with, and what crawlers say that do not pretend to be one."""
_DESKTOP: Final = re.compile(r"windows nt|macintosh|mac os x|x11|cros|linux|windows 9|win9|freebsd")


_OTHER: Final = "Other"


class _Readers(NamedTuple):
    """Each takes an agent's text; families are None where there is none."""

    browser: Callable[[str], str | None]
    os: Callable[[str], str | None]
    device: Callable[[str], str | None]
    is_bot: Callable[[str], bool]


def read_agent(user_agent: str | None) -> Agent:
    """What `user_agent` says; without one nothing is known, and it is nobody's bot.

    >>> read_agent("Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    ...            "Version/17.4 Mobile/15E148 Safari/604.1")
    Agent(device='mobile', browser='Mobile Safari', os='iOS', is_bot=False)
    >>> read_agent("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").is_bot
    True
    """
    return _read(user_agent[:_MOST_CHARACTERS]) if user_agent else NO_AGENT


@lru_cache(_REMEMBERED)
def _read(text: str) -> Agent:
    if not text.strip():
        return NO_AGENT
    readers = _readers()
    is_bot = readers.is_bot(text)
    device = _device(text.lower()) or (None if is_bot or readers.device(text) is None else "mobile")
    return Agent(device, readers.browser(text), readers.os(text), is_bot)


def read_sender(user_agent: str | None) -> Agent:
    """What the user agent of a request that brings events says.

    A crawler that runs a page's scripts calls itself a browser, or says what it is. What is neither is a program of
    the operator's own, such as an SDK or `curl`: it sends what people did, though lists of crawlers name it.

    >>> read_agent("python-requests/2.32").is_bot, read_sender("python-requests/2.32").is_bot
    (True, False)
    >>> read_sender("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)").is_bot
    True
    """
    return _read_sender(user_agent[:_MOST_CHARACTERS]) if user_agent else NO_AGENT


@lru_cache(_REMEMBERED)
def _read_sender(text: str) -> Agent:
    agent = _read(text)
    return agent._replace(is_bot=False) if agent.is_bot and not _VISITOR.search(text) else agent


def read_ahead() -> None:
    """Load the lists in a thread beside, so that the first visitor of a server need not wait for them."""
    threading.Thread(target=_readers, name="footfall-agents", daemon=True).start()


@lru_cache(1)
def _readers() -> _Readers:
    from crawlerdetect import CrawlerDetect
    from crawlerdetect.providers.crawlers import data as names
    from crawlerdetect.providers.exclusions import data as others
    from ua_parser import Parser
    from ua_parser.loaders import load_lazy_builtins
    from ua_parser.regex import Resolver

    parser, detector = Parser(Resolver(load_lazy_builtins())), CrawlerDetect()

    def family(parse: Callable[[str], UserAgent | OS | Device | None], text: str) -> str | None:
        found = parse(text)
        return None if found is None or found.family == _OTHER else found.family

    return _Readers(
        browser=partial(family, parser.parse_user_agent),
        os=partial(family, parser.parse_os),
        device=partial(family, parser.parse_device),
        is_bot=Crawlers(names, others, lambda text: bool(detector.is_crawler(text))),
    )


def _device(text: str) -> str | None:
    """The kind of device, by what such agents (in lower case) say of themselves.

    A phone's browser says "Mobile", an Android tablet's does not; a tablet that asks for desktop pages is a desktop.
    An old phone says its model alone, which a list knows: what that list has and no other rule tells is a mobile.
    """
    for kind, said in (("tv", _TELEVISION), ("console", _CONSOLE), ("wearable", _WEARABLE), ("tablet", _TABLET)):
        if said.search(text):
            return kind
    if _MOBILE.search(text):
        return "mobile"
    if "android" in text:
        return "tablet"
    return "desktop" if _DESKTOP.search(text) else None
