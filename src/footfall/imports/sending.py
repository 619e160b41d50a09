"""The client's side of an import: files read, checked and sent chunk by chunk, going on where it was cut short."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

import msgspec

from footfall import __version__
from footfall.enrich.agent import read_agent
from footfall.enrich.visit import read_visit
from footfall.errors import BadRequest, FootfallError
from footfall.events.kinds import Taxonomy
from footfall.events.record import encode_batches
from footfall.events.surroundings import Lookups
from footfall.events.wire import Source
from footfall.imports.chunks import CHUNK_ROWS, Chunks
from footfall.imports.mapping import ColumnMap
from footfall.imports.models import Outcome, Terms
from footfall.imports.orders import OrderLines
from footfall.imports.presets import Preset
from footfall.imports.readers import BY_NAME, Options, Reading, files_of
from footfall.imports.translating import translated
from footfall.imports.visitors import Visitors

_PATIENCE_SECONDS: Final = 60.0
_LONGEST_PAUSE_SECONDS: Final = 5.0
_ENDS: Final = 1 << 16
"""Bytes at both ends of a file that tell it from another of the same size and time."""


class Api(Protocol):
    """What sending needs of the API (`footfall.cli.client.Client`)."""

    def put(self, path: str, content: object = None) -> Any: ...
    def post(self, path: str, content: object = None) -> Any: ...


class Progress(NamedTuple):
    """How far an import has come, for people."""

    done: int
    size: int
    """Bytes read, and of how many."""
    rows: int
    computing: bool = False
    """Whether all rows are in, and the sessions that they touch are being computed anew."""


def send(
    api: Api,
    path: Path,
    columns: ColumnMap,
    *,
    preset: Preset | None = None,
    options: Options = BY_NAME,
    project: str | None = None,
    progress: Callable[[Progress], None] = lambda _: None,
) -> Outcome:
    """Import a file, or a folder as one log in parts; a `preset` may say what its rows are, and in which form.

    Raises what the API answers, and `BadRequest` for a file that can't be read to its end; what was read is in by then.
    """
    if preset is not None and options.form is None:
        options = options._replace(form=preset.form)
    files = files_of(path, options)
    at = f"/v1/imports/{import_id(path, files, columns, options, project=project, preset=preset)}"
    terms = msgspec.convert(api.put(at, {"label": path.name}), Terms)
    reading = Reading(files, options)
    chunks = chunks_of(reading, columns, terms, preset)
    rows = 0
    try:
        for rows in _send_chunks(api, at, chunks, terms.next_chunk):
            progress(Progress(reading.done, reading.size, rows))
    except BadRequest:
        _patiently(api.post, f"{at}/finish")
        raise
    progress(Progress(reading.size, reading.size, rows, computing=True))
    return msgspec.convert(_patiently(api.post, f"{at}/finish"), Outcome)


def import_id(
    path: Path,
    files: Sequence[Path],
    columns: ColumnMap,
    options: Options,
    *,
    project: str | None = None,
    preset: Preset | None = None,
) -> str:
    """The name of an import: another one when a file has changed, or is read or cut otherwise."""
    parts: list[object] = [__version__, CHUNK_ROWS, project, columns.columns, columns.constants, options]
    parts.append(None if preset is None else preset.name)
    parts += [[str(file.relative_to(path.parent)), *_fingerprint(file)] for file in files]
    return hashlib.blake2b(msgspec.json.encode(parts), digest_size=16).hexdigest()


def _fingerprint(file: Path) -> tuple[int, int, str]:
    about = file.stat()
    with file.open("rb") as stream:
        content = hashlib.blake2b(stream.read(_ENDS), digest_size=16)
        stream.seek(max(0, about.st_size - _ENDS))
        content.update(stream.read(_ENDS))
    return about.st_size, about.st_mtime_ns, content.hexdigest()


def chunks_of(reading: Reading, columns: ColumnMap, terms: Terms, preset: Preset | None = None) -> Chunks:
    """The chunks of an import whose terms the server has told."""
    source = source_of(terms)
    if preset is not None and preset.is_orders:
        return Chunks(reading, ColumnMap({}, {}), source, OrderLines(columns))
    translate = preset.translate if preset is not None else None
    if translate is None:
        return Chunks(reading, columns, source)
    visitors = Visitors(terms.visitor_key)
    return Chunks(reading, columns, source, lambda rows: translated(rows, translate, visitors, columns.columns))


def source_of(terms: Terms) -> Source:
    """What a check must know of rows that come from files."""
    return Source(
        project_id=terms.project_id,
        received_us=terms.received_us,
        door="",
        taxonomy=Taxonomy(terms.kinds),
        medium="import",
        may_state=True,
        hash_address=lambda address: address,  # the server has the key (`footfall.imports.settling`)
        lookups=Lookups(agent=read_agent, visit=read_visit),
        allow_old=True,
        needs_time=True,
        currency=terms.currency,
        name_bytes=terms.max_name_bytes,
        property_bytes=terms.max_property_bytes,
    )


def _send_chunks(api: Api, at: str, chunks: Chunks, first: int) -> Iterator[int]:
    """Send the chunks from number `first` on, one while the next one is read; gives the rows read after each."""
    rows = 0
    sent: Future[Any] | None = None
    with ThreadPoolExecutor(1, "footfall-import") as sender:
        try:
            for chunk in chunks:
                if chunk.number >= first:
                    body = encode_batches(chunk.record)
                    if sent is not None:
                        sent.result()
                    sent = sender.submit(_patiently, api.post, f"{at}/chunks/{chunk.number}", body)
                rows += len(chunk.record.events) + len(chunk.record.rejected)
                yield rows
        finally:
            if sent is not None:
                sent.result()


def _patiently(call: Callable[..., Any], *arguments: object) -> Any:
    """What `call` answers; asked again for a minute while the server says that it can't at the moment."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return call(*arguments)
        except FootfallError as error:
            if error.retry_after is None or time.monotonic() > deadline:
                raise
            time.sleep(min(error.retry_after, _LONGEST_PAUSE_SECONDS))
