"""Rows of Mixpanel's export as events: who they are of, what is told twice, and what is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.imports.presets.pieces import Made, made

PROPERTIES: dict[str, object] = {
    "time": 1_682_929_560,
    "distinct_id": "ann",
    "$insert_id": "a1b2",
    "$device_id": "device-1",
    "$user_id": "ann",
    "$browser": "Firefox",
    "$os": "Linux",
    "$city": "Oslo",
    "mp_country_code": "NO",
    "$current_url": "https://shop.example/tea",
    "$referrer": "$direct",
    "utm_source": "news",
    "plan": "free",
}


def export(tmp_path: Path, *rows: object, mapped: str | None = None) -> Made:
    path = tmp_path / "export.json"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return made(path, "mixpanel", *([mapped] if mapped else []))


def row(event: str = "$mp_web_page_view", /, **properties: object) -> dict[str, object]:
    return {"event": event, "properties": PROPERTIES | properties}


def test_a_row_becomes_an_event(tmp_path: Path) -> None:
    """Mixpanel's own names become fields; all else is a property."""
    [event] = export(tmp_path, row()).events
    assert len(event.pop("event_id")) == 32
    assert json.loads(event.pop("properties")) == {"plan": "free"}
    assert event == {
        "name": "page_view",
        "ts_us": 1_682_929_560_000_000,
        "visitor_id": "device-1",
        "user_id": "ann",
        "page_url": "https://shop.example/tea",
        "browser": "Firefox",
        "os": "Linux",
        "city": "Oslo",
        "country": "NO",
        "utm_source": "news",
    } | {name: value for name, value in event.items() if name in ("page_path", "channel")}


def test_other_names_are_kept_as_they_are(tmp_path: Path) -> None:
    """What a team has called its events means what the team says; a taxonomy may list the name."""
    assert [event["name"] for event in export(tmp_path, row("Plan Chosen"), row("$identify")).events] == [
        "Plan Chosen",
        "identify",
    ]


@pytest.mark.parametrize(
    ("ids", "visitor", "user"),
    [
        ({"distinct_id": "u", "$device_id": "d", "$user_id": "u"}, "d", "u"),
        ({"distinct_id": "$device:d", "$device_id": "d", "$user_id": None}, "d", None),
        ({"distinct_id": "$device:d", "$device_id": None, "$user_id": None}, "d", None),
        ({"distinct_id": "u", "$device_id": "d", "$user_id": None}, "d", "u"),
        ({"distinct_id": "x", "$device_id": None, "$user_id": None}, "x", None),
    ],
    ids=["both", "anonymous", "device alone", "identified", "old project"],
)
def test_who_it_is(ids: dict[str, object], visitor: str, user: str | None, tmp_path: Path) -> None:
    """A device is a visitor, an id that is no device's is a user; where nothing tells, it is a visitor."""
    [event] = export(tmp_path, row(**ids)).events
    assert (event["visitor_id"], event.get("user_id")) == (visitor, user)


@pytest.mark.parametrize(
    ("name", "said", "ids"),
    [
        ("$identify", {"$anon_id": "$device:d", "$identified_id": "ann"}, ("d", "ann", None)),
        ("$create_alias", {"distinct_id": "d", "alias": "ann"}, (None, "ann", "d")),
        ("$merge", {"$distinct_ids": ["old", "ann"]}, (None, "ann", "old")),
    ],
)
def test_rows_that_join_people(
    name: str, said: dict[str, object], ids: tuple[str | None, str, str | None], tmp_path: Path
) -> None:
    """The earlier id and the user stand where people are joined by them; a user without devices is a visitor, too."""
    old = {"$device_id": None, "$user_id": None, "plan": None}
    own, event = export(tmp_path, row(name, **old | said)).events
    previous = json.loads(event["properties"])["previous_id"] if "properties" in event else None
    assert (event.get("visitor_id"), event["user_id"], previous) == ids
    assert (own["name"], own["user_id"], json.loads(own["properties"])) == ("alias", "ann", {"previous_id": "ann"})
    assert own["event_id"] != event["event_id"]


@pytest.mark.parametrize(
    ("name", "said"),
    [("$identify", {"$anon_id": "d"}), ("$create_alias", {"alias": "ann"}), ("$merge", {"$distinct_ids": "old, ann"})],
)
def test_rows_that_join_nobody(name: str, said: dict[str, object], tmp_path: Path) -> None:
    """A row that does not name two ids is an event like others."""
    [event] = export(tmp_path, row(name, **said)).events
    assert (event["visitor_id"], event["user_id"]) == ("device-1", "ann")


def test_duplicates_are_those_of_mixpanel(tmp_path: Path) -> None:
    """The same name, time, person and insert id are the same event, whatever else differs."""
    ids = [
        event["event_id"]
        for event in export(tmp_path, row(), row(plan="paid"), row("Other"), row(time=1_682_929_561)).events
    ]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 3


def test_a_property_may_be_mapped(tmp_path: Path) -> None:
    """--map names properties as it names columns."""
    [event] = export(tmp_path, row(), mapped="plan=brand").events
    assert event["brand"] == "free"
    assert "properties" not in event


def test_odd_values_harm_nobody(tmp_path: Path) -> None:
    """A list where a text belongs stays a property; a row that is no event is refused alone."""
    found = export(tmp_path, row(**{"$city": ["Oslo"]}), {"event": "x"}, row(time="soon"))
    [event] = found.events
    assert json.loads(event["properties"])["$city"] == ["Oslo"]
    assert [(refused["line"], refused["reason"]) for refused in found.rejected] == [
        (2, "not-an-object"),
        (3, "bad-time"),
    ]
