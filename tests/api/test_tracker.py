"""`/footfall.js`: small, cached, for pages of every origin, with all that it loads beside it."""

from __future__ import annotations

import gzip
import json
import re
import sys
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest

import footfall
from footfall.api.app import assemble
from tests.api.client import Client
from tests.api.fakes import fake_node
from tests.required import ROOT

MOST_BYTES = 5_000
PARTS = sorted(path.name for path in files("footfall").joinpath("tracker", "footfall").iterdir())


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with fake_node(tmp_path) as node, Client(assemble(node)) as made:
        yield made


def test_the_core_is_small() -> None:
    """What every page loads has less than 5 kB, packed as it is sent."""
    core = files("footfall").joinpath("tracker", "footfall.js").read_bytes()
    size = len(gzip.compress(core, mtime=0))
    sys.stdout.write(f"the core has {size:,} bytes (gzip), and may have {MOST_BYTES:,}\n")
    assert size < MOST_BYTES


def test_it_says_its_version() -> None:
    """The script, the package that is published and Footfall itself have one version."""
    package = json.loads((ROOT / "tracker" / "package.json").read_text())
    assert package["version"] == footfall.__version__
    core = files("footfall").joinpath("tracker", "footfall.js").read_text()
    assert f'"{footfall.__version__}"' in core


def test_any_page_may_load_it(client: Client) -> None:
    """Script and parts say that pages of other origins may run them, and are JavaScript that nobody sniffs."""
    for path in ("/footfall.js", f"/footfall/{PARTS[0]}"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_it_loads_parts_that_are_there(client: Client) -> None:
    """Every part that the core names is served, and there is no other one; the name changes with the content."""
    named = re.findall(r'"([a-z]+-[0-9a-f]+\.js)"', client.get("/footfall.js").text)
    assert sorted(named) == PARTS
    for name in PARTS:
        answer = client.get(f"/footfall/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
    assert "immutable" not in client.get("/footfall.js").headers["Cache-Control"]


@pytest.mark.parametrize("encoding", ["gzip, deflate, br", "identity"])
def test_what_is_known_is_not_sent_again(client: Client, encoding: str) -> None:
    """With the tag of its copy a browser learns that the copy is good, packed or not."""
    accepting = {"Accept-Encoding": encoding}
    first = client.ask("GET", "/footfall.js", headers=accepting)
    assert first.headers.get("Content-Encoding") == ("gzip" if "gzip" in encoding else None)
    assert "Accept-Encoding" in first.headers["Vary"]
    known = {"If-None-Match": first.headers["ETag"]}
    again = client.ask("GET", "/footfall.js", headers=accepting | known)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    other = client.ask("GET", "/footfall.js", headers=accepting | {"If-None-Match": '"another"'})
    assert other.content == first.content


def test_no_other_file_can_be_had(client: Client) -> None:
    """The path of the parts serves nothing beside or above them, and says so as every route does."""
    for name in ("footfall.js", "..%2ffootfall.js", "%2e%2e", "vitals-000000000000.js", "vitals.js"):
        answer = client.get(f"/footfall/{name}")
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
