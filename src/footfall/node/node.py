"""The node: everything that one process does with one data folder, opened, run and closed as a whole."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
from msgspec.structs import asdict

from footfall.collect.door import Door
from footfall.collect.submission import encode
from footfall.enrich.consent import Consents, statements
from footfall.enrich.entrance import Entrance
from footfall.enrich.personal import ProjectHiding
from footfall.errors import BadRequest, FootfallError, Unavailable
from footfall.events.hashing import HashKey
from footfall.forward import Forwarding
from footfall.journal.base import Offsets
from footfall.journal.group import GroupCommit
from footfall.keeping.models import Limit
from footfall.keeping.service import Keeping
from footfall.lake.index.index import Index
from footfall.lake.lake import Lake
from footfall.live.feed import Feed
from footfall.live.processor import PARTITION, Processor
from footfall.live.pulse import Pulse, pulse
from footfall.live.role import told
from footfall.node.arrivals import Arrivals
from footfall.node.attended import Attended
from footfall.node.calls import Application
from footfall.node.collectors import Collectors
from footfall.node.condition import Conditions
from footfall.node.forgetting import forgetting
from footfall.node.health import Health, Problem, rebuild_advice
from footfall.node.lag import Lag
from footfall.node.links import Links
from footfall.node.live import LivePass, known_offset
from footfall.node.lock import FolderLock
from footfall.node.terms import Latest, door_limits, empty_spill, entrance_terms, query_limits, seals, setup
from footfall.node.upkeep import Upkeep
from footfall.node.watch import Watch
from footfall.people import Decisions
from footfall.privacy import Erasures, Request
from footfall.rules import Change, Rules
from footfall.sessions.columns import owner_key
from footfall.sessions.rows import owner_of
from footfall.settings import Settings
from footfall.store.contacts import Contacts
from footfall.store.day_keys import DayKeys
from footfall.store.first import FirstStart, first_start
from footfall.store.origins import keyless_origins
from footfall.store.secrets import folder_secret
from footfall.store.store import Store

if TYPE_CHECKING:  # engines take a second to import; a server that is not asked anything does without
    from footfall.engines.duckdb import Tables
    from footfall.metrics.kernels.answers import Answers
    from footfall.node.comparison import Progress
    from footfall.node.rebuild import RebuildReport
    from footfall.node.refresh import RefreshReport

_LOG = logging.getLogger(__name__)
_STOP_SECONDS = 15.0


class Node:
    """Owns a data folder from `open` to `close`. Every method may be called from any thread."""

    def __init__(self, folder: Path, settings: Settings, lock: FolderLock, resources: ExitStack) -> None:
        """Use `open`."""
        self.folder = folder
        self._lock = lock
        self._resources = resources
        self._secret = folder_secret(folder)
        self._key = HashKey(self._secret)
        self._days = DayKeys(folder)
        self._terms = entrance_terms(folder, settings)
        self.seals = seals(folder, settings, self._secret)
        self.contacts = Contacts(folder, self.seals.sealer)
        resources.callback(self.contacts.close)
        database = settings.store_url or f"sqlite:///{folder / 'control.db'}"
        self.store = Store.open(database, keyless=keyless_origins(settings.keyless_origins))
        resources.callback(self.store.close)
        self.rules = Rules(self.store, settings)
        self.keeping = Keeping(folder, settings, self.store)
        self.first_start: FirstStart | None = first_start(self.store, folder)
        empty_spill(folder)
        self._lake = Lake.open(folder / "lake")
        forwarding = Forwarding.open(folder, self.store, settings, self.seals.sealer, known_offset(folder, self._lake))
        self.forwarding = resources.enter_context(forwarding)
        self._journal = self.forwarding.journal
        self._index = Index(folder / "lake" / "index", self._key)
        self.decisions = Decisions(self.store)
        self._links = Links(self.decisions)
        self._collectors: Collectors | None = None
        self._lag = Lag(self._journal, self._position, most_events=settings.max_lag_events)
        self.feed = Feed(most_bytes=settings.feed_memory_bytes)
        resources.callback(self.feed.close)
        self.consents = Consents(self._secret, self.store.consents.of, self._days.key)
        self._live: LivePass | None = None
        self._live_error: str | None = None
        self._start_live()
        resources.callback(self._stop_live)
        self._commit = GroupCommit(self._journal, encode, max_pending_bytes=settings.journal_pending_bytes)
        resources.callback(self._commit.close)
        self.entrance = Entrance(self._secret, self._terms, day_key=self._days.key)
        self.door = Door(
            keys=self.store,
            commit=self._commit,
            taxonomy=self.settings.taxonomy,
            currency=settings.currency,
            own_currency=lambda project: settings.currency_of(project, self.store.currency(project)),
            entrance=self.entrance,
            consents=self.consents,
            limits=door_limits(settings),
            pressure=self.pressure,
            fast=settings.fast_paths,
            sealer=self.seals.door,
        )
        self.arrivals = Arrivals(self.door, self._commit, self._journal, self.pressure)
        self._upkeep = self._started_upkeep()
        self.condition = Conditions(folder, self._journal, self._index, self._recovered, lambda: self._upkeep)
        resources.callback(lambda: self._upkeep.role.stop(_STOP_SECONDS))
        self.erasures = Erasures(folder, self._secret, self._erase, backup_days=settings.backup_days)
        self.erasures.role.start()
        resources.callback(lambda: self.erasures.role.stop(_STOP_SECONDS))
        self.attended = resources.enter_context(closing(Attended()))
        steps = (self._revive_live, self._revive_upkeep, self._days.current)
        self._watch = Watch(steps, self._not_restarted)  # days: forgets the key of one that is over

    @classmethod
    def open(cls, folder: Path, settings: Settings) -> Self:
        """Own `folder` (made if needed, for its owner alone), recover, and start every role.

        Raises `FolderOwned` when another process owns it.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with ExitStack() as resources:
            resources.callback((lock := FolderLock.take(folder)).release)
            node = cls(folder, settings, lock, resources)
            node._resources = resources.pop_all()
        return node

    def announce(self, address: str) -> None:
        """Say where this node's API answers, for commands that find the folder owned."""
        self._lock.announce(address)

    def collectors(self, host: str, port: int, application: Application) -> Collectors:
        """The processes that serve host and port together, as many as the settings say; to be entered, and then left.

        `application` is the API's; a collector has a door of its own and hands everything else to it.
        """
        settings = self.settings
        self._collectors = Collectors(
            self.folder,
            settings.collectors,
            setup(self.folder, settings, self._secret, self._terms, (host, port), seals=self.seals),
            known=Latest(self.store, lambda: self.settings, self._days),
            pressure=self.pressure,
            journal=self._journal,
            application=application,
        )
        return self._collectors

    def close(self) -> None:
        """Take nothing new, make everything durable, let the folder go."""
        self._watch.stop()
        self._resources.close()

    @property
    def settings(self) -> Settings:
        """What the operator gave, with the rules in force."""
        return self.rules.settings

    # Reading.

    @contextmanager
    def read(self, project_id: str, *, after: int | None = None, session_id: str | None = None) -> Iterator[Tables]:
        """The project's tables as of now, or as of journal offset `after` at least.

        With `session_id`, of the live sessions only that one's owner is looked at, which is quicker.
        """
        from footfall.engines.duckdb import Tables

        owners = None if session_id is None else [owner_key(project_id, owner_of(session_id))]
        index, snapshot = self._index if self.settings.fast_paths else None, self._processed(after).snapshot(owners)
        said, limits = self._links.at(snapshot, project_id), query_limits(self.folder, self.settings)
        with Tables(snapshot, project_id, limits, index=index, said=said) as tables:
            yield tables

    def live_session(self, project_id: str, session_id: str, *, after: int | None = None) -> dict[str, Any] | None:
        """The row of a session that is in memory, as of now or as of journal offset `after` at least; else None."""
        return self._processed(after).session(owner_key(project_id, owner_of(session_id)), session_id)

    @cached_property
    def answers(self) -> Answers:
        """Asks the index what it can tell of a question."""
        from footfall.metrics.kernels.answers import Answers

        return Answers(self.settings.taxonomy, seconds=self.settings.query_seconds)

    def sql(self, project_id: str, text: str, *, after: int | None = None) -> pa.Table:
        """The answer to one read-only SELECT over the project's tables, sealed off from all else."""
        from footfall.engines.sealed import run_sql

        snapshot, limits = self._processed(after).snapshot(None), query_limits(self.folder, self.settings)
        return run_sql(snapshot, project_id, text, limits)

    def pulse(self, project_id: str) -> Pulse:
        """What is stored of the project, and who is there, as far as the live pass has come."""
        if (live := self._live) is None:
            raise Unavailable("the live pass is being restarted", retry_after=1)
        return pulse(live.processor, project_id, now_us=time.time_ns() // 1000)

    def hiding(self, project_id: str) -> ProjectHiding:
        """How the project's personal data are stored, to find them by what is known of them."""
        return self.entrance.hiding(project_id)

    def _processed(self, after: int | None) -> Processor:
        """The live pass, once it has come to the journal offset `after`."""
        live = self._recovered()
        if after is not None and after > (end := self.arrivals.end):
            raise BadRequest(f"after={after} is beyond the journal's end, {end}: give the offset that a 202 answered")
        if after is not None and not live.processor.wait_for(after, timeout=self.settings.query_seconds):
            raise Unavailable(f"offset {after} has not been processed in time; /ready says why", retry_after=1)
        return live.processor

    def _recovered(self) -> LivePass:
        live = self._live
        if live is None or live.processor.dead:
            raise Unavailable("the live pass is being restarted", retry_after=1)
        if not live.wait_recovered(self.settings.query_seconds):
            raise Unavailable("the live pass is still replaying the journal", retry_after=5)
        return live

    # Writing beside the journal.

    def commit_rows(self, table: str, rows: pa.Table, *, app_id: str, version: int) -> bool:
        """Put rows into the lake, durable and visible; False when `version` of `app_id` was there already."""
        return self._recovered().processor.view.commit_rows(table, rows, app_id=app_id, version=version)

    def committed(self, table: str, app_id: str) -> int | None:
        """The last version of `app_id` in the lake."""
        return self._lake.committed(table, app_id)

    def refresh(self, project_id: str, owners: pa.Array) -> RefreshReport:
        """Compute every session of these owners anew from their events, live state included."""
        from footfall.node.refresh import refresh_owners

        return refresh_owners(self._recovered().processor, self.settings, project_id, owners)

    def change_rules(self, change: Change, number: int, by: str) -> None:
        """Put other class rules and kinds in force; raises as `Rules.change`."""
        adopt = partial(self._recovered().adopt, timeout=self.settings.query_seconds)
        try:
            self.rules.change(change, number, by, adopt)
        finally:
            self.door.taxonomy = self.settings.taxonomy
            self.__dict__.pop("answers", None)

    @property
    def folded(self) -> str:
        """By which rules the stored sessions were folded (`sessions.version`)."""
        return self._recovered().processor.definition

    def kept_from(self, project_id: str) -> Limit | None:
        """Where what is kept of the project begins; None when all is."""
        return self.keeping.limit(project_id)

    def rebuild(self, tell: Callable[[Progress], None] = lambda _: None) -> RebuildReport:
        """Compute all sessions anew in batch, say where the present ones differed, and mend those.

        `tell` is told how far it has come.
        """
        from footfall.node.rebuild import rebuild

        return rebuild(self._recovered().processor, self.settings, [made.id for made in self.store.projects()], tell)

    def _erase(self, request: Request, note: Callable[[Request], None]) -> Request:
        from footfall.node.erasing import Erasing

        with self.forwarding.letting_go():
            done = Erasing(
                request,
                note,
                processor=self._recovered().processor,
                journal=self._journal,
                index=self._index,
                links=self._links,
                settings=self.settings,
                lake=self.folder / "lake",
                unwanted=lambda: self.erasures.role.stopping,
            ).carry_out(self._upkeep.paused())
        self.contacts.forget(done.person.project_id, done.person.subjects)
        return done

    def health(self) -> Health:
        """What every role says of itself, now."""
        live = self._live
        living = [("live", f"restarting: {self._live_error}")] if live is None else live.problems()
        lag, unread = self._lag.report()
        troubles = (
            *living,
            ("journal", self._commit.healthy()),
            ("journal", unread),
            ("upkeep", self._upkeep.role.problem()),
            ("erasures", self.erasures.role.problem()),
            *self.forwarding.problems(),
            *self.attended.problems(),
        )
        problems = [Problem(role, trouble) for role, trouble in troubles if trouble]
        problems += self._collectors.problems() if self._collectors else ()
        advice = () if live is None else rebuild_advice(live.processor.definition, live.definition)
        advice += (self.erasures.trouble,) if self.erasures.trouble else ()
        damage = tuple(f"the journal was damaged: {report}" for report in self._journal.recovered)
        advice += (*damage, *self.forwarding.advice(), *self.attended.advice())
        return Health(not problems, tuple(problems), lag, advice)

    def counters(self) -> Mapping[str, int | float]:
        """Numbers for monitoring; those ending in `_total` only grow while the process lives."""
        lag, _ = self._lag.report()
        numbers: dict[str, int | float] = {
            "journal_bytes": self._journal.size(),
            "journal_pending_bytes": self._commit.pending_bytes,
            "journal_commit_seconds": self._commit.last_commit_seconds,
            "journal_failures_total": self._commit.failures,
            "door_accepted_total": self.door.counters.accepted,
            "door_body_bytes_total": self.door.counters.body_bytes,
            **{f"door_answers_{status}_total": n for status, n in self.door.counters.requests.items()},
            **{f"lag_{name}": number for name, number in asdict(lag).items()},
            **self.forwarding.counters(),
            **self.attended.counters(),
        }
        for name, number in self._collectors.counters().items() if self._collectors else ():
            numbers[name] = numbers.get(name, 0) + number
        if (live := self._live) is not None:
            numbers |= live.numbers()
        return numbers

    def pressure(self) -> FootfallError | None:
        """Why a door should not take more at the moment; None when it may."""
        return self._lag.pressure()

    def _position(self) -> Offsets:
        return {PARTITION: self._live.processor.offset} if self._live is not None else {}

    # The watch over the roles.

    def _started_upkeep(self) -> Upkeep:
        forget = forgetting(self._recovered, self.keeping, self.store, self.settings, self.folder / "lake")
        upkeep = Upkeep(lambda: self._live.processor.view if self._live else None, self.settings, self._index, forget)
        upkeep.role.start()
        return upkeep

    def _start_live(self) -> None:
        live = LivePass(
            self.folder,
            journal=self._journal,
            lake=self._lake,
            settings=self.settings,
            key=self._key,
            feed=self.feed,
            keep=self.contacts.put,
            heard=lambda events: self.store.consents.state(statements(events, self.consents)),
        )
        live.start()
        self._live, self._live_error = live, None

    def _stop_live(self) -> None:
        if self._live is not None:
            with suppress(FootfallError):  # what could not be flushed is replayed at the next start
                self._live.stop(flush=True, timeout=_STOP_SECONDS)

    def _not_restarted(self, error: Exception) -> None:
        self._live_error = told(error)

    def _revive_upkeep(self) -> None:
        if self._upkeep.role.error is not None:
            self._watch.pause()  # long enough to be seen
            self._upkeep = self._started_upkeep()

    def _revive_live(self) -> None:
        live = self._live
        if live is None:
            self._start_live()
        elif live.processor.dead:
            self._live_error = "; ".join(reason for _, reason in live.processor.problems())
            _LOG.error("restarting the live pass: %s", self._live_error)
            if live.stop(flush=False, timeout=5.0):
                self._live = None
                self._watch.pause()
                self._start_live()
        else:
            live.tell_recovered()
