"""The table of all settings: one struct field each, with type, unit, limits, default and meaning.

How values are read stands in `reading`; what they mean to a part of Footfall stands in that part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from msgspec import UNSET, Struct, field
from msgspec.inspect import BoolType, FloatType, IntType, LiteralType, Metadata, NoneType, Type, UnionType

from footfall.events.kinds import Taxonomy
from footfall.sessions.classes import Classes
from footfall.settings.memory import LEAST_BYTES, LEAST_QUESTION, MOST_BY_ITSELF, planned
from footfall.settings.units import Unit, counted, lasting, says, sized

_PLAN = planned(MOST_BY_ITSELF)
_KB, _MB, _GB = 1_000, 1_000_000, 1_000_000_000
_HOUR_US, _MINUTE_US = 3_600_000_000, 60_000_000


class ProjectSettings(Struct, frozen=True, kw_only=True):
    """What `[projects.NAME]` may say of one project."""

    currency: str | None = None


class Settings(Struct, frozen=True, kw_only=True):
    """All settings with their values. `Settings()` holds the defaults, `load` what the operator asked for."""

    host: Annotated[str, says("Address that `footfall serve` listens on.")] = "127.0.0.1"
    port: Annotated[int, counted("Port that `footfall serve` listens on; 0 takes a free one.", 0, 65_535)] = 8787
    tls_cert: Annotated[
        str | None, says("File of the certificate (PEM, with those between it and the root); then HTTPS is spoken.")
    ] = None
    tls_key: Annotated[str | None, says("File of the certificate's key (PEM).")] = None
    collectors: Annotated[
        int, counted("Processes that take events in, beside the one that stores them; 0: that one does it too.", 0, 64)
    ] = 0

    keyless_origins: Annotated[
        str | None,
        says("Origins, parted by commas, whose pages may send to the default project without a key; * for all."),
    ] = None

    memory_bytes: Annotated[
        int,
        sized("Memory that a server may take in all; the bounds of its parts follow.", LEAST_BYTES, 100_000 * _GB),
    ] = MOST_BY_ITSELF

    max_body_bytes: Annotated[int, sized("Largest request body at the door, as it is sent.", _KB, _GB)] = 4 * _MB
    max_inflated_bytes: Annotated[int, sized("Largest request body after decompression.", _KB, 4 * _GB)] = 8 * _MB
    max_batch_events: Annotated[int, counted("Most events in one request.", 1, 1_000_000)] = 5_000
    max_depth: Annotated[int, counted("Deepest nesting of objects and arrays in a body.", 4, 500)] = 32
    max_name_bytes: Annotated[int, counted("Longest event name, in bytes of UTF-8.", 1, 10_000)] = 200
    max_property_bytes: Annotated[
        int, sized("Largest `properties`, `context` or `metadata` of one event.", 100, 10 * _MB)
    ] = 64 * 1024
    max_inflight_bytes: Annotated[
        int, sized("Bodies held in memory at once; what comes on top is asked to wait (429).", _MB, 100 * _GB)
    ] = _PLAN["max_inflight_bytes"]
    max_inflight_requests: Annotated[int, counted("Requests to the door worked on at once.", 1, 1_000_000)] = 10_000
    max_import_bytes: Annotated[int, sized("Largest chunk of an import.", 100 * _KB, _GB)] = 64 * _MB
    request_seconds: Annotated[
        float, lasting(Unit.SECONDS, "Time for a request's body to arrive; slower ones are closed (408).", 0.1, 3600)
    ] = 30.0

    backup_days: Annotated[
        int, counted("Days that you keep backups of the data folder, for receipts of erasures; 0: unknown.", 0, 36_500)
    ] = 0

    keep_days: Annotated[
        int, counted("Days that events, and all made of them, are kept, if a project has no own; 0: all.", 0, 36_500)
    ] = 0

    journal_segment_bytes: Annotated[
        int, sized("Size at which the journal begins a new segment file.", _MB, 10 * _GB)
    ] = 96 * _MB
    journal_pending_bytes: Annotated[
        int, sized("Events waiting for the journal's sync; what comes on top is refused (503).", _MB, 10 * _GB)
    ] = _PLAN["journal_pending_bytes"]
    forward_hold_bytes: Annotated[
        int,
        sized(
            "Size up to which the journal waits for destinations that are behind; then they miss some.", _MB, 1000 * _GB
        ),
    ] = 4 * _GB
    forward_private: Annotated[
        bool, says("Whether events and notices may be sent to private addresses and this machine's own.", Unit.YES_NO)
    ] = False
    smtp_host: Annotated[str | None, says("Server that sends e-mail on; without it none is sent.")] = None
    smtp_port: Annotated[int, counted("Its port.", 1, 65_535)] = 587
    smtp_tls: Annotated[
        Literal["starttls", "tls", "none"],
        says("Encrypted after a greeting, from the first byte on, or not.", Unit.CHOICE),
    ] = "starttls"
    smtp_user: Annotated[str | None, says("Who logs in there; without one nobody does.")] = None
    smtp_password: Annotated[str | None, says("The password of `smtp_user`.", secret=True)] = None
    mail_from: Annotated[str | None, says("Address that e-mail comes from, such as footfall@example.com.")] = None
    public_url: Annotated[
        str | None, says("Where people reach this server, such as https://footfall.example.com; notices link to it.")
    ] = None
    max_lag_events: Annotated[
        int, counted("Journalled events not processed yet; above it the door answers 429.", 1_000, 1_000_000_000)
    ] = 1_000_000

    deduplication_hours: Annotated[
        int, lasting(Unit.HOURS, "How long an event id is remembered, by arrival.", 1, 24 * 60)
    ] = 24
    deduplication_memory_bytes: Annotated[
        int, sized("Memory for finding ids again; fewer bytes an id cost time, never an answer.", _MB, 1000 * _GB)
    ] = _PLAN["deduplication_memory_bytes"]
    lateness_hours: Annotated[
        int, lasting(Unit.HOURS, "How late an event may arrive and still correct its session at once.", 1, 24 * 60)
    ] = 24
    session_gap_minutes: Annotated[
        int, lasting(Unit.MINUTES, "Silence after which a visitor's next event begins a new session.", 1, 24 * 60)
    ] = 30

    sessions_memory_bytes: Annotated[
        int, sized("Sessions held in memory; on top of it the longest idle ones wait on disk.", _MB, 1000 * _GB)
    ] = _PLAN["sessions_memory_bytes"]
    trails_memory_bytes: Annotated[
        int, sized("Trails of the fraud rules held in memory; on top of it as sessions.", _MB, 1000 * _GB)
    ] = _PLAN["trails_memory_bytes"]
    feed_memory_bytes: Annotated[
        int, sized("Messages of the live feed kept for slow listeners, of all projects.", _MB, 10 * _GB)
    ] = _PLAN["feed_memory_bytes"]

    lake_commit_rows: Annotated[int, counted("Events after which the lake is written.", 1_000, 10_000_000)] = _PLAN[
        "lake_commit_rows"
    ]
    tail_memory_bytes: Annotated[
        int, sized("Rows that wait for the lake; with a quarter of it they are written at once.", _MB, 1000 * _GB)
    ] = _PLAN["tail_memory_bytes"]
    lake_commit_seconds: Annotated[
        float, lasting(Unit.SECONDS, "Age of the oldest waiting event at which the lake is written.", 0.1, 3600)
    ] = 10.0

    fraud_velocity_events: Annotated[
        int, counted("Counting events of one user within `fraud_velocity_seconds` that raise HIGH_VELOCITY.", 2, 1_000)
    ] = 5
    fraud_velocity_seconds: Annotated[int, lasting(Unit.SECONDS, "How far back HIGH_VELOCITY looks.", 1, 3600)] = 60
    fraud_addresses: Annotated[
        int, counted("Distinct addresses of one user that are fine; more raise MULTIPLE_IP.", 1, 999)
    ] = 3
    fraud_addresses_minutes: Annotated[int, lasting(Unit.MINUTES, "How far back MULTIPLE_IP looks.", 1, 24 * 60)] = 60
    fraud_speed_kmh: Annotated[
        int, counted("Fastest journey in km/h; a faster one raises RAPID_LOCATION_CHANGE.", 100, 100_000)
    ] = 900
    fraud_distance_km: Annotated[
        int, counted("Kilometres within which places are the same; addresses are known to a city at best.", 0, 20_000)
    ] = 50
    fraud_country_minutes: Annotated[
        int,
        lasting(
            Unit.MINUTES, "Two countries within this raise RAPID_LOCATION_CHANGE, when only they are known.", 1, 1440
        ),
    ] = 60
    fraud_purchase_amount: Annotated[
        int, counted("Amount of one purchase, in the project's currency, that raises HIGH_VALUE_PURCHASE.", 1, 10**9)
    ] = 500
    fraud_cooldown_minutes: Annotated[
        int, lasting(Unit.MINUTES, "Firings of a rule for one user at most so far apart are one alert.", 1, 24 * 60)
    ] = 5

    query_seconds: Annotated[
        float, lasting(Unit.SECONDS, "Longest time for one question, waiting for an offset included.", 0.1, 3600)
    ] = 30.0
    query_memory_bytes: Annotated[int, sized("Most memory for one question.", LEAST_QUESTION, 1000 * _GB)] = _PLAN[
        "query_memory_bytes"
    ]
    query_disk_bytes: Annotated[
        int, sized("Most disk for what one question can't hold in memory, given back at its end.", 0, 1000 * _GB)
    ] = 4 * _GB
    query_rows: Annotated[int, counted("Most rows that one question may answer with.", 1, 100_000_000)] = 100_000
    query_concurrency: Annotated[
        int, counted("Questions worked on at once; as many again may wait, further ones get 503.", 1, 256)
    ] = _PLAN["query_concurrency"]

    places_file: Annotated[
        str | None, says("MaxMind database (.mmdb) of the places of addresses; without it none are known.")
    ] = None
    rates_file: Annotated[
        str | None, says("CSV of rates of exchange into `currency`; without it other money stays apart.")
    ] = None
    trusted_proxies: Annotated[
        str | None, says("Addresses and networks of proxies that say truly whose requests they pass on.")
    ] = None
    hashed_properties: Annotated[
        str | None, says("Names of properties that are hashed, beside e-mail addresses and telephone numbers.")
    ] = None
    hash_user_ids: Annotated[bool, says("Whether user ids that are e-mail addresses are hashed, too.", Unit.YES_NO)] = (
        True
    )
    cookieless: Annotated[
        bool, says("Whether events that name nobody are those of a visitor who is known for a day.", Unit.YES_NO)
    ] = False

    data_key: Annotated[
        str | None,
        says(
            "Key that seals contact details and destinations' secrets; `footfall data-key make` makes one.", secret=True
        ),
    ] = None
    data_key_file: Annotated[
        str | None, says("File of that key, the present one first, with older ones behind it that only open.")
    ] = None

    stats_interval: Annotated[
        int, counted("New events after which `footfall report --follow` prints the report anew.", 1, 1_000_000_000)
    ] = 50

    currency: Annotated[str, says("The projects' currency; a project may have its own.", Unit.CURRENCY)] = "EUR"
    fast_paths: Annotated[
        bool, says("Whether quick ways may stand in for the plain ones that they equal.", Unit.YES_NO)
    ] = True
    login_hours: Annotated[
        float, lasting(Unit.HOURS, "How long a browser stays logged in with a token.", 0.01, 8760)
    ] = 168.0
    metrics_open: Annotated[bool, says("Whether `/metrics` answers without a token.", Unit.YES_NO)] = False
    store_url: Annotated[
        str | None,
        says("SQLAlchemy URL of the control database; without it `control.db` in the data folder.", secret=True),
    ] = None
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], says("Least important messages that are logged.", Unit.CHOICE)
    ] = "info"
    log_format: Annotated[
        Literal["console", "json"], says("Log lines for people, or one JSON object a line.", Unit.CHOICE)
    ] = "console"

    taxonomy: Taxonomy = field(default_factory=Taxonomy)
    """Kinds of event names; the table `[kinds]`."""
    classes: Classes = field(default_factory=Classes)
    """Rules of the visitor classes; the tables `[[classes]]`."""
    projects: Mapping[str, ProjectSettings] = field(default_factory=dict)
    """What single projects have of their own; the tables `[projects.NAME]`."""
    sources: Mapping[str, str] = field(default_factory=dict)
    """Where each value came from, in words; a name that is missing has its default."""

    @property
    def deduplication_us(self) -> int:
        """The deduplication window in µs."""
        return self.deduplication_hours * _HOUR_US

    @property
    def lateness_us(self) -> int:
        """The allowed lateness in µs."""
        return self.lateness_hours * _HOUR_US

    @property
    def session_gap_us(self) -> int:
        """The longest silence within a session in µs."""
        return self.session_gap_minutes * _MINUTE_US

    def currency_of(self, project_id: str, stored: str | None = None) -> str:
        """A project's own currency: what the file says, else what the project was made with, else the default."""
        own = self.projects.get(project_id)
        return (own.currency if own else None) or stored or self.currency

    def listed(self, name: str) -> tuple[str, ...]:
        """The members of a setting that is a list, written with commas."""
        return tuple(one.strip() for one in (getattr(self, name) or "").split(",") if one.strip())

    def source(self, name: str) -> str:
        """Where the value of `name` came from, in words."""
        return self.sources.get(name, "default")


STRUCTURED = {
    "kinds": "taxonomy",
    "classes": "classes",
    "projects": "projects",
}
"""Tables of `footfall.toml` that are no single value, with the field that each one fills."""


class Setting(NamedTuple):
    """One row of the table."""

    name: str
    meaning: str
    unit: Unit
    kind: type[bool | int | float | str]
    default: bool | int | float | str | None
    low: float | None
    high: float | None
    choices: tuple[str, ...]
    secret: bool

    @property
    def variables(self) -> tuple[str, ...]:
        """Environment variables that set it, the stronger first."""
        own = f"FOOTFALL_{self.name.upper()}"
        return (own, _OTHER_NAMES[self.name]) if self.name in _OTHER_NAMES else (own,)

    @property
    def allowed(self) -> str:
        """What may stand there, in words."""
        match self.unit:
            case Unit.BYTES:
                return f"a size from {size_text(int(self.low or 0))} to {size_text(int(self.high or 0))}"
            case Unit.CHOICE:
                return f"one of {', '.join(self.choices)}"
            case Unit.CURRENCY:
                return "three capital letters such as EUR"
            case Unit.TEXT | Unit.YES_NO:
                return self.unit.value
            case _:
                number = "a whole number" if self.kind is int else "a number"
                of = "" if self.unit is Unit.COUNT else f" of {self.unit}"
                return f"{number}{of} from {self.low:,g} to {self.high:,.12g}"

    def shown(self, value: object) -> str:
        """`value` as people read it; never a secret's own text."""
        if value is None:
            return "—"
        if self.secret:
            return "(hidden)"
        if isinstance(value, bool):
            return "true" if value else "false"
        if self.unit is Unit.BYTES and isinstance(value, int):
            return size_text(value)
        return f"{value:g}" if isinstance(value, float) else str(value)


_OTHER_NAMES = {"log_level": "LOG_LEVEL", "stats_interval": "STATS_INTERVAL", "memory_bytes": "FOOTFALL_MEMORY"}
"""Variables that set a setting too: what others know it by as well, or what is short."""

_SIZES = (("GB", _GB), ("MB", _MB), ("kB", _KB), ("KiB", 1024))


def size_text(size: int) -> str:
    """Bytes in the largest unit that keeps the number exact.

    >>> size_text(64_000_000), size_text(65_536), size_text(1_501)
    ('64 MB', '64 KiB', '1501 bytes')
    """
    for name, factor in _SIZES:
        if size and size % factor == 0:
            return f"{size // factor} {name}"
    return f"{size} bytes"


def _row(item: msgspec.inspect.Field) -> Setting:
    kind: Type = item.type
    assert isinstance(kind, Metadata)
    about: dict[str, Any] = kind.extra or {}
    meaning = (kind.extra_json_schema or {}).get("description", "")
    plain = kind.type
    if isinstance(plain, UnionType):
        (plain,) = (part for part in plain.types if not isinstance(part, NoneType))
    number = plain if isinstance(plain, IntType | FloatType) else None
    return Setting(
        name=item.name,
        meaning=meaning,
        unit=about["unit"],
        kind={BoolType: bool, IntType: int, FloatType: float}.get(type(plain), str),
        default=None if item.default is UNSET else item.default,
        low=number.ge if number else None,
        high=number.le if number else None,
        choices=tuple(str(value) for value in plain.values) if isinstance(plain, LiteralType) else (),
        secret=about.get("secret", False),
    )


def _table() -> dict[str, Setting]:
    info = msgspec.inspect.type_info(Settings)
    assert isinstance(info, msgspec.inspect.StructType)
    return {item.name: _row(item) for item in info.fields if isinstance(item.type, Metadata)}


TABLE: Mapping[str, Setting] = _table()
"""Every setting that is a single value, in the order of the documentation."""
