"""What is sealed is opened in its own place with its own key alone; keys that protect nothing are refused."""

from __future__ import annotations

import base64
import hashlib
import secrets
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from footfall.errors import BadRequest
from footfall.store.data_keys import given_keys, new_key
from footfall.store.sealing import Sealer, Unopened, key_id, named_key, sealer

OLD, NEW = (hashlib.sha256(f"{word} of these tests".encode()).digest() for word in ("old", "new"))
PLACE = ("shop", "u:ann", "email")


def written(key: bytes) -> str:
    return base64.b64encode(key).decode()


@given(st.text(), st.lists(st.text(), max_size=3))
def test_what_is_sealed_can_be_opened_in_its_place(text: str, place: list[str]) -> None:
    """Whatever text and place are, half characters included; and it never looks the same twice."""
    one, other = (Sealer([OLD]).seal(text, *place) for _ in range(2))
    assert one != other
    assert Sealer([NEW, OLD]).open(one, *place) == text


@pytest.mark.parametrize(
    "place",
    [
        ("shop", "u:bob", "email"),
        ("other", "u:ann", "email"),
        ("shop", "u:ann", "phone"),
        ("shop", "u:annemail"),
        ("shop", "u:ann"),
        ("shopu:ann", "email"),
    ],
)
def test_nothing_can_be_moved_to_another_place(place: tuple[str, ...]) -> None:
    """Neither to another person, project or field, nor to one whose parts are joined otherwise."""
    with pytest.raises(Unopened, match="damaged"):
        Sealer([OLD]).open(Sealer([OLD]).seal("ann@shop.example", *PLACE), *place)


def test_a_changed_byte_is_noticed() -> None:
    """Wherever it stands, and so is what is cut off."""
    sealed = Sealer([OLD]).seal("ann@shop.example", *PLACE)
    for at in range(len(sealed)):
        with pytest.raises(Unopened):
            Sealer([OLD]).open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], *PLACE)
        with pytest.raises(Unopened):
            Sealer([OLD]).open(sealed[:at], *PLACE)


def test_an_old_key_opens_and_the_new_one_seals() -> None:
    """What a missing key sealed names that key and gives nothing away of it."""
    both, sealed = Sealer([NEW, OLD]), Sealer([OLD]).seal("ann@shop.example", *PLACE)
    assert both.open(sealed, *PLACE) == "ann@shop.example"
    assert not both.is_present(sealed)
    assert both.is_present(both.seal("x", *PLACE))
    assert named_key(sealed) == key_id(OLD)
    with pytest.raises(Unopened, match=f"{key_id(OLD).hex()}, which is not given"):
        Sealer([NEW]).open(sealed, *PLACE)


def test_the_folder_has_a_key_of_its_own() -> None:
    """It seals where no data key is given, and opens what it sealed once there is one; another folder's does not."""
    sealed = sealer([], b"folder").seal("secret", *PLACE)
    later = sealer([NEW], b"folder")
    assert later.open(sealed, *PLACE) == "secret"
    assert not later.is_present(sealed)
    with pytest.raises(Unopened):
        sealer([], b"another").open(sealed, *PLACE)


def test_a_key_that_is_made_is_taken(tmp_path: Path) -> None:
    """As a setting, and from a file with comments, older keys behind the present one; no two are equal."""
    one, other = new_key(), new_key()
    file = tmp_path / "data.key"
    file.write_text(f"# since May\n{one}\n{other} # until May\n")
    file.chmod(0o600)
    assert given_keys(None, file) == given_keys(f"{one}, {other}", None)
    assert [written(key) for key in given_keys(None, file)] == [one, other]
    assert given_keys(None, None) == []
    assert all(given_keys(new_key(), None) for _ in range(2_000))


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("", "no key"),
        ("not base64!", "no base64"),
        (written(secrets.token_bytes(16)), "has 16 bytes"),
        (secrets.token_hex(32), "has 48 bytes"),
        (written(bytes(32)), "guess"),
        (written(bytes(range(32))), "guess"),
        (written(bytes(range(0, 96, 3))), "guess"),
        (written(b"0123456789abcdef0123456789abcdef"), "guess"),
        (written(b"correct horse battery staple 123"), "guess"),
        (written(secrets.token_bytes(8) * 4), "guess"),
        (written(hashlib.sha256(b"secret").digest()), "guess"),
        (f"{new_key()} {written(bytes(32))}", "key 2 is no random key"),
    ],
    ids=[
        "none",
        "words",
        "short",
        "hex",
        "zeros",
        "counted",
        "stepped",
        "digits",
        "phrase",
        "repeated",
        "sample",
        "2nd",
    ],
)
def test_a_key_that_protects_nothing_is_refused(key: str, said: str) -> None:
    """With what is wrong and how to make a good one, and without a character of the key."""
    with pytest.raises(BadRequest, match=said) as refused:
        given_keys(key, None)
    assert "`footfall data-key make`" in refused.value.detail
    assert len(key) < 20 or key[:12] not in refused.value.detail


def test_a_file_that_everybody_can_read_is_refused(tmp_path: Path) -> None:
    """And one that is not there, is a folder, or is no text; and keys in two places."""
    file = tmp_path / "data.key"
    file.write_text(new_key())
    file.chmod(0o644)
    with pytest.raises(BadRequest, match="chmod 600"):
        given_keys(None, file)
    file.chmod(0o640)
    assert given_keys(None, file)
    with pytest.raises(BadRequest, match="in one place"):
        given_keys(new_key(), file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(BadRequest, match="no text"):
        given_keys(None, file)
    for path, said in ((tmp_path / "gone", "No such file"), (tmp_path, "is no file")):
        with pytest.raises(BadRequest, match=said):
            given_keys(None, path)
