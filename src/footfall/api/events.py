"""`POST /v1/events` in the API's document. The door answers this path before any route is looked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from fastapi import APIRouter, Security
from fastapi.security import APIKeyHeader, HTTPBearer
from pydantic import BaseModel, Field

from footfall.collect.protocols.footfall import PATH
from footfall.errors import NotFound
from footfall.events.event import Event
from footfall.events.names import NAMES, Form, Name
from footfall.events.reasons import Reason
from footfall.events.schema import descriptions
from footfall.store.guard import OPEN

router = APIRouter(tags=["collect"], dependencies=[OPEN])

_KEY_HEADER = APIKeyHeader(name="X-Write-Key", scheme_name="write key", auto_error=False)
_KEY_BEARER = HTTPBearer(scheme_name="write key as bearer", auto_error=False)


class Fault(BaseModel):
    """One event that was refused; it is kept, see `/v1/rejected`."""

    index: int = Field(description="Its place in the request, from 0.")
    reason: Reason
    detail: str


class Taken(BaseModel):
    """What was acknowledged: it is on disk."""

    offset: int | None = Field(description="Journal offset that a read waits for with `?after=`; null without events.")
    accepted: int
    rejected: int
    errors: list[Fault]


_TYPES: Mapping[Form, list[str]] = {
    Form.NAME: ["string"],
    Form.ID: ["string", "integer", "null"],
    Form.TEXT: ["string", "number", "null"],
    Form.TIME: ["string", "number", "null"],
    Form.MICROSECONDS: ["integer", "null"],
    Form.MONEY: ["string", "number", "null"],
    Form.MICROS: ["integer", "null"],
    Form.COUNT: ["integer", "null"],
    Form.NUMBER: ["number", "null"],
    Form.FLAG: ["boolean", "null"],
    Form.ADDRESS: ["string", "null"],
    Form.OBJECT: ["object", "string", "null"],
}
_MEANINGS = descriptions(Event) | {
    "timestamp": "When it happened; its arrival when absent.",
    "sent_at": "When the client sent it, by the client's clock; corrects `timestamp`.",
    "price": "Price per unit.",
    "amount": "Money of a purchase or refund; price × quantity when absent.",
    "ip": "The visitor's address; kept as a keyed hash only.",
    "user_agent": "The visitor's browser, as it says.",
}


def _field(name: Name) -> dict[str, Any]:
    aliases = ", ".join(f"`{alias}`" for alias in name.spellings[1:])
    meaning = f"{_MEANINGS[name.field]} {name.form.value.capitalize()}."
    claim = " Believed from a server key only." if name.claim else ""
    return {
        "type": _TYPES[name.form],
        "description": meaning + (f" Also: {aliases}." if aliases else "") + claim,
    }


_EVENT: dict[str, Any] = {
    "type": "object",
    "description": "One event. Names beyond these are kept in `properties`.",
    "properties": {name.field: _field(name) for name in NAMES},
    "required": ["name"],
    "additionalProperties": True,
}
_ENVELOPE: dict[str, Any] = {
    "type": "object",
    "description": "An array of events with what is said of all of them. `batch` stands for `events` too.",
    "properties": {
        "events": {"type": "array", "items": _EVENT},
        "sent_at": {"type": ["string", "number"], "description": "When it was sent, by the client's clock."},
        "write_key": {"type": "string", "description": "The write key, where a client can't send headers."},
    },
    "required": ["events"],
}
_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "One event, an array, or an envelope; or NDJSON, an event a line. May be gzip.",
        "content": {
            "application/json": {
                "schema": {"anyOf": [_EVENT, {"type": "array", "items": _EVENT}, _ENVELOPE]},
                "example": {"name": "add_to_cart", "visitor_id": "v1", "product_id": "p7", "price": "19.99"},
            },
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    }
}


@router.post(PATH, status_code=202, openapi_extra=_BODY, response_model=Taken)
async def events(_header: str | None = Security(_KEY_HEADER), _bearer: object = Security(_KEY_BEARER)) -> NoReturn:
    """Takes events, answers when they are synced to disk.

    A broken event is refused alone and kept with its reason; the others are taken.
    """
    raise NotFound("the door answers this path")
