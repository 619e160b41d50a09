"""Definitions as YAML: the same after every round, nothing guessed, faults named where they stand."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from footfall.dashboards.code import read_code, write_code
from footfall.dashboards.models import Book, Dashboard, Form, Kind, Params, Question, SavedQuestion, Tile
from footfall.dashboards.rules import Verb, changes, plain_book, read_book, require_whole
from footfall.errors import BadRequest


def anything(question: Question) -> Params:
    """A check that lets every question through."""
    return question.params


PRINTABLE = st.characters(exclude_categories=("C", "Z"), include_characters=" ")
WORDS = st.text(PRINTABLE, min_size=1, max_size=20).filter(lambda text: bool(text.strip()))
IDS = st.from_regex(r"[a-z0-9][a-z0-9-]{0,9}", fullmatch=True)
VALUES = st.one_of(WORDS, st.integers(), st.booleans(), st.lists(st.text(max_size=9), max_size=3))
PARAMS = st.dictionaries(WORDS, VALUES, max_size=3)
SAVED = st.builds(SavedQuestion, name=WORDS, kind=st.sampled_from(Kind), params=PARAMS)
ASKED = st.builds(Question, kind=st.sampled_from(Kind), params=PARAMS)
TILES = st.builds(Tile, title=WORDS, ask=ASKED, width=st.sampled_from([3, 6, 12]), form=st.sampled_from(Form))
BOARDS = st.builds(Dashboard, name=WORDS, tiles=st.lists(TILES, max_size=3).map(tuple))
BOOKS = st.builds(
    Book,
    questions=st.dictionaries(IDS, SAVED, max_size=3),
    dashboards=st.dictionaries(IDS, BOARDS, max_size=3),
)


LINE_ENDS = SavedQuestion(name="ends", kind=Kind.TRENDS, params={"where": ["\x85", "a\u2028b", "\n\u2029"]})


@given(BOOKS)
@example(Book(questions={"ends": LINE_ENDS}))
def test_what_is_written_is_read_back_as_the_same(book: Book) -> None:
    """Whatever names, texts and numbers hold; and written once more it is the same text."""
    text = write_code(plain_book(book))
    again = read_book(read_code(text), anything)
    assert again == book
    assert write_code(plain_book(again)) == text
    assert changes(book, again) == []


@pytest.mark.parametrize("text", ["2026-03-01", "12:30", "no", "On", "0x10", "010", "1e3", "1_000", ".5", "<<", "="])
def test_what_looks_like_something_stays_text(text: str) -> None:
    """Of what people write by hand nothing becomes a date, a time of day, or an answer to a question."""
    assert read_code(f"value: {text}") == {"value": text}


def test_numbers_and_answers_are_what_they_look_like() -> None:
    """Whole numbers, true, false and null."""
    assert read_code("a: 7\nb: -1\nc: true\nd: false\ne:\nf: null") == {
        "a": 7, "b": -1, "c": True, "d": False, "e": None, "f": None,
    }  # fmt: skip


QUESTION: dict[str, Any] = {"name": "Sales", "kind": "trends", "params": {}}
BOARD: dict[str, Any] = {"name": "Weekly", "tiles": [{"question": "sales"}]}


@pytest.mark.parametrize(
    ("given_", "says"),
    [
        ({"dashbords": {}}, "did you mean 'dashboards'?"),
        ({"questions": {"a": {**QUESTION, "knd": "trends"}}}, "questions.a: there is no 'knd'; did you mean 'kind'?"),
        ({"questions": {"a": {**QUESTION, "kind": "trend"}}}, "there are trends, funnel"),
        ({"questions": {"a": {"kind": "trends"}}}, "questions.a: Object missing required field `name`"),
        ({"questions": {"A b": QUESTION}}, "'A b' is no id"),
        ({"questions": {"a": {**QUESTION, "name": " "}}}, "questions.a.name"),
        ({"questions": [QUESTION]}, "behind its id"),
        ({"dashboards": {"w": {**BOARD, "tiles": [{"qestion": "a"}]}}}, "dashboards.w.tiles[0]: there is no 'qestion'"),
        ({"dashboards": {"w": {**BOARD, "tiles": [{"title": "x"}]}}}, "either a `question`"),
        ({"dashboards": {"w": {**BOARD, "tiles": [{"question": "a", "width": 2}]}}}, "tiles[0].width: 2"),
        ({"dashboards": {"w": {**BOARD, "tiles": [{"ask": {"kind": "trends"}}]}}}, "tiles[0].title"),
        (
            {"dashboards": {"w": {**BOARD, "tiles": [{"title": "x", "ask": {"kind": "trends", "param": {}}}]}}},
            "tiles[0].ask: there is no 'param'; did you mean 'params'?",
        ),
        ({"questions": {"sale": QUESTION}, "dashboards": {"w": BOARD}}, "'sales'; did you mean 'sale'?"),
        ("text", "names and values are wanted"),
    ],
    ids=lambda value: value[:30] if isinstance(value, str) else "given",
)
def test_a_fault_is_named_where_it_stands(given_: object, says: str) -> None:
    """With the right word that is nearest."""
    with pytest.raises(BadRequest) as error:
        require_whole(read_book(given_, anything))
    assert says in error.value.detail


@pytest.mark.parametrize(("text", "says"), [("a: [1", "line 1"), ("a: 1\na: 2", "twice"), ("!!python/name:os", "line")])
def test_what_is_no_yaml_is_refused(text: str, says: str) -> None:
    """With the line; a name that stands twice, and a tag that would make an object, are faults."""
    with pytest.raises(BadRequest) as error:
        read_code(text)
    assert says in error.value.detail


def test_changes_say_what_happens_to_what() -> None:
    """Added, changed and removed, with the lines that differ."""
    before = Book(questions={name: SavedQuestion(name=name, kind=Kind.TRENDS) for name in ("gone", "kept", "new name")})
    after = Book(
        questions={
            "kept": before.questions["kept"],
            "new name": SavedQuestion(name="other", kind=Kind.TRENDS),
            "more": SavedQuestion(name="more", kind=Kind.PATHS),
        }
    )
    found = {change.id: change for change in changes(before, after)}
    assert {id_: change.verb for id_, change in found.items()} == {
        "gone": Verb.REMOVE, "more": Verb.ADD, "new name": Verb.CHANGE,
    }  # fmt: skip
    assert found["new name"].lines == ["- name: new name", "+ name: other", "  kind: trends", "  params: {}"]
