"""What users set, send, ask for and are told stands in the documents.

Pages written from one room's code (commands, routes with the figures of `/metrics`, settings, checks of the doctor) are
held fresh by the tests of that room.
"""

from __future__ import annotations

import re

import pytest
from pydantic import BaseModel

from footfall.api.classes import ClassShare, ClassWorth
from footfall.api.fraud import RiskItem
from footfall.api.report import Report
from footfall.events.kinds import Kind
from footfall.events.reasons import Reason
from footfall.fraud import Rule
from footfall.fraud.risk import POINTS
from footfall.lake.document import markdown as tables
from footfall.lake.layout import LAYOUTS
from footfall.sessions.classes import DEFAULT_RULES
from footfall.settings.table import TABLE
from tests.repo.tree import ROOT

SHOWN: dict[str, type[BaseModel]] = {
    "Class distribution": ClassShare,
    "Class conversion": ClassWorth,
    "Report": Report,
    "Risk": RiskItem,
}
"""{section of the page of figures: the answer that shows them}."""


def page(name: str) -> str:
    """The text of a page of docs/."""
    return (ROOT / "docs" / name).read_text()


def test_the_page_of_tables_is_fresh() -> None:
    """`docs/tables.md` is what the code makes of the lake's tables, and says something of every column."""
    assert page("tables.md") == tables(), "run: python -m footfall.lake.document > docs/tables.md"
    assert [
        name for name in LAYOUTS if not all(LAYOUTS[name].descriptions[c] for c in LAYOUTS[name].schema.names)
    ] == []


def test_every_table_of_the_lake_is_told_of() -> None:
    """A table stands on the page of tables, in the map of the data folder, and in the help of `sql`."""
    folder, commands = page("architecture.md"), page("commands.md")
    assert [name for name in LAYOUTS if f"`lake/{name}`" not in folder] == []
    assert f"One SELECT over {', '.join(LAYOUTS)}." in commands


def test_every_fraud_rule_is_explained() -> None:
    """The concepts have each rule with its severity, and each setting of the rules."""
    concepts = page("concepts.md")
    for rule in Rule:
        assert re.search(
            rf"^\| `{rule.value}` \| .+ \| {rule.severity.icon} {rule.severity.value} \|", concepts, re.MULTILINE
        )
    settings = [name for name in TABLE if name.startswith("fraud_")]
    assert settings
    assert [name for name in settings if f"`{name}`" not in concepts] == []


def test_every_class_and_reason_is_explained() -> None:
    """The concepts have the default classes with their scores, and why an event is refused."""
    concepts = page("concepts.md")
    for rule in DEFAULT_RULES:
        assert re.search(rf"^\| {rule.icon} `{rule.name}` \| .+ \| {rule.score} \|", concepts, re.MULTILINE)
    assert [reason for reason in Reason if f"| `{reason}` | {reason.meaning} |" not in concepts] == []


def test_every_kind_of_event_is_listed() -> None:
    """The settings list each kind with its names; `other` is what they do not list."""
    listed = page("settings.md")
    assert [kind for kind in Kind if kind is not Kind.OTHER and f"\n{kind.value} = [" not in listed] == []


@pytest.mark.parametrize("title", SHOWN)
def test_every_figure_has_its_rule(title: str) -> None:
    """Each number of an answer stands in a row of its section, and the section names no other."""
    section = page("figures.md").partition(f"## {title}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[a-z_`, ]+`) \| .+ \|$", section, re.MULTILINE)
    told = {name for row in rows for name in re.findall(r"`([a-z_]+)`", row)}
    assert told == set(SHOWN[title].model_fields) - {"visitor_class", "icon"}


def test_points_of_risk_are_explained() -> None:
    """Each rule has what its alerts are worth."""
    told = page("figures.md")
    for rule, points in POINTS.items():
        assert f"| `{rule.value}` | {' | '.join(map(str, points))} |" in told
