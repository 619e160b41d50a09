"""Random decisions about few people, often about the same one, in any order and now and then at one instant."""

from __future__ import annotations

from hypothesis import strategies as st

from footfall.events.linking import Decision, Verdict

_USERS = ("u:ann", "u:bob", "u:cat", "u:nobody", "u:no-one")
_IDS = (*_USERS, "v:v1", "v:v2", "v:v3")


def decided(*, most: int = 4) -> st.SearchStrategy[list[Decision]]:
    """Merges and splits, each with an id of its own."""
    one = st.tuples(st.sampled_from(_IDS), st.sampled_from([None, *_USERS]), st.integers(0, 3))
    return st.lists(one, max_size=most).map(
        lambda made: [
            Decision(
                decision_id=f"decision_{number}",
                verdict=Verdict.SPLIT if into is None else Verdict.MERGE,
                who=who,
                into=into,
                decided_us=when,
                decided_by="token_1",
            )
            for number, (who, into, when) in enumerate(made)
        ]
    )
