"""What the demonstration shows: visitors by class as bars, the last changes of class, pace and lag."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

CHANGES: Final = 8
"""How many of the last changes are shown."""
_BAR: Final = 36
_COLOURS: Final = {"power_user": "blue", "engaged_shopper": "green", "browser": "yellow", "bouncer": "red"}


class Changes:
    """Remembers each session's class, and the last sessions whose class changed."""

    def __init__(self) -> None:
        self.last: deque[str] = deque(maxlen=CHANGES)
        self._known: dict[str, str] = {}

    def take(self, sessions: Sequence[Mapping[str, Any]]) -> list[str]:
        """Compare sessions, as the API tells them, with what is known of them; returns the changes in words."""
        new: list[str] = []
        for session in sessions:
            now = f"{session['icon']} {session['visitor_class']}"
            before = self._known.get(session["session_id"])
            if before not in {None, now}:
                who = session["owner"].partition(":")[2]
                new.append(f"{who:<14} {before:<20} → {now}")
            self._known[session["session_id"]] = now
        self.last.extendleft(new)
        return new


def screen(
    url: str, classes: Sequence[Mapping[str, Any]], changes: Changes, *, pace: float, lag: int, trouble: str | None
) -> RenderableType:
    """The whole picture. `pace` is in events a second, `lag` in events that are not processed yet."""
    most = max((row["total_sessions"] for row in classes), default=1)
    bars = Table(box=None, pad_edge=False, show_header=False)
    bars.add_column()
    bars.add_column(justify="right")
    bars.add_column()
    for row in classes:
        name, count = row["visitor_class"], row["total_sessions"]
        bar = "█" * max(1, round(_BAR * count / most))
        bars.add_row(f"{row['icon']} {name}", f"{count:,}", Text(bar, style=_COLOURS.get(name, "cyan")))
    return Group(
        Text.assemble(("Footfall demo", "bold"), f"  API and docs: {url}/docs"),
        Text(f"{pace:,.0f} events/s   lag {lag:,} events" + (f"   trouble: {trouble}" if trouble else ""), style="dim"),
        Text("\nsessions by class", style="bold"),
        bars,
        Text("\nlast changes of class", style="bold"),
        Text("\n".join(changes.last) or "none yet"),
    )
