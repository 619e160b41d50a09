"""Definitions as YAML text. What is written is read back as exactly the same, and nothing is guessed from a text.

Of YAML 1.2's core schema: `true`, `false`, `null` and whole numbers are what they look like, all else is text. So
`2026-03-01`, `12:30` and `no` stay what somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Hashable
from typing import Any, Final

import yaml

from footfall.errors import BadRequest

_WIDTH: Final = 120


class _Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML ships no types
    """YAML of which no text becomes a date, and no name stands twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        names = [self.construct_object(key, deep=True) for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise BadRequest(f"line {node.start_mark.line + 1}: {str(name)[:100]!r} stands there twice")
        found: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return found


class _Dumper(yaml.SafeDumper):  # type: ignore[misc]
    """YAML of which no sign is taken for the end of a line, which Unicode has more of than people know."""

    def represent_text(self, text: str) -> yaml.ScalarNode:
        return self.represent_scalar("tag:yaml.org,2002:str", text, style='"' if _ENDS.search(text) else None)


_ENDS: Final = re.compile("[\x85\u2028\u2029]")
_Dumper.add_representer(str, _Dumper.represent_text)
_Loader.yaml_implicit_resolvers = {}
for _tag, _form, _first in (
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("null", r"null|~|", ["n", "~", ""]),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_form})$"), list(_first))


def write_code(content: object) -> str:
    """Plain data as YAML, in their own order."""
    text: str = yaml.dump(content, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return text


def read_code(text: str) -> object:
    """What a YAML text says. Raises `BadRequest` with the line where it is none."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        at = "" if mark is None else f"line {mark.line + 1}: "
        raise BadRequest(f"{at}this is no YAML: {getattr(error, 'problem', None) or error}") from error
