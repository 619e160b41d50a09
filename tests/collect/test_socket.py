"""The door behind the real server, over a real socket: bodies in pieces, early answers, hang-ups."""

from __future__ import annotations

import asyncio
import json
import socket
import warnings
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import httpx
import pytest

from footfall.collect.door import Door
from footfall.collect.limits import Limits
from tests.collect.door_client import PAGE, PUBLIC, SERVER, open_door, stored

VIEW = {"name": "view", "visitor_id": "v1"}


@asynccontextmanager
async def _served(door: Door) -> AsyncIterator[int]:
    """The port at which granian serves `door`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from granian.constants import Interfaces
        from granian.server.embed import Server

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    server = Server(door, address="127.0.0.1", port=port, interface=Interfaces.ASGI, log_enabled=False)
    serving = asyncio.create_task(server.serve())
    try:
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                break
        yield port
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def _until(holds: Callable[[], bool]) -> None:
    """Wait for what the server does on its own time; five seconds are far too many."""
    async with asyncio.timeout(5):
        while not holds():  # noqa: ASYNC110 - the door tells nobody when a request begins or ends
            await asyncio.sleep(0.01)


def _through_a_server(scene: Callable[[Door, int], Awaitable[None]], limits: Limits) -> None:
    async def run() -> None:
        async with _served(door) as port:
            await scene(door, port)

    with open_door(limits=limits) as (door, _):
        asyncio.run(run())


def test_events_arrive_over_a_socket() -> None:
    """A body in one piece and a streamed one are stored; an address that the connection came from is hashed."""

    async def run() -> None:
        async def pieces() -> AsyncIterator[bytes]:
            yield b"["
            for _ in range(99):
                yield json.dumps(VIEW).encode() + b","
            yield json.dumps(VIEW).encode() + b"]"

        async with _served(door) as port, httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            one = await client.post("/v1/events", json=VIEW, headers=PUBLIC | {"origin": PAGE})
            many = await client.post("/v1/events", content=pieces(), headers=SERVER)
            preflight = await client.options("/v1/events", headers={"origin": PAGE})
        assert (one.status_code, one.json()["accepted"]) == (202, 1)
        assert (many.status_code, many.json()["accepted"]) == (202, 100)
        assert (preflight.status_code, preflight.headers["access-control-allow-origin"]) == (204, PAGE)

    with open_door() as (door, journal):
        asyncio.run(run())
        events, _ = stored(journal)
        assert len(events) == 101
        assert events[0].ip_hash is not None


def test_a_large_body_is_refused_before_it_has_been_sent() -> None:
    """A client that declares too much, or streams too much, has its answer while it still sends."""

    async def scene(door: Door, port: int) -> None:
        head = "POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer server-key\r\n"
        for declared, body in (
            ("content-length: 900000000", b""),
            ("transfer-encoding: chunked", b"9\r\n123456789\r\n" * 200),
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"{head}{declared}\r\n\r\n".encode() + body)
            async with asyncio.timeout(5):
                assert b" 413 " in await reader.readline()
            writer.close()

    _through_a_server(scene, Limits(body_bytes=1_000))


def test_a_trickling_body_is_answered_408() -> None:
    """A client that begins a body and goes silent is answered and let go."""

    async def scene(door: Door, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer server-key\r\ncontent-length: 50\r\n\r\n["
        )
        async with asyncio.timeout(5):
            assert b" 408 " in await reader.readline()
        writer.close()
        assert door.account.requests == 0

    _through_a_server(scene, Limits(seconds=0.2))


@pytest.mark.parametrize("chunks", [b"-5\r\n[]\r\n", b"zz\r\n[]\r\n", b"1\r\n[\r\n2;" + b"x" * 20_000 + b"\r\n]\r\n"])
def test_broken_chunks_are_the_clients_fault(chunks: bytes) -> None:
    """A body that is not chunked as it says is answered 400."""

    async def scene(door: Door, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = b"POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer server-key\r\n"
        writer.write(head + b"transfer-encoding: chunked\r\n\r\n" + chunks)
        async with asyncio.timeout(5):
            assert b" 400 " in await reader.readline()
        writer.close()
        assert door.counters.accepted == 0

    _through_a_server(scene, Limits(seconds=20))


def test_a_client_that_hangs_up_is_forgotten() -> None:
    """A connection that breaks within a body frees what it held and stores nothing."""

    async def scene(door: Door, port: int) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(
            b"POST /v1/events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer server-key\r\ncontent-length: 50\r\n\r\n["
        )
        await writer.drain()
        await _until(lambda: door.account.requests == 1)
        writer.close()
        await _until(lambda: door.account.requests == 0)
        assert door.counters.accepted == 0

    _through_a_server(scene, Limits(seconds=20))
