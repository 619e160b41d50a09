"""What is changed in a refused event before it is tried again: values moved, set, dropped, names made those of a kind.

Pure: it takes what was sent and gives what is tried.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final, TypeAlias

from msgspec import Struct

from footfall.errors import BadRequest
from footfall.events.kinds import Kind, Taxonomy
from footfall.events.names import BY_SPELLING
from footfall.events.reasons import Reason
from footfall.events.values import Refused

Fields: TypeAlias = dict[str, object]

_NOTHING: Final = object()


class Mending(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Changes to what was sent, in this order. A path's dots lead into objects: `properties.revenue`."""

    map: Mapping[str, str] = {}
    """{path of a value: path that it is moved to}; what is not there moves nothing."""
    set: Mapping[str, object] = {}
    """{path: value}, whatever stood there."""
    drop: tuple[str, ...] = ()
    """Paths of values that are left out."""
    kind: Mapping[str, str] = {}
    """{name of an event: the kind, or the name of one, that it is}."""

    def settled(self, taxonomy: Taxonomy) -> Mending:
        """The same with a name for every kind. Raises `BadRequest` for kinds that there are not, and empty paths."""
        for path in (*self.map, *self.map.values(), *self.set, *self.drop):
            if not all(path.split(".")):
                raise BadRequest(f"{path!r} is no path of a value: write names with dots between them, as in a.b")
        named = {name: _name_of(kind, taxonomy) for name, kind in self.kind.items()}
        return Mending(map=self.map, set=self.set, drop=self.drop, kind=named)

    def mended(self, sent: Fields) -> Fields:
        """What was sent, changed. Raises `Refused` where a path leads into something that is no object."""
        for old, new in self.map.items():
            value = _taken(sent, old)
            if value is not _NOTHING:
                _put(sent, new, value)
        for path, value in self.set.items():
            _put(sent, path, value)
        for path in self.drop:
            _taken(sent, path)
        return sent

    def named(self, event: Fields) -> Fields:
        """An event with the name of its kind; `settled` is asked first."""
        for key, value in event.items() if self.kind else ():
            known = BY_SPELLING.get(key)
            if known is not None and known[0].field == "name" and isinstance(value, str) and value in self.kind:
                return event | {key: self.kind[value]}
        return event


def _name_of(wanted: str, taxonomy: Taxonomy) -> str:
    """The name that an event of a kind is given: the kind's own, where that is one, else the first that is listed."""
    listed = taxonomy.listed()
    if wanted in listed:
        return wanted
    found = next((name for name, kind in listed.items() if kind == wanted), None)
    if found is None:
        near = get_close_matches(wanted, [*Kind, *listed], n=1)
        hint = f"did you mean {str(near[0])!r}?" if near else "`footfall config` shows them"
        raise BadRequest(f"there is no kind {wanted!r}, and no event of that name in one; {hint}")
    return found


def _taken(sent: Fields, path: str) -> object:
    """The value at `path`, taken out; a name that has the dots in it goes before what they lead to."""
    first, _, rest = path.partition(".")
    if path in sent or not rest:
        return sent.pop(path, _NOTHING)
    inside = sent.get(first)
    return _taken(inside, rest) if isinstance(inside, dict) else _NOTHING


def _put(sent: Fields, path: str, value: object) -> None:
    first, _, rest = path.partition(".")
    if path in sent or not rest:
        sent[path] = value
        return
    inside = sent.setdefault(first, {})
    if not isinstance(inside, dict):
        raise Refused(Reason.BAD_FIELD, f"{first} is no object: {path} can't be put into it")
    _put(inside, rest, value)
