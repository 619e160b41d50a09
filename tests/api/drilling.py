"""Every number of an answer that somebody stands behind, with the request that opens it, as the answer says."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

Row = Mapping[str, Any]
COUNTING: Mapping[str, tuple[str, ...]] = {
    "pages": ("people", "sessions", "entries", "exits", "bounces", "conversions"),
    "products": ("viewers", "carters", "buyers"),
    "categories": ("viewers", "carters", "buyers"),
}
OF_SESSIONS = ("sessions", "people", "bounces", "conversions")


class Cell(NamedTuple):
    """One number, and the parameters that open it beside the question's own."""

    number: int
    parameters: Mapping[str, object]


def cells(answer: Row) -> Iterator[Cell]:
    """All of them, of whatever question."""
    route = answer["people"]["path"].removeprefix("/v1/").removesuffix("/people")
    question, _, dimension = route.partition("/")
    match question:
        case "trends":
            return _of_trends(answer["rows"], is_split=answer["definition"]["question"]["split"] is not None)
        case "funnel":
            return _of_funnel(answer["rows"])
        case "retention":
            return _of_retention(answer["rows"])
        case "paths":
            return _of_paths(answer)
        case _:
            return _of_breakdown(answer, COUNTING.get(dimension, OF_SESSIONS))


def part(value: str | None, *, is_other: bool, name: str = "") -> dict[str, object]:
    """How a part of a split is named; `name` is put before the parameter."""
    if is_other:
        return {f"{name}_other".lstrip("_"): True}
    return {f"{name}_unknown".lstrip("_"): True} if value is None else {name or "value": value}


def _part_of(row: Row) -> dict[str, object]:
    return part(row["value"], is_other=row["other"])


def _of_trends(lines: Iterable[Row], *, is_split: bool) -> Iterator[Cell]:
    for line in lines:
        mine = _part_of(line) if is_split else {}
        yield Cell(line["people"], mine)
        for point in line["points"]:
            yield Cell(point["people"], {**mine, "period": point["begin"]})


def _of_funnel(parts: Iterable[Row]) -> Iterator[Cell]:
    for row in parts:
        mine = _part_of(row)
        for step in row["steps"]:
            yield Cell(step["people"], {**mine, "at": step["number"]})
            if step["dropped"] is not None:
                yield Cell(step["dropped"], {**mine, "at": step["number"], "dropped": True})
        for period in row["trend"]:
            yield Cell(period["entered"], {**mine, "at": 1, "period": period["begin"]})
            yield Cell(period["converted"], {**mine, "at": len(row["steps"]), "period": period["begin"]})


def _of_retention(parts: Iterable[Row]) -> Iterator[Cell]:
    for row in parts:
        for cohort in row["cohorts"]:
            mine = {**_part_of(row), "cohort": cohort["begin"]}
            yield Cell(cohort["size"], mine)
            for cell in cohort["cells"]:
                if cell["people"] is not None:
                    yield Cell(cell["people"], {**mine, "period": cell["period"]})
                    if cell["money"] is not None:
                        yield Cell(cell["money"]["buyers"], {**mine, "period": cell["period"], "buyers": True})


def _of_paths(answer: Row) -> Iterator[Cell]:
    for node in answer["nodes"]:
        mine = {**part(node["label"], is_other=node["is_other"]), "place": node["place"]}
        yield Cell(node["people"], mine)
        yield Cell(node["ended"], {**mine, "ended": True})
    for link in answer["links"]:
        source = part(link["source"], is_other=link["source_is_other"])
        target = part(link["target"], is_other=link["target_is_other"], name="target")
        yield Cell(link["people"], {**source, **target, "place": link["place"]})
    for step in answer["transitions"]:
        source = part(step["source"], is_other=False)
        yield Cell(step["people"], {**source, **part(step["target"], is_other=False, name="target")})


def _of_breakdown(answer: Row, figures: Iterable[str]) -> Iterator[Cell]:
    for figure in figures:
        yield Cell(answer["total"][figure], {"figure": figure})
        for row in answer["rows"]:
            yield Cell(row[figure], {**part(row["value"], is_other=False), "figure": figure})
