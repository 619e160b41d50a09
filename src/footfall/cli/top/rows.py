"""A list with a title: its newest lines, or those around the chosen one, which stays chosen as others come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.widget import Widget

from footfall.cli.top.lines import cut
from footfall.cli.top.panes import GUTTER, Drawing

T = TypeVar("T")


@dataclass(frozen=True)
class Lines(Generic[T]):
    """How the items of a list are told apart and drawn, into so many cells to the right of the gutter."""

    key: Callable[[T], str]
    title: Callable[[Drawing, Sequence[T], int], Text]
    draw: Callable[[Drawing, Sequence[T], int], list[Text]]
    empty: Callable[[Drawing], str]
    height: Callable[[int], int]
    """How many lines an item takes in so many cells."""


class Rows(Widget, Generic[T], can_focus=True):
    """Shows items, the first ones until a line is chosen with the arrows."""

    DEFAULT_CSS = "Rows { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", "Up", show=False),
        Binding("down", "move(1)", "Down", show=False),
        Binding("pageup", "page(-1)", "Page up", show=False),
        Binding("pagedown", "page(1)", "Page down", show=False),
        Binding("home,escape", "release", "Newest", show=False),
        Binding("enter", "open", "Open", key_display="↵"),
    ]

    class Opened(Message):
        """A line was opened: its item's key."""

        def __init__(self, rows: Widget, key: str) -> None:
            super().__init__()
            self.rows = rows
            self.key = key

        @property
        def control(self) -> Widget:
            """The list, for `@on` selectors."""
            return self.rows

    def __init__(self, lines: Lines[T], *, id: str) -> None:  # noqa: A002 - Textual's name
        super().__init__(id=id)
        self._lines = lines
        self._items: Sequence[T] = ()
        self._drawing: Drawing | None = None
        self._first = 0
        self._text = Text()
        self.chosen: str | None = None
        """Key of the chosen item; None while the newest are shown."""

    def show(self, items: Sequence[T], drawing: Drawing) -> None:
        """Draw `items`; nothing is sent to the terminal when they look as before."""
        self._items = items
        self._drawing = drawing
        self._redraw()

    def render(self) -> Text:
        return self._text

    def _redraw(self) -> None:
        if self._drawing is None:
            return
        text = self._drawn(self._drawing)
        if text != self._text:
            self._text = text
            self.refresh()

    def _drawn(self, drawing: Drawing) -> Text:
        cells, room = self.content_size.width - GUTTER, self._room
        shown = self._items[self._top(room) :][:room]
        mark = "▸ " if self.has_focus else "  "
        lines = [Text.assemble((mark, "bold"), self._lines.title(drawing, shown, cells))]
        if not shown:
            lines.append(cut(Text(f"  {self._lines.empty(drawing)}"), cells + GUTTER))
        for item, line in zip(shown, self._lines.draw(drawing, shown, cells), strict=True):
            is_chosen = self.has_focus and self._lines.key(item) == self.chosen
            whole = Text.assemble("▌ " if is_chosen else "  ", line)
            if is_chosen:
                whole.stylize(drawing.palette.chosen)
            lines.append(whole)
        return Text("\n").join(lines)

    @property
    def _room(self) -> int:
        """How many items there is room for."""
        return max(self.content_size.height - 1, 0) // self._height

    @property
    def _height(self) -> int:
        return self._lines.height(self.content_size.width - GUTTER)

    def _top(self, room: int) -> int:
        """The place of the first line shown: still where it is while the chosen line can be seen."""
        place = self._place()
        if place is None:
            self._first = 0
        else:
            self._first = max(min(self._first, place, len(self._items) - room), place - room + 1, 0)
        return self._first

    def _place(self) -> int | None:
        keys = map(self._lines.key, self._items)
        return next((place for place, key in enumerate(keys) if key == self.chosen), None)

    def action_move(self, by: int) -> None:
        """Choose the line so many below; the first one when none is chosen."""
        place = self._place()
        if self._items:
            target = 0 if place is None else min(max(place + by, 0), len(self._items) - 1)
            self.chosen = self._lines.key(self._items[target])
            self._redraw()

    def action_page(self, by: int) -> None:
        """Move by as many lines as are seen."""
        self.action_move(by * max(self._room, 1))

    def action_release(self) -> None:
        """Choose none: the newest are shown."""
        self.chosen = None
        self._redraw()

    def action_open(self) -> None:
        """Open the chosen line, else the first one."""
        if self._items:
            place = self._place() or 0
            self.post_message(self.Opened(self, self._lines.key(self._items[place])))

    def on_click(self, event: events.Click) -> None:
        """Choose the line under the pointer; open it when it is the chosen one already."""
        offset = event.get_content_offset(self)
        place = self._first + (offset.y - 1) // self._height if offset else -1
        if 0 <= place < len(self._items) and offset and offset.y:
            key = self._lines.key(self._items[place])
            if key == self.chosen:
                self.action_open()
            self.chosen = key
            self._redraw()

    def on_resize(self) -> None:
        self._redraw()

    def on_focus(self) -> None:
        self._redraw()

    def on_blur(self) -> None:
        self._redraw()
