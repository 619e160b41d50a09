"""Plausible's events as events: rows of its own table; its counts by day are none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from footfall.errors import BadRequest
from tests.imports.presets.pieces import made

HEADER = (
    "timestamp,name,site_id,user_id,session_id,hostname,pathname,referrer,country_code,screen_size,operating_system,"
    "browser,utm_source,meta.key,meta.value,revenue_source_amount,revenue_source_currency,engagement_time\n"
)
PAGE = "2023-05-01 08:26:00,pageview,1,77,88,shop.example,/tea,https://search.example/,NO,Mobile,iOS,Safari,news,[],[],,,0\n"
BOUGHT = (
    r"""2023-05-01 08:27:00,purchase,1,77,88,shop.example,/paid,,NO,Mobile,iOS,Safari,,"['plan','who\'s']","""
    """"['free','it']",22.500,EUR,0\n"""
)
STAYED = "2023-05-01 08:28:00,engagement,1,77,88,shop.example,/tea,,NO,Mobile,iOS,Safari,,[],[],,,12500\n"


def test_rows_become_events(tmp_path: Path) -> None:
    """Pages, own events with their properties and money, and the time on a page."""
    path = tmp_path / "events.csv"
    path.write_text(HEADER + PAGE + BOUGHT + STAYED)
    page, bought, stayed = sorted(made(path, "plausible").events, key=lambda event: int(event["ts_us"]))
    about = ("name", "ts_us", "visitor_id", "session_id", "page_url", "page_path", "device", "country", "utm_source")
    assert {name: page[name] for name in about} == {
        "name": "page_view",
        "ts_us": 1_682_929_560_000_000,
        "visitor_id": "77",
        "session_id": "88",
        "page_url": "https://shop.example/tea",
        "page_path": "/tea",
        "device": "mobile",
        "country": "NO",
        "utm_source": "news",
    }
    assert (bought["name"], bought["amount_micros"]) == ("purchase", 22_500_000)
    assert json.loads(bought["properties"]) == {"plan": "free", "who's": "it"}
    assert (stayed["name"], stayed["value"]) == ("time_on_page", 12.5)


def test_counts_by_day_are_refused_as_a_whole(tmp_path: Path) -> None:
    """No event is made up; the answer says what to export instead."""
    path = tmp_path / "imported_visitors_20230101_20231231.csv"
    path.write_text("date,visitors,pageviews\n2023-01-01,4,9\n")
    with pytest.raises(BadRequest, match="SELECT \\* FROM events_v2"):
        made(path, "plausible")
