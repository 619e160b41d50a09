"""Looking words up tells crawlers as searching for them all does."""

from __future__ import annotations

import gzip

import pytest
from crawlerdetect import CrawlerDetect
from crawlerdetect.providers.crawlers import data as names
from crawlerdetect.providers.exclusions import data as others
from hypothesis import given
from hypothesis import strategies as st

from footfall.enrich.crawlers import Crawlers
from tests.required import data

detector = CrawlerDetect()
told = Crawlers(names, others, lambda text: bool(detector.is_crawler(text)))
PIECES = st.one_of(
    st.sampled_from(names).map(lambda name: name.replace("\\", "").strip("^$")),
    st.sampled_from(others).map(lambda name: name.replace("\\", "")),
    st.sampled_from(["Mozilla/5.0 ", "(X11; Linux)", " ", "/1.0", "ſpider", "\u212a", "İ", "-", "bot", "cra"]),
    st.text(max_size=4),
)


@given(st.lists(PIECES, max_size=4).map("".join), st.sampled_from([str, str.upper, str.lower, str.title]))
def test_any_text_is_told_as_by_the_whole_list(text: str, spelt: type[str]) -> None:
    """Words, cut and joined, in capitals or not, within ASCII and beyond."""
    agent = spelt(text)
    assert told(agent) == bool(detector.is_crawler(agent))


@pytest.mark.parametrize("agent", ["", "  ", "Mozilla/5.0 (X11; Linux; rv:128.0) Firefox/128.0", "Safari/537.36"])
def test_people_are_told_as_by_the_whole_list(agent: str) -> None:
    """So is who says nothing, or nothing but what is left out."""
    assert told(agent) is bool(detector.is_crawler(agent)) is False


def test_known_crawlers_are_told() -> None:
    """All of a public list."""
    lines = gzip.decompress((data() / "user_agents_bots" / "crawlers.txt.gz").read_bytes()).decode().splitlines()
    assert [line for line in lines if not told(line)] == []
