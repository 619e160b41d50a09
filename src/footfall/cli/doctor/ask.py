"""A question to a running server that may be slow, broken, of another version, or no Footfall at all."""

from __future__ import annotations

import http.client
import json
from contextlib import closing
from typing import Any, NamedTuple

from footfall.cli.connecting import connection

_SECONDS = 1.0


class Answer(NamedTuple):
    """The status, and the JSON that came with it; None when it was none."""

    status: int
    content: Any


def ask(address: str, path: str, token: str | None = None) -> Answer:
    """The answer to `GET path`; raises `OSError` when there is none in time."""
    with closing(connection(address, timeout=_SECONDS)) as made:
        try:
            made.request("GET", path, headers={"authorization": f"Bearer {token}"} if token else {})
            response = made.getresponse()
            body = response.read()
        except http.client.HTTPException as error:
            raise OSError(f"the answer is no HTTP ({type(error).__name__})") from error
    try:
        return Answer(response.status, json.loads(body))
    except ValueError:
        return Answer(response.status, None)


def is_footfall(address: str) -> bool:
    """Whether a Footfall server answers there."""
    try:
        answer = ask(address, "/health")
    except OSError:
        return False
    return answer.status == 200 and isinstance(answer.content, dict) and answer.content.get("status") == "alive"
