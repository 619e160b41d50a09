"""Requests that are not for the door: handed to the owner as they are, and streamed both ways."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from footfall.collect.forward import CutOff, Forward
from footfall.collect.frames import Begin, Body, Call, Frames, Piece
from tests.collect.owner import answering, owning

SCOPE: dict[str, Any] = {
    "type": "http",
    "http_version": "1.1",
    "method": "PUT",
    "scheme": "http",
    "path": "/v1/ü",
    "raw_path": b"/v1/%C3%BC",
    "query_string": b"a=%20",
    "headers": [(b"host", b"shop"), (b"x-request-id", b"mine"), (b"x-twice", b"1"), (b"x-twice", b"2")],
    "client": ("203.0.113.9", "50000"),
    "server": ("127.0.0.1", "8787"),
}


class Client:
    """One request, whose body a test feeds piece by piece, and what it was answered."""

    def __init__(self) -> None:
        self.brings: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.got: asyncio.Queue[dict[str, Any]] = asyncio.Queue()

    def bring(self, *pieces: bytes, more: bool = False) -> None:
        """Have these pieces arrive."""
        for place, piece in enumerate(pieces, start=1):
            going_on = more or place < len(pieces)
            self.brings.put_nowait({"type": "http.request", "body": piece, "more_body": going_on})

    def leave(self) -> None:
        """Hang up."""
        self.brings.put_nowait({"type": "http.disconnect"})

    async def ask(self, path: Path) -> None:
        """Have the request answered by the owner at `path`."""

        async def send(message: Any) -> None:
            self.got.put_nowait(message)

        await Forward(path)(SCOPE, self.brings.get, send)

    def answer(self) -> tuple[int, dict[bytes, bytes], bytes]:
        """All that it got: status, headers, body."""
        start, *pieces = [self.got.get_nowait() for _ in range(self.got.qsize())]
        return start["status"], dict(start["headers"]), b"".join(piece["body"] for piece in pieces)


async def echo(scope: Any, receive: Any, send: Any) -> None:
    """Tell the scope, then every piece of the body as it comes."""
    facts = {name: repr(scope[name]) for name in SCOPE}
    await send({"type": "http.response.start", "status": 201, "headers": [(b"x-told", b"1")]})
    await send({"type": "http.response.body", "body": json.dumps(facts).encode(), "more_body": True})
    more = True
    while more:
        message = await receive()
        assert message["type"] == "http.request"
        more = message["more_body"]
        await send({"type": "http.response.body", "body": message["body"], "more_body": more})


def test_a_call_arrives_as_it_was(tmp_path: Path) -> None:
    """Method, path, query, all headers in order, and the client's address."""

    async def scene() -> tuple[int, dict[bytes, bytes], bytes]:
        client = Client()
        client.bring(b"")
        async with owning(tmp_path / "s", answering(echo)):
            await client.ask(tmp_path / "s")
        return client.answer()

    status, headers, body = asyncio.run(asyncio.wait_for(scene(), 10))
    assert (status, headers) == (201, {b"x-told": b"1"})
    assert json.loads(body) == {name: repr(value) for name, value in SCOPE.items()}


def test_pieces_pass_both_ways_as_they_come(tmp_path: Path) -> None:
    """Nothing is held back: each piece is answered before the next one is brought."""

    async def scene() -> None:
        client = Client()
        async with owning(tmp_path / "s", answering(echo)):
            asking = asyncio.create_task(client.ask(tmp_path / "s"))
            assert (await client.got.get())["status"] == 201
            await client.got.get()
            for number in range(5):
                client.bring(b"piece %d" % number, more=number < 4)
                assert (await client.got.get())["body"] == b"piece %d" % number
            await asking

    asyncio.run(asyncio.wait_for(scene(), 10))


def test_a_large_body_passes_through(tmp_path: Path) -> None:
    """Megabytes in and out, the other side slower or not."""
    pieces = [bytes([number]) * 500_000 for number in range(20)]

    async def scene() -> bytes:
        client = Client()
        client.bring(*pieces)
        async with owning(tmp_path / "s", answering(echo)):
            await client.ask(tmp_path / "s")
        return client.answer()[2]

    assert asyncio.run(asyncio.wait_for(scene(), 20)).endswith(b"".join(pieces))


def test_an_answer_that_does_not_wait_for_the_body(tmp_path: Path) -> None:
    """A refusal reaches the client whole, though most of what it brings is never read."""

    async def refuse(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send({"type": "http.response.start", "status": 413, "headers": []})
        await send({"type": "http.response.body", "body": b"too much" * 1_000})

    async def scene() -> tuple[int, dict[bytes, bytes], bytes]:
        client = Client()
        client.bring(*[b"x" * 1_000_000] * 20, more=True)
        async with owning(tmp_path / "s", answering(refuse)):
            await client.ask(tmp_path / "s")
        return client.answer()

    assert asyncio.run(asyncio.wait_for(scene(), 10)) == (413, {}, b"too much" * 1_000)


def test_the_owner_learns_that_the_client_has_gone(tmp_path: Path) -> None:
    """An answer that would go on for ever ends when its client hangs up, and that is no fault."""
    gone = asyncio.Event()

    async def stream(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b":\n", "more_body": True})
        while (await receive())["type"] != "http.disconnect":
            pass
        gone.set()

    async def scene() -> None:
        client = Client()
        client.bring(b"")
        async with owning(tmp_path / "s", answering(stream)):
            asking = asyncio.create_task(client.ask(tmp_path / "s"))
            await client.got.get()
            client.leave()
            await gone.wait()
            await asking

    asyncio.run(asyncio.wait_for(scene(), 10))


def test_without_an_owner_it_is_unavailable(tmp_path: Path) -> None:
    """503 as a problem, with the request's id and when to come again: nobody listens, or it ends before it answers."""

    async def end(collector: Frames) -> None:
        assert isinstance(await collector.next(), Call)

    async def scene() -> Sequence[tuple[int, dict[bytes, bytes], bytes]]:
        alone, left = Client(), Client()
        await alone.ask(tmp_path / "s")
        async with owning(tmp_path / "s", end):
            await left.ask(tmp_path / "s")
        return alone.answer(), left.answer()

    for status, headers, body in asyncio.run(asyncio.wait_for(scene(), 10)):
        assert status == json.loads(body)["status"] == 503
        assert headers[b"content-type"] == b"application/problem+json"
        assert (headers[b"x-request-id"], headers[b"retry-after"]) == (b"mine", b"1")


def test_an_answer_that_is_cut_off_is_not_taken_for_whole(tmp_path: Path) -> None:
    """When the owner dies in the middle the application fails, which breaks the client's connection."""

    async def die(collector: Frames) -> None:
        while not isinstance(await collector.next(), Body):
            pass
        collector.say(Begin(200, []))
        collector.say(Piece(b"half", more=True))

    async def scene() -> None:
        client = Client()
        client.bring(b"")
        async with owning(tmp_path / "s", die):
            with pytest.raises(CutOff):
                await client.ask(tmp_path / "s")

    asyncio.run(asyncio.wait_for(scene(), 10))
