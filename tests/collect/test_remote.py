"""Group commit without a journal: what is sent to the owner when, and what becomes of each request."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

from footfall.collect.frames import Fault, Payload, Refused, Stored
from footfall.collect.remote import RemoteCommit
from footfall.collect.submission import Submission
from footfall.errors import Overloaded, TooLarge, Unavailable
from footfall.events.event import Rejected


def one(name: str) -> Submission:
    """A submission that can be told apart."""
    return Submission(
        [], [Rejected(project_id="p", rejected_id=name, received_us=1, reason="r", detail="", source="http")]
    )


def joined(submissions: Sequence[Submission]) -> tuple[bytes, int]:
    """The names, with commas; one of them can't be encoded."""
    names = [one.rejected[0].rejected_id for one in submissions]
    if "poison" in names:
        raise ValueError("no bytes for this")
    return ",".join(names).encode(), len(names)


class Scene:
    """A group commit, and the payloads that it has sent."""

    def __init__(self, max_pending_bytes: int = 1_000) -> None:
        self.sent: list[Payload] = []
        self.commit = RemoteCommit(self.sent.append, joined, max_pending_bytes=max_pending_bytes)

    def enter(self, *names: str, size: int = 1) -> list[asyncio.Task[int]]:
        """Commit these, each in a task of its own."""
        return [asyncio.create_task(self.commit.commit(one(name), size=size, traces=(name,))) for name in names]

    @property
    def contents(self) -> list[bytes]:
        """What was sent."""
        return [payload.content for payload in self.sent]


def play(scene: Callable[[Scene], Coroutine[Any, Any, None]], **more: int) -> Scene:
    """Run a scene to its end."""
    stage = Scene(**more)

    async def run() -> None:
        await scene(stage)

    asyncio.run(asyncio.wait_for(run(), 10))
    return stage


async def turns() -> None:
    """Let everything happen that is due."""
    for _ in range(5):
        await asyncio.sleep(0)


def test_what_comes_together_is_one_payload_and_two_are_under_way() -> None:
    """Requests of one turn go together; while two payloads are unanswered the rest gathers."""

    async def scene(stage: Scene) -> None:
        waiting: list[Awaitable[int]] = []
        for names in ("a", "b"), ("c",), ("d",), ("e", "f"):
            waiting += stage.enter(*names)
            await turns()
        assert stage.contents == [b"a,b", b"c"]
        stage.commit.answered(Stored(2, 8))
        assert stage.contents == [b"a,b", b"c", b"d,e,f"]
        stage.commit.answered(Stored(1, 7))
        stage.commit.answered(Stored(3, 9))
        assert await asyncio.gather(*waiting) == [7, 7, 8, 9, 9, 9]

    assert [payload.events for payload in play(scene).sent] == [2, 1, 3]


def test_what_the_owner_refuses_is_every_waiters_answer() -> None:
    """Each request learns the same, as an error of its own; the next payload may be stored."""

    async def scene(stage: Scene) -> None:
        waiting = stage.enter("a", "b")
        await turns()
        stage.commit.answered(Refused(1, Fault.of(Unavailable("the disk is full", retry_after=3))))
        errors = await asyncio.gather(*waiting, return_exceptions=True)
        assert [(type(error), getattr(error, "retry_after", None)) for error in errors] == [(Unavailable, 3)] * 2
        assert errors[0] is not errors[1]
        (later,) = stage.enter("c")
        await turns()
        stage.commit.answered(Stored(2, 1))
        assert await later == 1

    play(scene)


def test_one_that_cannot_be_encoded_fails_alone() -> None:
    """Its neighbours are sent, in halves."""

    async def scene(stage: Scene) -> None:
        waiting = stage.enter("a", "b", "poison", "c")
        await turns()
        assert stage.contents == [b"a,b", b"c"]
        stage.commit.answered(Stored(1, 1))
        stage.commit.answered(Stored(2, 2))
        a, b, poison, c = await asyncio.gather(*waiting, return_exceptions=True)
        assert (a, b, c) == (1, 1, 2)
        assert isinstance(poison, ValueError)

    play(scene)


def test_too_much_is_refused_not_hoarded() -> None:
    """Over the bound the sender is to come again; what never fits is too large; what was taken is stored."""

    async def scene(stage: Scene) -> None:
        (taken,) = stage.enter("a", size=90)
        await turns()
        (more,) = stage.enter("b", size=20)
        (never,) = stage.enter("c", size=101)
        refused = await asyncio.gather(more, never, return_exceptions=True)
        assert [type(error) for error in refused] == [Overloaded, TooLarge]
        stage.commit.answered(Stored(1, 1))
        assert await taken == 1
        assert len(stage.enter("b", size=100)) == 1
        await turns()
        assert stage.contents == [b"a", b"b"]

    play(scene, max_pending_bytes=100)


def test_a_request_that_gave_up_disturbs_nobody() -> None:
    """Its neighbour in the payload is answered."""

    async def scene(stage: Scene) -> None:
        gone, stays = stage.enter("a", "b")
        await turns()
        gone.cancel()
        await turns()
        stage.commit.answered(Stored(1, 4))
        assert await stays == 4

    play(scene)


def test_once_closed_everything_is_refused() -> None:
    """Whatever waits, whatever was sent and whatever comes: nothing of it is known to be stored."""

    async def scene(stage: Scene) -> None:
        waiting = stage.enter("a")
        await turns()
        waiting += stage.enter("b")
        await turns()
        waiting += stage.enter("c")
        await turns()
        stage.commit.close("the owner is gone")
        waiting += stage.enter("d")
        for error in await asyncio.gather(*waiting, return_exceptions=True):
            assert isinstance(error, Unavailable)
            assert error.retry_after

    assert play(scene).contents == [b"a", b"b"]
