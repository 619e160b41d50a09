"""The script from a server whose collectors hand on what is not for their door."""

from __future__ import annotations

from pathlib import Path

import httpx

from tests.crash.server import serving


def test_collectors_serve_it_too(tmp_path: Path) -> None:
    """Core and parts come through a collector as they come from the owner: content, headers, and what is known."""
    with serving(tmp_path / "data", FOOTFALL_COLLECTORS="1") as server:
        core = httpx.get(f"{server.address}/footfall.js", timeout=30)
        assert core.status_code == 200
        assert core.headers["Content-Encoding"] == "gzip"
        assert core.headers["Access-Control-Allow-Origin"] == "*"
        known = {"If-None-Match": core.headers["ETag"]}
        assert httpx.get(f"{server.address}/footfall.js", headers=known, timeout=30).status_code == 304
        part = core.text.partition('"time-')[2].partition('"')[0]
        answer = httpx.head(f"{server.address}/footfall/time-{part}", timeout=30)
        assert (answer.status_code, answer.content) == (200, b"")
