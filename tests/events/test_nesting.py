"""Depth and elements of JSON, told without parsing it, agree with what a parser finds."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from footfall.events.nesting import more_elements, nested_deeper, shape

_texts = st.text(st.sampled_from('ab"\\[]{},: \né'), max_size=6)
_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers() | _texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_texts, inner, max_size=4),
    max_leaves=25,
)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


@given(_values, st.sampled_from([None, 2]), st.booleans())
def test_depth_is_what_a_parser_would_find(value: Any, indent: int | None, ascii_only: bool) -> None:
    """Brackets and quotes within strings, escaped or not, count for nothing."""
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only).encode()
    depth = _depth(value)
    assert shape(text).depth == depth
    assert not nested_deeper(text, depth)
    assert depth == 0 or nested_deeper(text, depth - 1)


@given(st.lists(_values, max_size=12), st.sampled_from([None, 2]))
def test_elements_are_what_a_parser_would_find(value: list[Any], indent: int | None) -> None:
    """Commas within elements count for nothing, and an empty array has none."""
    text = json.dumps(value, indent=indent).encode()
    assert shape(text).elements == len(value)
    assert not more_elements(text, len(value), mark=b",")
    assert not value or more_elements(text, len(value) - 1, mark=b",")
