"""`docs/api.md`, written from the routes: `python -m footfall.api.document > docs/api.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from fastapi.routing import iter_route_contexts

from footfall.api.app import build
from footfall.api.figures import FIGURES
from footfall.api.ports import Node
from footfall.node.attended import Attended
from footfall.node.terms import Seals
from footfall.settings import Settings
from footfall.store.access import GRANTS, Role
from footfall.store.guard import Needs
from footfall.store.sealing import Sealer

_INTRODUCTION = """\
# The API

Written from the code by `python -m footfall.api.document > docs/api.md`; a test fails when it is stale. A running
server shows the same at `/docs` and `/redoc`, with every field of every answer, and as OpenAPI at `/openapi.json`.

* **Who.** Reads want a token: `Authorization: Bearer fft_…`. Events want a write key, which may only write.
  A token has one role, and is for one project or for all.
* **Which project.** The token's own; with a token for all projects `?project=` (without it `default`).
* **Money** is decimal text, exact (`"59442.63"`). **Times** are ISO 8601 in UTC; requests may give them in any form
  that events may have. **Rates** are percentages, unrounded.
* **Pages** have `items` and `next`; `?cursor=` goes on where a page ended. At most 1,000 items a page.
* **After a write** the 202 names a journal offset; a read with `?after=OFFSET` waits until it is in.
* **Errors** are `application/problem+json` (RFC 9457): `status`, `code` for programs, `detail` for people. With 429 and
  503, `Retry-After` says when to come back. `X-Request-Id` goes in and out, and stands on the log lines.
"""

_OTHERWISE = {"collect": "a write key", "shared": "the secret of a link"}
"""{tag of routes: what they want instead of a token}."""


def openapi() -> dict[str, Any]:
    """The OpenAPI document, made without a data folder."""
    return build(_nothing()).openapi()


def markdown() -> str:
    """The whole page."""
    document, needed = openapi(), _permissions()
    return "\n".join([_INTRODUCTION, *_roles(), *_routes(document, needed), *_metrics()])


def _nothing() -> Node:
    """A node of which no route is ever called."""
    seals, attended = Seals(Sealer([bytes(32)]), None), Attended()
    folder = Path("footfall-data")
    return cast("Node", SimpleNamespace(settings=Settings(), store=None, folder=folder, seals=seals, attended=attended))


def _permissions() -> Mapping[tuple[str, str], str]:
    """{(method, path): what it needs, in words}."""
    needed: dict[tuple[str, str], str] = {}
    for route in iter_route_contexts(build(_nothing()).routes):
        for dependency in route.dependencies:
            if isinstance(guard := dependency.dependency, Needs):
                words = f"`{guard.permission}`" + (", for all projects" if guard.every_project else "")
                path = str(route.path).replace(":path}", "}")  # as OpenAPI writes it
                needed |= {(method.lower(), path): words for method in route.methods or ()}
    return needed


def _roles() -> Iterator[str]:
    yield "## Roles\n\n| role | permissions |\n|---|---|"
    for role in Role:
        yield f"| `{role}` | {', '.join(f'`{permission}`' for permission in sorted(GRANTS[role]))} |"


def _routes(document: dict[str, Any], needed: Mapping[tuple[str, str], str]) -> Iterator[str]:
    yield "\n## Routes"
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            who = _OTHERWISE.get(operation["tags"][0]) or needed.get((method, path), "nothing")
            says = operation.get("description") or operation["summary"]
            yield f"\n### {method.upper()} {path}\n\n{says}\n\nNeeds: {who}."
            parameters = operation.get("parameters", [])
            if parameters:
                yield "\n| parameter | | default | meaning |\n|---|---|---|---|"
                yield from map(_parameter, parameters)


def _parameter(parameter: dict[str, Any]) -> str:
    schema = parameter["schema"]
    meaning = parameter.get("description") or schema.get("description") or ""
    default = schema.get("default")
    shown = "" if default in (None, []) else f"`{default}`"
    return f"| `{parameter['name']}` | {parameter['in']} | {shown} | {meaning} |"


def _metrics() -> Iterator[str]:
    yield "\n## Figures of `/metrics`\n\n| name | meaning |\n|---|---|"
    for name, meaning in FIGURES.items():
        yield f"| `footfall_{name}` | {meaning} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(markdown())
