"""All of a project's events as parts, exact at every moment, whatever is indexed, merged, damaged or on its way."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pytest

from footfall.errors import Unavailable
from footfall.events.hashing import HashKey
from footfall.lake.heavy import Heavy
from footfall.lake.index import index as indexing
from footfall.lake.index.index import Index
from footfall.lake.index.making import Task, Tasks, make
from footfall.lake.index.whole import Whole
from footfall.lake.lake import Lake
from footfall.lake.layout import DAY_US
from footfall.lake.view import View
from tests.lake.index.streams import KEY
from tests.lake.rows import NOON, events


@pytest.fixture
def view(tmp_path: Path) -> View:
    return View(Lake.open(tmp_path / "lake"))


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Index:
    """An index that takes the smallest of files."""
    monkeypatch.setattr(indexing, "LEAST_ROWS", 1)
    return Index(tmp_path / "lake" / "index", KEY)


def commit(view: View, rows: pa.Table, version: int) -> None:
    view.commit_rows("events", rows, app_id="test", version=version)


def times(whole: Whole | None) -> list[int]:
    """When the whole's events happened."""
    assert whole is not None
    return sorted(int(key & (1 << 37) - 1) + part.day * DAY_US for part in whole.parts for key in part.keys)


def make_all(index: Index, view: View) -> int:
    """Do what is due; says how many files that was."""
    tasks = index.due(view.snapshot().files["events"])
    for task in tasks:
        make(task)
    return len(tasks)


def told(index: Index, view: View, project: str = "shop") -> list[int]:
    return times(index.whole(view.snapshot(), project))


def moments(count: int, start: int = NOON) -> list[int]:
    return [start + place for place in range(count)]


def test_files_and_tail_are_told_once(view: View, index: Index) -> None:
    """Indexed files, others, and the tail of several days: each event once, of the asked project alone."""
    commit(view, events(range(5)), 1)
    assert make_all(index, view) == 1
    commit(view, events(range(5, 7), ts_us=NOON + 100), 2)
    view.append("events", events(range(7, 9), ts_us=NOON + DAY_US))
    view.append("events", events(range(9, 12), project="other"))
    wanted = moments(5) + moments(2, NOON + 100) + moments(2, NOON + DAY_US)
    assert told(index, view) == wanted
    assert told(index, view, "other") == moments(3)
    assert told(index, view, "nobody") == []


def test_the_same_events_are_the_same_whole(view: View, index: Index) -> None:
    """As long as nothing comes the very same object is given; whatever comes, goes or moves gives another."""
    commit(view, events(range(3)), 1)
    first = index.whole(view.snapshot(), "shop")
    assert first is not None
    assert index.whole(view.snapshot(), "shop") is first
    view.append("events", events([3], ts_us=NOON + 50))
    second = index.whole(view.snapshot(), "shop")
    assert second is not first
    assert index.whole(view.snapshot(), "shop") is second
    view.append("events", events([4], ts_us=NOON + 60))
    third = index.whole(view.snapshot(), "shop")
    assert third is not second
    view.commit(view.seal(), app_id="live", version=1)
    assert index.whole(view.snapshot(), "shop") is not third
    assert told(index, view) == [*moments(3), NOON + 50, NOON + 60]


def test_merging_leaves_the_old_behind(view: View, index: Index, tmp_path: Path) -> None:
    """A snapshot from before goes on with the old files; the merged one gets an index, the old ones' are deleted."""
    for version in range(4):
        commit(view, events([version], ts_us=NOON + version), version + 1)
    assert make_all(index, view) == 4
    before = view.snapshot()
    assert view.compact("events") == 4
    assert times(index.whole(before, "shop")) == moments(4)
    assert told(index, view) == moments(4)
    assert make_all(index, view) == 1
    assert index.tidy(view.snapshot().files["events"]) == 4
    assert len(list((tmp_path / "lake" / "index").rglob("*.index"))) == 1
    assert told(index, view) == moments(4)
    assert times(index.whole(before, "shop")) == moments(4)


def spoilt(folder: Path) -> None:
    for path in folder.rglob("*.index"):
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 255
        path.write_bytes(content)


def cut(folder: Path) -> None:
    for path in folder.rglob("*.index"):
        path.write_bytes(path.read_bytes()[:100])


def strange(folder: Path) -> None:
    """The files change places."""
    one, other = folder.rglob("*.index")
    kept = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(kept)


@pytest.mark.parametrize("harm", [spoilt, cut, strange], ids=["spoilt", "cut", "strange"])
def test_damage_changes_no_answer(view: View, index: Index, tmp_path: Path, harm: object) -> None:
    """A file that is damaged, cut off or another's is not used; the events are read from the lake instead."""
    commit(view, events(range(40)), 1)
    commit(view, events(range(40, 50), ts_us=NOON + DAY_US), 2)
    make_all(index, view)
    assert callable(harm)
    harm(tmp_path / "lake" / "index")
    assert told(index, view) == moments(40) + moments(10, NOON + DAY_US)


def test_damaged_files_are_made_anew(view: View, index: Index, tmp_path: Path) -> None:
    """What was found to be damaged is due again."""
    commit(view, events(range(40)), 1)
    make_all(index, view)
    cut(tmp_path / "lake" / "index")
    told(index, view)
    assert make_all(index, view) == 1


def test_another_key_makes_its_own(view: View, index: Index, tmp_path: Path) -> None:
    """People hashed with another key would be other people: such a file is not used."""
    commit(view, events(range(3)), 1)
    for task in Index(tmp_path / "lake" / "index", HashKey.random()).due(view.snapshot().files["events"]):
        make(task)
    assert told(index, view) == moments(3)
    one = index.whole(view.snapshot(), "shop")
    assert one is not None
    assert one.parts[0].who[0].tolist() == sorted(one.parts[0].who[0].tolist())


def test_too_much_at_once_is_left_to_the_engines(view: View, index: Index, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until the index is made, a large lake is not read for one question."""
    monkeypatch.setattr(indexing, "MOST_UNINDEXED", 5)
    commit(view, events(range(6)), 1)
    assert index.whole(view.snapshot(), "shop") is None
    make_all(index, view)
    assert told(index, view) == moments(6)


def test_it_is_made_by_a_process_of_its_own(view: View, index: Index) -> None:
    """One process makes several files; what it leaves when it is killed between two is whole."""
    commit(view, events(range(20)), 1)
    commit(view, events(range(20, 30), ts_us=NOON + DAY_US), 2)
    tasks = index.due(view.snapshot().files["events"])
    assert _run(tasks) == 2
    assert index.due(view.snapshot().files["events"]) == []
    assert told(index, view) == moments(20) + moments(10, NOON + DAY_US)


def test_what_a_crash_leaves_behind_goes(view: View, index: Index, tmp_path: Path) -> None:
    """A half-written file is nobody's: it is neither read nor kept."""
    commit(view, events(range(20)), 1)
    [task] = index.due(view.snapshot().files["events"])
    half = Path(f"{task.path}.0a1b2c3d.tmp")
    half.parent.mkdir(parents=True)
    half.write_bytes(b"ffindex1 half of it")
    assert told(index, view) == moments(20)
    make(task)
    assert index.tidy(view.snapshot().files["events"]) == 1
    assert not half.exists()
    assert told(index, view) == moments(20)


def test_a_file_that_is_gone_is_said(view: View, index: Index, tmp_path: Path) -> None:
    """The process refuses; nothing is written."""
    commit(view, events(range(20)), 1)
    tasks = index.due(view.snapshot().files["events"])
    for path in (tmp_path / "lake" / "events").rglob("*.parquet"):
        path.unlink()
    with pytest.raises(Unavailable):
        _run(tasks)
    assert list((tmp_path / "lake" / "index").rglob("*")) == []


def _run(tasks: list[Task]) -> int:
    heavy = Heavy("footfall.lake.index.making", memory_bytes=1 << 28)
    return len(list(heavy.run(Tasks(tasks))))
