"""How rooms may meet, where import-linter's layers do not say it: features only at each other's front door."""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tests.repo.tree import ROOT, files, text


def features() -> set[str]:
    """The rooms on the layer of the features, as pyproject.toml lists them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    [layers] = [contract["layers"] for contract in contracts if contract["id"] == "direction"]
    [layer] = [layer for layer in layers if "imports" in layer]
    return {room.strip(" ()") for room in layer.split(":")}


def imported(source: str) -> Iterator[tuple[int, str]]:
    """Every dotted name that `source` imports from or imports, with its line."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.lineno, node.module


def trespasses(path: Path, source: str, rooms: set[str]) -> list[str]:
    """Imports of another feature's inside, in the feature's file at `path`."""
    if path.parts[2] not in rooms:
        return []
    return [
        f"{path}:{line}: {name} is inside another feature; import footfall.{name.split('.')[1]}"
        for line, name in imported(source)
        if name.startswith("footfall.") and name.count(".") > 1 and name.split(".")[1] in rooms - {path.parts[2]}
    ]


def test_features_meet_at_their_front_doors() -> None:
    """No feature imports a module inside another feature."""
    rooms = features()
    assert [fault for path in files("src/footfall/*.py") for fault in trespasses(path, text(path) or "", rooms)] == []


def test_a_trespass_is_named() -> None:
    """The inside of another feature is closed; its package, one's own inside and lower rooms are open."""
    here = Path("src/footfall/people/service.py")
    rooms = {"people", "fraud"}
    [fault] = trespasses(here, "\nfrom footfall.fraud.rules import fires", rooms)
    assert fault.startswith("src/footfall/people/service.py:2: footfall.fraud.rules")
    allowed = "from footfall.fraud import fires\nfrom footfall.people.models import A\nimport footfall.lake.table"
    assert trespasses(here, allowed, rooms) == []
