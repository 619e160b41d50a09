"""`/v1/imports`: begin or resume an import, send its chunks, finish it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, Field
from starlette.concurrency import run_in_threadpool

from footfall.errors import TooLarge
from footfall.imports.admission import read_chunk
from footfall.imports.models import State
from footfall.imports.service import Imports, Storage
from footfall.store.access import Permission
from footfall.store.guard import ProjectOf, needs

ImportId = Annotated[
    str,
    Path(
        pattern="^[0-9A-Za-z]{1,64}$", description="Name of the import: the same files, read alike, have the same one."
    ),
]


Chunk = Annotated[int, Path(ge=0, le=2**31, description="Number of the chunk, from 0.")]

_BINARY = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


class ImportBegin(BaseModel):
    """What is going to be imported."""

    label: str = Field(max_length=500, description="What is imported, for people: a file's name.")


class ImportStatus(BaseModel):
    """How far an import has come; `stored + duplicate + rejected` rows have been read."""

    import_id: str
    project_id: str
    label: str
    run: int = Field(description="1 the first time, 2 when the same files are imported again, …")
    next_chunk: int = Field(description="Number of the chunk to send next.")
    stored: int
    duplicate: int
    rejected: int
    finished: bool
    sessions: int | None = Field(description="Sessions computed anew at the end.")


class ImportTerms(ImportStatus):
    """The status, and what the sender must know to check rows as the server's doors do."""

    received_us: int = Field(description="The arrival of all its events, µs since the epoch.")
    currency: str = Field(description="The project's own currency.")
    kinds: dict[str, list[str]] = Field(description="{kind: names of events}.")
    max_name_bytes: int
    max_property_bytes: int
    visitor_key: str = Field(description="Key of the ids of visitors of whom a file tells only address and agent, hex.")


def router(storage: Storage) -> APIRouter:
    """The routes of the imports of one data folder."""
    imports = Imports(storage)
    settings = storage.settings
    routes = APIRouter(prefix="/v1/imports/{import_id}", tags=["imports"], dependencies=[needs(Permission.IMPORT)])

    @routes.put("", summary="Begin or resume an import")
    def begin(import_id: ImportId, project: ProjectOf, content: ImportBegin) -> ImportTerms:
        """Answers which chunk comes next; a finished import begins another run, which stores only what is new."""
        state = imports.begin(project, import_id, content.label)
        kinds: dict[str, list[str]] = {}
        for name, kind in settings.taxonomy.listed().items():
            kinds.setdefault(kind.value, []).append(name)
        terms = {
            "received_us": state.received_us,
            "currency": imports.currency(project),
            "kinds": kinds,
            "max_name_bytes": settings.max_name_bytes,
            "max_property_bytes": settings.max_property_bytes,
            "visitor_key": imports.visitor_key(project),
        }
        return ImportTerms.model_validate(_fields(state) | terms)

    @routes.get("", summary="How far an import has come")
    def status(import_id: ImportId, project: ProjectOf) -> ImportStatus:
        return _status(imports.state(project, import_id))

    @routes.post("/chunks/{chunk}", summary="Store a chunk", openapi_extra=_BINARY)
    async def store(import_id: ImportId, chunk: Chunk, project: ProjectOf, request: Request) -> ImportStatus:
        """The body is a record of checked events (`footfall.events.record`); sending a chunk again stores nothing."""
        record = read_chunk(await _body(request, settings.max_import_bytes))
        return _status(await run_in_threadpool(imports.store, project, import_id, chunk, record))

    @routes.post("/finish", summary="Finish an import")
    def finish(import_id: ImportId, project: ProjectOf) -> ImportStatus:
        """Computes the sessions anew that it has touched; this may take a while."""
        return _status(imports.finish(project, import_id))

    return routes


def _fields(state: State) -> dict[str, object]:
    return {
        "import_id": state.import_id,
        "project_id": state.project_id,
        "label": state.label,
        "run": state.run,
        "next_chunk": state.next_chunk,
        "stored": state.counts.stored,
        "duplicate": state.counts.duplicate,
        "rejected": state.counts.rejected,
        "finished": state.finished,
        "sessions": state.sessions,
    }


def _status(state: State) -> ImportStatus:
    return ImportStatus.model_validate(_fields(state))


async def _body(request: Request, limit: int) -> bytes:
    """The whole body. Raises `TooLarge` as soon as it is over `limit` bytes."""
    stated = request.headers.get("content-length", "0")
    size = int(stated) if stated.isdigit() else 0
    parts: list[bytes] = []
    if size <= limit:
        size = 0
        async for part in request.stream():
            size += len(part)
            if size > limit:
                break
            parts.append(part)
    if size > limit:
        raise TooLarge(f"a chunk has at most {limit:,} bytes (max_import_bytes); send smaller ones")
    return b"".join(parts)
