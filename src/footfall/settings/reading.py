"""From flags, environment and `footfall.toml` to `Settings`, with errors that say what was wrong and where.

Order of strength: flag, environment, file, default. Unknown names are errors, never ignored.
"""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from footfall.errors import BadRequest
from footfall.events.event import is_project_id
from footfall.events.kinds import DEFAULT_KINDS, Kind, Taxonomy
from footfall.sessions.classes import Classes, Clause, Rule
from footfall.settings.memory import memory_there, planned, share_of
from footfall.settings.table import STRUCTURED, TABLE, ProjectSettings, Setting, Settings
from footfall.settings.units import Unit

FILE = "footfall.toml"
"""Name of the settings file in the data folder."""

OTHER_VARIABLES: Mapping[str, str] = {
    "FOOTFALL_DATA": "The data folder, where `--data` is not given (`./footfall-data`).",
    "FOOTFALL_TEST_DATA": "Where the project's own tests find shared data.",
    "FOOTFALL_KILLS": "How often the crash test of Footfall itself kills a server.",
    "FOOTFALL_FUZZ_EXAMPLES": "How many requests the project's own tests make up for each route.",
    "FOOTFALL_REQUIRE": "1 makes the project's own tests fail, rather than skip, where something is missing.",
}
"""Variables that begin with FOOTFALL_ and are no settings."""

_Value = bool | int | float | str
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMGT]i?)?(B|bytes)?", re.IGNORECASE)
_FACTORS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}
_YES, _NO = {"true", "yes", "on", "1"}, {"false", "no", "off", "0"}


def load(
    folder: Path | None,
    *,
    flags: Mapping[str, object] | None = None,
    environ: Mapping[str, str] | None = None,
    there: int | None = None,
) -> Settings:
    """The settings for a data folder.

    `flags` are {name: value} as the command line got them; None means not given. `there`: bytes of memory that the
    machine has, else the system is asked. Raises `errors.BadRequest` that names the setting, its value, where it stood
    and what is allowed.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    path = folder / FILE if folder else None
    if path is not None and path.is_file():
        given = _from_file(path)
        values |= given
        sources |= dict.fromkeys(given, FILE)
    for name, variable in _from_environment(environ):
        values[name] = read_value(TABLE[name], environ[variable], f"in the environment ({variable})")
        sources[name] = f"environment {variable}"
    for name, value in (flags or {}).items():
        if value is not None:
            values[name] = read_value(_known(name, "of a flag"), value, "on the command line")
            sources[name] = "flag"
    memory = values.setdefault("memory_bytes", share_of(memory_there() if there is None else there))
    follow = planned(memory, values)
    return Settings(**values | follow, sources=dict.fromkeys(follow, "memory_bytes") | sources)


def read_value(setting: Setting, value: object, where: str) -> _Value:
    """`value` as `setting` wants it; raises `errors.BadRequest` when it may not stand there."""
    read = _converted(setting, value)
    if read is None or not _in_range(setting, read):
        shown = "(hidden)" if setting.secret else repr(value)
        raise BadRequest(f"{setting.name} = {shown} {where}: it must be {setting.allowed}")
    return read


def _converted(setting: Setting, value: object) -> _Value | None:
    text = str(value).strip()
    if isinstance(value, bool) or setting.kind is bool:
        known = setting.kind is bool and text.lower() in _YES | _NO
        return text.lower() in _YES if known else None
    if setting.kind is str:
        text = text.lower() if setting.choices else text
        return text if isinstance(value, str) and text else None
    if setting.unit is Unit.BYTES:
        return _size(text)
    try:
        number = float(text.replace("_", ""))
    except ValueError:
        return None
    if setting.kind is float:
        return number
    return int(number) if number.is_integer() else None


def _size(text: str) -> int | None:
    parts = _SIZE.fullmatch(text.replace("_", ""))
    if not parts:
        return None
    size = float(parts[1]) * _FACTORS[(parts[2] or "").lower()]
    return int(size) if size.is_integer() else None


def _in_range(setting: Setting, value: _Value) -> bool:
    if setting.choices:
        return value in setting.choices
    if setting.unit is Unit.CURRENCY:
        return is_currency(str(value))
    if isinstance(value, str) or setting.low is None or setting.high is None:
        return True
    return setting.low <= value <= setting.high


def is_currency(text: str) -> bool:
    """Whether `text` has the form of an ISO 4217 code."""
    return len(text) == 3 and text.isascii() and text.isalpha() and text.isupper()


def _from_environment(environ: Mapping[str, str]) -> Iterable[tuple[str, str]]:
    """(setting, variable) of every one that is set; the weaker of two variables first."""
    known = {variable: setting.name for setting in TABLE.values() for variable in setting.variables}
    for variable in environ:
        if variable.startswith("FOOTFALL_") and variable not in known and variable not in OTHER_VARIABLES:
            raise BadRequest(
                f"the environment has an unknown variable {variable}{_meant(variable, [*known, *OTHER_VARIABLES])}"
            )
    for setting in TABLE.values():
        for variable in reversed(setting.variables):
            if environ.get(variable):
                yield setting.name, variable


def _from_file(path: Path) -> dict[str, Any]:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadRequest(f"{path.name} is no valid TOML: {error}") from error
    values: dict[str, Any] = {}
    for name, value in document.items():
        if name in STRUCTURED:
            values[STRUCTURED[name]] = _STRUCTURED_READERS[name](value)
        else:
            values[name] = read_value(_known(name, f"in {FILE}"), value, f"in {FILE}")
    return values


def _known(name: str, where: str) -> Setting:
    if name not in TABLE:
        raise BadRequest(f"unknown setting {name!r} {where}{_meant(name, [*TABLE, *STRUCTURED])}")
    return TABLE[name]


def _meant(name: str, names: Iterable[str]) -> str:
    near = difflib.get_close_matches(name, list(names), n=1)
    return f" (did you mean {near[0]!r}?)" if near else "; docs/settings.md lists all"


def _kinds(value: object) -> Taxonomy:
    lists = _convert(value, dict[str, tuple[str, ...]], "[kinds]")
    for kind in lists:
        if kind not in set(Kind) - {Kind.OTHER}:
            raise BadRequest(
                f"unknown kind {kind!r} in [kinds] of {FILE}{_meant(kind, [str(k) for k in DEFAULT_KINDS])}"
            )
    return Taxonomy({**DEFAULT_KINDS, **{Kind(kind): names for kind, names in lists.items()}})


class _Class(msgspec.Struct, forbid_unknown_fields=True):
    """One `[[classes]]` table; all clauses of any one of `any_of` must hold: `[{ total_events = 30 }]`."""

    name: str
    score: int
    icon: str = ""
    action_priority: int = 0
    advice: tuple[str, ...] = ()
    any_of: tuple[dict[str, int | float], ...] = ()


def _classes(value: object) -> Classes:
    tables = _convert(value, tuple[_Class, ...], "[[classes]]")
    return Classes(
        [
            Rule(
                name=table.name,
                any_of=tuple(tuple(Clause(*clause) for clause in group.items()) for group in table.any_of),
                score=table.score,
                icon=table.icon,
                action_priority=table.action_priority or place,
                advice=table.advice,
            )
            for place, table in enumerate(tables, 1)
        ]
    )


class _Project(msgspec.Struct, forbid_unknown_fields=True):
    currency: str | None = None


def _projects(value: object) -> dict[str, ProjectSettings]:
    tables = _convert(value, dict[str, _Project], "[projects]")
    for name, table in tables.items():
        if not is_project_id(name):
            raise BadRequest(f"[projects.{name}] of {FILE}: a project's id is 1–64 of a-z 0-9 _ -")
        if table.currency is not None and not is_currency(table.currency):
            raise BadRequest(
                f"currency = {table.currency!r} in [projects.{name}] of {FILE}: it must be {TABLE['currency'].allowed}"
            )
    return {name: ProjectSettings(currency=table.currency) for name, table in tables.items()}


def _convert(value: object, kind: type[Any], where: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise BadRequest(f"{where} of {FILE}: {error}") from error


_STRUCTURED_READERS = {"kinds": _kinds, "classes": _classes, "projects": _projects}
