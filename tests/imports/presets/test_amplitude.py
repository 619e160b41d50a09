"""Amplitude's archives as events: sessions by device, what the browser is, and money."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest

from tests.imports.presets.pieces import Made, made

ROW: dict[str, object] = {
    "uuid": "8f0c",
    "event_type": "[Amplitude] Page Viewed",
    "event_time": "2023-05-01 08:26:00.250000",
    "device_id": "device-1",
    "user_id": "ann",
    "session_id": 1_682_929_500_000,
    "platform": "Web",
    "os_name": "Firefox",
    "country": "Norway",
    "city": "Oslo",
    "location_lat": None,
    "ip_address": "203.0.113.9",
    "library": "amplitude-ts/2.0",
    "event_properties": {"[Amplitude] Page URL": "https://shop.example/tea", "plan": "free"},
}


def export(tmp_path: Path, *rows: dict[str, object]) -> Made:
    """As the API answers: compressed files of an hour each, in an archive."""
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number, row in enumerate(rows):
            archive.writestr(f"42/42_2023-05-01_{number:02}#0.json.gz", gzip.compress(json.dumps(row).encode()))
    return made(path, "amplitude")


def test_a_row_becomes_an_event(tmp_path: Path) -> None:
    """The session's id is told apart by the device, and the address is nowhere."""
    [event] = export(tmp_path, ROW).events
    about = ("event_id", "name", "ts_us", "visitor_id", "user_id", "session_id", "browser", "country", "city")
    assert {name: event[name] for name in about} == {
        "event_id": "8f0c",
        "name": "page_view",
        "ts_us": 1_682_929_560_250_000,
        "visitor_id": "device-1",
        "user_id": "ann",
        "session_id": "device-1:1682929500000",
        "browser": "Firefox",
        "country": "NO",
        "city": "Oslo",
    }
    assert json.loads(event["properties"]) == {"plan": "free"}
    assert json.loads(event["context"]) == {"library": "amplitude-ts/2.0"}
    assert "203.0.113.9" not in json.dumps(event)


@pytest.mark.parametrize("none", [-1, "-1", None])
def test_no_session_is_none(none: object, tmp_path: Path) -> None:
    """Events from servers stand outside Amplitude's sessions."""
    [event] = export(tmp_path, ROW | {"session_id": none}).events
    assert "session_id" not in event


def test_revenue_is_a_purchase(tmp_path: Path) -> None:
    """With its product, exact; an amount that is not stated is price × quantity."""
    sold = {"$productId": "tea", "$price": 2.55, "$quantity": 6}
    [event] = export(tmp_path, ROW | {"event_type": "revenue_amount", "event_properties": sold}).events
    assert (event["name"], event["product_id"], event["amount_micros"]) == ("purchase", "tea", 15_300_000)


def test_an_app_has_a_system(tmp_path: Path) -> None:
    """What is a browser's name on the web is the system's elsewhere."""
    [event] = export(tmp_path, ROW | {"platform": "iOS", "os_name": "ios"}).events
    assert event["os"] == "ios"
    assert "browser" not in event
