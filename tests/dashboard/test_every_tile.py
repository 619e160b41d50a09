"""A number on a page, the list it opens, and the same question by command agree: every tile of every page is walked.

Tiles and drawers carry what they ask and the command that asks it (`dashboard/src/parts/asking.ts`), and every number
that opens people or sessions carries how many. A new tile is walked without a word here; one that shows numbers and
opens nothing stands below, with the reason.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable
from typing import Any, Final

import pytest

from scripts.screens.places import places
from tests.cli.terminal import done
from tests.crash.server import Server
from tests.dashboard.reader import Reader
from tests.dashboard.test_every_page import filled

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]

_DRAWN: Final = "drawn of the rows that open beside it"
_LISTED: Final = "each row is one of them"
_SET: Final = "settings"
OPENS_NOTHING: Final = {
    "/": {
        "Revenue": "money of orders",
        "Orders per 100 sessions": "a ratio of two trends",
        "Average order": "a ratio of two trends",
    },
    "/live": {
        "Who they are": "told by the live stream: gone before a list of them is read",
        "Sessions by class": "the open window moves on; Classes opens those that ended",
        "Sessions as they move": _LISTED,
        "Fraud alerts": _LISTED,
    },
    "/start": {"Steps": "what to paste", "Already sending events somewhere?": "what to set"},
    "/rejected": dict.fromkeys(
        ("When they came", "By reason", "Newest first"), "events that were refused are nobody's"
    ),
    "/data-health": {
        **dict.fromkeys(
            ("Lag", "Late events", "Duplicates", "Bots filtered", "Rejected", "The books balance", "What arrived"),
            "arrivals, copies and bots among them, are nobody's",
        ),
        "Rejected, by reason": "events that were refused are nobody's",
        **dict.fromkeys(("How it is kept", "Tables", "Imports lately", "Upkeep"), "sizes and times"),
    },
    "/classes": {"What to do": "advice"},
    "/sessions": {"Sessions": _LISTED},
    "/retention": {"Curves": _DRAWN},
    "/pages": {"Where visits begin and end": _DRAWN},
    "/products": {"Viewed, carted, bought": _DRAWN},
    "/channels": {"Conversion and revenue": _DRAWN},
    "/people": {"People": _LISTED},
    "/alerts": {
        "What happened": _LISTED,
        "Who is risky": _LISTED,
        **dict.fromkeys(
            ("High velocity", "Multiple addresses", "Rapid location change", "High-value purchase"),
            "what would have been: no question lists them",
        ),
    },
    "/dashboards": {"Dashboards": _LISTED, "Saved questions": _LISTED, "Links": _LISTED},
    "/reports": {"Watches": _LISTED, "Scheduled reports": _LISTED},
    "/settings": dict.fromkeys(
        ("Project", "Keeping", "Classes", "Write keys", "Tokens", "The server's settings"), _SET
    ),
}
"""{page: {tile: why its numbers open nobody}}; pages about one session or person have nobody else to open."""
NO_COMMAND: Final = {
    "/v1/trails": "drawings of sessions; `footfall session` tells their events",
    "/v1/health/storage": "`footfall health --storage`, but the room on a disk is never the same twice",
}
"""{route: why no command asks it}."""

_AS_TABLES: Final = "all => all.forEach(button => button.click())"
_TILES: Final = "all => all.map(one => [one.dataset.question.split(' '), one.dataset.command.split('\\n')])"
_SECTIONS: Final = """all => Object.fromEntries(all.filter(one => !one.querySelector('section')).map(one => [
    one.getAttribute('aria-label') ?? one.querySelector('h2')?.innerText ?? '',
    [/\\d/.test(one.innerText), one.querySelectorAll('[data-figure]').length],
]))"""
_FIGURES: Final = """all => {
    const tiles = [...document.querySelectorAll('main [data-question]')];
    const found = new Map();
    all.forEach((one, at) => {
        const tile = tiles.findLastIndex(each => each.contains(one));
        const part = `${tile} ${one.closest('td')?.cellIndex ?? one.getAttribute('class')}`;
        if (!found.has(part)) found.set(part, at);
        found.set(tile, at);
    });
    return [...new Set(found.values())];
}"""
"""Which numbers are opened: the first of each column of each tile, and the tile's last."""
_AROUND: Final = """one => [
    one.getAttribute('aria-label'), one.title, (one.closest('tr, li, dd, p') ?? one).innerText
].join(' ')"""


def asked(server: Server, command: str) -> Any:
    """What a command that was copied from a page answers."""
    program, *words = shlex.split(command)
    assert program == "footfall", f"no command asks this; NO_COMMAND says why where there can't be one: {command!r}"
    return json.loads(done(*words, "--data", server.folder, "--format", "json"))


def without_now(answer: Any) -> Any:
    """An answer without the instants that an unsaid range begins at: they are those of the asking."""
    return {**answer, "from": None} if isinstance(answer, dict) and "from" in answer else answer


@pytest.mark.parametrize("path", places())
def test_page_list_and_command_agree(reader: Read, month: Server, path: str) -> None:
    """What a tile was told is what its command answers; what a number says, its list and the list's command count."""
    read = reader()
    told: dict[str, Any] = {}
    read.page.on("response", lambda answer: told.update({answer.url.removeprefix(month.address): answer}))
    page = read.open(filled(month, path))
    page.get_by_role("button", name="As table", exact=True).evaluate_all(_AS_TABLES)
    sections = page.locator("main section").evaluate_all(_SECTIONS)
    known = OPENS_NOTHING.get(path, sections if path.endswith("/:id") else {})
    closed = {name for name, (has_numbers, figures) in sections.items() if has_numbers and not figures}
    wrong = [f"opens nobody, without a reason: {name}" for name in closed.difference(known)]
    wrong += [f"is no tile any more: {name}" for name in set(known).difference(sections)]
    for questions, commands in page.locator("main [data-question]").evaluate_all(_TILES):
        for question, command in zip(questions, commands, strict=True):
            if question.split("?")[0] not in NO_COMMAND:
                answer, again = without_now(told[question].json()), without_now(asked(month, command))
                if again not in (answer, answer.get("items")):
                    wrong.append(f"not what {question} answers: {command}")
    figures = page.locator("main [data-figure]")
    for at in figures.evaluate_all(_FIGURES):
        wrong += opened(page, month, figures.nth(at))
    assert wrong == []


def opened(page: Any, server: Server, figure: Any) -> list[str]:
    """Open a number by the keyboard; what its list, or the list's command, counts else than it says."""
    said = int(figure.get_attribute("data-figure"))
    around = figure.evaluate(_AROUND)
    figure.focus()
    page.keyboard.press("Enter")
    drawer = page.locator("aside[data-question]")
    drawer.locator("p", has_text=re.compile("^(The same|Now) ")).wait_for()
    counted = int(drawer.locator("h2").inner_text().split()[0].replace(",", ""))
    command = drawer.get_attribute("data-command")
    again = asked(server, command)
    page.keyboard.press("Escape")
    drawer.wait_for(state="detached")
    told = again["count"] if isinstance(again, dict) else len(again)
    is_shown = re.search(rf"(?<![\d,.]){said:,}(?![\d,])", around) is not None
    return (
        []
        if is_shown and counted == told == said
        else [f"{around!r}: {said}, {counted} in its list; {told}: {command}"]
    )
