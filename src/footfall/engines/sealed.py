"""A stranger's SQL over one project's tables, sealed off from files, network, settings and other projects.

Three walls that do not rely on each other: the statement is judged before it is run (`sealed_check`); DuckDB may
read the project's files and nothing else; and all that happens in a process of its own, limited by the system,
which holds nothing else (`sealed_child`).
"""

from __future__ import annotations

import msgspec
import pyarrow as pa

from footfall.engines.duckdb import Limits, confined
from footfall.engines.scan import newest_sql, paths, rows_sql, states_of
from footfall.engines.sealed_check import MOST_CHARACTERS
from footfall.engines.sealed_child import ANSWER, Refusal, Request, Source
from footfall.engines.sealed_process import ASKER
from footfall.errors import BadRequest, QueryLimit, Unavailable
from footfall.lake.layout import LAYOUTS
from footfall.lake.view import Snapshot


def run_sql(snapshot: Snapshot, project_id: str, text: str, limits: Limits | None = None) -> pa.Table:
    """The answer to one SELECT over the tables of a project (`lake.layout.LAYOUTS`).

    Raises errors.BadRequest for anything else, errors.QueryLimit when it takes too long or too much.
    """
    limits = limits or Limits()
    if len(text) > MOST_CHARACTERS:
        raise QueryLimit(f"The statement has {len(text)} characters; at most {MOST_CHARACTERS} are read.")
    if "\0" in text or not _encodable(text):
        raise BadRequest("The statement has characters that no text may have.")
    request = sealed_request(snapshot, project_id, text, limits)
    answer = _ask(msgspec.msgpack.encode(request), limits)
    if answer.startswith(ANSWER):
        return _plain(pa.ipc.open_stream(memoryview(answer)[1:]).read_all())
    refusal = msgspec.msgpack.decode(answer[1:], type=Refusal)
    raise (QueryLimit if refusal.code == QueryLimit.code else BadRequest)(refusal.detail)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def sealed_request(snapshot: Snapshot, project_id: str, text: str, limits: Limits) -> Request:
    """All that the answering process is told: of this project only."""
    sources: list[Source] = []
    files = [file for name in LAYOUTS for file in snapshot.files_of(name, project_id)]
    for name, layout in LAYOUTS.items():
        tail = f"{name}_tail"
        data = _stream(confined(snapshot.tail[name], project_id))
        sql = rows_sql(layout, snapshot.files_of(name, project_id), tail)
        if layout.state:
            sources += [Source(states_of(layout), sql, {tail: data}), Source(name, newest_sql(layout), {})]
        else:
            sources.append(Source(name, sql, {tail: data}))
    return Request(
        text=text,
        sources=tuple(sources),
        paths=paths(tuple(files)) if files else "",
        milliseconds=max(1, round(limits.seconds * 1000)),
        memory_bytes=limits.memory_bytes,
        threads=limits.threads,
        rows=limits.rows,
        bytes=limits.bytes,
    )


def _stream(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as writer:
        writer.write_table(rows)
    data: bytes = sink.getvalue().to_pybytes()
    return data


def _ask(request: bytes, limits: Limits) -> bytes:
    try:
        answer = ASKER.ask(request, limits.seconds)
    except TimeoutError:
        raise QueryLimit(f"The question took longer than {limits.seconds:g} s. Ask for less.") from None
    except OSError as error:
        raise Unavailable(f"The question can't be run at the moment ({error.strerror}).", retry_after=2) from error
    if not answer:
        raise QueryLimit(
            f"The question took more than {limits.memory_bytes >> 20} MiB or {limits.seconds:g} s. Ask for less."
        )
    return answer


def _plain(answer: pa.Table) -> pa.Table:
    """Sums of whole numbers come as 38 digits; where they fit, as the int64 that they were."""
    for number, column in enumerate(answer.schema):
        if column.type == pa.decimal128(38, 0):
            try:
                whole = answer.column(number).cast(pa.int64())
            except pa.ArrowInvalid:
                continue
            answer = answer.set_column(number, column.with_type(pa.int64()), whole)
    return answer
