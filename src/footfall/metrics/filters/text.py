"""Filters as text: `country = "DE" and (price >= 10 or properties.plan in ("pro", "team"))`.

The grammar, from the weakest to the strongest; words may be written large, `not` binds stronger than `and`:

    filter     = all {"or" all}
    all        = part {"and" part}
    part       = "not" part | "(" filter ")" | comparison
    comparison = property ("=" | "!=" | "<" | "<=" | ">" | ">=") value
               | property ["not"] "in" "(" value {"," value} ")"
               | property ("contains" | "starts with" | "ends with" | "matches") text
               | property ("exists" | "missing")
    value      = text | number | "true" | "false"
    text       = in quotes, "…" or '…'; a backslash stands before a quote or a backslash that is meant
"""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Final, NamedTuple

from footfall.metrics.filters.conditions import check, meaning
from footfall.metrics.filters.model import (
    LISTING,
    MOST_CHARACTERS,
    MOST_DEPTH,
    MOST_LISTED,
    All,
    Any,
    Compare,
    Filter,
    FilterError,
    Not,
    Op,
    Scalar,
    Values,
    check_value,
)
from footfall.metrics.filters.properties import KEY

_TOKEN: Final = re.compile(
    rf"""(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<number>-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![\w.$]))
    |(?P<word>[^\W0-9][\w$-]*(?:\.(?:{KEY}))*)
    |(?P<sign><=|>=|!=|[=<>(),])""",
    re.VERBOSE | re.DOTALL,
)
_SPACE: Final = re.compile(r"\s*")
_MOST_NUMBER: Final = 100
_WORDS: Final = ("in", "not in", "contains", "starts with", "ends with", "matches", "exists", "missing")
_SIGNS: Final = frozenset({"=", "!=", "<", "<=", ">", ">="})
_SLIPS: Final = {"&&": "and", "||": "or", "!": "not"}


class _Token(NamedTuple):
    """A piece of the text: what it is, what is written, and at which character (from 0) it begins."""

    kind: str
    written: str
    begins: int

    @property
    def word(self) -> str:
        """The word in small letters; nothing for what is no word."""
        return self.written.lower() if self.kind == "word" else ""

    def fault(self, says: str) -> FilterError:
        return FilterError(says).at(self.begins + 1, repr(self.written[:50]) if self.written else "the end")


def parse(text: str) -> Filter:
    """The filter that `text` writes; raises `FilterError` with the place and the nearest right word.

    >>> parse('country = "DE" and not price < 10')
    All(parts=(Compare(property='country', op=<Op.IS: '='>, value='DE'), Not(part=Compare(property='price', \
op=<Op.BELOW: '<'>, value=10))))
    """
    if len(text) > MOST_CHARACTERS:
        raise FilterError(f"a filter has at most {MOST_CHARACTERS:,} characters")
    reader = _Reader(_tokens(text))
    found = reader.filter(MOST_DEPTH)
    reader.end()
    check(found)
    return found


def format(wanted: Filter) -> str:  # noqa: A001 - the other half of `parse`
    """The text of a filter, which reads back as the same: `parse(format(wanted)) == wanted`.

    >>> format(All((Compare("country", Op.IN, ("DE", "AT")), Not(Compare("price", Op.BELOW, 10)))))
    'country in ("DE", "AT") and not price < 10'
    """
    match wanted:
        case Compare(name, op, value):
            return " ".join([name, op.value, *([] if value is None else [_written(value)])])
        case Not(part):
            return f"not {_inside(part)}"
        case All(parts):
            return " and ".join(map(_inside, parts))
        case Any(parts):
            return " or ".join(map(_inside, parts))


def quoted(text: str) -> str:
    """`text` in quotes, as a value is written."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def unquoted(written: str) -> str:
    """The text that stands in quotes."""
    return re.sub(r"\\([\\\"'])", r"\1", written[1:-1])


def _inside(part: Filter) -> str:
    return f"({format(part)})" if isinstance(part, All | Any) else format(part)


def _written(value: Scalar | Values) -> str:
    if isinstance(value, tuple):
        return f"({', '.join(map(_written, value))})"
    if isinstance(value, bool):
        return "true" if value else "false"
    return quoted(value) if isinstance(value, str) else repr(value)


def _tokens(text: str) -> list[_Token]:
    tokens = []
    place = _SPACE.match(text).end()  # type: ignore[union-attr]  # it matches nothing, too
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            raise _unread(text, place)
        tokens.append(_Token(str(found.lastgroup), found[0], place))
        place = _SPACE.match(text, found.end()).end()  # type: ignore[union-attr]
    return [*tokens, _Token("end", "", len(text))]


def _unread(text: str, place: int) -> FilterError:
    token = _Token("", text[place : place + 20].split(maxsplit=1)[0], place)
    if text[place] in "\"'":
        return token.fault("this text has no end; a quote that is meant stands behind a backslash")
    slip = next((right for wrong, right in _SLIPS.items() if text.startswith(wrong, place)), None)
    return token.fault(f"write {slip!r}" if slip else "this is neither a property, a value nor an operator")


class _Reader:
    """Reads tokens from left to right by the grammar; each method takes what it is named for."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._next = 0

    @property
    def _token(self) -> _Token:
        return self._tokens[self._next]

    def _take(self) -> _Token:
        token = self._token
        self._next += token.kind != "end"
        return token

    def _takes(self, *words: str) -> bool:
        """Whether these words come next; if so they are taken."""
        ahead = self._tokens[self._next : self._next + len(words)]
        if [token.word or token.written for token in ahead] != list(words):
            return False
        self._next += len(words)
        return True

    def filter(self, depth: int) -> Filter:
        parts = self._joined("or", lambda: self._all(depth))
        return parts[0] if len(parts) == 1 else Any(parts)

    def _all(self, depth: int) -> Filter:
        parts = self._joined("and", lambda: self._part(depth))
        return parts[0] if len(parts) == 1 else All(parts)

    def _joined(self, word: str, part: Callable[[], Filter]) -> tuple[Filter, ...]:
        parts = [part()]
        while self._takes(word):
            parts.append(part())
        return tuple(parts)

    def _part(self, depth: int) -> Filter:
        begins = self._token
        if depth < 0:
            raise begins.fault(f"a filter is at most {MOST_DEPTH} levels deep; write it with fewer parentheses")
        if self._takes("not"):
            return Not(self._part(depth - 1))
        if self._takes("("):
            inner = self.filter(depth - 1)
            if not self._takes(")"):
                raise self._token.fault(f"here 'and', 'or' or the ')' of character {begins.begins + 1} is missing")
            return inner
        return self._comparison()

    def _comparison(self) -> Compare:
        begins = self._take()
        if begins.kind != "word":
            raise begins.fault("here a property is missing, such as country or properties.plan")
        op = self._op(begins)
        valued = self._token
        found = Compare(begins.written, op, self._value(op))
        try:
            meaning(Compare(begins.written, Op.EXISTS))
        except FilterError as error:
            raise begins.fault(error.detail) from error
        try:
            check_value(found)
            meaning(found)
        except FilterError as error:
            raise valued.fault(error.detail) from error
        return found

    def _op(self, behind: _Token) -> Op:
        token = self._token
        if token.written in _SIGNS:
            return Op(self._take().written)
        for words in _WORDS:
            if self._takes(*words.split()):
                return Op(words)
        near = get_close_matches(token.word, _WORDS, n=1) if token.word else []
        hint = f"did you mean {near[0]!r}?" if near else f"there are {' '.join(sorted(_SIGNS))} {', '.join(_WORDS)}"
        raise token.fault(f"behind {behind.written!r} an operator is missing; {hint}")

    def _value(self, op: Op) -> Scalar | Values | None:
        if op in {Op.EXISTS, Op.MISSING}:
            return None
        if op not in LISTING:
            return self._scalar()
        if not self._takes("("):
            raise self._token.fault(f'behind {op.value!r} stands a list: {op.value} ("a", "b")')
        values = [self._scalar()]
        while self._takes(","):
            if len(values) == MOST_LISTED:
                raise self._token.fault(f"a list has at most {MOST_LISTED} values")
            values.append(self._scalar())
        if not self._takes(")"):
            raise self._token.fault("here ',' or ')' is missing")
        return tuple(values)

    def _scalar(self) -> Scalar:
        token = self._take()
        if token.kind == "text":
            return unquoted(token.written)
        if token.kind == "number":
            if len(token.written) > _MOST_NUMBER:
                raise token.fault(f"a number has at most {_MOST_NUMBER} digits")
            return int(token.written) if re.fullmatch(r"-?[0-9]+", token.written) else float(token.written)
        if token.word in {"true", "false"}:
            return token.word == "true"
        if token.kind == "word":
            raise token.fault(f'a text stands in quotes: "{token.written[:50]}"')
        if token.written == "=":
            raise token.fault("one '=' is enough")
        raise token.fault('here a value is missing: a number, true, false, or a text in quotes, "a"')

    def end(self) -> None:
        """Nothing may follow."""
        if self._token.kind != "end":
            raise self._token.fault("here 'and' or 'or' is missing")
