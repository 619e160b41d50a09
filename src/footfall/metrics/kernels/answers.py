"""Answers over the compact index, and the same ones again for nothing, for as long as no event comes.

An answer is kept beside the very events that it was made of (`Whole`), and until time alone would change it: one that
is stale can't be found.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, NamedTuple, TypeAlias, TypeVar, cast, overload
from weakref import WeakKeyDictionary

import ibis.expr.types as ir
import msgspec

from footfall.events.kinds import Taxonomy
from footfall.lake.index.whole import Whole
from footfall.metrics import funnel, paths, retention, trends
from footfall.metrics.asked import Scope
from footfall.metrics.kernels import funnel as funnels
from footfall.metrics.kernels import noted as notes
from footfall.metrics.kernels import paths as ways
from footfall.metrics.kernels import retention as returns
from footfall.metrics.kernels import trends as counts
from footfall.metrics.kernels.picked import Declined, at_most
from footfall.metrics.lasting import Question, lasting

MOST_KEPT: Final = 64
"""Answers of one project that are kept, the last ones asked for."""
Answer: TypeAlias = funnel.Answer | trends.Answer | retention.Answer | paths.Answer
T = TypeVar("T")
_FOR_EVER: Final = 1 << 62


class _Kept(NamedTuple):
    """An answer (None when the index can't tell), and the time in which it is asked for so."""

    answer: object
    from_us: int
    until_us: int


class Answers:
    """Asks the kernels; safe to use from any thread."""

    def __init__(self, taxonomy: Taxonomy, *, seconds: float = 30.0) -> None:
        """A question may take `seconds`."""
        self._taxonomy = taxonomy
        self._seconds = seconds
        self._lock = threading.Lock()
        self._kept: WeakKeyDictionary[Whole, OrderedDict[tuple[str, bytes], _Kept]] = WeakKeyDictionary()

    @overload
    def of(self, whole: Whole | None, question: funnel.Question, *, now_us: int) -> funnel.Answer | None: ...
    @overload
    def of(self, whole: Whole | None, question: trends.Question, *, now_us: int) -> trends.Answer | None: ...
    @overload
    def of(self, whole: Whole | None, question: retention.Question, *, now_us: int) -> retention.Answer | None: ...
    @overload
    def of(self, whole: Whole | None, question: paths.Question, *, now_us: int) -> paths.Answer | None: ...
    def of(self, whole: Whole | None, question: Question, *, now_us: int) -> Answer | None:
        """The definition's answer; None when the index can't tell, or there is none, so that the definition has to.

        Raises errors.BadRequest as the definition does, and errors.QueryLimit when it takes too long.
        """
        if whole is None:
            return None
        what = type(question).__module__
        return self._remembered(whole, what, question, now_us, lambda: self._asked(whole, question, now_us))

    def noted(self, whole: Whole | None, scope: Scope) -> ir.Table | None:
        """The row of `metrics.asked.noted`, or None as above."""
        if whole is None:
            return None
        return self._remembered(whole, "noted", scope, None, lambda: notes.noted(whole, scope, taxonomy=self._taxonomy))

    def _asked(self, whole: Whole, question: Question, now_us: int) -> Answer:
        match question:
            case funnel.Question():
                return funnels.answer(whole, question, taxonomy=self._taxonomy, now_us=now_us)
            case trends.Question():
                return counts.answer(whole, question, taxonomy=self._taxonomy, now_us=now_us)
            case retention.Question():
                return returns.answer(whole, question, taxonomy=self._taxonomy, now_us=now_us)
            case paths.Question():
                return ways.answer(whole, question, taxonomy=self._taxonomy)

    def _remembered(
        self, whole: Whole, what: str, question: Question | Scope, now_us: int | None, work: Callable[[], T]
    ) -> T | None:
        key = (what, msgspec.json.encode(question))
        with self._lock:
            kept = self._kept.setdefault(whole, OrderedDict())
            found = kept.get(key)
            if found is not None and (now_us is None or found.from_us <= now_us < found.until_us):
                kept.move_to_end(key)
                return cast("T | None", found.answer)
        answer: T | None
        try:
            with at_most(self._seconds):
                answer = work()
        except Declined:
            answer = None
        finally:
            whole.let_go()
        held = (0, _FOR_EVER) if now_us is None or isinstance(question, Scope) else lasting(question, now_us)
        with self._lock:
            kept[key] = _Kept(answer, *held)
            while len(kept) > MOST_KEPT:
                kept.popitem(last=False)
        return answer
