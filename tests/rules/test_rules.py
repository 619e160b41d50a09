"""The rules in force: settings and changes together, each change kept with its number, one editor at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from footfall.errors import BadRequest, Conflict, Unavailable
from footfall.events.kinds import DEFAULT_KINDS, Kind, Taxonomy
from footfall.rules import Change, Rules
from footfall.sessions.thresholds import thresholds
from footfall.sessions.version import definition, mixed
from footfall.settings import Settings
from footfall.store.store import Store

GIVEN = Settings()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store.open(f"sqlite:///{tmp_path / 'control.db'}")
    yield opened
    opened.close()


def adopt(_: Settings, keep: Callable[[], None]) -> None:
    keep()


def at_least(**numbers: float) -> Change:
    """Other numbers for browsers."""
    return Change(thresholds={f"browser.{figure}": number for figure, number in numbers.items()}, kinds={})


def kinds(**names: Kind) -> Change:
    return Change(thresholds={}, kinds=names)


def folded_by(settings: Settings) -> str:
    return definition(settings.taxonomy, settings.classes, settings.session_gap_us)


def test_changes_add_up_and_outlive_the_process(store: Store) -> None:
    """What was not named stays; who opens the store again has the same rules and the whole history."""
    rules = Rules(store, GIVEN, now_us=lambda: 7)
    rules.change(at_least(total_events=4), 0, "ann", adopt)
    rules.change(kinds(wishlist=Kind.CART), 1, "bob", adopt)
    rules.change(at_least(cart_count=2), 2, "ann", adopt)
    again = Rules(store, GIVEN)
    for seen in (rules, again):
        assert seen.standing.thresholds == {"browser.total_events": 4, "browser.cart_count": 2}
        assert seen.settings.taxonomy.kind("wishlist") is Kind.CART
        assert thresholds(seen.settings.classes)["browser.cart_count"] == 2
        assert [(one.number, one.changed_by, one.changed_us) for one in seen.history] == [
            (3, "ann", 7),
            (2, "bob", 7),
            (1, "ann", 7),
        ]


def test_what_is_set_back_is_as_the_settings_say(store: Store) -> None:
    """Then a later default, or another file, holds again."""
    rules = Rules(store, GIVEN)
    rules.change(Change({"browser.total_events": 4}, {"view": Kind.OTHER, "wishlist": Kind.CART}), 0, "ann", adopt)
    rules.change(Change({"browser.total_events": 3}, {"view": Kind.VIEW, "wishlist": Kind.OTHER}), 1, "ann", adopt)
    assert (rules.standing.number, rules.standing.thresholds, rules.standing.kinds) == (2, {}, {})
    assert folded_by(rules.settings) == folded_by(GIVEN)


def test_the_second_editor_is_told_of_the_first(store: Store) -> None:
    """Who saw older rules changes nothing, and learns who was quicker."""
    rules = Rules(store, GIVEN)
    rules.change(at_least(total_events=4), 0, "ann", adopt)
    with pytest.raises(Conflict, match=r"change 1, .*by ann"):
        rules.change(at_least(total_events=5), 0, "bob", adopt)
    assert rules.standing.thresholds == {"browser.total_events": 4}


def test_a_change_to_what_holds_already_is_none(store: Store) -> None:
    """It has no number, and nothing is put in force."""
    rules = Rules(store, GIVEN)
    rules.change(Change({"browser.total_events": 3}, {"view": Kind.VIEW}), 0, "ann", lambda *_: pytest.fail("adopted"))
    assert rules.history == ()


def test_what_could_not_be_put_in_force_is_not_kept(store: Store) -> None:
    """The rules are those from before, here and for who opens the store."""

    def refused(_: Settings, __: Callable[[], None]) -> None:
        raise Unavailable("held up")

    rules = Rules(store, GIVEN)
    with pytest.raises(Unavailable):
        rules.change(at_least(total_events=4), 0, "ann", refused)
    assert rules.standing == Rules(store, GIVEN).standing
    assert rules.settings.classes.version == GIVEN.classes.version


def test_what_a_file_says_is_changed_there(store: Store) -> None:
    """Its thresholds stand, whatever was changed before; kinds that it does not list can still be changed."""
    Rules(store, GIVEN).change(at_least(total_events=4), 0, "ann", adopt)
    rules = Rules(store, Settings(sources={"classes": "footfall.toml"}))
    assert rules.fixed == ("thresholds",)
    assert thresholds(rules.settings.classes)["browser.total_events"] == 3
    with pytest.raises(Conflict, match=r"the thresholds stand in footfall\.toml"):
        rules.change(at_least(total_events=5), 1, "ann", adopt)
    rules.change(kinds(wishlist=Kind.CART), 1, "ann", adopt)
    assert Rules(store, GIVEN).standing.thresholds == {"browser.total_events": 4}


@pytest.mark.parametrize("name", ["", " ", "a\x00b", "ä" * 101], ids=["empty", "blank", "control", "long"])
def test_a_name_that_no_event_can_have_has_no_kind(store: Store, name: str) -> None:
    """It is refused before anything is changed."""
    with pytest.raises(BadRequest, match="can't be the name of an event"):
        Rules(store, GIVEN).changed(kinds(**{name: Kind.CART}))


def test_it_knows_which_names_sessions_may_have_counted_otherwise(store: Store) -> None:
    """Those whose kind was another at any time since the sessions were folded; None when that is unknown."""
    rules, wanted = Rules(store, GIVEN), Rules(store, GIVEN).changed(kinds(view=Kind.PASSIVE))
    begin = folded_by(GIVEN)
    assert rules.moved(begin, GIVEN) == ()
    assert rules.moved(begin, wanted) == ("view",)
    rules.change(kinds(wishlist=Kind.CART), 0, "ann", adopt)
    since = folded_by(rules.settings)
    rules.change(kinds(wishlist=Kind.OTHER), 1, "ann", adopt)
    assert rules.moved(mixed(begin), rules.settings) == ("wishlist",)
    assert rules.moved(since, rules.changed(kinds(view=Kind.OTHER))) == ("view", "wishlist")
    other = Taxonomy({**DEFAULT_KINDS, Kind.CART: ("basket",)})
    assert rules.moved(folded_by(Settings(taxonomy=other)), GIVEN) is None
    assert rules.moved("incomplete", GIVEN) is None
