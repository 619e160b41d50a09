"""Events of one instant: the last one by id says what the value was, and when it says nothing, nothing is known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import pyarrow as pa
import pytest
from msgspec import structs

from footfall.events.event import Event
from footfall.events.time import DAY_US
from footfall.metrics import funnel, retention
from footfall.metrics.asked import Scope, Step
from footfall.metrics.calendar import Unit
from footfall.metrics.kernels import funnel as funnel_kernel
from footfall.metrics.kernels import retention as retention_kernel
from footfall.sessions.batch import COLUMNS
from footfall.sessions.schema import SESSIONS
from tests.lake.index.streams import FIRST_DAY
from tests.metrics.kernels.wholes import whole_of
from tests.metrics.questions.asking import GROUND, Asked

NO_SESSIONS = pa.schema([SESSIONS.field(name) for name in COLUMNS]).empty_table()
AT_US = FIRST_DAY * DAY_US
NOW_US = AT_US + 3 * DAY_US
SCOPE = Scope(from_us=AT_US, before_us=AT_US + DAY_US)
FUNNEL = funnel.Question(scope=SCOPE, steps=(Step("view"), Step("buy")), split="country")
RETENTION = retention.Question(scope=SCOPE, unit=Unit.DAY, periods=1, split="country")
EVENT = Event(project_id="shop", event_id="", name="view", ts_us=AT_US, received_us=AT_US, user_id="ann")


def happened(*countries: str | None) -> list[Event]:
    """Views of one instant from these countries, in order of their ids, and what was bought a moment later."""
    views = [structs.replace(EVENT, event_id=f"{place}", country=one) for place, one in enumerate(countries)]
    return [*views, structs.replace(EVENT, event_id="9", name="buy", ts_us=AT_US + 1, country="IT")]


@cache
def defined(of: str) -> Asked:
    """The definitions' tables, compiled once."""
    if of == "funnel":
        return Asked.of({"steps": funnel.answer(GROUND, FUNNEL).steps})
    return Asked.of({"cohorts": retention.answer(GROUND._replace(now_us=NOW_US), RETENTION).cohorts})


def of_funnel(events: Sequence[Event]) -> list[object]:
    """The value of the chain, as the kernel and as the definition tell it."""
    told = funnel_kernel.answer(whole_of(events), FUNNEL, taxonomy=GROUND.taxonomy, now_us=NOW_US)
    rows = defined("funnel").rows(events, sessions=NO_SESSIONS)["steps"]
    assert told.steps.to_pyarrow().to_pylist() == rows
    return [row["split"] for row in rows if row["step"] == 2]


def of_retention(events: Sequence[Event]) -> list[object]:
    """The value of the first event, as both tell it."""
    told = retention_kernel.answer(whole_of(events), RETENTION, taxonomy=GROUND.taxonomy, now_us=NOW_US)
    rows = defined("retention").rows(events, sessions=NO_SESSIONS)["cohorts"]
    assert told.cohorts.to_pyarrow().to_pylist() == rows
    return [row["split"] for row in rows]


@pytest.mark.parametrize("countries", [("DE", None), ("DE", "FR", None), (None, "DE"), (None, None), ("", None)])
@pytest.mark.parametrize(
    ("told", "place"), [(of_funnel, -1), (of_retention, 0)], ids=["the last of a funnel", "the first ever"]
)
def test_a_value_that_is_unknown_is_the_value(
    told: Callable[[Sequence[Event]], list[object]], place: int, countries: tuple[str | None, ...]
) -> None:
    """Of the event that decides, null is taken as it is, not that of its neighbour."""
    assert told(happened(*countries)) == [countries[place]]
