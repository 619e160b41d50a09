"""Visits of Matomo's log as events: one an action, in UTF-16 as Matomo writes it."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from tests.imports.presets.pieces import Made, made

VISIT = {
    "idSite": "1",
    "idVisit": "7",
    "visitIp": "203.0.113.9",
    "visitorId": "abcd",
    "userId": "",
    "deviceType": "Smartphone",
    "browserName": "Firefox Mobile",
    "countryCode": "no",
    "referrerUrl": "https://search.example/",
    "campaignSource": "news",
    "resolution": "360x640",
    "browserIcon": "firefox.png",
}
ACTIONS: list[dict[str, str]] = [
    {"type": "action", "url": "https://shop.example/tea", "pageTitle": "Tea", "timestamp": "1682929560", "pageId": "3"},
    {
        "type": "event",
        "eventCategory": "cart",
        "eventAction": "add_to_cart",
        "eventValue": "2",
        "timestamp": "1682929570",
    },
    {"type": "ecommerceOrder", "orderId": "T1", "revenue": "22.5", "timestamp": "1682929580"},
]


def export(tmp_path: Path, *visits: tuple[dict[str, str], list[dict[str, str]]]) -> Made:
    rows = [
        visit
        | {
            f"{name} (actionDetails {place})": value
            for place, action in enumerate(actions)
            for name, value in action.items()
        }
        for visit, actions in visits
    ]
    path = tmp_path / "visits.csv"
    with path.open("w", encoding="utf-16", newline="") as file:
        writer = csv.DictWriter(file, dict.fromkeys(name for row in rows for name in row))
        writer.writeheader()
        writer.writerows(rows)
    return made(path, "matomo")


def test_every_action_becomes_an_event(tmp_path: Path) -> None:
    """Pages, events by their action, orders with their money; the visit is the session."""
    found = sorted(export(tmp_path, (VISIT, ACTIONS)).events, key=lambda event: str(event["event_id"]))
    assert [event["name"] for event in found] == ["page_view", "add_to_cart", "purchase"]
    assert {(event["session_id"], event["visitor_id"]) for event in found} == {("matomo-1-7", "abcd")}
    page, cart, order = found
    assert (page["page_url"], page["page_title"]) == ("https://shop.example/tea", "Tea")
    assert (page["ts_us"], page["event_id"]) == (1_682_929_560_000_000, "matomo-1-7-0")
    assert (page["device"], page["country"], page["utm_source"]) == ("mobile", "NO", "news")
    assert (cart["category"], cart["value"]) == ("cart", 2.0)
    assert (order["order_id"], order["amount_micros"]) == ("T1", 22_500_000)


def test_the_visit_is_told_once(tmp_path: Path) -> None:
    """What no field holds is kept with the first action, pictures left out; the address is nowhere."""
    found = sorted(export(tmp_path, (VISIT, ACTIONS)).events, key=lambda event: str(event["event_id"]))
    assert json.loads(found[0]["context"]) == {"resolution": "360x640"}
    assert all("context" not in event and "referrer" not in event for event in found[1:])
    assert "203.0.113.9" not in json.dumps(found)


def test_visits_have_actions_of_their_own(tmp_path: Path) -> None:
    """The columns are those of the longest visit; a short one is not made longer."""
    found = export(tmp_path, (VISIT, ACTIONS), (VISIT | {"idVisit": "8"}, ACTIONS[:1]))
    assert len(found.events) == 4
    assert found.rejected == []


def test_a_file_of_another_kind_is_refused_row_by_row(tmp_path: Path) -> None:
    """With a reason that says what is missing."""
    path = tmp_path / "other.csv"
    path.write_text("Visit,Page\n1,/tea\n")
    [refused] = made(path, "matomo").rejected
    assert (refused["line"], refused["reason"]) == (2, "not-an-object")
    assert "idVisit" in refused["detail"]
