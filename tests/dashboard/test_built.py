"""The built pages: small, whole, served as their document names them, and in the wheel."""

from __future__ import annotations

import gzip
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import httpx
import pytest

from tests.crash.server import Server
from tests.dashboard.reader import BUILT
from tests.repo.tree import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]


def packed(path: Path) -> int:
    return len(gzip.compress(path.read_bytes()))


def test_the_charts_are_no_part_of_the_first_page(month: Server) -> None:
    """The document loads no script that draws charts; they come with the first chart."""
    document = (BUILT / "index.html").read_text()
    first = sum(packed(BUILT / name) for name in re.findall(r'(?:src|href)="/(assets/[^"]+\.js)"', document))
    assert 0 < first <= 130_000


def test_every_file_is_served_packed_and_kept(month: Server) -> None:
    """Each built file is there, for a year, packed for whoever takes it, and not sent again to who knows it."""
    for path in sorted((BUILT / "assets").iterdir()):
        answer = httpx.get(f"{month.address}/assets/{path.name}", headers={"accept-encoding": "gzip"})
        assert answer.content == path.read_bytes()
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers.get("content-encoding") == (None if path.suffix == ".woff2" else "gzip")
        again = httpx.get(answer.url, headers={"if-none-match": answer.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/assets/..%2Findex.html", "/assets/none.js", "/assets/%2e%2e/%2e%2e/login.html", "/v1/x"]
)
def test_no_other_file_is_served(month: Server, path: str) -> None:
    """Neither what lies elsewhere nor what is not there; the API's addresses stay the API's."""
    answer = httpx.get(month.address + path, headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_document_allows_its_own_scripts_alone(month: Server) -> None:
    """The policy names no other host and no inline script, and the document is asked for anew each time."""
    answer = httpx.get(month.address + "/trends?range=7d", headers={"accept": "text/html"})
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    assert (policy["default-src"], policy["frame-ancestors"], policy["base-uri"]) == ("'none'",) * 3
    assert "<script>" not in answer.text
    assert answer.headers["cache-control"] == "no-cache"


def test_the_wheel_holds_the_pages(month: Server, tmp_path: Path) -> None:
    """Every built file is in the wheel, so that who installs it needs no Node."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {str(path.relative_to(ROOT / "src")) for path in BUILT.rglob("*") if path.is_file()} <= names
