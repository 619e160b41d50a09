"""`footfall generate`: a made-up world in a folder of files, or played live to a server."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from secrets import token_hex
from typing import TYPE_CHECKING, Annotated, Final

import typer

from footfall.cli.interrupt import interruptible
from footfall.cli.options import Wrong
from footfall.cli.progress import progress_bar
from footfall.cli.show import Column, as_count, console, show_facts, show_table
from footfall.errors import FootfallError, Unavailable

if TYPE_CHECKING:
    from footfall.generate import Counters, Delivery, Player
    from footfall.generate.bulk import Options, Progress, Summary

_EVENTS: Final = 500_000
_SLOW: Final = 20.0
"""Up to this rate every tenth event is told, above it one line tells how far it has come."""
_TOLD_EVENTS: Final = 10
_TOLD_SECONDS: Final = 5.0
_LOOK_SECONDS: Final = 0.1
_PATIENCE_SECONDS: Final = 10.0
"""How long a server that has never answered is asked again; one that has, for as long as this goes on."""
_SERVER_KEY: Final = "ffs_"

Folder = Annotated[Path | None, typer.Argument(metavar="[DIR]", help="Folder to write a world to; or use --to.")]


def generate(
    folder: Folder = None,
    *,
    customers: Annotated[int, typer.Option(help="Customers of the world.")] = 10_000,
    events: Annotated[
        int | None, typer.Option(min=1, help="Events in all [500000 in files, live without end].")
    ] = None,
    form: Annotated[str, typer.Option("--format", help="parquet, csv or ndjson.", show_default=True)] = "parquet",
    seed: Annotated[int, typer.Option(help="The same seed gives the same world.", show_default=True)] = 1,
    begin: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day, UTC.", show_default="2026-01-01")
    ] = datetime(2026, 1, 1, tzinfo=UTC),
    days: Annotated[int, typer.Option(help="How many days.", show_default=True)] = 30,
    world: Annotated[str, typer.Option(help="shop or leads.", show_default=True)] = "shop",
    force: Annotated[bool, typer.Option("--force", help="Replace a world that the folder holds.")] = False,
    to: Annotated[str | None, typer.Option(metavar="URL", help="Play live to the server there instead.")] = None,
    key: Annotated[str | None, typer.Option(help="Write key for --to, or the file that holds it.")] = None,
    rate: Annotated[float, typer.Option(envvar="EVENTS_PER_SECOND", help="Events a second for --to.")] = 10.0,
    seconds: Annotated[float | None, typer.Option(min=0, help="End after so long [--to goes on until Ctrl-C].")] = None,
    speed: Annotated[float, typer.Option(min=1, help="Seconds of the visitors' time in one second, for --to.")] = 1.0,
    fraud: Annotated[float, typer.Option(min=0, max=1, help="Share of sessions that are fraud, for --to.")] = 0.005,
    verbose: Annotated[bool, typer.Option(envvar="VERBOSE", help="Tell every acknowledgement, for --to.")] = False,
) -> None:
    """Make up a world: its customers, sessions of every class, orders, reviews, bots and fraud, all from a seed.

    In DIR the events lie by day, ready for `footfall import DIR/events`, with the truth about sessions, customers and
    fraud beside them. With --to visitors come to a server at the rate that is asked for.
    """
    from footfall.generate import Player

    if (folder is None) == (to is None):
        raise Wrong("name a folder to write a world to, or the server to play it to with --to URL")
    if folder is not None:
        options = _options(
            customers=customers, events=events or _EVENTS, seed=seed, begin=begin.date(), days=days, world=world
        )
        _to_files(folder, options, form, force=force)
        return
    assert to is not None
    if key is None:
        raise Wrong("--to needs --key: a write key or its file, as DATA/write-key; `footfall keys create` makes more")
    if seconds is not None:
        events = min(max(1, round(seconds * rate)), events or 2**62)
    teller = _Teller(to, rate, verbose=verbose)
    secret = _secret(key)
    try:
        player = Player(
            to,
            secret,
            rate=rate,
            run=f"g{token_hex(3)}",
            seed=seed,
            world=world,
            speed=speed,
            fraud=fraud,
            trusted=secret.startswith(_SERVER_KEY),
            events=events,
            on_delivery=teller.delivered,
        )
    except FootfallError as error:
        raise Wrong(error.detail) from None
    _play(player, teller)


def _options(*, customers: int, events: int, seed: int, begin: date, days: int, world: str) -> Options:
    from footfall.generate.bulk import Options

    try:
        return Options(customers=customers, events=events, seed=seed, begin=begin, days=days, world=world)
    except FootfallError as error:
        raise Wrong(error.detail) from None


def _to_files(folder: Path, options: Options, form: str, *, force: bool) -> None:
    from footfall.generate.bulk import FORMS, Form
    from footfall.generate.bulk import generate as write_world

    if form not in FORMS:
        raise Wrong(f"--format {form!r} is unknown; there are {', '.join(FORMS)}")
    began = time.perf_counter()
    with progress_bar("generate", "events") as show:

        def tell(now: Progress) -> None:
            show(now.done, options.events)

        summary = write_world(folder, options, form=Form(form), force=force, progress=tell)
    _show(summary, folder, time.perf_counter() - began)


def _show(summary: Summary, folder: Path, seconds: float) -> None:
    sessions = [{"class": name, "sessions": count} for name, count in summary.sessions_by_class.items()]
    show_table(sessions, [Column("class", "class"), Column("sessions", "sessions", as_count)])
    console().print()
    fraud = ", ".join(f"{rule} {count}" for rule, count in summary.fraud_by_rule.items())
    show_facts(
        [
            ("events", f"{summary.events:,} in {summary.files:,} files, {summary.events / seconds:,.0f} a second"),
            ("of bots", f"{summary.bot_events:,}"),
            ("time", f"{summary.first} – {summary.last}"),
            ("customers", f"{summary.customers:,}, of whom {summary.churned:,} leave"),
            ("purchases", f"{summary.purchases:,} worth {summary.revenue}; refunds {summary.refunds}"),
            ("fraud", fraud),
            ("truth", str(folder / "truth")),
            ("next", f"footfall import {folder / 'events'}"),
        ]
    )


def _secret(key: str) -> str:
    """The key itself, or what the file of that name holds."""
    path = Path(key)
    try:
        return path.read_text().strip() if path.is_file() else key
    except OSError as error:
        raise Wrong(f"the key's file {path} can't be read ({error.strerror})") from None


def _play(player: Player, teller: _Teller) -> None:
    """Until its events are over, or Ctrl-C."""
    player.start()
    try:
        with teller.watching(), interruptible() as interrupted:
            while not (interrupted() or player.join(_LOOK_SECONDS)):
                now = player.counters()
                teller.look(now)
                if now.trouble and not now.acknowledged and now.seconds > _PATIENCE_SECONDS:
                    raise Unavailable(now.trouble)
            if interrupted():
                console().print()
        teller.look(player.counters())
    finally:
        player.stop()
    _conclude(player)


class _Teller:
    """Says how a live world goes: every tenth event when it is slow, one line that changes when it is fast."""

    def __init__(self, url: str, rate: float, *, verbose: bool) -> None:
        self._url = url
        self._slow = rate <= _SLOW
        self._verbose = verbose
        self._out = console()
        self._line = console(errors=True)
        self._trouble: str | None = None
        self._told = 0
        self._told_at = 0.0
        self._say: Callable[[str], None] | None = None

    def delivered(self, delivery: Delivery) -> None:
        """One request was acknowledged; called by the player's thread."""
        if self._verbose:
            many = "" if delivery.events == 1 else f"{delivery.events} events "
            self._out.print(f"✅ Delivered {many}to {self._url} @ offset {delivery.offset}", markup=False)

    @contextmanager
    def watching(self) -> Iterator[None]:
        """While this lasts, a fast world has its line on a terminal."""
        if self._slow or not self._line.is_terminal:
            yield
            return
        with self._line.status("starting") as status:
            self._say = status.update
            yield

    def look(self, now: Counters) -> None:
        """Tell what is new."""
        text = f"📊 Events sent: {now.sent:,} | Rate: {now.rate:,.1f} events/sec"
        text += f" | Active sessions: {now.active_sessions:,}"
        if now.trouble != self._trouble:
            self._trouble = now.trouble
            self._line.print(now.trouble or "the server answers again", style="dim", markup=False)
        if self._say is not None:
            self._say(text)
        elif now.sent >= self._told + _TOLD_EVENTS and (self._slow or now.seconds > self._told_at + _TOLD_SECONDS):
            self._told, self._told_at = now.sent // _TOLD_EVENTS * _TOLD_EVENTS, now.seconds
            self._out.print(text, markup=False)


def _conclude(player: Player) -> None:
    """What was sent and what is true of it; raises what ended it too early."""
    from footfall.generate.shapes import CLASSES

    now = player.counters()
    complete = Counter(staged.visitor_class for staged in player.sessions() if staged.complete)
    planted = Counter(staged.rule for staged in player.episodes())
    show_facts(
        [
            ("sent", f"{now.sent:,} events in {now.seconds:,.1f} s, {now.rate:,.1f} a second"),
            ("acknowledged", f"{now.acknowledged:,}"),
            ("refused", f"{now.refused:,}"),
            ("sent again", f"{now.retries:,} requests"),
            ("late", f"99 % by at most {now.late_ms:,.0f} ms, the worst by {now.latest_ms:,.0f} ms"),
            ("whole sessions", ", ".join(f"{name} {complete[name]:,}" for name in CLASSES)),
            ("fraud", ", ".join(f"{rule} {count:,}" for rule, count in planted.items()) or "none"),
        ]
    )
    if player.failure is not None:
        raise player.failure
    if now.acknowledged != now.sent:
        raise typer.Exit(1)
