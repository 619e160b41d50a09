"""Events reach every destination, in order and at least once, whatever the receivers do; none waits for another."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import socket
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from footfall.errors import BadRequest, Conflict, NotFound
from footfall.events.event import Event
from footfall.events.record import encode_record
from footfall.forward import Forwarding, HeldJournal, courier, service
from footfall.forward.models import Kind
from footfall.settings import Settings
from footfall.store.sealing import Sealer
from footfall.store.store import Store
from tests.forward.receiver import Receiver, receiving

SEGMENT = 1 << 20


class House:
    """A journal with destinations, which may be closed and opened again as a process is."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        self.folder = folder
        self.settings = Settings(**{"forward_private": True, **settings})
        self.count = 0
        self.sealer = Sealer([b"the present key of all the tests"])
        self.open()

    def open(self) -> None:
        self.journal = HeldJournal(self.folder / "journal", segment_bytes=SEGMENT)
        self.store = Store.open(f"sqlite:///{self.folder / 'control.db'}")
        for project in ("shop", "other"):
            if not self.store.has_project(project):
                self.store.create_project(project)
        self.forwarding = Forwarding(self.folder, self.journal, self.store, self.settings, self.sealer)
        self.forwarding.start()

    def close(self) -> None:
        self.forwarding.stop()
        self.journal.close()
        self.store.close()

    def add(self, receiver: Receiver, kind: Kind = Kind.SEGMENT) -> str:
        made = self.forwarding.add("shop", kind, receiver.url, secret="key", label="")
        return made.destination_id

    def happen(self, events: int, *, project: str = "shop", note: str = "") -> list[str]:
        """So many more events, one commit; their ids."""
        ids = [f"e{self.count + number}" for number in range(events)]
        self.count += events
        rows = [
            Event(
                project_id=project,
                event_id=event_id,
                name="view",
                ts_us=1,
                received_us=1,
                visitor_id="v",
                properties=json.dumps({"note": note}) if note else None,
            )
            for event_id in ids
        ]
        self.journal.append(encode_record([rows], []), events)
        return ids


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """Pauses are short; no test looks at how long they were."""
    monkeypatch.setattr(courier, "pause_seconds", lambda failures, chance, asked=None: 0.02)
    made = House(tmp_path)
    yield made
    made.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A receiver that takes everything."""
    with receiving() as made:
        yield made


def has_all(receiver: Receiver, ids: list[str]) -> Callable[[], bool]:
    return lambda: set(receiver.ids()) >= set(ids)


def test_every_event_from_the_next_on_is_sent_in_order(house: House, receiver: Receiver) -> None:
    """Of the project alone, once each while all goes well, with the write key as Segment wants it."""
    house.happen(3)
    house.add(receiver)
    ids = house.happen(5)
    house.happen(4, project="other")
    ids += house.happen(1200)
    receiver.wait(lambda: len(receiver.ids()) >= len(ids))
    assert receiver.ids() == ids
    assert b64decode(receiver.taken[0].headers["authorization"].removeprefix("Basic ")) == b"key:"
    assert max(len(delivery.events) for delivery in receiver.taken) <= 500


def test_a_webhook_is_signed(house: House, receiver: Receiver) -> None:
    """With time and body, so that a receiver can tell who sent it, and that it was not sent long ago."""
    house.add(receiver, Kind.WEBHOOK)
    ids = house.happen(2)
    receiver.wait(has_all(receiver, ids))
    delivery = receiver.taken[0]
    seconds, signed = (part.split("=")[1] for part in delivery.headers["footfall-signature"].split(","))
    assert signed == hmac.new(b"key", seconds.encode() + b"." + delivery.body, hashlib.sha256).hexdigest()


def test_a_receiver_that_fails_is_asked_again(house: House, receiver: Receiver) -> None:
    """500, too many requests, a wrong key, a redirect: nothing is lost, and nothing is sent out of order."""
    answers = iter([500, 429, 401, 302, 503])
    receiver.answer = lambda _: next(answers, 200)
    house.add(receiver)
    ids = house.happen(3) + house.happen(2)
    receiver.wait(lambda: len(receiver.ids()) >= 5)
    assert receiver.ids() == ids
    assert len(receiver.asked) >= 7


def test_a_dead_receiver_slows_no_other(house: House, receiver: Receiver) -> None:
    """One that is away and one that never answers: the third has everything, and the dead ones catch up."""
    answering = threading.Event()
    with receiving() as slow:
        slow.answer = lambda _: 200 if answering.wait(50) else 500
        with receiving() as dead:
            away = house.add(dead)
        house.add(slow)
        house.add(receiver)
        ids = house.happen(50)
        receiver.wait(has_all(receiver, ids))
        assert slow.taken == []
        [status] = [found for found in house.forwarding.listed("shop") if found.destination.destination_id == away]
        assert status.lag_events == 50
        assert status.progress.sent == 0
        answering.set()
        slow.wait(has_all(slow, ids))
    assert house.forwarding.problems() == [], "a receiver that is away is no fault of the server's"


def test_a_receiver_that_comes_back_catches_up(house: House, tmp_path: Path) -> None:
    """Also when the server has been started anew in between; health tells of it meanwhile."""
    with receiving() as receiver:
        receiver.answer = lambda _: 503
        house.add(receiver)
        ids = house.happen(20)
        receiver.wait(lambda: len(receiver.asked) > 2)
        [advice] = house.forwarding.advice()
        assert "20 events behind" in advice
        assert "it answered 503" in advice
        house.close()
        house.open()
        ids += house.happen(5)
        receiver.answer = lambda _: 200
        receiver.wait(has_all(receiver, ids))
        assert receiver.ids() == ids


def test_one_event_that_is_refused_costs_itself(house: House, receiver: Receiver) -> None:
    """The batch is sent in halves until the event stands alone; its neighbours are taken, and it is counted."""
    receiver.answer = lambda delivery: 400 if b'"e7"' in delivery.body else 200
    house.add(receiver)
    ids = house.happen(20)
    receiver.wait(lambda: len(receiver.ids()) >= 19)
    house.happen(1)
    receiver.wait(lambda: len(receiver.ids()) >= 20)
    assert sorted(set(ids) - set(receiver.ids())) == ["e7"]
    assert house.forwarding.listed("shop")[0].progress.refused == 1


def test_the_journal_waits_for_who_is_behind(house: House, receiver: Receiver) -> None:
    """What a destination has not had is not forgotten, though the lake has it; it is when the destination is gone."""
    receiver.answer = lambda _: 503
    away = house.add(receiver)
    for _ in range(4):
        house.happen(1, note=_noise())
        house.journal.rotate()
    house.journal.forget(house.journal.end())
    assert house.journal.start() == {0: 0}
    house.forwarding.remove("shop", away)
    house.happen(1)
    house.journal.forget(house.journal.end())
    assert house.journal.start()[0] >= 4


def test_an_erasure_waits_for_those_alone_that_take_what_they_are_sent(house: House, receiver: Receiver) -> None:
    """A receiver that is away can't keep anybody's events in the journal; it misses them, and is told so."""
    receiver.answers(503)
    house.add(receiver)
    house.happen(1, note=_noise())
    house.journal.rotate()
    house.happen(1)
    receiver.wait(lambda: house.forwarding.listed("shop")[0].failures > 0)
    house.journal.forget({0: 1})
    assert house.journal.start() == {0: 0}
    with house.forwarding.letting_go():
        house.journal.forget({0: 1})
    assert house.journal.start() == {0: 1}


def test_over_the_bound_the_journal_waits_no_longer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is missed then is said plainly, in the status and as advice, and delivery goes on behind it."""
    monkeypatch.setattr(courier, "pause_seconds", lambda failures, chance, asked=None: 0.02)
    house = House(tmp_path, forward_hold_bytes=1 << 20)
    with receiving() as receiver:
        receiver.answer = lambda _: 503
        house.add(receiver)
        for _ in range(8):
            house.happen(1, note=_noise())
            house.journal.rotate()
        last = house.happen(1)
        house.journal.forget({0: 8})
        assert house.journal.start() == {0: 8}
        house.close()
        receiver.answer = lambda _: 200
        house.open()
        receiver.wait(has_all(receiver, last))
        [status] = house.forwarding.listed("shop")
        assert status.progress.skipped_commits == 8
        assert "missed 8 commits" in house.forwarding.advice()[0]
        house.close()


def test_a_private_address_is_refused_unless_allowed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what a name stands for, not by how it is written; the receiver is not even connected to."""
    monkeypatch.setattr(courier, "pause_seconds", lambda failures, chance, asked=None: 0.02)
    house = House(tmp_path, forward_private=False)
    with receiving() as receiver:
        port = receiver.url.split(":")[2]
        for host in ("127.0.0.1", "localhost", "[::1]", "0.0.0.0", "2130706433"):
            house.forwarding.add("shop", Kind.WEBHOOK, f"http://{host}:{port}", secret=None, label="")
        house.happen(1)
        receiver.wait(lambda: all(status.failures > 1 for status in house.forwarding.listed("shop")))
        assert receiver.asked == []
        errors = [status.error or "" for status in house.forwarding.listed("shop")]
        assert all("no public address" in error or "gaierror" in error for error in errors), errors
    house.close()


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/",
        "https://",
        "http://u:p@a.example/",
        "http://a.example:99999/",
        "x",
        "http://a b/",
        "http://ü",
    ],
)
def test_what_is_no_destination_is_refused(house: House, url: str) -> None:
    """At once, and nothing is kept of it."""
    with pytest.raises(BadRequest):
        house.forwarding.add("shop", Kind.WEBHOOK, url, secret=None, label="")
    assert house.forwarding.listed("shop") == []


def test_a_segment_destination_needs_its_key(house: House) -> None:
    """Without it no receiver would take anything."""
    with pytest.raises(BadRequest, match="write key"):
        house.forwarding.add("shop", Kind.SEGMENT, "https://api.example/v1/batch", secret=None, label="")


def test_a_destination_is_its_projects_own(house: House, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other project sees or removes it, and none has too many."""
    made = house.add(receiver)
    assert house.forwarding.listed("other") == []
    with pytest.raises(NotFound):
        house.forwarding.remove("other", made)
    monkeypatch.setattr(service, "MOST", 1)
    with pytest.raises(Conflict, match="remove one first"):
        house.add(receiver)


def test_no_secret_is_told(house: House, receiver: Receiver, caplog: pytest.LogCaptureFixture) -> None:
    """Neither logs nor status nor any file hold one."""
    caplog.set_level(logging.DEBUG)
    receiver.answer = lambda _: 503
    house.forwarding.add("shop", Kind.WEBHOOK, receiver.url, secret="s3cr3t-of-the-hook", label="")
    house.happen(1)
    receiver.wait(lambda: len(receiver.asked) > 2)
    [status] = house.forwarding.listed("shop")
    assert "s3cr3t" not in repr(status) + caplog.text
    assert all(b"s3cr3t" not in path.read_bytes() for path in house.folder.rglob("*") if path.is_file())


def test_secrets_are_sealed_in_the_control_database(house: House, receiver: Receiver) -> None:
    """Those of older folders are sealed at the start, so that no byte of them is left in any file, and still serve."""
    house.add(receiver)
    plain = "s3cr3t-of-an-older-folder"
    house.store.replace_secret(house.forwarding.listed("shop")[0].destination.destination_id, plain)
    house.close()
    assert any(plain.encode() in path.read_bytes() for path in house.folder.glob("control.db*"))
    house.open()
    assert not any(plain.encode() in path.read_bytes() for path in house.folder.glob("control.db*"))
    ids = house.happen(1)
    receiver.wait(has_all(receiver, ids))
    assert b64decode(receiver.taken[0].headers["authorization"].removeprefix("Basic ")).decode() == f"{plain}:"


def test_a_new_key_takes_over_and_a_lost_one_is_told(house: House, receiver: Receiver) -> None:
    """With both keys secrets are sealed with the new one; without either nothing is sent, and the reason is told."""
    house.add(receiver)
    [old], new = house.sealer.keys, b"the key that comes after that one"
    for keys in ([new, old], [new]):
        house.close()
        house.sealer = Sealer(keys)
        house.open()
        ids = house.happen(1)
        receiver.wait(has_all(receiver, ids))
    house.close()
    house.sealer = Sealer([old])
    house.open()
    house.happen(1)
    receiver.wait(lambda: house.forwarding.listed("shop")[0].failures > 1)
    assert len(receiver.taken) == 2
    assert "which is not given" in house.forwarding.advice()[0]


def test_a_stop_waits_for_nobody(house: House) -> None:
    """A receiver that never answers does not hold up the end; what it may have had is sent again."""
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        house.forwarding.add("shop", Kind.WEBHOOK, f"http://127.0.0.1:{deaf.getsockname()[1]}", secret=None, label="")
        house.happen(1)
        connection, _ = deaf.accept()
        with connection:
            house.forwarding.stop()


def _noise() -> str:
    """So much that a few of them are over any small bound, and can't be compressed."""
    return hashlib.shake_256(b"noise").hexdigest(100_000)
