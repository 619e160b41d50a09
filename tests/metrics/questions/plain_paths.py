"""Ways computed a second time, slowly and obviously: each person's events in order, one label after the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

Row = dict[str, Any]
Shown = tuple[str | None, bool]
"""A label as it is told, and whether it is all the others together."""


class Visit(NamedTuple):
    """One event of one person: when it was, what it is called, and whether ways begin at it."""

    ts_us: int
    event_id: str
    label: str | None
    is_anchor: bool


def way(visits: Sequence[Visit], *, backwards: bool = False) -> list[str | None]:
    """The labels of one person's way, all of it, from the anchor on; none without an anchor."""
    in_order = sorted(visits, key=lambda visit: (visit.ts_us, visit.event_id), reverse=backwards)
    while in_order and not in_order[0].is_anchor:
        in_order = in_order[1:]
    labels: list[str | None] = []
    for visit in in_order:
        if not labels or labels[-1] != visit.label:
            labels.append(visit.label)
    return labels


def answer(
    ways: Mapping[str, list[str | None]], *, depth: int, top: int, backwards: bool = False
) -> dict[str, list[Row]]:
    """The rows of `paths.Answer` for these ways, of which each is as long as it is."""
    first = {
        place: _most(Counter(way[place] for way in ways.values() if place < len(way)), top)
        for place in range(depth + 1)
    }
    nodes: Counter[tuple[int, Shown]] = Counter()
    ended: Counter[tuple[int, Shown]] = Counter()
    links: Counter[tuple[int, Shown, Shown]] = Counter()
    times: Counter[tuple[str | None, str | None]] = Counter()
    movers: dict[tuple[str | None, str | None], set[str]] = defaultdict(set)
    for who, way in ways.items():
        shown = [
            (label, False) if label in first[place] else (None, True) for place, label in enumerate(way[: depth + 1])
        ]
        for place, label in enumerate(shown):
            node = (-place if backwards else place), label
            nodes[node] += 1
            ended[node] += place == len(way) - 1
        for place, (here, there) in enumerate(pairwise(shown)):
            links[(-place - 1, there, here) if backwards else (place, here, there)] += 1
        for source, target in pairwise(way[: depth + 1]):
            step = (target, source) if backwards else (source, target)
            times[step] += 1
            movers[step].add(who)
    return {
        "nodes": [
            {
                "place": place,
                "label": label,
                "is_other": is_other,
                "people": people,
                "ended": ended[place, (label, is_other)],
            }
            for (place, (label, is_other)), people in sorted(nodes.items(), key=_node_place)
        ],
        "links": [
            {
                "place": place,
                "source": source[0],
                "source_is_other": source[1],
                "target": target[0],
                "target_is_other": target[1],
                "people": people,
            }
            for (place, source, target), people in sorted(links.items(), key=_link_place)
        ],
        "transitions": [
            {"source": step[0], "target": step[1], "times": count, "people": len(movers[step])}
            for step, count in sorted(times.items(), key=lambda item: (-item[1], *map(_text, item[0])))[:top]
        ],
    }


def _most(counted: Counter[str | None], top: int) -> set[str | None]:
    in_order = sorted(counted, key=lambda label: (-counted[label], _text(label)))
    return set(in_order[:top])


def _text(label: str | None) -> tuple[bool, bytes]:
    """Order of labels: by their bytes, the unknown last."""
    return label is None, (label or "").encode()


def _node_place(item: tuple[tuple[int, Shown], int]) -> tuple[object, ...]:
    (place, (label, is_other)), people = item
    return place, is_other, -people, _text(label)


def _link_place(item: tuple[tuple[int, Shown, Shown], int]) -> tuple[object, ...]:
    (place, source, target), people = item
    return place, source[1], target[1], -people, _text(source[0]), _text(target[0])
