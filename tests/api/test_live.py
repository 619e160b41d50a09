"""`/v1/live` by HTTP: who may listen and to what, how a stream begins, goes on after a break, and ends."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from footfall.api import live as api
from footfall.live import feed as the_feed
from footfall.live.pulse import Pulse
from footfall.store.access import Role
from tests.api.listening import Heard, listening
from tests.api.shop import Shop, open_shop, visit


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with open_shop(tmp_path / "data") as made:
        yield made


def send(shop: Shop, who: str, *, project: str = "default", begins: int = 0, views: int = 1) -> int:
    """A visitor's events, from another thread than the loop's; the offset at which they are readable."""
    offset: list[int] = []
    thread = threading.Thread(
        target=lambda: offset.append(shop.send(visit(who, begins=begins, views=views), project=project))
    )
    thread.start()
    thread.join()
    return offset[0]


def test_a_stream_begins_with_its_position_and_tells_what_can_be_read(shop: Shop) -> None:
    """Headers that keep it flowing; an id before anything happened; a message that says what the API says."""

    async def listen() -> Heard:
        async with listening(shop.app, shop.admin, "events=class") as stream:
            assert (stream.status, stream.headers["x-accel-buffering"]) == (200, "no")
            assert stream.headers["content-type"].startswith("text/event-stream")
            assert stream.headers["cache-control"] == "no-store"
            assert "content-encoding" not in stream.headers
            assert await stream.hear() == Heard("1-0", "", None)
            send(shop, "ann", views=3)
            return (await stream.some(1))[0]

    told = asyncio.run(listen())
    with shop.client() as client:
        (session,) = client.get("/v1/sessions").json()["items"]
    assert (told.id, told.event) == ("1-1", "class")
    assert told.data == {"previous": None} | {name: session[name] for name in told.data.keys() - {"previous"}}
    assert told.data["visitor_class"] == "browser"


def test_a_token_of_one_project_never_hears_of_another(shop: Shop) -> None:
    """Not in messages, not in counters, not after a break."""
    for project in ("north", "south"):
        shop.node.store.create_project(project)
    _, token = shop.node.store.create_token("t", Role.READER, project_id="north")

    async def listen(begins: int, **headers: str) -> list[Heard]:
        async with listening(shop.app, token, headers=headers) as stream:
            begin = await stream.hear()
            assert begin is not None
            send(shop, "cobalt", project="south", begins=begins, views=3)
            send(shop, "amber", project="north", begins=begins)
            return [begin, *await stream.until("class"), *await stream.until("counters")]

    first = asyncio.run(listen(0))
    again = asyncio.run(listen(100, **{"last-event-id": first[0].id}))
    assert "cobalt" not in str(first + again)
    assert {one.data["owner"] for one in first + again if one.event == "class"} == {"v:amber"}
    assert again[-1].data["events"] == sum(again[-1].data["visitors"].values()) <= 2


@pytest.mark.parametrize("project", ["south", "default", "nowhere"])
def test_no_token_listens_to_a_project_that_is_not_its_own(shop: Shop, project: str) -> None:
    """Asked for by name, another project is refused, whether it is there or not."""
    for name in ("north", "south"):
        shop.node.store.create_project(name)
    _, token = shop.node.store.create_token("t", Role.ADMIN, project_id="north")
    with shop.client(token) as client:
        assert client.get("/v1/live", project=project).status_code == 403
    with shop.client() as client:
        assert client.get("/v1/live", project="nowhere").status_code == 404


@pytest.mark.parametrize("kinds", ["", "clas", "class,", "class;alert", "gap"])
def test_a_kind_that_is_not_there_is_refused(shop: Shop, kinds: str) -> None:
    """What can be chosen is said in the document, and nothing else is taken for it."""
    with shop.client() as client:
        assert client.get("/v1/live", events=kinds).json()["code"] == "invalid"


def test_who_comes_back_gets_what_was_missed(shop: Shop) -> None:
    """`Last-Event-ID` goes on after the message that it names; one that is not known is answered with a gap first."""

    async def listen(count: int, **headers: str) -> list[Heard]:
        async with listening(shop.app, shop.admin, "events=class", headers) as stream:
            if not headers:
                send(shop, "ann")
            return await stream.some(count)

    (first,) = asyncio.run(listen(1))
    send(shop, "ben")
    with shop.node.read("default", after=send(shop, "cat")):
        pass
    missed = asyncio.run(listen(2, **{"last-event-id": first.id}))
    assert [one.data["owner"] for one in missed] == ["v:ben", "v:cat"]
    gap, *rest = asyncio.run(listen(4, **{"last-event-id": "999-1"}))
    assert (gap.id, gap.event, gap.data) == ("1-0", "gap", {"missed": None})
    assert [one.data["owner"] for one in rest] == ["v:ann", "v:ben", "v:cat"]


def test_counters_are_made_once_a_second_however_many_listen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty listeners see the same counters, which tell what is stored, how fast it came and who is there."""
    asked: list[str] = []
    pulse = shop.node.pulse

    def counted(project_id: str) -> Pulse:
        asked.append(project_id)
        return pulse(project_id)

    monkeypatch.setattr(shop.node, "pulse", counted)

    async def listen() -> list[list[Heard]]:
        async with AsyncExitStack() as streams:
            opened = [
                await streams.enter_async_context(listening(shop.app, shop.admin, "events=counters")) for _ in range(20)
            ]
            await asyncio.gather(*(stream.some(1) for stream in opened))
            send(shop, "ann", views=3)
            send(shop, "ben")
            return list(await asyncio.gather(*(stream.some(3) for stream in opened)))

    heard = asyncio.run(listen())
    assert len({str(one.data) for several in heard for one in several}) <= 4
    assert len(asked) <= 6
    last = heard[0][-1].data
    assert (last["events"], last["lag_events"]) == (4, 0)
    assert last["visitors"] == {"power_user": 0, "engaged_shopper": 0, "browser": 1, "bouncer": 1}
    rates = [one.data["events_per_second"] for one in heard[0]]
    assert 0 < sum(rates) <= 8
    assert {one.id for one in heard[0]} == {""}


def test_a_revoked_token_hears_no_more(shop: Shop) -> None:
    """The stream of a token that is revoked ends; others go on."""
    token, secret = shop.node.store.create_token("t", Role.READER)

    async def listen() -> None:
        async with listening(shop.app, secret) as mine, listening(shop.app, shop.admin) as other:
            await mine.some(1)
            shop.node.store.revoke_token(token.id)
            await mine.end()
            assert await other.some(2)

    asyncio.run(listen())


def test_a_browser_hears_until_it_logs_out(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log-in's cookie is looked at like a token: the stream goes on over many looks, and ends with the log-in."""
    monkeypatch.setattr(api, "_CHECK_SECONDS", 0.05)
    secret = shop.node.store.log_in(shop.admin, lasts_us=60_000_000)
    assert secret is not None

    async def listen() -> None:
        browser = {"authorization": "", "cookie": f"footfall={secret}"}
        async with listening(shop.app, "", headers=browser) as mine:
            assert mine.status == 200
            assert len(await mine.some(3)) == 3, "three seconds of counters"
            shop.node.store.log_out(secret)
            await mine.end()

    asyncio.run(listen())


def test_too_many_listeners_are_told_to_come_back(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """One over the bound gets 503 with a time to wait; who goes makes room."""
    monkeypatch.setattr(the_feed, "_MOST_LISTENERS", 1)

    async def listen() -> None:
        async with listening(shop.app, shop.admin), listening(shop.app, shop.admin) as refused:
            assert (refused.status, "retry-after" in refused.headers) == (503, True)
        async with listening(shop.app, shop.admin) as again:
            assert again.status == 200

    asyncio.run(listen())


def test_a_stream_that_says_nothing_shows_that_it_lives(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    """Now and then comes a heartbeat, with the position up to which there was nothing to tell."""
    monkeypatch.setattr(api, "_BEAT_SECONDS", 0.2)

    async def listen() -> list[Heard | None]:
        async with listening(shop.app, shop.admin, "events=alert") as stream:
            first = await stream.hear()
            send(shop, "ann")
            beats = [first]
            while beats[-1] == first:
                beats.append(await stream.hear())
            return beats

    beats = asyncio.run(listen())
    assert (beats[0], beats[-1]) == (Heard("1-0", "", None), Heard("1-1", "", None))


def test_a_stream_ends_with_the_feed(shop: Shop) -> None:
    """When the server is being stopped its streams end by themselves, soon and in good order."""

    async def listen() -> float:
        async with listening(shop.app, shop.admin) as stream:
            await stream.some(1)
            began = asyncio.get_running_loop().time()
            shop.node.feed.close()
            await stream.end()
            return asyncio.get_running_loop().time() - began

    assert asyncio.run(listen()) < 1.0
    with shop.client() as client:
        assert client.get("/v1/live").status_code == 503
