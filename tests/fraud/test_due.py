"""Alerts that are due: the newest state of each, whether rows were made in between or not."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from footfall.fraud.alarms import RULES
from footfall.fraud.due import ChangedAlerts, DueAlerts
from footfall.fraud.models import Thresholds

alerts = st.tuples(
    st.sampled_from(["u:shop/ann", "u:shop-2/ann", "v:shop/x/y"]),
    st.integers(0, len(RULES) - 1),
    st.integers(0, 2),
    st.booleans(),
)


def changed(some: list[tuple[str, int, int, bool]], revision: int) -> ChangedAlerts:
    """One batch of them; each fired as often as the revision says."""
    return ChangedAlerts(
        keys=[key for key, *_ in some],
        rules=np.array([rule for _, rule, *_ in some], np.int8),
        chains=np.array([(first, first, revision, 0) for _, _, first, _ in some], np.int64).reshape(-1, 4),
        deleted=np.array([deleted for *_, deleted in some], np.bool_),
        revision=revision,
    )


@given(st.lists(st.tuples(st.lists(alerts, min_size=1), st.booleans())))
def test_the_newest_state_of_every_alert_is_due(batches: list[tuple[list[tuple[str, int, int, bool]], bool]]) -> None:
    """As a dict by project, subject, rule and first time would have it."""
    due, known = DueAlerts(), dict[tuple[str, int, int], tuple[int, bool]]()
    for number, (some, is_read) in enumerate(batches, 1):
        due = due.after(changed(some, number))
        known |= {(key, rule, first): (number, deleted) for key, rule, first, deleted in some}
        if is_read:
            assert due.rows.num_rows == len(known)
    assert bool(due) == bool(known)
    found = {
        (f"{row['subject'][:2]}{row['project_id']}/{row['subject'][2:]}", row["rule"], row["first_us"]): (
            row["revision"],
            row["firings"],
            row["deleted"],
            row["alert_id"],
        )
        for row in due.rows.to_pylist()
    }
    assert found == {
        (key, RULES[rule].value, first): (
            revision,
            revision,
            deleted,
            f"{RULES[rule].value}:{key[:2]}{key.partition('/')[2]}@{first}",
        )
        for (key, rule, first), (revision, deleted) in known.items()
    }


def test_only_those_who_listen_are_told() -> None:
    """Of one project's listeners, one notice with all its alerts that are there; none of what is no more."""
    some = [("u:shop/ann", 0, 1, False), ("u:shop-2/ann", 0, 2, False), ("u:shop/bob", 3, 3, False)]
    told = changed([*some, ("u:shop/eve", 0, 4, True)], 7).told(Thresholds(), {"shop", "nobody"})
    assert [(notice.project_id, notice.messages) for notice in told] == [("shop", 2)]
    assert [content["alert_id"] for content in told[0].make()] == [  # type: ignore[index]
        "HIGH_VELOCITY:u:ann@1",
        "HIGH_VALUE_PURCHASE:u:bob@3",
    ]
