"""The frame of the pages in a real browser: rail, palette, keys, theme, log-in and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.dashboard.reader import Reader

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]
Read = Callable[..., Reader]


def test_a_stranger_logs_in_and_is_where_they_wanted_to_be(reader: Read) -> None:
    """Without a log-in a page leads to the form, and the form back to the page with all of its address."""
    page = reader().open("/trends?range=7d")
    assert page.url.endswith("/trends?range=7d")
    assert page.locator(".rail-link[aria-current]").inner_text() == "Trends"


def test_who_logs_out_is_nobody(reader: Read) -> None:
    """After the log-out the form is there, and so it is for whoever goes back."""
    page = reader().open("/")
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url(re.compile("/login"))
    page.goto(page.url.split("/login")[0] + "/live")
    page.wait_for_url(re.compile(r"/login\?next=%2Flive"))


def test_the_palette_finds_a_page_by_keys_alone(reader: Read) -> None:
    """`Ctrl K`, a few letters, Enter; Escape closes it and gives the focus back."""
    page = reader().open("/")
    page.keyboard.press("Control+k")
    page.keyboard.type("retent")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/retention"))
    page.keyboard.press("/")
    assert page.get_by_role("dialog").is_visible()
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog", state="detached")


def test_two_letters_go_to_a_page_and_not_while_somebody_types(reader: Read) -> None:
    """`G` then `L` is Live; in a field they are letters."""
    page = reader().open("/")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.wait_for_url(re.compile("/live$"))
    page.keyboard.press("?")
    assert page.get_by_role("dialog", name="Keys").is_visible()


def test_the_theme_is_the_systems_until_somebody_chooses(reader: Read) -> None:
    """Dark where the system is dark; a choice outlives a reload."""
    page = reader(theme="dark").open("/")
    shown = "document.documentElement.dataset.theme"
    assert page.evaluate(shown) == "dark"
    page.get_by_role("button", name="Light").click()
    page.reload()
    page.wait_for_selector("h1")
    assert page.evaluate(shown) == "light"


def test_an_address_that_is_no_page_says_so(reader: Read) -> None:
    """The frame stays, and the way on is told."""
    page = reader().open("/nowhere")
    assert page.get_by_role("heading", level=1).inner_text() == "There is no page here."


def test_a_script_in_a_page_would_not_run(reader: Read) -> None:
    """The policy allows the built scripts alone."""
    read = reader()
    page = read.open("/")
    page.evaluate("document.body.insertAdjacentHTML('beforeend', '<img src=x onerror=\"window.broken = 1\">')")
    page.evaluate(
        "() => { const s = document.createElement('script'); s.text = 'window.broken = 2'; document.body.append(s) }"
    )
    page.wait_for_timeout(200)
    assert page.evaluate("window.broken") is None
    assert any("Content Security Policy" in fault for fault in read.faults)
    read.faults.clear()
