"""What collectors and owner say to each other arrives as it was said, and only they can say it."""

from __future__ import annotations

import asyncio
from contextlib import closing, suppress
from pathlib import Path

import pytest

from footfall.collect.frames import Fault, Frame, Frames, Payload, Pressure, Stop, Stored
from footfall.errors import FootfallError, Overloaded, TooLarge, Unavailable
from tests.collect.owner import owning


def test_frames_arrive_whole_and_in_order(tmp_path: Path) -> None:
    """Large ones between small ones, until the other side ends; then there is none."""
    said: list[Frame] = [Stored(1, 7), Payload(2, b"x" * 3_000_000, 9, ["a"]), Pressure(None), Stop()]
    heard: list[object] = []
    over = asyncio.Event()

    async def hear(collector: Frames) -> None:
        while (frame := await collector.next()) is not None:
            heard.append(frame)
        over.set()

    async def scene() -> None:
        async with owning(tmp_path / "s", hear):
            with closing(await Frames.connected(tmp_path / "s")) as owner:
                for frame in said:
                    owner.say(frame)
                    await owner.taken()
            await over.wait()

    asyncio.run(asyncio.wait_for(scene(), 10))
    assert heard == said


def test_who_gives_up_waiting_loses_nothing(tmp_path: Path) -> None:
    """A wait that is cancelled in the middle of a frame leaves it for the next one."""

    async def stutter(collector: Frames) -> None:
        writer = collector._writer
        content = b"\x95\xa7Payload\x05\xc4\x03abc\x02\x90"
        for piece in (len(content).to_bytes(4, "little"), content[:7], content[7:]):
            writer.write(piece)
            await asyncio.sleep(0.05)

    async def scene() -> object:
        async with owning(tmp_path / "s", stutter):
            with closing(await Frames.connected(tmp_path / "s")) as owner:
                while True:
                    with suppress(TimeoutError):
                        return await asyncio.wait_for(owner.next(), 0.01)

    assert asyncio.run(asyncio.wait_for(scene(), 10)) == Payload(5, b"abc", 2, [])


def test_the_socket_is_its_owners_alone_however_long_its_path(tmp_path: Path) -> None:
    """A path that is too long for a socket serves as well, and a socket that an earlier life left is replaced."""
    folder = tmp_path / ("long" * 20) / ("longer" * 20)
    folder.mkdir(parents=True)
    path = folder / "collectors.sock"
    path.write_text("left over")

    async def greet(collector: Frames) -> None:
        collector.say(Stop())

    async def scene() -> object:
        async with owning(path, greet):
            assert path.stat().st_mode & 0o777 == 0o600
            with closing(await Frames.connected(path)) as owner:
                return await owner.next()

    assert asyncio.run(scene()) == Stop()


@pytest.mark.parametrize("error", [Overloaded("a", retry_after=2), Unavailable("b"), TooLarge("c")])
def test_a_deliberate_error_is_the_same_on_the_other_side(error: FootfallError) -> None:
    """Its kind, what it says, and when to come again."""
    again = Fault.of(error).error()
    assert (type(again), again.detail, again.retry_after) == (type(error), error.detail, error.retry_after)


def test_a_defect_shows_nothing_of_itself() -> None:
    """What nobody foresaw is 500, without its words."""
    again = Fault.of(KeyError("ann@shop.example")).error()
    assert (again.status, again.code) == (500, "internal")
    assert "ann" not in again.detail
