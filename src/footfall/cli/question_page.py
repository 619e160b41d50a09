"""Answers of questions as pages that are read in a terminal of 80 columns, and as rows; nothing is computed here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from footfall.cli.show import Item, as_count, as_decimal, as_number, as_percent, as_text

_BAR: Final = 24
_FULL: Final = "█"
_PARTS: Final = " ▏▎▍▌▋▊▉"
_OTHER: Final = "other"
_UNKNOWN: Final = "unknown"
_HOUR, _DAY = 3_600, 86_400


def trends(found: Item) -> RenderableType:
    """Each line of a trend: its periods with a bar, what it is compared with, and what is unusual."""
    parts: list[RenderableType] = _head(found)
    compared = any(point["beside_label"] for line in found["rows"] for point in line["points"])
    most = max((_number(point["value"]) for line in found["rows"] for point in line["points"]), default=0.0)
    for line in found["rows"]:
        parts += _title(found, line, f"{_amount(line['total'])} in all")
        table = _table("", "", "value", *(["before"] if compared else []), "")
        for point in line["points"]:
            marks = [_unusual(point["verdict"]), "unfinished" if point["unfinished"] else ""]
            table.add_row(
                point["label"],
                _bar(_number(point["value"]), most),
                _amount(point["value"]),
                *([_amount(point["beside"])] if compared else []),
                Text(" ".join(filter(None, marks)), "dim"),
            )
        parts.append(table)
    return Group(*parts, *_foot(found))


def trend_rows(found: Item) -> list[Item]:
    """A row for each period of each line."""
    return [
        {"split": _name(line), **{name: value for name, value in point.items() if name != "verdict"}}
        | {"unusual": None if point["verdict"] is None else point["verdict"]["unusual"]}
        for line in found["rows"]
        for point in line["points"]
    ]


def funnel(found: Item) -> RenderableType:
    """The steps of each part with a bar, what they keep, and how long they take; then the trend."""
    parts: list[RenderableType] = _head(found)
    for part in found["rows"]:
        parts += _title(found, part)
        most = max((step["people"] for step in part["steps"]), default=0)
        table = _table("", "", "", "people", "of first", "of before", "dropped", "median", "90 %")
        for step in part["steps"]:
            table.add_row(
                str(step["number"]),
                Text(as_text(step["step"])),
                _bar(step["people"], most),
                as_count(step["people"]),
                as_percent(step["of_first"]),
                as_percent(step["of_before"]),
                as_count(step["dropped"]),
                _lasting(step["median_seconds"]),
                _lasting(step["p90_seconds"]),
            )
        parts.append(table)
        if part["trend"]:
            parts += [Text(), _funnel_trend(part["trend"])]
    return Group(*parts, *_foot(found))


def _funnel_trend(periods: Sequence[Item]) -> Table:
    table = _table("", "", "entered", "converted", "rate", "")
    most = max((period["rate"] or 0 for period in periods), default=0)
    for period in periods:
        table.add_row(
            period["label"],
            _bar(period["rate"] or 0, most),
            as_count(period["entered"]),
            as_count(period["converted"]),
            as_percent(period["rate"]),
            Text("unfinished" if period["unfinished"] else "", "dim"),
        )
    return table


def funnel_rows(found: Item) -> list[Item]:
    """A row for each step of each part."""
    return [
        {"split": _name(part), **{name: value for name, value in step.items() if name != "waits"}}
        for part in found["rows"]
        for step in part["steps"]
    ]


def apart(found: Item) -> RenderableType:
    """What sets apart those who went on: each value beside all others, the interval, and on how many it rests."""
    parts: list[RenderableType] = [Text(as_text(found["definition"]["text"]), "bold"), Text()]
    if found["items"]:
        table = _table("", "", "went on", "others", "points", "95 %", "people")
        for item in found["items"]:
            table.add_row(
                Text(as_text(item["property"])),
                Text(_UNKNOWN if item["value"] is None else as_text(item["value"])),
                as_percent(item["having"]["rate"]),
                as_percent(item["others"]["rate"]),
                f"{item['lift']:+.1f}",
                f"{item['low']:+.1f} to {item['high']:+.1f}",
                as_count(item["having"]["people"]),
            )
        parts.append(table)
    else:
        parts.append(Text("nothing that chance would not explain"))
    told = f"{as_count(found['judged'])} values compared; {as_count(found['few'])} with too few people left out"
    return Group(*parts, Text(), Text(told, "dim"))


def apart_rows(found: Item) -> list[Item]:
    """A row for each value."""
    return [
        {
            **{name: item[name] for name in ("property", "value", "lift", "low", "high")},
            **{f"{group}_{name}": count for group in ("having", "others") for name, count in item[group].items()},
        }
        for item in found["items"]
    ]


def retention(found: Item) -> RenderableType:
    """A row for each cohort, a column for each period after it: the share that came back."""
    parts: list[RenderableType] = _head(found)
    for part in found["rows"]:
        parts += _title(found, part)
        periods = max((len(cohort["cells"]) for cohort in part["cohorts"]), default=0)
        table = _table("cohort", "size", *map(str, range(periods)))
        for cohort in part["cohorts"]:
            shares = (_share(cell["share"]) for cell in cohort["cells"])
            table.add_row(cohort["label"], as_count(cohort["size"]), *shares)
        table.add_row(Text("all", "bold"), "", *(_share(cell["share"]) for cell in part["overall"]))
        parts.append(table)
        if any(cell["money"] for cohort in part["cohorts"] for cell in cohort["cells"]):
            parts += [Text(), Text("Worth of one person up to this period", "bold"), _worth(part["cohorts"], periods)]
    return Group(*parts, *_foot(found))


def _worth(cohorts: Sequence[Item], periods: int) -> Table:
    table = _table("cohort", *map(str, range(periods)))
    for cohort in cohorts:
        table.add_row(cohort["label"], *(as_decimal(cell["money"]["lifetime"]) for cell in cohort["cells"]))
    return table


def retention_rows(found: Item) -> list[Item]:
    """A row for each period of each cohort of each part."""
    return [
        {
            "split": _name(part),
            "cohort": cohort["begin"],
            "label": cohort["label"],
            "size": cohort["size"],
            "period": cell["period"],
            "people": cell["people"],
            "share": cell["share"],
            **(cell["money"] or {}),
        }
        for part in found["rows"]
        for cohort in part["cohorts"]
        for cell in cohort["cells"]
    ]


def paths(found: Item) -> RenderableType:
    """Place by place the names that most people were at; then the most frequent steps from one to the next."""
    parts: list[RenderableType] = _head(found)
    most = max((node["people"] for node in found["nodes"]), default=0)
    table = _table("place", "", "", "people", "ended there")
    place = None
    for node in found["nodes"]:
        told = "" if node["place"] == place else f"{node['place']:+d}" if node["place"] else "0"
        place = node["place"]
        name = Text(_OTHER if node["is_other"] else _shown(node["label"]))
        table.add_row(told, name, _bar(node["people"], most), as_count(node["people"]), as_count(node["ended"]))
    parts.append(table)
    if found["transitions"]:
        steps = _table("from", "to", "times", "people")
        for step in found["transitions"]:
            source, target = Text(_shown(step["source"])), Text(_shown(step["target"]))
            steps.add_row(source, target, as_count(step["times"]), as_count(step["people"]))
        parts += [Text(), Text("Most frequent steps", "bold"), steps]
    return Group(*parts, *_foot(found))


def path_rows(found: Item) -> list[Item]:
    """A row for each link: what a Sankey diagram is drawn of."""
    return list(found["links"])


_BROKEN_DOWN: Final[Sequence[tuple[str, str, Callable[[Any], str]]]] = (
    ("sessions", "sessions", as_count),
    ("views", "views", as_count),
    ("carts", "carts", as_count),
    ("people", "people", as_count),
    ("viewers", "viewers", as_count),
    ("buyers", "buyers", as_count),
    ("entries", "entries", as_count),
    ("exits", "exits", as_count),
    ("purchases", "purchases", as_count),
    ("bounce_rate", "bounced", as_percent),
    ("view_to_cart_rate", "view→cart", as_percent),
    ("overall_conversion_rate", "view→purchase", as_percent),
    ("conversion_rate", "converted", as_percent),
    ("revenue", "revenue", as_decimal),
)
"""(field, heading, how it is written) of the figures that a table shows; JSON and CSV have them all."""


def breakdown(found: Item) -> RenderableType:
    """A row for each value, the sum of all below them."""
    figures = [figure for figure in _BROKEN_DOWN if figure[0] in found["total"]]
    table = _table("", *(title for _, title, _ in figures))
    for row in found["rows"]:
        table.add_row(Text(_shown(row["value"])), *(write(row[field]) for field, _, write in figures))
    table.add_row(Text("all", "bold"), *(Text(write(found["total"][field]), "bold") for field, _, write in figures))
    return Group(*_head(found), table, *_foot(found))


def breakdown_rows(found: Item) -> list[Item]:
    """The rows as they are."""
    return list(found["rows"])


def _head(found: Item) -> list[RenderableType]:
    return [Text(as_text(found["definition"]["text"]), "bold"), Text()]


def _title(found: Item, part: Item, more: str = "") -> list[RenderableType]:
    """The heading of one part of a split, or of all where the answer is not split and there is `more` to say."""
    is_split = found["definition"]["question"]["split"] is not None
    name = [_OTHER if part["other"] else _shown(part["value"])] if is_split else []
    told = ": ".join([*name, *([more] if more else [])])
    return [Text(told, "bold")] if told else []


def _name(part: Item) -> str:
    return _OTHER if part["other"] else as_text(part["value"])


def _shown(value: object) -> str:
    return _UNKNOWN if value is None else as_text(value)


def _foot(found: Item) -> list[RenderableType]:
    """What the question was asked of, and what was left out."""
    noted = found["noted"]
    whom = "sessions" if found["definition"]["question"]["scope"]["by"] == "session" else "people"
    told = [f"{noted['events']:,} events of {noted['people']:,} {whom}"]
    told += [f"{noted['bot_events']:,} events of bots left out"] if noted["bot_events"] else []
    told += [f"{noted['late_events']:,} arrived long after they happened"] if noted["late_events"] else []
    return [Text(), Text("; ".join(told), "dim")]


def _table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for place, title in enumerate(titles):
        is_name = title in {"", "from", "to", "place", "cohort"} or place == 0
        table.add_column(title, justify="left" if is_name else "right", overflow="fold", no_wrap=not is_name)
    return table


def _bar(value: float, most: float) -> str:
    """A bar as long as the value is among the greatest; what is more than nothing is seen.

    >>> _bar(1, 2), _bar(0, 2), _bar(1, 1_000)
    ('████████████', '', '▏')
    """
    if value <= 0 or most <= 0:
        return ""
    eighths = max(1, round(value / most * _BAR * 8))
    return (_FULL * (eighths // 8) + _PARTS[eighths % 8]).strip()


def _number(value: object) -> float:
    return 0.0 if value is None else float(str(value))


def _amount(value: object) -> str:
    """A count as it is, money and other numbers with two decimals."""
    return as_number(value) if isinstance(value, int) else as_decimal(value)


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.0f} %"


def _unusual(verdict: Item | None) -> str:
    if verdict is None or not verdict["unusual"]:
        return ""
    return f"{'▲' if verdict['score'] > 0 else '▼'} unusual, {_amount(verdict['expected'])} expected"


def _lasting(seconds: float | None) -> str:
    """A time as people say it.

    >>> _lasting(42), _lasting(90 * 60), _lasting(3 * 86_400)
    ('42 s', '90 min', '3.0 d')
    """
    if seconds is None:
        return ""
    if seconds < 2 * 60:
        return f"{seconds:.0f} s"
    if seconds < 2 * _HOUR:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / _HOUR:.1f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.1f} d"


PAGES: Final[Mapping[str, tuple[Callable[[Item], RenderableType], Callable[[Item], list[Item]]]]] = {
    "trends": (trends, trend_rows),
    "funnel": (funnel, funnel_rows),
    "funnel/apart": (apart, apart_rows),
    "retention": (retention, retention_rows),
    "paths": (paths, path_rows),
    "breakdown": (breakdown, breakdown_rows),
}
"""{question: its answer as a page, and as rows}."""
