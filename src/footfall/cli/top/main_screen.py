"""The view itself: its panes, where they stand, and what their keys do."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final

from rich.console import RenderableType
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Footer, Static

from footfall.cli.show import Item
from footfall.cli.top.details import alert_in_full, session_in_full
from footfall.cli.top.lines import cut
from footfall.cli.top.panes import ALL, Drawing, alert_lines, one_line
from footfall.cli.top.picture import Session
from footfall.cli.top.rows import Lines, Rows
from footfall.cli.top.screens import Choice, Detail

if TYPE_CHECKING:
    from footfall.cli.top.app import TopApp

_WIDE: Final = 130
"""Columns from which sessions and alerts stand side by side."""

_VISITORS: Final = Lines[tuple[str, int]](
    key=lambda row: row[0],
    title=Drawing.visitors_title,
    draw=Drawing.visitors,
    empty=Drawing.never_empty,
    height=one_line,
)
_SESSIONS: Final = Lines[Session](
    key=lambda session: session.session_id,
    title=Drawing.sessions_title,
    draw=Drawing.sessions,
    empty=Drawing.empty_sessions,
    height=one_line,
)
_ALERTS: Final = Lines[Item](
    key=lambda alert: str(alert["alert_id"]),
    title=Drawing.alerts_title,
    draw=Drawing.alerts,
    empty=Drawing.empty_alerts,
    height=alert_lines,
)


class Main(Screen[None]):
    """Visitors and figures above, sessions and alerts below; on a wide terminal these stand side by side."""

    DEFAULT_CSS = """
    Main { background: $background; color: $foreground; }
    Main Static, Main Rows { text-wrap: nowrap; text-overflow: clip; }
    Main #head, Main #line { height: 1; padding: 0 1; }
    Main #upper { layout: horizontal; height: 6; border-top: solid $rule; }
    Main #classes { width: 5fr; }
    Main #figures { width: 4fr; padding: 0 1; }
    Main #body { height: 1fr; }
    Main Rows { padding: 0 1 0 0; }
    Main #sessions { border-top: solid $rule; }
    Main #alerts { border-top: solid $rule; height: 25%; min-height: 6; }
    Main Footer { padding: 0 1; }
    Main.-stale #upper, Main.-stale #body { opacity: 62%; }
    Main.-wide #body { layout: horizontal; }
    Main.-wide #sessions { width: 3fr; }
    Main.-wide #alerts { width: 2fr; height: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "go('sessions')", "Sessions"),
        Binding("a", "go('alerts')", "Alerts"),
        Binding("c", "go('classes')", "Classes"),
        Binding("slash", "choose", "Filter", key_display="/"),
        Binding("p", "pause", "Pause"),
    ]
    AUTO_FOCUS = "#sessions"

    def __init__(self, app: TopApp, line: Callable[[], str] | None) -> None:
        super().__init__()
        self.HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (_WIDE, "-wide")]
        self._top = app
        self._line = line
        self._head = Static(id="head", markup=False)
        self._figures = Static(id="figures", markup=False)
        self._own = Static(id="line", markup=False)
        self._visitors = Rows(_VISITORS, id="classes")
        self._sessions = Rows(_SESSIONS, id="sessions")
        self._alerts = Rows(_ALERTS, id="alerts")

    def compose(self) -> ComposeResult:
        yield self._head
        if self._line is not None:
            yield self._own
        with Container(id="upper"):
            yield self._visitors
            yield self._figures
        with Container(id="body"):
            yield self._sessions
            yield self._alerts
        yield Footer(compact=True, show_command_palette=False)

    def redraw(self) -> None:
        """Show the picture as it is now."""
        drawing, picture = self._top.drawing, self._top.picture
        self.set_class(drawing.is_stale, "-stale")
        cells = self._head.content_size.width
        _update(self._head, drawing.head(self._top.title, cells))
        if self._line is not None:
            _update(self._own, cut(Text(self._line()), cells))
        _update(self._figures, Text("\n").join(drawing.figures(self._figures.content_size.width)))
        self._visitors.show(picture.visitors, drawing)
        self._sessions.show(picture.sessions, drawing)
        self._alerts.show(picture.alerts, drawing)

    def action_go(self, pane: str) -> None:
        """Go to a pane."""
        self.query_one(f"#{pane}").focus()

    def action_pause(self) -> None:
        """Let sessions and alerts stand still, or go on."""
        picture = self._top.picture
        if picture.paused:
            picture.resume()
        else:
            picture.pause()
        self.redraw()

    def action_choose(self) -> None:
        """Let a class be chosen whose sessions alone are shown."""
        picture, drawing = self._top.picture, self._top.drawing
        classes = [ALL, *(name for name, _ in picture.visitors)]
        self._top.push_screen(Choice(classes, picture.only or ALL, drawing), self._filter)

    def _filter(self, chosen: str | None) -> None:
        if chosen is not None:
            self._top.show_only(chosen or None)
            self._sessions.focus()

    @on(Rows.Opened, "#classes")
    def _open_class(self, event: Rows.Opened) -> None:
        self._filter(ALL if self._top.picture.only == event.key else event.key)

    @on(Rows.Opened, "#sessions")
    def _open_session(self, event: Rows.Opened) -> None:
        self._open(lambda found: session_in_full(found, self._top.drawing), "/v1/sessions", event.key)

    @on(Rows.Opened, "#alerts")
    def _open_alert(self, event: Rows.Opened) -> None:
        self._open(lambda found: alert_in_full(found, self._top.drawing), "/v1/alerts", event.key)

    def _open(self, draw: Callable[[Item], RenderableType], room: str, key: str) -> None:
        async def load() -> RenderableType:
            return draw(await self._top.whole(room, key))

        self._top.push_screen(Detail(load))


def _update(static: Static, text: Text) -> None:
    """Draw only what has changed: over a slow line every cell counts."""
    if static.content != text:
        static.update(text)
