"""`footfall watches|schedules` in a folder that no server owns: made, shown, tried and removed."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.terminal import done
from tests.notices.smtp import mailbox

ANN = "ann@example.com"


def test_watches_and_schedules_by_command(tmp_path: Path) -> None:
    """What `add` made is what `list` shows; `test` sends at once and says who took it; `history` keeps it."""
    data = ("--data", tmp_path / "data")
    done("projects", "list", *data)
    with mailbox() as box:
        lines = [f"{name} = {json.dumps(value)}" for name, value in box.settings().items()]
        (tmp_path / "data" / "footfall.toml").write_text("\n".join(lines))
        done("questions", "save", "Views", "trends", "unit=hour", *data)
        tail = (*data, "--format", "json")
        watch = json.loads(done("watches", "add", "Few", "views", "below", "5", "--email", ANN, *tail))
        report = json.loads(done("schedules", "add", "Daily", "question", "views", "day", "--email", ANN, *tail))
        for room, made in (("watches", watch), ("schedules", report)):
            (listed,) = json.loads(done(room, "list", *tail))
            assert listed == {name: value for name, value in made.items() if name != "secret"}
            sent = json.loads(done(room, "test", made["id"], *tail))
            assert [(one["target"], one["state"]) for one in sent["deliveries"]] == [(ANN, "sent")]
            assert json.loads(done(room, "history", made["id"], *tail))["items"] == [sent]
            done(room, "remove", made["id"], *data)
            assert json.loads(done(room, "list", *tail)) == []
    assert [taken.mail["Subject"].partition(":")[0] for taken in box.taken] == ["Few", "Daily"]
