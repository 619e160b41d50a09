"""What the view asks the API for, at first and again and again: health, the newest sessions and alerts, totals."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Final, NamedTuple

from footfall.cli.client import Client, Refused, Socket
from footfall.cli.show import Item
from footfall.cli.top.picture import Picture, health_of

_PAGE: Final = 100


class Answers(NamedTuple):
    """What the API has said; no alerts from a server that tells none."""

    readiness: Item
    sessions: Item
    alerts: Item | None


def ask(client: Client, only: str | None) -> Answers:
    """Ask for health, sessions (of one class) and alerts. Raises `Refused` and `Unavailable`."""
    return Answers(
        _readiness(client),
        client.get("/v1/sessions", sort="-session_end", limit=_PAGE, visitor_class=only),
        _if_there(client, "/v1/alerts", limit=_PAGE),
    )


def ask_totals(client: Client) -> Item | None:
    """The report, which may take long; None from a server that has none."""
    return _if_there(client, "/v1/report", top=1)


def fill(picture: Picture, answers: Answers) -> None:
    """Put what the API has said into the picture; a pausing one takes the health alone."""
    picture.health = health_of(answers.readiness)
    if not picture.paused:
        picture.fill_sessions(answers.sessions["items"], answers.sessions["currency"])
        if answers.alerts is not None:
            picture.fill_alerts(answers.alerts["items"])


def _readiness(client: Client) -> Item:
    """What `/ready` answers, whether the server is ready or not."""
    try:
        found: Item = client.get("/ready")
    except Refused as error:
        if error.answered != HTTPStatus.SERVICE_UNAVAILABLE or client.address is None:
            raise
        return _unready(client.address)
    return found


def _unready(address: str) -> Item:
    """The answer of a server that is not ready: no error to be passed on, but what was asked for."""
    socket = Socket(address)
    try:
        said: Item = json.loads(socket.send("GET", "/ready", {}, b"").body)
    finally:
        socket.close()
    return said


def _if_there(client: Client, path: str, **parameters: object) -> Item | None:
    try:
        found: Item = client.get(path, **parameters)
    except Refused as error:
        if error.answered != HTTPStatus.NOT_FOUND:
            raise
        return None
    return found
