"""Answers as charts of matplotlib, plain ones: a notebook's owner may restyle what is returned."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from matplotlib.axes import Axes
from matplotlib.figure import Figure

_INCHES: Final = (9.0, 4.5)
_MOST_BARS: Final = 20
_CLASSES: Final = {"bouncer": "#BA3E38", "browser": "#CD8103", "engaged_shopper": "#1FA282", "power_user": "#1B5198"}
"""Colour belongs to classes; everything else has the theme's own."""


class Chart:
    """A chart that a notebook shows by itself; made without pyplot, so that nothing has to be closed."""

    def __init__(self, figure: Figure) -> None:
        """`figure` is matplotlib's, to be restyled or saved."""
        self.figure = figure

    def _repr_png_(self) -> bytes:
        out = io.BytesIO()
        self.figure.savefig(out, format="png")
        return out.getvalue()


def plot(question: str, found: Mapping[str, Any]) -> Chart:
    """The chart of an answer."""
    figure = Figure(figsize=_INCHES, layout="constrained")
    axes = figure.add_subplot()
    _DRAWN[question](axes, found)
    axes.set_title(found["definition"]["text"], loc="left", fontsize="medium")
    axes.spines[["top", "right"]].set_visible(False)
    return Chart(figure)


def _trends(axes: Axes, found: Mapping[str, Any]) -> None:
    for line in found["rows"]:
        points = line["points"]
        values = [float("nan") if point["value"] is None else float(point["value"]) for point in points]
        name = _name(line)
        axes.plot([point["label"] for point in points], values, label=name, color=_CLASSES.get(name), marker=".")
        odd = [place for place, point in enumerate(points) if point["verdict"] and point["verdict"]["unusual"]]
        axes.scatter([points[place]["label"] for place in odd], [values[place] for place in odd], marker="o", s=60)
    axes.set_ylim(bottom=0)
    axes.tick_params(axis="x", rotation=45)
    if len(found["rows"]) > 1:
        axes.legend()


def _funnel(axes: Axes, found: Mapping[str, Any]) -> None:
    parts = found["rows"]
    height = 0.8 / max(1, len(parts))
    for place, part in enumerate(parts):
        name = _name(part)
        at = [step["number"] + place * height for step in part["steps"]]
        bars = axes.barh(at, [step["people"] for step in part["steps"]], height, label=name, color=_CLASSES.get(name))
        shares = ["" if step["of_first"] is None else f"{step['of_first']:.1f} %" for step in part["steps"]]
        axes.bar_label(bars, shares, padding=3)
    if parts:
        middle = 0.4 - height / 2
        steps = parts[0]["steps"]
        axes.set_yticks([step["number"] + middle for step in steps], [step["step"] for step in steps])
    axes.invert_yaxis()
    if len(parts) > 1:
        axes.legend()


def _retention(axes: Axes, found: Mapping[str, Any]) -> None:
    cohorts = found["rows"][0]["cohorts"] if found["rows"] else []
    shares = [[_or_nothing(cell["share"]) for cell in cohort["cells"]] for cohort in cohorts]
    if shares:
        image = axes.imshow(shares, aspect="auto", cmap="Greens", vmin=0, vmax=100)
        axes.figure.colorbar(image, label="% active")
    axes.set_yticks(range(len(cohorts)), [f"{cohort['label']} ({cohort['size']:,})" for cohort in cohorts])
    axes.set_xlabel("period")


def _paths(axes: Axes, found: Mapping[str, Any]) -> None:
    bottoms: dict[int, int] = {}
    colours: dict[str, str] = {}
    for node in found["nodes"]:
        place, people = node["place"], node["people"]
        label = "other" if node["is_other"] else node["label"] or "unknown"
        colour = colours.setdefault(label, f"C{len(colours) % 10}")
        axes.bar(place, people, bottom=bottoms.get(place, 0), edgecolor="white", color=colour)
        axes.text(place, bottoms.get(place, 0) + people / 2, label, ha="center", va="center", fontsize="x-small")
        bottoms[place] = bottoms.get(place, 0) + people
    axes.set_xticks(sorted(bottoms))
    axes.set_xlabel("place")
    axes.set_ylabel("people")


def _breakdown(axes: Axes, found: Mapping[str, Any]) -> None:
    rows: Sequence[Mapping[str, Any]] = found["rows"][:_MOST_BARS]
    figure = next(name for name in ("sessions", "views") if name in found["total"])
    names = [row["value"] or "unknown" for row in rows]
    colours = [_CLASSES.get(name, "#727A76") for name in names]
    axes.bar_label(axes.barh(names, [row[figure] for row in rows], color=colours), padding=3)
    axes.invert_yaxis()
    axes.set_xlabel(figure)


_DRAWN: Final[Mapping[str, Callable[[Axes, Mapping[str, Any]], None]]] = {
    "trends": _trends,
    "funnel": _funnel,
    "retention": _retention,
    "paths": _paths,
    "breakdown": _breakdown,
}


def _name(part: Mapping[str, Any]) -> str:
    return "other" if part["other"] else part["value"] or "all"


def _or_nothing(share: float | None) -> float:
    """What is not known yet leaves a hole."""
    return float("nan") if share is None else share
