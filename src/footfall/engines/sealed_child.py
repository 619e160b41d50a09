"""The processes that answer strangers' questions, one each: `python -m footfall.engines.sealed_child`.

The first process only waits, with everything imported, and forks one for each connection that it is handed. That one
knows one project's file paths and tail, has an empty environment, may write no file and take so much memory and
time; DuckDB in it may read these files and nothing else. `sealed_process` is the other end.
"""

from __future__ import annotations

import os
import resource
import signal
import socket
from io import BufferedIOBase
from typing import NoReturn

import duckdb
import msgspec
import pyarrow as pa

from footfall.engines.sealed_check import check
from footfall.errors import BadRequest, FootfallError, QueryLimit

_OWN_BYTES = 768 << 20
"""What the interpreter, its libraries and their buffers may take, apart from the question."""
OVERTIME_SECONDS = 2.0
"""What a question gets beyond its time to be stopped in an orderly way."""
_BATCH_ROWS = 10_000
_HINTS = ("Did you mean", "LINE ", "Candidate functions")


class Source(msgspec.Struct, frozen=True):
    """A table: the SQL of its rows, and the relations (Arrow streams) that this SQL reads beside files."""

    name: str
    sql: str
    relations: dict[str, bytes]


class Request(msgspec.Struct, frozen=True):
    """A question, and all that may be known to answer it."""

    text: str
    sources: tuple[Source, ...]
    paths: str
    """SQL of the list of files that may be read; empty when there are none."""
    milliseconds: int
    memory_bytes: int
    threads: int
    rows: int | None
    bytes: int


class Refusal(msgspec.Struct, frozen=True):
    """Why there is no answer: `code` of the error, and its text."""

    code: str
    detail: str


ANSWER, REFUSAL = b"A", b"R"


def main() -> None:
    """Answer every connection that comes over standard input, a socket, until that is closed."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with socket.socket(fileno=0) as control:
        while True:
            _, handed, _, _ = socket.recv_fds(control, 1, 1)
            if not handed:
                return
            with socket.socket(fileno=handed[0]) as peer:
                if not os.fork():
                    _serve(peer)


def _serve(peer: socket.socket) -> NoReturn:
    """Read the request, write the answer, and end, whatever happens."""
    try:
        with peer.makefile("rwb") as stream:
            request = msgspec.msgpack.decode(stream.read(), type=Request)
            _confine(request)
            _write(stream, request)
    finally:
        os._exit(0)


def _write(out: BufferedIOBase, request: Request) -> None:
    try:
        batches, schema = answer(request)
    except FootfallError as error:
        out.write(REFUSAL + msgspec.msgpack.encode(Refusal(error.code, error.detail)))
        return
    out.write(ANSWER)
    with pa.ipc.new_stream(out, schema) as writer:
        for batch in batches:
            writer.write_batch(batch)


def _confine(request: Request) -> None:
    tail = sum(len(data) for source in request.sources for data in source.relations.values())
    memory = request.memory_bytes + 2 * request.bytes + 3 * tail + _OWN_BYTES
    seconds = request.milliseconds / 1000 + OVERTIME_SECONDS
    signal.setitimer(signal.ITIMER_REAL, seconds)  # the system ends the process then, whatever it is doing
    limits = {
        resource.RLIMIT_DATA: memory,
        resource.RLIMIT_FSIZE: 0,
        resource.RLIMIT_CORE: 0,
    }
    for limit, value in limits.items():
        resource.setrlimit(limit, (value, value))


def open_database(request: Request) -> duckdb.DuckDBPyConnection:
    """A database with the tables that can reach nothing else, and whose settings are locked."""
    database = duckdb.connect(
        config={
            "memory_limit": f"{request.memory_bytes}B",
            "threads": request.threads,
            "temp_directory": "",
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
            "allow_persistent_secrets": False,
            "python_enable_replacements": False,
        }
    )
    if request.paths:
        database.execute(f"SET allowed_paths = {request.paths}")
    database.execute("SET enable_external_access = false")
    database.execute("SET TimeZone = 'UTC'")
    for source in request.sources:
        for name, data in source.relations.items():
            database.register(name, pa.ipc.open_stream(data).read_all())
        database.execute(f"CREATE VIEW {source.name} AS {source.sql}")
    database.execute(f"SET max_execution_time = {request.milliseconds}")
    database.execute("SET lock_configuration = true")
    return database


def answer(request: Request) -> tuple[list[pa.RecordBatch], pa.Schema]:
    """What the statement gives; raises errors.BadRequest or errors.QueryLimit."""
    try:
        database = open_database(request)
        ((parsed,),) = database.execute("SELECT json_serialize_sql($1::VARCHAR)", [request.text]).fetchall()
        check(msgspec.json.decode(parsed))
        reader = database.sql(request.text).to_arrow_reader(_BATCH_ROWS)
        return list(_limited(reader, request)), reader.schema
    except (duckdb.Error, OSError, RecursionError, MemoryError) as error:
        raise _said(error, request) from None


def _limited(reader: pa.RecordBatchReader, request: Request) -> list[pa.RecordBatch]:
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        rows += batch.num_rows
        size += batch.nbytes
        if request.rows is not None and rows > request.rows:
            raise QueryLimit(f"The answer has more than {request.rows} rows. Filter, aggregate, or add a LIMIT.")
        if size > request.bytes:
            raise QueryLimit(f"The answer is over {request.bytes} bytes. Ask for fewer columns or rows.")
        batches.append(batch)
    return batches


def _said(error: Exception, request: Request) -> FootfallError:
    """The error for the reader: limits as limits, faults of the statement in DuckDB's words, nothing else."""
    text = str(error)
    if isinstance(error, duckdb.InterruptException) or text.startswith("INTERRUPT"):
        return QueryLimit(f"The question took longer than {request.milliseconds / 1000:g} s. Ask for less.")
    if isinstance(error, MemoryError | duckdb.OutOfMemoryException) or text.startswith("Out of Memory"):
        return QueryLimit(f"The question needed more than {request.memory_bytes >> 20} MiB. Ask for less.")
    if isinstance(error, RecursionError):
        return BadRequest("The statement is nested too deeply.")
    kind, _, said = text.partition(": ")
    lines = [line for line in said.splitlines() if line.strip(" ^~") and not line.startswith(_HINTS)]
    words = " ".join(lines[:3])
    if kind not in _TOLD or "/" in words or ".parquet" in words:
        return BadRequest("The statement can't be answered as it is written.")
    return BadRequest(f"The statement can't be answered: {words}")


_TOLD = frozenset(
    {
        "Binder Error", "Catalog Error", "Conversion Error", "Invalid Input Error", "Not implemented Error",
        "Out of Range Error", "Parser Error", "Syntax Error",
    }
)  # fmt: skip


if __name__ == "__main__":
    main()
