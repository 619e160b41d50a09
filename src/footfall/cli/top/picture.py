"""What the view knows: the newest sessions and alerts, the counters and how old the news is.

Pure: messages and answers are put in together with the time, nothing is asked for or drawn here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeAlias

from footfall.cli.show import Item, as_time
from footfall.cli.top.ladder import Ladder, Step

Source: TypeAlias = Iterable[tuple[str, Item]]
"""The live feed: event and data of each message; iterating may block, and ends or raises when there is no more."""

MOST_SESSIONS: Final = 500
MOST_ALERTS: Final = 200
MOST_HELD: Final = 10_000
"""Messages kept while the view pauses; with more, what was missed is asked for afterwards."""
STALE_SECONDS: Final = 3.0
"""Counters come once a second; without news for so long the connection counts as lost."""
RECENT_SECONDS: Final = 10.0
SPARK_SECONDS: Final = 300


class Session(NamedTuple):
    """A session as the list shows it; `changed` is when (seconds, monotonic) its class was seen to change."""

    session_id: str
    who: str
    visitor_class: str
    previous: str | None
    total_events: int
    minutes: float
    amount: str | None
    end: str
    changed: float | None


class Health(NamedTuple):
    """What `/ready` says: the problems as `role: reason`, and advice; `known` is False before it has been asked."""

    known: bool = False
    problems: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


class Picture:
    """Everything that one frame is drawn from. Times are seconds of one monotonic clock, given by the caller."""

    def __init__(self) -> None:
        self.ladder = Ladder()
        self.counters: Item | None = None
        self.health = Health()
        self.currency = ""
        self.totals: Item | None = None
        """Totals of `/v1/report`; None when the server has no such report."""
        self.alerts_known = False
        self.only: str | None = None
        """The one class whose sessions are wanted."""
        self.heard: float | None = None
        """When the last message came."""
        self.outdated = True
        """Whether sessions and alerts must be asked for: at first, and after messages were missed."""
        self._sessions: dict[str, Session] = {}
        self._alerts: dict[str, Item] = {}
        self._rates: deque[tuple[float, float]] = deque(maxlen=SPARK_SECONDS)
        self._held: deque[tuple[str, Item, float]] | None = None

    def take(self, event: str, data: Item, now: float) -> None:
        """Take in one message of the live feed."""
        self.heard = now
        if event == "counters":
            self.counters = data
            self._rates.append((now, float(data["events_per_second"])))
        elif self._held is not None:
            self.outdated |= len(self._held) == MOST_HELD
            self._held.append((event, data, now))
        else:
            self._take(event, data, now)

    def _take(self, event: str, data: Item, now: float) -> None:
        if event == "class":
            self._put(data, data["previous"], now)
        elif event == "alert":
            self._alerts.pop(data["alert_id"], None)
            self._alerts[data["alert_id"]] = data
            _trim(self._alerts, MOST_ALERTS)
        elif event == "gap":
            self.outdated = True

    def fill_sessions(self, items: Sequence[Item], currency: str) -> None:
        """Take in a page of `/v1/sessions`, the newest first; what the feed has said since is kept."""
        self.currency = currency
        for item in reversed(items):
            known = self._sessions.get(item["session_id"])
            if known is None or known.visitor_class != item["visitor_class"]:
                if known is None or item["total_events"] >= known.total_events:
                    self._put(item, known and known.visitor_class, None)
            elif item["total_events"] >= known.total_events:
                self._sessions[known.session_id] = _session(item, known.previous, known.changed)

    def fill_alerts(self, items: Sequence[Item]) -> None:
        """Take in a page of `/v1/alerts`, the newest first."""
        self.alerts_known = True
        for item in reversed(items):
            known = self._alerts.get(item["alert_id"])
            if known is None or item["revision"] >= known["revision"]:
                self._alerts[item["alert_id"]] = item
        _trim(self._alerts, MOST_ALERTS)

    def _put(self, item: Item, previous: str | None, now: float | None) -> None:
        self.ladder.learn(Step(item["visitor_class"], item["score"], item["icon"]))
        session = _session(item, previous, now)
        self._sessions.pop(session.session_id, None)
        self._sessions[session.session_id] = session
        _trim(self._sessions, MOST_SESSIONS)

    def pause(self) -> None:
        """Let sessions and alerts stand still; counters go on."""
        if self._held is None:
            self._held = deque(maxlen=MOST_HELD)

    def resume(self) -> None:
        """Take in what came meanwhile."""
        held, self._held = self._held or (), None
        for event, data, now in held:
            self._take(event, data, now)

    @property
    def paused(self) -> bool:
        """Whether sessions and alerts stand still."""
        return self._held is not None

    @property
    def newer(self) -> int:
        """How many messages came while the view pauses."""
        return len(self._held or ())

    @property
    def sessions(self) -> list[Session]:
        """Those of the wanted class, the last change first."""
        return [each for each in reversed(self._sessions.values()) if self.only in {None, each.visitor_class}]

    @property
    def alerts(self) -> list[Item]:
        """The last change first."""
        return list(reversed(self._alerts.values()))

    @property
    def visitors(self) -> list[tuple[str, int]]:
        """(class, sessions of the last five minutes), the highest class first."""
        counts: Mapping[str, int] = self.counters["visitors"] if self.counters else {}
        names = counts or {step.name for step in self.ladder}
        return [(name, counts.get(name, 0)) for name in self.ladder.downwards(names)]

    @property
    def today(self) -> str:
        """The server's day (UTC), as `2026-03-01`; nothing before it has told."""
        return as_time(self.counters["time"])[:10] if self.counters else ""

    def silent(self, now: float) -> float | None:
        """Seconds since the last message when that is too long ago, else None."""
        if self.heard is None or now - self.heard < STALE_SECONDS:
            return None
        return now - self.heard

    def pace(self, now: float, cells: int) -> list[float | None]:
        """Events a second over the last `SPARK_SECONDS`, the mean of each of `cells` equal times; None without news."""
        sums: list[list[float]] = [[] for _ in range(cells)]
        for at, rate in self._rates:
            place = cells - 1 - int((now - at) * cells / SPARK_SECONDS)
            if place >= 0:
                sums[place].append(rate)
        return [sum(rates) / len(rates) if rates else None for rates in sums]


def _session(item: Item, previous: str | None, changed: float | None) -> Session:
    return Session(
        session_id=item["session_id"],
        who=item["user_id"] or item["owner"].partition(":")[2],
        visitor_class=item["visitor_class"],
        previous=previous,
        total_events=item["total_events"],
        minutes=item["session_duration_minutes"],
        amount=item["total_amount"],
        end=item["session_end"],
        changed=changed,
    )


def _trim(entries: dict[str, Any], most: int) -> None:
    while len(entries) > most:
        del entries[next(iter(entries))]


def health_of(readiness: Item) -> Health:
    """What an answer of `/ready` says."""
    problems: Iterable[Item] = readiness["problems"]
    return Health(
        known=True,
        problems=tuple(f"{problem['role']}: {problem['reason']}" for problem in problems),
        advice=tuple(readiness["advice"]),
    )
