"""Addresses and their hashes."""

from __future__ import annotations

import pytest

from footfall.enrich.address import AddressHasher, canonical

HASHER = AddressHasher(b"k" * 32)


@pytest.mark.parametrize(
    ("spelling", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        ("2001:0DB8:0000::0001", "2001:db8::1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_every_spelling_of_an_address_has_one_hash(spelling: str, address: str) -> None:
    """What is the same host is the same visitor, however a server or a proxy writes it."""
    assert canonical(spelling) == address
    assert HASHER("shop", spelling) == HASHER("shop", address)


def test_hashes_differ_by_address_project_and_secret() -> None:
    """They can be compared within one project of one data folder, and nowhere else."""
    hashes = {
        HASHER("shop", "203.0.113.9"),
        HASHER("shop", "203.0.113.10"),
        HASHER("blog", "203.0.113.9"),
        AddressHasher(b"x" * 32)("shop", "203.0.113.9"),
    }
    assert len(hashes) == 4
    assert {len(one) for one in hashes} == {32}


@pytest.mark.parametrize("text", ["", "localhost", "203.0.113", "203.0.113.9:80", "unix:"])
def test_what_is_no_address_is_refused(text: str) -> None:
    """A name or half an address has no hash."""
    with pytest.raises(ValueError, match=r".+"):
        HASHER("shop", text)
