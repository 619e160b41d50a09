"""An erasure from the request to the receipt, through failures and new lives; what a receipt is worth."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from footfall.errors import BadRequest, NotFound, Unavailable
from footfall.privacy.models import Person, Removed, Request, Signed
from footfall.privacy.service import CarryOut, Erasures, Note
from tests.crash.server import until

ANN = Person(project_id="shop", who="u:ann", users=("ann",), visitors=("laptop",))
SECRET = bytes(range(32))


def removing(request: Request, note: Note) -> Request:
    """Remove three events, as it were."""
    done = replace(request, removed=Removed(events=3))
    note(done)
    return done


@contextmanager
def erasures(folder: Path, carry_out: CarryOut = removing, secret: bytes = SECRET) -> Iterator[Erasures]:
    """A life in which erasures are carried out."""
    made = Erasures(folder, secret, carry_out, backup_days=30, now_us=lambda: 1_700_000_000_000_000)
    made.role.start()
    try:
        yield made
    finally:
        assert made.role.stop(20)


def receipt(made: Erasures, erasure_id: str) -> Signed:
    """The receipt, once it is there."""
    until(lambda: isinstance(made.find("shop", erasure_id), Signed), 20)
    found = made.find("shop", erasure_id)
    assert isinstance(found, Signed)
    return found


def stored(folder: Path) -> bytes:
    """All that stands in the folder of erasures."""
    return b"".join(path.read_bytes() for path in (folder / "erasures").iterdir())


def test_a_receipt_takes_the_place_of_the_request(tmp_path: Path) -> None:
    """It says what was removed and what may remain, and neither it nor the folder names the person."""
    with erasures(tmp_path) as made:
        signed = receipt(made, made.ask(ANN, "token_1").erasure_id)
    assert signed.receipt.removed.events == 3
    assert (signed.receipt.begun, signed.receipt.asked_by) == (1, "token_1")
    assert "until 2023-12-14" in signed.receipt.remains[0]
    assert b"ann" not in stored(tmp_path)
    assert b"laptop" not in stored(tmp_path)


def test_a_request_outlives_failures_and_lives(tmp_path: Path) -> None:
    """One that fails is tried again, in this life and the next; how far it had come is remembered."""

    def failing(request: Request, note: Note) -> Request:
        note(replace(request, removed=Removed(events=2)))
        raise Unavailable("the disk is full")

    with erasures(tmp_path, failing) as made:
        erasure_id = made.ask(ANN, "token_1").erasure_id
        until(lambda: made.trouble is not None, 20)
        assert "the disk is full" in (made.trouble or "")
        assert [request.erasure_id for request in made.waiting("shop")] == [erasure_id]
    with erasures(tmp_path, lambda request, _: request) as made:
        signed = receipt(made, erasure_id)
    assert signed.receipt.begun > 1
    assert signed.receipt.removed.events == 2


def test_a_person_is_asked_for_once(tmp_path: Path) -> None:
    """Who asks again while the erasure waits is given the same one; afterwards it is another."""
    made = Erasures(tmp_path, SECRET, removing, backup_days=0)
    assert made.ask(ANN, "token_1") == made.ask(ANN, "token_2")
    with erasures(tmp_path) as running:
        first = receipt(running, running.waiting("shop")[0].erasure_id) if running.waiting("shop") else None
        until(lambda: not running.waiting("shop"), 20)
        again = running.ask(ANN, "token_1")
        assert again.erasure_id != (first or running.receipts("shop")[0]).receipt.erasure_id
        receipt(running, again.erasure_id)


def test_projects_see_their_own(tmp_path: Path) -> None:
    """An erasure of one project is not found through another."""
    with erasures(tmp_path) as made:
        erasure_id = made.ask(ANN, "token_1").erasure_id
        receipt(made, erasure_id)
        with pytest.raises(NotFound):
            made.find("other", erasure_id)
        assert made.receipts("other") == []


@pytest.mark.parametrize(
    "change",
    [
        lambda signed: replace(signed, receipt=replace(signed.receipt, removed=Removed(events=4))),
        lambda signed: replace(signed, receipt=replace(signed.receipt, finished="2020-01-01T00:00:00Z")),
        lambda signed: replace(signed, signature="0" * 64),
    ],
    ids=["counts", "time", "signature"],
)
def test_a_changed_receipt_is_found_out(tmp_path: Path, change: Callable[[Signed], Signed]) -> None:
    """A genuine receipt passes, also after it went through JSON; with anything changed it does not."""
    with erasures(tmp_path) as made:
        signed = receipt(made, made.ask(ANN, "token_1").erasure_id)
        made.verify(msgspec.json.decode(msgspec.json.encode(signed), type=Signed), "u:ann")
        with pytest.raises(BadRequest, match="was not signed"):
            made.verify(change(signed), None)
        with pytest.raises(BadRequest, match="not of the erasure of u:bob"):
            made.verify(signed, "u:bob")


def test_an_erasure_is_found_at_any_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also when it is finished between one look and the next."""
    go_on = threading.Event()

    def waiting(request: Request, note: Note) -> Request:
        assert go_on.wait(20)
        return removing(request, note)

    with erasures(tmp_path, waiting) as made:
        erasure_id = made.ask(ANN, "token_1").erasure_id
        for look in ("receipts", "waiting"):
            seen = getattr(made, look)

            def then_finish(project_id: str, seen: Callable[[str], object] = seen) -> object:
                found = seen(project_id)
                go_on.set()
                until(lambda: not any(made._files("request")), 20)
                return found

            monkeypatch.setattr(made, look, then_finish)
        assert isinstance(made.find("shop", erasure_id), Request | Signed)


def test_another_folder_did_not_sign_it(tmp_path: Path) -> None:
    """A receipt is one folder's."""
    with erasures(tmp_path) as made:
        signed = receipt(made, made.ask(ANN, "token_1").erasure_id)
    with pytest.raises(BadRequest, match="was not signed"):
        Erasures(tmp_path, bytes(32), removing, backup_days=0).verify(signed, None)
