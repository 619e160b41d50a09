"""The panes of the view as lines of text, each a pure function of the picture, the palette and the room it has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.text import Text

from footfall.cli.show import Item, as_count, as_decimal, harmless
from footfall.cli.top.ladder import STRIDE_CELLS
from footfall.cli.top.lines import bar, cut, cut_middle, fitting, moment, spark, table
from footfall.cli.top.palette import Palette
from footfall.cli.top.picture import RECENT_SECONDS, Picture, Session

SEVERITIES: Final = {"high": "■", "medium": "◧"}
"""One hue, more or less filled."""
OK: Final = "○"
_BAD: Final = "■"
_ICON_CELLS: Final = 2
ALL: Final = ""
"""Stands for all classes where one may be chosen."""
GUTTER: Final = 2
"""Cells to the left of a line, which say whether it is chosen."""
_INDENT: Final = GUTTER + len("14:31:07 ")
_NARROW_CELLS: Final = 70


def alert_lines(cells: int) -> int:
    """How many lines an alert takes."""
    return 2 if cells < _NARROW_CELLS else 1


def one_line(_: int) -> int:
    """Sessions and classes take one line, however narrow."""
    return 1


class Drawing:
    """Draws parts of one picture with one palette; `now` is the picture's clock."""

    def __init__(self, picture: Picture, palette: Palette, now: float) -> None:
        self._picture = picture
        self.palette = palette
        self._now = now

    @property
    def is_stale(self) -> bool:
        """Whether everything shown is old news."""
        return self._picture.silent(self._now) is not None

    def head(self, title: str, cells: int) -> Text:
        """The first line: whose view it is to the left, how fresh it is to the right."""
        state = self._state()
        left = cut(Text.assemble(("Footfall", "bold"), f"  {harmless(title)}"), cells - state.cell_len - 2)
        return Text.assemble(left, " " * (cells - left.cell_len - state.cell_len), state)

    def _state(self) -> Text:
        picture, signal = self._picture, self.palette.signal
        silent = picture.silent(self._now)
        if silent is not None:
            return Text(f"◧ no news for {silent:.0f} s; reconnecting", signal)
        if picture.heard is None:
            return Text("connecting", self.palette.soft)
        if picture.paused:
            return Text(f"paused, {picture.newer:,} newer", "bold")
        return Text("● live")

    def visitors_title(self, _: Sequence[tuple[str, int]], cells: int) -> Text:
        """Says what the bars count."""
        counts = self._picture.counters
        total = f"{sum(counts['visitors'].values()):,}" if counts else "–"
        return self._titled(cells, f"{total} sessions", "with an event in the last 5 min", "in the last 5 min", "now")

    def visitors(self, rows: Sequence[tuple[str, int]], cells: int) -> list[Text]:
        """One line a class: stride, icon, name, count and a bar against the greatest count."""
        most = max((count for _, count in self._picture.visitors), default=0) or 1
        names = max((cell_len(name) for name, _ in rows), default=0)
        figures = max((len(as_count(count)) for _, count in rows), default=0)
        room = cells - STRIDE_CELLS - _ICON_CELLS - names - figures - 5
        return [
            Text.assemble(
                self._stride(name),
                f" {set_cell_size(self._picture.ladder.icon(name), _ICON_CELLS)} ",
                (harmless(name) + " " * (names - cell_len(name) + 1), self.palette.hue(name).name),
                f"{as_count(count):>{figures}} ",
                (bar(count / most, max(room, 0)), self.palette.hue(name).mark),
            )
            for name, count in rows
        ]

    def figures(self, cells: int) -> list[Text]:
        """Pace, lag, health and the money so far."""
        picture, counters = self._picture, self._picture.counters
        pace = picture.pace(self._now, max(cells - 9, 1))
        known = [rate for rate in pace if rate is not None]
        peak = f"peak {_rate(max(known))}" if len(known) > 1 else ""
        lines = [self._titled(cells, "Events a second", *([f"last 5 min, {peak}", peak] if peak else []))]
        if counters is None:
            return [*lines, Text("–"), Text("– stored"), self._health(cells), Text()]
        waiting = counters["lag_events"]
        stored = f"{as_count(counters['events'])} stored"
        return [
            *lines,
            Text.assemble((f"{_rate(counters['events_per_second']):<8} ", "bold"), spark(pace) if peak else ""),
            Text(fitting(cells, f"{stored}, {waiting:,} not processed yet", f"{stored}, {waiting:,} waiting")),
            self._health(cells),
            self._money(cells),
        ]

    def _health(self, cells: int) -> Text:
        health = self._picture.health
        if self.is_stale or not health.known:
            return Text("– health not known", self.palette.soft)
        if health.problems:
            more = f" and {len(health.problems) - 1} more" if len(health.problems) > 1 else ""
            first = cut(Text(f"{_BAD} {harmless(health.problems[0])}"), cells - len(more))
            return Text.assemble(first, more, style=self.palette.signal)
        if health.advice:
            return cut(Text(f"{OK} {harmless(health.advice[0])}"), cells)
        return Text(f"{OK} all roles work")

    def _money(self, cells: int) -> Text:
        totals = self._picture.totals
        if totals is None:
            return Text()
        revenue = f"{as_decimal(totals['total_revenue'])} {totals['currency']}"
        purchases = totals["total_purchases"]
        sold = f"{as_count(purchases)} purchase" + ("" if purchases == 1 else "s")
        return Text(fitting(cells, f"{revenue} in {sold}", revenue))

    def sessions_title(self, shown: Sequence[Session], cells: int) -> Text:
        """What the list shows, and over the numbers what they are."""
        only = self._picture.only
        title = self._titled(cells, "Sessions as they move", f"only {only}, UTC" if only else "UTC")
        head = self._sessions(shown, cells)[0]
        return title if head.plain[: title.cell_len].strip() else Text.assemble(title, head[title.cell_len :])

    def sessions(self, shown: Sequence[Session], cells: int) -> list[Text]:
        """One line a session: time, class with the one before, who, and its figures when last told."""
        lines = self._sessions(shown, cells)[1:]
        for line, session in zip(lines, shown, strict=True):
            if session.changed is not None and self._now - session.changed < RECENT_SECONDS:
                line.stylize(self.palette.recent)
        return lines

    def _sessions(self, shown: Sequence[Session], cells: int) -> list[Text]:
        today, soft = self._picture.today, self.palette.soft
        rows = [
            [
                Text(moment(session.end, today), soft),
                self._change(session),
                Text(harmless(session.who)),
                Text(as_count(session.total_events)),
                Text(as_decimal(session.minutes)),
                Text(as_decimal(session.amount) or "–"),
            ]
            for session in shown
        ]
        heads = ["", "", "", "events", "minutes", self._picture.currency or "amount"]
        return table(
            [[Text(name, soft) for name in heads], *rows], cells, right={3, 4, 5}, flexible={2: cut_middle, 1: cut}
        )

    def _change(self, session: Session) -> Text:
        name = session.visitor_class
        before = f"{harmless(session.previous)} → " if session.previous else ""
        return Text.assemble(
            self._stride(name), " ", (before, self.palette.soft), (harmless(name), self.palette.hue(name).name)
        )

    def alerts_title(self, shown: Sequence[Item], cells: int) -> Text:
        """How many of the known alerts are to be seen."""
        known = len(self._picture.alerts)
        return self._titled(cells, "Alerts", f"{len(shown)} of {known:,}, newest first" if known > len(shown) else "")

    def alerts(self, shown: Sequence[Item], cells: int) -> list[Text]:
        """Time, severity, how often, who and what happened; that has a line of its own where there is little room."""
        if alert_lines(cells) == 1:
            rows = [[*self._alert(alert), Text(harmless(alert["message"]))] for alert in shown]
            return table(rows, cells, right={2}, flexible={4: cut, 3: cut_middle})
        rows = [[*self._alert(alert), Text(harmless(alert["rule"]), self.palette.soft)] for alert in shown]
        heads = table(rows, cells, right={2}, flexible={4: cut, 3: cut_middle})
        messages = table(
            [[Text(harmless(alert["message"]))] for alert in shown],
            cells + GUTTER - _INDENT,
            right=(),
            flexible={0: cut},
        )
        return [Text.assemble(head, "\n", " " * _INDENT, said) for head, said in zip(heads, messages, strict=True)]

    def _alert(self, alert: Item) -> list[Text]:
        return [
            Text(moment(alert["last"], self._picture.today), self.palette.soft),
            self.severity(alert["severity"]),
            Text(f"{as_count(alert['count'])}×"),
            Text(harmless(alert["subject"].partition(":")[2])),
        ]

    def choices_title(self, _: Sequence[str], cells: int) -> Text:
        """What is chosen among classes."""
        return self._titled(cells, "Sessions of")

    def choices(self, names: Sequence[str], cells: int) -> list[Text]:
        """One line a class, and one for all of them."""
        rows = [[Text("all classes") if name == ALL else self.stride_and_name(name)] for name in names]
        return table(rows, cells, right=(), flexible={0: cut})

    def never_empty(self) -> str:
        """Nothing: there are always classes."""
        return ""

    def empty_sessions(self) -> str:
        """Why the list of sessions is empty."""
        if self._picture.only:
            return f"No session of class {self._picture.only} among the newest; / chooses another one."
        return "No session yet; `footfall serve` has said how to send a first event."

    def empty_alerts(self) -> str:
        """Why the list of alerts is empty."""
        return "No alert." if self._picture.alerts_known else "This server tells no alerts."

    def severity(self, name: str) -> Text:
        """A mark and its word."""
        return Text(f"{SEVERITIES.get(name, _BAD)} {harmless(name)}", self.palette.signal)

    def stride_and_name(self, name: str) -> Text:
        """A class as a chip: its stride, then its name."""
        return Text.assemble(self._stride(name), " ", (harmless(name), self.palette.hue(name).name))

    def _stride(self, name: str) -> Text:
        return Text(self._picture.ladder.stride(name), self.palette.hue(name).mark)

    def _titled(self, cells: int, title: str, *notes: str) -> Text:
        """A title and the longest of its notes that fits."""
        note = fitting(cells - cell_len(title) - 2, *notes, "")
        return Text.assemble((title, "bold"), (f"  {note}" if note else "", self.palette.soft))


def _rate(value: float) -> str:
    """Events a second: one decimal while they are few.

    >>> _rate(3.44), _rate(1234.5)
    ('3.4', '1,234')
    """
    return f"{value:.1f}" if value < 100 else f"{value:,.0f}"
