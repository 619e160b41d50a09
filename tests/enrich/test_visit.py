"""What the address of a page tells beside its channel."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.enrich.url import read_url
from footfall.enrich.visit import read_visit
from footfall.events.surroundings import NO_VISIT

_words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=8)


@pytest.mark.parametrize(
    ("page_url", "path"),
    [
        ("https://shop.example/tea/green?size=2#top", "/tea/green"),
        ("https://shop.example", "/"),
        ("https://shop.example?a=b", "/"),
        ("//shop.example/tea", "/tea"),
        ("/tea?next=https://other.example/", "/tea"),
        ("/a//b", "/a//b"),
        ("tea", None),
        ("?a=b", None),
        ("mailto:ann", None),
        ("file:///tea", "/tea"),
    ],
)
def test_the_path_of_a_page(page_url: str, path: str | None) -> None:
    """What a browser calls `location.pathname`; nothing for what is the address of no page."""
    assert read_visit(page_url, None, None, None).page_path == path


@given(st.dictionaries(st.sampled_from(["source", "medium", "campaign", "term", "content"]), _words))
def test_utm_parameters_stand_in_the_address(sent: dict[str, str]) -> None:
    """Decoded as browsers write them, without blanks around them; blank ones say nothing."""
    query = urlencode({f"utm_{name}": value for name, value in sent.items()})
    visit = read_visit(f"https://shop.example/?{query}", None, None, None)
    names = ("source", "medium", "campaign", "term", "content")
    assert [getattr(visit, f"utm_{name}") for name in names] == [sent.get(name, "").strip() or None for name in names]


def test_what_names_no_page_tells_nothing() -> None:
    """A server's event about an order has neither page nor referrer."""
    assert read_visit(None, None, None, None) == read_visit("", "", "", "") == NO_VISIT


@given(
    st.from_regex(
        r"\A(https?:)?//([a-z]{1,3}@)?[A-Za-z0-9.-]{1,9}(:[0-9]{1,4})?(/[a-z/%]{0,9})?(\?[a-z=&/?]{0,9})?(#.{0,4})?\Z"
    )
)
def test_addresses_are_taken_apart_as_the_standard_says(text: str) -> None:
    """Python's own reader is slower and gives the same."""
    url, parts = read_url(text), urlsplit(text)
    assert (url.host, url.path or "/", url.query) == (
        (parts.hostname or "").removesuffix("."),
        parts.path or "/",
        parts.query,
    )


@given(st.text())
def test_any_text_may_be_sent_for_an_address(text: str) -> None:
    """What is none has neither host nor path."""
    url = read_url(text)
    assert not url.path or url.path.startswith("/")
