"""What one row of another tool says, taken member by member; what nobody takes is kept."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal


class Members:
    """Members of an object; each is taken once, and only as what it should be, so that nothing odd is lost.

    >>> said = Members({"city": "Oslo", "age": [1], "empty": ""})
    >>> said.text("city"), said.text("age"), said.rest()
    ('Oslo', None, {'age': [1]})
    """

    def __init__(self, said: object) -> None:
        """`said` is an object, or anything else that then says nothing."""
        self._left: dict[str, object] = dict(said) if isinstance(said, Mapping) else {}

    def text(self, name: str) -> str | None:
        """A text that says something, or a number's digits."""
        value = self._left.get(name)
        if isinstance(value, bool) or not isinstance(value, (str, int, float, Decimal)):
            return None
        del self._left[name]
        return str(value).strip() or None

    def number(self, name: str) -> object:
        """A number, or the text of one, as it is; whether it is one the check of all events says."""
        value = self._left.get(name)
        is_number = isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool) and value != ""
        return self._left.pop(name) if is_number else None

    def members(self, name: str) -> Members:
        """The members of an object within."""
        value = self._left.get(name)
        return Members(self._left.pop(name)) if isinstance(value, Mapping) else Members({})

    def objects(self, name: str) -> list[Members]:
        """The objects of a list within."""
        value = self._left.get(name)
        if not isinstance(value, list) or not all(isinstance(one, Mapping) for one in value):
            return []
        del self._left[name]
        return [Members(one) for one in value]

    def texts(self, name: str) -> list[str]:
        """The texts of a list within."""
        value = self._left.get(name)
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            return []
        del self._left[name]
        return value

    def rest(self) -> dict[str, object] | None:
        """What has not been taken and says anything, if there is any."""
        nothing: tuple[object, ...] = (None, "", {}, [])
        return {name: value for name, value in self._left.items() if value not in nothing} or None
