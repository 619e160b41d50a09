"""The application: takes in messages, asks the API, keeps the picture, and has the screen draw it."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus
from typing import ClassVar, Final
from urllib.parse import quote

from textual.app import App
from textual.binding import Binding, BindingType

from footfall.cli.client import Client, Refused
from footfall.cli.show import Item
from footfall.cli.top.asking import Asker
from footfall.cli.top.filling import ask, ask_totals, fill
from footfall.cli.top.main_screen import Main
from footfall.cli.top.palette import PALETTES, Look, Palette, theme
from footfall.cli.top.panes import Drawing
from footfall.cli.top.picture import Picture, Source
from footfall.cli.top.screens import Keys
from footfall.errors import FootfallError

_MOST_EVENTS: Final = 200
_FRAME_SECONDS: Final = 0.25
_ASK_SECONDS: Final = 5.0
_RETRY_SECONDS: Final = 1.0
_REST: Final = 20
"""How many times longer than asking took to wait before asking again, if that is longer."""
_NO_ENTRY: Final = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class TopApp(App[None]):
    """The live view of one project, fed by `source` and by what `client` answers.

    `title` stands in the first line, `line` (if any) is asked for the second one at each frame, `on_exit` is called
    when the view has ended. `failure` is then why, when it was not the reader's wish.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("question_mark", "keys", "Keys", key_display="?"),
        Binding("q,ctrl+c", "quit", "Quit", key_display="q"),
        Binding("t", "look", "Look", show=False),
    ]
    ENABLE_COMMAND_PALETTE = False

    def __init__(
        self,
        source: Source,
        client: Client,
        *,
        title: str,
        look: Look = Look.DARK,
        line: Callable[[], str] | None = None,
        on_exit: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        for each in Look:
            self.register_theme(theme(each))
        self.theme = look
        self.title = title
        self.picture = Picture()
        self.failure: Exception | None = None
        self._source = source
        self._client = client
        self._main = Main(self, line)
        self._on_exit = on_exit
        self._clock = clock
        self._arrived: queue.SimpleQueue[tuple[str, Item, float] | Exception] = queue.SimpleQueue()
        self._leaving = threading.Event()
        self._wanted = asyncio.Event()

    def get_theme_variable_defaults(self) -> dict[str, str]:
        return theme(Look.DARK).variables

    def get_default_screen(self) -> Main:
        return self._main

    @property
    def palette(self) -> Palette:
        """The colours of the present look."""
        return PALETTES[Look(self.theme)]

    @property
    def drawing(self) -> Drawing:
        """Draws the picture as it is now."""
        return Drawing(self.picture, self.palette, self._clock())

    def on_mount(self) -> None:
        self.asker = Asker(self._client)
        threading.Thread(target=self._listen, name="footfall-top-listens", daemon=True).start()
        self.run_worker(self._keep(self._ask, self._wanted))
        self.run_worker(self._keep(self._ask_totals, asyncio.Event()))
        self.set_interval(_FRAME_SECONDS, self._frame)

    def on_unmount(self) -> None:
        self._leaving.set()
        if self._on_exit is not None:
            self._on_exit()

    def show_only(self, visitor_class: str | None) -> None:
        """Show sessions of one class, or of all."""
        self.picture.only = visitor_class
        self._wanted.set()
        self._redraw()

    async def whole(self, room: str, key: str) -> Item:
        """What is to be known of one thing in a room of the API, such as `/v1/sessions`, with its events."""

        def answer(client: Client) -> Item:
            found: Item = client.get(f"{room}/{quote(key, safe='')}", limit=_MOST_EVENTS)
            return found

        return await self.asker.ask(answer)

    def action_keys(self) -> None:
        """Show all keys."""
        self.push_screen(Keys(self.palette.soft))

    def action_look(self) -> None:
        """Go on to the next look."""
        looks = list(Look)
        self.theme = looks[(looks.index(Look(self.theme)) + 1) % len(looks)]
        self._redraw()

    def _listen(self) -> None:
        try:
            for event, data in self._source:
                self._arrived.put((event, data, self._clock()))
                if self._leaving.is_set():
                    return
        except Exception as error:  # noqa: BLE001 - raised where the view was started
            self._arrived.put(error)

    def _frame(self) -> None:
        while not self._arrived.empty():
            message = self._arrived.get()
            if isinstance(message, Exception):
                self._fail(message)
                return
            self.picture.take(*message)
        if self.picture.outdated and not self.picture.paused:
            self._wanted.set()
        self._redraw()

    def _redraw(self) -> None:
        if self._main.is_attached:
            self._main.redraw()

    def _fail(self, error: Exception) -> None:
        self.failure = error
        self.exit()

    async def _keep(self, step: Callable[[], Awaitable[None]], wanted: asyncio.Event) -> None:
        """Ask again and again: seldom what takes long, at once when it is `wanted`."""
        while True:
            begun = time.monotonic()
            try:
                await step()
            except FootfallError as error:  # the first line says how old the news is
                if isinstance(error, Refused) and error.answered in _NO_ENTRY:
                    self._fail(error)
                    return
                self.picture.outdated = True
                await asyncio.sleep(_RETRY_SECONDS)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(wanted.wait(), max(_ASK_SECONDS, _REST * (time.monotonic() - begun)))
            wanted.clear()

    async def _ask(self) -> None:
        self.picture.outdated &= self.picture.paused
        only = self.picture.only
        fill(self.picture, await self.asker.ask(lambda client: ask(client, only)))

    async def _ask_totals(self) -> None:
        self.picture.totals = await self.asker.ask(ask_totals)
