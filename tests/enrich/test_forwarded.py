"""Whose word is taken for where a request came from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.enrich.forwarded import Proxies
from footfall.errors import BadRequest

TRUSTED = Proxies(["10.0.0.0/8", "2001:db8::/32", "127.0.0.1"])


@pytest.mark.parametrize(
    ("peer", "forwarded", "listed", "client"),
    [
        ("203.0.113.9", [], ["1.2.3.4"], "203.0.113.9"),
        ("10.0.0.1", [], [], "10.0.0.1"),
        ("10.0.0.1", [], ["1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", [], ["6.6.6.6, 1.2.3.4"], "1.2.3.4"),
        ("10.0.0.1", [], ["6.6.6.6", "1.2.3.4, 10.0.0.2"], "1.2.3.4"),
        ("10.0.0.1", [], ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        ("10.0.0.1", [], ["1.2.3.4:5678"], "1.2.3.4"),
        ("10.0.0.1", [], ["1.2.3.4, unknown"], "10.0.0.1"),
        ("10.0.0.1", ["for=1.2.3.4;proto=https"], ["6.6.6.6"], "1.2.3.4"),
        ("10.0.0.1", ['for=6.6.6.6, for="[2001:db9::17]:4711"'], [], "2001:db9::17"),
        ("2001:db8::5", ['For="1.2.3.4:80";by=x'], [], "1.2.3.4"),
        ("10.0.0.1", ["for=_hidden"], [], "10.0.0.1"),
        ("::ffff:10.0.0.1", [], ["1.2.3.4"], "1.2.3.4"),
        ("127.0.0.1", [], ["::ffff:1.2.3.4"], "1.2.3.4"),
    ],
)
def test_the_last_address_that_is_no_trusted_proxy(
    peer: str, forwarded: list[str], listed: list[str], client: str
) -> None:
    """What stands before it could have been written by anybody."""
    assert TRUSTED.client(peer, forwarded=forwarded, x_forwarded_for=listed) == client


@given(st.lists(st.text()), st.lists(st.text()))
def test_nobody_is_believed_unless_named(forwarded: list[str], listed: list[str]) -> None:
    """Without trusted proxies the peer is the client, whatever the headers say."""
    assert Proxies().client("10.0.0.1", forwarded=forwarded, x_forwarded_for=listed) == "10.0.0.1"


@given(st.lists(st.text()), st.lists(st.text()), st.ip_addresses())
def test_what_was_written_before_the_proxy_does_not_matter(
    forwarded: list[str], listed: list[str], real: object
) -> None:
    """A client can't choose its address by sending the header itself."""
    proxies = Proxies(["192.0.2.1"])
    honest = proxies.client("192.0.2.1", x_forwarded_for=[str(real)])
    assert proxies.client("192.0.2.1", x_forwarded_for=[*listed, str(real)]) == honest
    assert proxies.client("not an address", forwarded=forwarded, x_forwarded_for=listed) == "not an address"


def test_what_names_no_network_is_refused() -> None:
    """With an example."""
    with pytest.raises(BadRequest, match=r"10\.0\.0\.0/8"):
        Proxies(["everybody"])
