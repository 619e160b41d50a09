"""Pages that send without a key: only where the operator lists their origin, and to the default project alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from footfall.collect.access import authorised
from footfall.errors import BadRequest, Forbidden, Unauthenticated
from footfall.store.origins import keyless_origins
from footfall.store.store import DEFAULT_PROJECT, Store

PAGE = "https://shop.example"


@pytest.fixture
def url(tmp_path: Path) -> str:
    """A control database as the first start leaves it."""
    url = f"sqlite:///{tmp_path / 'control.db'}"
    store = Store.open(url)
    store.start(lambda _token, _key: None)
    store.close()
    return url


def opened(url: str, listed: str | None) -> Store:
    """The control database as a node with this setting opens it."""
    return Store.open(url, keyless=keyless_origins(listed))


@pytest.mark.parametrize("secret", [None, ""])
def test_a_listed_page_writes_to_the_default_project(url: str, secret: str | None) -> None:
    """Its events go where a public key of the default project would bring them, also after keys have changed."""
    store = opened(url, f"https://other.example, {PAGE}")
    store.create_key(DEFAULT_PROJECT, "server")
    key = authorised(store, secret, PAGE)
    assert (key.project_id, key.kind) == (DEFAULT_PROJECT, "public")
    store.close()


def test_nobody_else_may(url: str) -> None:
    """A page of another origin is refused, and so is whoever is no page: such a sender can have a key."""
    store = opened(url, PAGE)
    with pytest.raises(Forbidden, match="keyless_origins"):
        authorised(store, None, "https://evil.example")
    with pytest.raises(Unauthenticated, match="no write key"):
        authorised(store, None, None)
    store.close()


@pytest.mark.parametrize("origin", [PAGE, None])
def test_without_the_setting_a_key_is_needed(url: str, origin: str | None) -> None:
    """As Footfall comes, nothing is taken without a key."""
    store = opened(url, None)
    with pytest.raises(Unauthenticated, match="no write key"):
        authorised(store, None, origin)
    store.close()


def test_a_wrong_key_is_not_taken_for_none(url: str) -> None:
    """Who states a key must state a right one, from a listed page too."""
    store = opened(url, "*")
    with pytest.raises(Unauthenticated, match="unknown or revoked"):
        authorised(store, "ffp_wrong", PAGE)
    store.close()


def test_what_is_no_origin_is_refused_at_the_start() -> None:
    """A path behind the host would never be sent by a browser, so the setting must not look as if it worked."""
    with pytest.raises(BadRequest, match="scheme and host alone"):
        keyless_origins("https://shop.example/tea")
