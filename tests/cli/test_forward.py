"""`footfall forward`: destinations are made, listed and removed, with a server and without."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.terminal import done, footfall


def test_a_destination_is_made_listed_and_removed(tmp_path: Path) -> None:
    """Its secret is shown when it is made, and never again."""
    data = ("--data", tmp_path / "data")
    done("projects", "list", *data)
    made = json.loads(done("forward", "add", "webhook", "https://hooks.invalid/x", "--format", "json", *data))
    assert len(made["secret"]) >= 32
    listed = done("forward", "list", *data)
    assert made["id"] in listed
    status = done("forward", "status", "--format", "json", *data)
    assert [item["lag_events"] for item in json.loads(status)] == [0]
    assert made["secret"] not in listed + status
    done("forward", "remove", made["id"], *data)
    assert json.loads(done("forward", "list", "--format", "json", *data)) == []


def test_what_is_no_destination_is_refused(tmp_path: Path) -> None:
    """With what is wrong, and exit code 2 where the command is."""
    data = ("--data", tmp_path / "data")
    done("projects", "list", *data)
    odd = footfall("forward", "add", "kafka", "https://a.invalid", *data)
    assert (odd.code, "one of segment, webhook" in odd.err) == (2, True)
    keyless = footfall("forward", "add", "segment", "https://a.invalid/v1/batch", *data)
    assert (keyless.code, "--secret" in keyless.err) == (1, True)
    gone = footfall("forward", "remove", "dest_x", *data)
    assert (gone.code, "no destination 'dest_x'" in gone.err) == (1, True)
