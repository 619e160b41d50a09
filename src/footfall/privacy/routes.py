"""`/v1/people/{who}` and `/v1/erasures`: give a person all their data, erase them, look at receipts and check them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack
from tempfile import TemporaryFile
from typing import IO, Annotated, Any, Final, Literal, Protocol

import msgspec
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse

from footfall.enrich.consent import Consents
from footfall.errors import NotFound
from footfall.events.time import write_time
from footfall.events.values import ID_BYTES
from footfall.metrics.tables import Tables
from footfall.privacy.contacts import exported
from footfall.privacy.export import lines
from footfall.privacy.models import Receipt, Removed, Request, Signed
from footfall.privacy.resolving import Hiding, Who, meant, person_of
from footfall.privacy.service import Erasures
from footfall.store.access import Permission
from footfall.store.contacts import Contacts
from footfall.store.guard import Caller, ProjectOf, needs
from footfall.store.store import Store

_MEDIA: Final = "application/x-ndjson"
_NDJSON: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {_MEDIA: {}}, "description": "An object a line."}}
_PIECE_BYTES: Final = 1 << 18
_FRAME_LINES: Final = 2
"""Lines that every export has: its manifest and its end."""


class Holder(Protocol):
    """What the routes need of the node (`footfall.node.node.Node`)."""

    @property
    def erasures(self) -> Erasures: ...
    @property
    def consents(self) -> Consents: ...
    @property
    def store(self) -> Store: ...
    def read(self, project_id: str) -> AbstractContextManager[Tables]: ...
    def hiding(self, project_id: str) -> Hiding: ...
    @property
    def contacts(self) -> Contacts: ...


class RemovedCounts(BaseModel):
    """How much was taken out of what is stored."""

    events: int
    sessions: int = Field(description="States of sessions; of those that others have a part in, new ones were made.")
    alerts: int
    rejected: int
    journal_bytes: int = Field(description="Of the journal's segments that were deleted whole.")


class ReceiptItem(BaseModel):
    """What a receipt says; it names nobody."""

    erasure_id: str
    project_id: str
    person: str = Field(description="Keyed hash of the person's id.")
    asked: str
    asked_by: str = Field(description="Id of the token.")
    finished: str
    begun: int = Field(description="How often it was begun: more than once after a crash.")
    removed: RemovedCounts
    remains: list[str] = Field(description="What may still hold the person's data, and until when.")


class SignedReceipt(BaseModel):
    """A receipt with the data folder's signature."""

    receipt: ReceiptItem
    signature: str = Field(max_length=64, description="HMAC-SHA-256 of the receipt, in hex.")


class ErasureItem(BaseModel):
    """One erasure."""

    erasure_id: str
    state: Literal["running", "done"]
    asked: str
    removed: RemovedCounts = Field(description="So far.")
    signed: SignedReceipt | None = Field(description="The receipt, once it is done.")


class ErasuresPage(BaseModel):
    """All erasures of a project, the oldest first."""

    items: list[ErasureItem]


class ReceiptCheck(BaseModel):
    """A receipt that was found genuine."""

    genuine: Literal[True] = True


def export_router(holder: Holder) -> APIRouter:
    """The route that only reads; it has to stand before those of `/v1/people`."""
    routes = APIRouter(prefix="/v1/people", tags=["privacy"], dependencies=[needs(Permission.READ)])

    @routes.get("/{who:path}/export", response_class=StreamingResponse, responses=_NDJSON, summary="Export a person")
    async def export_person(who: Who, project: ProjectOf, caller: Caller) -> StreamingResponse:
        """All that is stored of a person, as lines of JSON: manifest, contacts, events, sessions, alerts, …, end.

        Contact details stand there in plain text for who has the permission `contacts`.
        """
        plain = Permission.CONTACTS in caller.permissions
        file = await run_in_threadpool(_exported, holder, project, who, plain=plain)
        return StreamingResponse(_pieces(file), media_type=_MEDIA)

    return routes


def _exported(holder: Holder, project: str, who: str, *, plain: bool) -> IO[bytes]:
    """A file without a name, so that no reader's pace holds a snapshot of the lake."""
    with ExitStack() as unless_whole:
        file = unless_whole.enter_context(TemporaryFile())
        with holder.read(project) as tables:
            person = person_of(tables, project, meant(tables, holder.hiding(project), who))
            count = 0
            contacts = exported(holder.contacts, person, plain=plain)
            digests = [holder.consents.digest(project, each) for each in person.subjects]
            agreed = holder.store.consents.said(project, digests)
            made = write_time(time.time_ns() // 1000)
            for line in lines(tables, person, contacts, made=made, agreed=agreed):
                file.write(line)
                count += 1
        if count == _FRAME_LINES:
            raise NotFound("nothing is stored of anybody with this id; GET /v1/people lists people")
        file.seek(0)
        unless_whole.pop_all()
    return file


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE_BYTES):
            yield piece


def router(holder: Holder) -> APIRouter:
    """The routes that erase."""
    routes = APIRouter(prefix="/v1", tags=["privacy"], dependencies=[needs(Permission.ERASE)])

    @routes.delete("/people/{who:path}", status_code=202, summary="Erase a person")
    async def erase_person(who: Who, project: ProjectOf, caller: Caller) -> ErasureItem:
        """Begins to remove everything that is stored of a person; what comes of them later is new.

        `GET /v1/erasures/{erasure_id}` tells how far it is, and has the receipt in the end.
        """

        def ask() -> Request:
            with holder.read(project) as tables:
                person = person_of(tables, project, meant(tables, holder.hiding(project), who))
            return holder.erasures.ask(person, caller.token_id)

        return _item(await run_in_threadpool(ask))

    @routes.get("/erasures", summary="All erasures")
    def list_erasures(project: ProjectOf) -> ErasuresPage:
        """The finished ones with their receipts, then those that are under way."""
        found: list[Request | Signed] = [*holder.erasures.receipts(project), *holder.erasures.waiting(project)]
        return ErasuresPage(items=[_item(each) for each in found])

    @routes.post("/erasures/verify", summary="Check a receipt")
    def verify_receipt(
        project: ProjectOf,
        content: SignedReceipt,
        person: Annotated[str | None, Query(max_length=ID_BYTES + 2, description="Whose it should be.")] = None,
    ) -> ReceiptCheck:
        """400 unless this data folder signed the receipt, nothing in it has changed, and it is of `person`."""
        signed = msgspec.convert(content.model_dump(), Signed)
        holder.erasures.verify(signed, person and _erased(holder.hiding(project), person))
        return ReceiptCheck()

    @routes.get("/erasures/{erasure_id}", summary="One erasure")
    def show_erasure(
        erasure_id: Annotated[str, Path(max_length=64, description="Its id.")], project: ProjectOf
    ) -> ErasureItem:
        """How far it is, and the signed receipt once it is done."""
        return _item(holder.erasures.find(project, erasure_id))

    return routes


def _erased(hiding: Hiding, who: str) -> str:
    """Whom a receipt names if it is of `who`, without a look at what is stored: they are erased."""
    contact = hiding.contact(who)
    return hiding.hide_id(who) if contact is None else f"u:{contact}"


def _item(found: Request | Signed) -> ErasureItem:
    if isinstance(found, Request):
        return ErasureItem(
            erasure_id=found.erasure_id,
            state="running",
            asked=write_time(found.asked_us),
            removed=_counts(found.removed),
            signed=None,
        )
    receipt = found.receipt
    return ErasureItem(
        erasure_id=receipt.erasure_id,
        state="done",
        asked=receipt.asked,
        removed=_counts(receipt.removed),
        signed=SignedReceipt(receipt=_told(receipt), signature=found.signature),
    )


def _told(receipt: Receipt) -> ReceiptItem:
    return ReceiptItem.model_validate(msgspec.to_builtins(receipt))


def _counts(removed: Removed) -> RemovedCounts:
    return RemovedCounts.model_validate(msgspec.to_builtins(removed))
