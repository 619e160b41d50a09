"""One sealed detail of each kind a person, whatever order they come in; what is forgotten leaves no byte."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from footfall.events.contact import Contact
from footfall.store.contacts import FILE, Contacts
from footfall.store.sealing import Sealer, Unopened

OLD, NEW = (
    bytes(reversed(word)) for word in (b"the old key of all of these test", b"the new key of all of these test")
)
SEALER = Sealer([OLD])


def contact(text: str, *, subject: str = "u:ann", ts_us: int = 1, event_id: str = "e", field: str = "email") -> Contact:
    return Contact("shop", subject, field, ts_us, event_id, SEALER.seal(text, "shop", subject, field))


@pytest.fixture
def contacts(tmp_path: Path) -> Iterator[Contacts]:
    opened = Contacts(tmp_path, SEALER)
    yield opened
    opened.close()


def told(contacts: Contacts, *subjects: str) -> dict[str, str]:
    return {found.field: contacts.opened(found) for found in contacts.of("shop", subjects)}


def test_the_latest_wins_in_any_order_and_however_often(tmp_path: Path) -> None:
    """By the event's time, then its id; of each kind one, and a replay changes nothing."""
    details = [
        contact("first@shop.example", ts_us=1),
        contact("last@shop.example", ts_us=3, event_id="a"),
        contact("very-last@shop.example", ts_us=3, event_id="b"),
        contact("030 123456", field="phone"),
    ]
    for number, order in enumerate(permutations(details)):
        folder = tmp_path / str(number)
        folder.mkdir()
        contacts = Contacts(folder, SEALER)
        for one in (*order, *order[:2]):
            contacts.put([one])
        assert told(contacts, "u:ann") == {"email": "very-last@shop.example", "phone": "030 123456"}
        contacts.close()


@pytest.mark.parametrize("own", ["a\0b", "ä 😀", "'; DROP TABLE contact; --", ""])
def test_ids_may_be_any_text(contacts: Contacts, own: str) -> None:
    """What a user may be called, and none is another whose id begins alike."""
    contacts.put([contact("x@shop.example", subject=f"u:{own}"), contact("y@shop.example", subject=f"u:{own}z")])
    assert told(contacts, f"u:{own}") == {"email": "x@shop.example"}


def test_a_person_has_the_latest_of_all_their_ids(contacts: Contacts) -> None:
    """A visitor's detail counts until the user's own is later; nobody else's ever does."""
    contacts.put([contact("known@shop.example", ts_us=2), contact("before@shop.example", subject="v:1", ts_us=1)])
    contacts.put([contact("bob@shop.example", subject="u:bob", ts_us=9)])
    assert told(contacts, "u:ann", "v:1") == {"email": "known@shop.example"}
    contacts.put([contact("later@shop.example", subject="v:1", ts_us=3)])
    assert told(contacts, "u:ann", "v:1") == {"email": "later@shop.example"}
    assert contacts.of("other", ["u:ann"]) == []


def test_what_is_forgotten_leaves_no_byte(contacts: Contacts, tmp_path: Path) -> None:
    """Neither the person's id nor anything sealed stands in the file or its log; others' stay."""
    gone = [contact(f"a{n}@shop.example", subject=f"u:kanarie-{n}") for n in range(300)]
    stays = [contact("x@y.example", subject=f"u:{n}") for n in range(300)]
    contacts.put([one for pair in zip(gone, stays, strict=True) for one in pair])
    contacts.forget("shop", [one.subject for one in gone])
    left = b"".join(path.read_bytes() for path in tmp_path.glob(f"{FILE}*"))
    assert b"kanarie" not in left
    assert not any(one.sealed in left for one in gone)
    assert all(told(contacts, f"u:{n}") for n in range(300))


def test_a_new_key_takes_over(contacts: Contacts, tmp_path: Path) -> None:
    """Resealed details open with the new key alone; those of a lost key are counted and left as they are."""
    contacts.put([contact(f"{n}@shop.example", subject=f"u:{n}") for n in range(2_500)])
    lost = Sealer([b"a key that nobody has any more!!"]).seal("x", "shop", "u:lost", "email")
    contacts.put([Contact("shop", "u:lost", "email", 1, "e", lost)])
    both = Contacts(tmp_path, Sealer([NEW, OLD]))
    assert both.reseal() == (2_500, 1)
    assert both.reseal() == (0, 1)
    both.close()
    alone = Contacts(tmp_path, Sealer([NEW]))
    assert told(alone, "u:7") == {"email": "7@shop.example"}
    with pytest.raises(Unopened, match="not given"):
        told(alone, "u:lost")
    alone.close()


def test_the_file_is_for_its_owner_alone(contacts: Contacts, tmp_path: Path) -> None:
    """Though what is in it is sealed: whose it is is not."""
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0
