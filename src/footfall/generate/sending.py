"""Events over HTTP to a server's own door, again until they are acknowledged: they carry ids, so none counts twice."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final, NamedTuple
from urllib.parse import urlsplit

import msgspec

from footfall.errors import BadRequest, FootfallError, Forbidden, Unavailable
from footfall.generate.visits import Event

_TIMEOUT_SECONDS: Final = 10.0
_FIRST_PAUSE_SECONDS: Final = 0.1
_LONGEST_PAUSE_SECONDS: Final = 5.0
_AGAIN: Final = frozenset((408, 429, 500, 502, 503, 504))

_encode: Final = msgspec.json.Encoder().encode


class Receipt(msgspec.Struct, frozen=True):
    """What the door answers once events are durable."""

    offset: int | None
    accepted: int
    rejected: int


class Problem(msgspec.Struct, frozen=True):
    """What it answers otherwise."""

    detail: str = ""


class Sent(NamedTuple):
    """A request that was acknowledged, and how often it was sent again before."""

    receipt: Receipt
    retries: int


_TLS_ALERT: Final = "\x15\x03"
"""What a server that wants TLS says to one who speaks without."""


class Sender:
    """One connection to one server; not for several threads at once."""

    def __init__(self, url: str, key: str) -> None:
        """`url` is the server's, `key` a write key. Raises `BadRequest` when the URL is none of HTTP."""
        parts = urlsplit(url)
        kinds = {"http": http.client.HTTPConnection, "https": http.client.HTTPSConnection}
        if parts.scheme not in kinds or not parts.hostname:
            raise BadRequest(f"{url!r} is no server's URL; it looks like http://127.0.0.1:8787")
        self._connection = kinds[parts.scheme](parts.hostname, parts.port, timeout=_TIMEOUT_SECONDS)
        self._target = f"{parts.path.rstrip('/')}/v1/events"
        self._headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
        self._url = url
        self.trouble: str | None = None
        """Why the last request was not acknowledged, if it was not."""

    def send(self, events: Sequence[Event], wait: Callable[[float], bool]) -> Sent:
        """Send until it is acknowledged.

        `wait(seconds)` pauses and says whether to give up. Raises `Unavailable` when it does, and `Forbidden` when
        sending again would not help.
        """
        body = _encode(events)
        pause = _FIRST_PAUSE_SECONDS
        retries = 0
        while True:
            try:
                receipt = self._post(body)
            except Unavailable as error:
                self.trouble = error.detail
                if wait(error.retry_after or pause):
                    raise
                retries += 1
                pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            else:
                self.trouble = None
                return Sent(receipt, retries)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()

    def _post(self, body: bytes) -> Receipt:
        try:
            self._connection.request("POST", self._target, body, self._headers)
            response = self._connection.getresponse()
            status, answer = response.status, response.read()
            later = response.headers.get("retry-after")
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            said = str(error) or type(error).__name__
            if said.startswith(_TLS_ALERT):
                raise Forbidden(f"the server at {self._url} speaks HTTPS: write https://") from None
            raise Unavailable(f"the server at {self._url} does not answer ({said}); is it running?") from None
        if status == HTTPStatus.ACCEPTED:
            return msgspec.json.decode(answer, type=Receipt)
        raise _refusal(status, answer, float(later) if later and later.isdigit() else None)


def _refusal(status: int, answer: bytes, retry_after: float | None) -> FootfallError:
    try:
        detail = msgspec.json.decode(answer, type=Problem).detail
    except msgspec.DecodeError:
        detail = ""
    said = f"the server answered {status}: {detail or 'without saying why'}"
    if status in _AGAIN:
        return Unavailable(said, retry_after=retry_after)
    return Forbidden(said)
