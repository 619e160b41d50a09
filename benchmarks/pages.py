"""How soon each page shows something over many events: its first answer, its last one, its largest paint, its bytes.

Each round opens every page anew in a browser that has nothing cached; times count from the navigation, as the
browser's own performance entries have them. The server's kept answers are warm after the first round, so both are
told. Not a part of `make bench`: it wants a Chromium, playwright (`requirements/browser.txt`), and the pages built.
"""

from __future__ import annotations

import argparse
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from benchmarks.harness import Option, Report, apart, at_most, main, with_warm_up
from benchmarks.lakes import BEGIN_US, END_US, write_lake
from benchmarks.load.browser import browser, reader, settled, told
from benchmarks.load.servers import Footfall
from footfall.events.time import DAY_US
from scripts.screens.places import places

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

FIRST, LAST, PAINT, SIZE = "first answer", "last answer", "largest paint", "packed"
DAYS: Final = 28
_ASKED = """() => {
    const entries = performance.getEntriesByType('resource');
    const asked = entries.filter(each => /\\/v1\\/(?!me|projects|live)/.test(each.name)).map(each => each.responseEnd);
    const page = performance.getEntriesByType('navigation');
    const built = [...page, ...entries.filter(each => !each.name.includes('/v1/'))];
    return new Promise(done => new PerformanceObserver(list => done({
        'first answer': asked.length ? Math.min(...asked) : 0,
        'last answer': asked.length ? Math.max(...asked) : 0,
        'largest paint': list.getEntries().at(-1).startTime,
        'packed': built.reduce((sum, each) => sum + each.encodedBodySize, 0) / 1000,
    })).observe({type: 'largest-contentful-paint', buffered: true}));
}"""


def walk(options: argparse.Namespace) -> Iterator[Report]:
    """A report a page."""
    data = options.folder / "data"
    with Footfall(data):
        pass  # it makes the folder, with its keys
    shutil.rmtree(data / "lake")
    shutil.copytree((options.lake or apart(_made, options.folder, options.events)) / "lake", data / "lake")
    with Footfall(data) as server, browser() as program:
        for name, path in _addresses().items():
            rounds: list[Mapping[str, float]] = []
            for _ in range(with_warm_up(options.rounds)):
                with reader(program, server) as context:
                    rounds.append(_opened(context, f"http://127.0.0.1:{server.port}{path}"))
            yield _report(name, rounds, options.rounds)


def _made(folder: Path, events: int) -> Path:
    write_lake(folder / "made", events, sessions=True)
    return folder / "made"


def _addresses() -> Mapping[str, str]:
    """{name: address} of every page that needs no id; those with a range show the last weeks of the world."""
    begin, end = (_day(us) for us in (max(BEGIN_US, END_US - DAYS * DAY_US), END_US))
    return {name: f"{path}?from={begin}&to={end}" for path, name in places().items() if ":" not in path}


def _day(us: int) -> str:
    return datetime.fromtimestamp(us / 1_000_000, UTC).date().isoformat()


def _opened(context: BrowserContext, url: str) -> Mapping[str, float]:
    page = context.new_page()
    page.goto(url)
    settled(page)
    found: Mapping[str, float] = told(page, _ASKED)
    return found


def _report(name: str, opened: list[Mapping[str, float]], rounds: int) -> Report:
    figures: dict[str, list[float]] = defaultdict(list)
    for each in opened[-rounds:]:
        for figure, value in each.items():
            figures[figure].append(value)
    report = Report(name)
    report.add(f"{FIRST}, the first time", "ms", [opened[0][FIRST]] * rounds)
    report.add(FIRST, "ms", figures[FIRST], target=at_most(300, aim=150))
    report.add(LAST, "ms", figures[LAST])
    report.add(PAINT, "ms", figures[PAINT], target=at_most(1_500, aim=800))
    report.add(SIZE, "kB", figures[SIZE], target=at_most(350, aim=250))
    return report


if __name__ == "__main__":
    main(
        walk,
        __doc__,
        Option("--events", "events in the lake", tiny=30_000, usual=1_000_000, full=10_000_000),
        ("--lake", {"type": Path, "metavar": "FOLDER", "help": "a ready one (its folder `lake`), copied"}),
    )
