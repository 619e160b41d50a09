"""What opens over the view: one thing in full, the choice of a class, and the keys."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar, Final

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen, Screen
from textual.widgets import Footer, OptionList, Static
from textual.widgets.option_list import Option

from footfall.errors import FootfallError

_AGAIN_SECONDS: Final = 2.0
ALL: Final = "all classes"
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


class Choice(ModalScreen[str | None]):
    """The classes, to choose one or all; nothing is chosen by leaving."""

    DEFAULT_CSS = """
    Choice { align: center middle; background: $background 60%; }
    Choice OptionList, Choice OptionList:focus {
        width: 32; height: auto; border: round $edge; background: $raised; padding: 0 1;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,slash,q", "dismiss(None)", "Back", key_display="Esc")]

    def __init__(self, classes: Sequence[tuple[str, Text]], present: str | None) -> None:
        super().__init__()
        self._named = classes
        self._present = present

    def compose(self) -> ComposeResult:
        options = [Option(ALL, id=ALL), *(Option(text, id=name) for name, text in self._named)]
        choice = OptionList(*options)
        choice.border_title = "Sessions of"
        yield choice

    def on_mount(self) -> None:
        choice = self.query_one(OptionList)
        choice.highlighted = choice.get_option_index(self._present or ALL)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Leave with the chosen one."""
        self.dismiss(event.option.id)


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
