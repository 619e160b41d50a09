"""What the operator asks of the doors holds for files: hashes of personal data and of addresses, places, rates."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from footfall.enrich.entrance import Terms
from footfall.events.event import Rejected
from footfall.events.kinds import Taxonomy
from footfall.events.names import NAMES, Form
from footfall.events.schema import EVENTS
from footfall.events.wire import Source, check
from footfall.imports import PRESETS, Outcome, checking, column_map, send
from footfall.imports.service import Imports
from tests.imports.storage import DirectApi, LakeStorage
from tests.required import data

MAIL, PHONE = "ann.canary@shop.example", "+49 170 5550199"
CANARIES = ("canary", "5550199")
BOXFORD = "2.125.160.216"
OWN = {"name": "view", "visitor_id": "v", "timestamp": "2026-03-01T12:00:00Z"}
TEXTS = [name.field for name in NAMES if name.form in (Form.TEXT, Form.NAME, Form.ID)]
SAID: list[dict[str, object]] = [
    {},
    {"ip": BOXFORD},
    {"ip": f" {BOXFORD} ", "country": "FR"},
    {"name": "purchase", "price": 19.99, "quantity": 2, "currency": "usd"},
    {"name": "purchase", "amount": 5, "currency": "CHF"},
    {"page_url": f"https://shop.example/tea?mail={MAIL}", "email": MAIL.upper(), "ip": BOXFORD},
    {"user_id": MAIL, "properties": {"phone": PHONE}, "name": "purchase", "amount": 1, "currency": "USD"},
    {"iban": 12_345, "billing_phone": PHONE},
]
COLUMNS = [name for name in EVENTS.names if name != "received_us"]
NESTED = {"phone": PHONE, "deep": [{"note": f"call {MAIL}", MAIL: 1}]}


@pytest.fixture
def terms(tmp_path: Path) -> Terms:
    """An operator with places, rates and a property of his own that is hashed."""
    rates = tmp_path / "rates.csv"
    rates.write_text("currency,rate\nUSD,0.9\n")
    places = data() / "geoip_referer" / "GeoLite2-City-Test.mmdb"
    return Terms(places_file=str(places), rates_file=str(rates), hashed_properties=("iban",))


@pytest.fixture(params=[1, 1_000], ids=["fast", "careful"])
def storage(
    request: pytest.FixtureRequest, tmp_path: Path, terms: Terms, monkeypatch: pytest.MonkeyPatch
) -> LakeStorage:
    """An empty store of such an operator, whose files are read in either lane."""
    monkeypatch.setattr(checking, "_FEW", request.param)
    (tmp_path / "data").mkdir()
    return LakeStorage(tmp_path / "data", terms)


def imported(storage: LakeStorage, *rows: object, name: str = "log.ndjson", preset: str | None = None) -> Outcome:
    """A file of these rows is imported."""
    path = storage.folder.with_name(name)
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    chosen = None if preset is None else PRESETS[preset]
    return send(DirectApi(Imports(storage)), path, column_map(preset, [], []), preset=chosen)


def everything(storage: LakeStorage) -> str:
    """All that is stored."""
    return json.dumps([storage.rows("events"), storage.rows("rejected")])


def by_the_door(storage: LakeStorage, fields: Mapping[str, object]) -> dict[str, object]:
    """The columns of an event that a server sends."""
    entrance = storage.entrance
    source = Source(
        project_id="shop",
        received_us=1_790_000_000_000_000,
        door="http",
        taxonomy=Taxonomy(),
        currency="EUR",
        medium="import",
        may_state=True,
        allow_old=True,
        lookups=entrance.lookups,
        hiding=entrance.hiding("shop"),
        hash_address=partial(entrance.hashed, "shop"),
    )
    event = check(fields, source)
    assert not isinstance(event, Rejected)
    return {name: getattr(event, name) for name in COLUMNS}


def test_rows_become_what_the_door_makes_of_them(storage: LakeStorage) -> None:
    """Those of which something has to be found out beside those that are plain."""
    rows = [{**OWN, **more, "event_id": str(number)} for number, more in enumerate(SAID)]
    outcome = imported(storage, *rows)
    assert (outcome.stored, outcome.rejected) == (len(rows), 0)
    found = {event["event_id"]: {name: event[name] for name in COLUMNS} for event in storage.rows("events")}
    assert found == {row["event_id"]: by_the_door(storage, row) for row in rows}
    assert BOXFORD not in everything(storage)


def test_no_field_of_a_file_brings_personal_data(storage: LakeStorage) -> None:
    """Whichever it is; the event itself is stored."""
    told: list[dict[str, object]] = [{**OWN, field: f"https://x.example/?m={MAIL}"} for field in TEXTS]
    told += [{**OWN, field: NESTED} for field in ("properties", "context", "metadata", "colour")]
    outcome = imported(storage, *told)
    assert (outcome.stored, outcome.rejected) == (len(told), 0)
    assert not [canary for canary in CANARIES if canary in everything(storage)]


def test_nor_do_rows_that_are_refused(storage: LakeStorage) -> None:
    """Neither in what was sent, nor in what is said of it."""
    faults = [{**OWN, "price": MAIL}, {**OWN, "price": "dear", "phone": PHONE}, {"name": MAIL}, f'{{"mail": "{MAIL}']
    assert imported(storage, *faults).rejected == len(faults)
    assert not [canary for canary in CANARIES if canary in everything(storage)]


def test_a_row_whose_values_were_hashed_is_known_again(storage: LakeStorage) -> None:
    """Importing it again adds nothing, and its id can't be made of what it said without the folder's secret."""
    row = {**OWN, "phone": PHONE}
    first = imported(storage, row, {"name": MAIL})
    assert (first.stored, first.rejected) == (1, 1)
    again = imported(storage, row, {"name": MAIL}, name="again.ndjson")
    assert (again.stored, again.duplicate) == (0, 1)
    assert len(storage.rows("rejected")) == 1
    [event] = storage.rows("events")
    folder = storage.folder / "other"
    folder.mkdir()
    other = LakeStorage(folder)
    imported(other, row)
    assert other.rows("events")[0]["event_id"] != event["event_id"]


def test_visitors_of_an_access_log_have_places(storage: LakeStorage) -> None:
    """By the addresses in it, of which hashes are stored."""
    line = f'{BOXFORD} - - [01/Mar/2026:12:00:00 +0000] "GET /tea HTTP/1.1" 200 512 "-" "Mozilla/5.0 (X11; Linux)"'
    imported(storage, line, name="access.log", preset="access-log")
    [event] = storage.rows("events")
    assert (event["city"], event["ip_hash"]) == ("Boxford", storage.entrance.hashed("shop", BOXFORD))
    assert BOXFORD not in everything(storage)


def test_what_is_no_address_is_none(storage: LakeStorage) -> None:
    """Logs name hosts, and nothing with a dash: the row is stored all the same."""
    assert imported(storage, {**OWN, "ip": "client.example"}, {**OWN, "ip": "-"}).stored == 2
    assert [event["ip_hash"] for event in storage.rows("events")] == [None, None]
