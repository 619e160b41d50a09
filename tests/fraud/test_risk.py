"""The risk of a subject: a score that adds up from its parts, whatever alerts it has."""

from __future__ import annotations

from collections import Counter
from itertools import groupby
from typing import Any

import ibis
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from footfall.fraud.models import Rule
from footfall.fraud.risk import POINTS, Place, of_people, page, parts, scores
from tests.sessions.engines import Run, compiled

Row = dict[str, Any]

ALERTS = pa.schema(
    [("project_id", pa.string()), ("subject", pa.string()), ("rule", pa.string()), ("last_us", pa.int64())]
)
SUBJECTS = ("u:ann", "u:ben", "v:ann", "s:é")
alerts = st.lists(
    st.fixed_dictionaries(
        {
            "project_id": st.just("shop"),
            "subject": st.sampled_from(SUBJECTS),
            "rule": st.sampled_from([rule.value for rule in Rule]),
            "last_us": st.integers(0, 3),
        }
    ),
    max_size=40,
)


def worth(rule: Rule, number: int) -> int:
    """The points of so many alerts, counted one by one."""
    points = 0
    for place in range(number):
        points = min(points + (POINTS[rule].each_further if place else POINTS[rule].first), POINTS[rule].most)
    return points


TABLE = ibis.table(ibis.Schema.from_pyarrow(ALERTS), name="alerts")
SINCE = {since_us: compiled(parts(TABLE, since_us=since_us)) for since_us in range(5)}
RANKED = {since_us: compiled(scores(parts(TABLE, since_us=since_us))) for since_us in range(5)}


def rows(question: Run, of: list[Row]) -> list[Row]:
    """The answer of DuckDB over these alerts."""
    found: list[Row] = question([], alerts=pa.Table.from_pylist(of, ALERTS)).to_pylist()
    return found


@given(alerts, st.integers(0, 4))
def test_the_whole_is_the_sum_of_its_parts(given_: list[Row], since_us: int) -> None:
    """Each part is what its alerts are worth, each score their sum and at most 100, the highest first."""
    numbers = Counter((row["subject"], row["rule"]) for row in given_ if row["last_us"] >= since_us)
    told = rows(SINCE[since_us], given_)
    assert {(part["subject"], part["rule"]): part["alerts"] for part in told} == numbers
    assert all(part["points"] == worth(Rule(part["rule"]), part["alerts"]) for part in told)
    told.sort(key=lambda part: part["subject"])
    sums = {who: sum(part["points"] for part in mine) for who, mine in groupby(told, lambda part: part["subject"])}
    ranked = [(row["subject"], row["score"]) for row in rows(RANKED[since_us], given_)]
    assert ranked == sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    assert all(0 < score <= 100 for _, score in ranked)


def test_the_most_of_all_rules_are_a_hundred() -> None:
    """Whoever has many alerts of every rule has the whole score, and nobody has more."""
    every = [
        {"project_id": "shop", "subject": "u:ann", "rule": rule.value, "last_us": number}
        for rule in Rule
        for number in range(50)
    ]
    (row,) = rows(RANKED[0], every)
    assert row["score"] == sum(points.most for points in POINTS.values()) == 100
    assert set(POINTS) == set(Rule)


def test_alerts_of_one_person_add_up() -> None:
    """Whoever is one person has one score, of the alerts of all their ids; nobody else's move."""
    known = ibis.memtable(pa.table({"id": ["v:ann", "u:old"], "who": ["u:ann", "u:ann"]}))
    held = [
        {"project_id": "shop", "subject": subject, "rule": "MULTIPLE_IP", "last_us": 1}
        for subject in ("u:ann", "v:ann", "u:old", "v:ben")
    ]
    score = scores(parts(of_people(ibis.memtable(pa.Table.from_pylist(held, ALERTS)), known), since_us=0))
    found = [(row["subject"], row["score"]) for row in score.to_pyarrow().to_pylist()]
    assert found == [("u:ann", 30), ("v:ben", 20)]


@settings(max_examples=10)
@given(alerts)
def test_a_page_goes_on_behind_any_place(given_: list[Row]) -> None:
    """Page after page, everyone stands on one of them, in the order of the whole."""
    ranked = rows(RANKED[0], given_)
    for at, row in enumerate(ranked):
        place = Place(row["score"], row["subject"])
        behind = page(scores(parts(TABLE, since_us=0)), limit=2, after=place)
        assert rows(compiled(behind), given_) == ranked[at + 1 : at + 3]
