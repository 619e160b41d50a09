"""What opens over the view: one thing in full, the choice of a class, and the keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, Static

from footfall.cli.top.panes import Drawing, one_line
from footfall.cli.top.rows import Lines, Rows
from footfall.errors import FootfallError

_AGAIN_SECONDS: Final = 2.0
KEYS: Final = (
    ("↑ ↓  PgUp PgDn", "choose a line; it stays chosen while others come"),
    ("Enter", "open it: a session's figures, why and events; an alert's events; a class's sessions"),
    ("Esc", "back; in a list, to the newest"),
    ("s  a  c", "go to sessions, alerts, classes (Tab goes on)"),
    ("/", "sessions of one class"),
    ("p", "pause sessions and alerts, and go on"),
    ("t", "look: dark, light, the terminal's own colours"),
    ("?", "these keys"),
    ("q", "quit"),
)


class Detail(Screen[None]):
    """One thing in full, asked for again and again while it is open."""

    DEFAULT_CSS = """
    Detail VerticalScroll { padding: 0 1; scrollbar-size-vertical: 1; }
    Detail Static { height: auto; max-width: 100; }
    Detail Footer { padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,backspace", "dismiss(None)", "Back", key_display="Esc"),
    ]

    def __init__(self, load: Callable[[], Awaitable[RenderableType]]) -> None:
        super().__init__()
        self._load = load

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("asking …", id="detail", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.set_interval(_AGAIN_SECONDS, self._ask)
        self._ask()

    def _ask(self) -> None:
        self.run_worker(self._fill(), exclusive=True)

    async def _fill(self) -> None:
        try:
            content = await self._load()
        except FootfallError as error:
            content = Text(error.detail)
        self.query_one("#detail", Static).update(content)


_CLASSES: Final = Lines[str](
    key=str, title=Drawing.choices_title, draw=Drawing.choices, empty=Drawing.never_empty, height=one_line
)


class Choice(ModalScreen[str | None]):
    """The classes, to choose one or `ALL`; None is chosen by leaving."""

    DEFAULT_CSS = """
    Choice { align: center middle; background: $background 60%; }
    Choice Rows { width: 32; border: round $edge; background: $raised; padding: 0 1 0 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,slash,q", "dismiss(None)", "Back", key_display="Esc", priority=True)
    ]

    def __init__(self, classes: Sequence[str], present: str, drawing: Drawing) -> None:
        super().__init__()
        self._offered = classes
        self._present = present
        self._drawing = drawing

    def compose(self) -> ComposeResult:
        rows = Rows(_CLASSES, id="choice")
        rows.styles.height = len(self._offered) + 3  # its title and its border
        rows.chosen = self._present
        yield rows

    def on_mount(self) -> None:
        self.query_one(Rows).show(self._offered, self._drawing)

    @on(Rows.Opened)
    def _choose(self, event: Rows.Opened) -> None:
        self.dismiss(event.key)


class Keys(ModalScreen[None]):
    """All keys, and what is to be seen."""

    DEFAULT_CSS = """
    Keys { align: center middle; background: $background 60%; }
    Keys Static { width: 76; height: auto; border: round $edge; background: $raised; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q,enter", "dismiss(None)", "Back")]

    def __init__(self, soft: str) -> None:
        super().__init__()
        self._soft = soft

    def compose(self) -> ComposeResult:
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(no_wrap=True, style="bold")
        grid.add_column()
        for key, meaning in KEYS:
            grid.add_row(key, meaning)
        grid.add_row()
        grid.add_row("▂▄▆█", Text("a class is a step: the more bars, the higher", self._soft))
        grid.add_row("Events, minutes", Text("as they were when the class was last told or asked for", self._soft))
        panel = Static(grid)
        panel.border_title = "Keys"
        yield panel
