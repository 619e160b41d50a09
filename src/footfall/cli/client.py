"""How the command line reaches Footfall: over a socket when a server owns the data folder, else in this process.

Both ways speak to the same application, so both give the same answer.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple, Protocol, TypeAlias
from urllib.parse import urlencode, urlsplit

from footfall.errors import FolderOwned, FootfallError, Unavailable

_START_SECONDS = 10.0
_PIECE_BYTES = 1 << 18
Parameters: TypeAlias = Mapping[str, object]
Sink: TypeAlias = Callable[[bytes], object]
"""Takes a body piece by piece."""


class Answer(NamedTuple):
    """What came back: the status, the body as it is, and after how many seconds to ask again."""

    status: int
    body: bytes
    retry_after: float | None = None


class Transport(Protocol):
    """Carries one request to the application and its answer back."""

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, sink: Sink | None = None
    ) -> Answer:
        """`target` is path and query; what is answered below 400 goes to `sink`, where one is given, as it comes.

        Raises `Unavailable` when there is nobody to answer.
        """
        ...

    def close(self) -> None:
        """Let go of the connection."""
        ...


class Refused(FootfallError):
    """The application's own problem details, as the command line passes them on."""

    def __init__(self, status: int, code: str, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail, retry_after=retry_after)
        self.answered = status
        self.answered_code = code


class Client:
    """Asks the API of one data folder, as the bearer of `token`, for one project."""

    def __init__(
        self, transport: Transport, token: str, project: str | None = None, address: str | None = None
    ) -> None:
        self._transport = transport
        self._token = token
        self._project = project
        self.address = address
        """As the owner has announced it (`node.lock.Owner`)."""
        """URL of the server that answers; None when the folder is open in this process."""

    def get(self, path: str, **parameters: object) -> Any:
        """The JSON that `GET path` answers; parameters that are None are left out, lists are repeated."""
        return self._json("GET", path, parameters, None)

    def post(self, path: str, content: object = None, **parameters: object) -> Any:
        """The JSON that `POST path` answers; `content` is sent as it is when bytes, else as JSON."""
        return self._json("POST", path, parameters, content)

    def put(self, path: str, content: object = None, **parameters: object) -> Any:
        """The JSON that `PUT path` answers."""
        return self._json("PUT", path, parameters, content)

    def patch(self, path: str, content: object = None, **parameters: object) -> Any:
        """The JSON that `PATCH path` answers."""
        return self._json("PATCH", path, parameters, content)

    def delete(self, path: str, **parameters: object) -> Any:
        """The JSON that `DELETE path` answers."""
        return self._json("DELETE", path, parameters, None)

    def fetch(self, path: str, **parameters: object) -> bytes:
        """What `GET path` answers, as it is."""
        return self._get(path, parameters).body

    def pour(self, path: str, sink: Sink, **parameters: object) -> None:
        """Give `sink` what `GET path` answers, piece by piece, however much it is."""
        self._get(path, parameters, sink)

    def _get(self, path: str, parameters: Parameters, sink: Sink | None = None) -> Answer:
        headers = {"authorization": f"Bearer {self._token}"}
        answer = self._transport.send("GET", self._target(path, parameters), headers, b"", sink)
        if answer.status >= 400:
            raise refused(answer)
        return answer

    def _json(self, method: str, path: str, parameters: Parameters, content: object) -> Any:
        body = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        kind = "application/octet-stream" if isinstance(content, bytes) else "application/json"
        headers = {"authorization": f"Bearer {self._token}", "content-type": kind}
        answer = self._transport.send(method, self._target(path, parameters), headers, body)
        if answer.status >= 400:
            raise refused(answer)
        return json.loads(answer.body) if answer.body else None

    def _target(self, path: str, parameters: Parameters) -> str:
        given = {"project": self._project, **parameters}
        query = urlencode({name: value for name, value in given.items() if value is not None}, doseq=True)
        return path + (f"?{query}" if query else "")


class Socket:
    """HTTP over a socket to the server at `address` (a URL), one connection kept open."""

    def __init__(self, address: str) -> None:
        from footfall.cli.connecting import connection

        self._address = address.partition("#")[0]
        self._connection = connection(address)

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, sink: Sink | None = None
    ) -> Answer:
        from http.client import HTTPException

        try:
            self._connection.request(method, target, body, dict(headers))
            response = self._connection.getresponse()
            pieces = iter(lambda: response.read(_PIECE_BYTES), b"")
            if sink is None or response.status >= 400:
                return Answer(response.status, b"".join(pieces), seconds_of(response.headers.get("retry-after")))
        except (OSError, HTTPException) as error:
            raise self._lost(error) from None
        while True:
            try:
                piece = response.read1(_PIECE_BYTES)
            except (OSError, HTTPException) as error:
                raise self._lost(error) from None
            if not piece:
                return Answer(response.status, b"")
            sink(piece)

    def close(self) -> None:
        self._connection.close()

    def _lost(self, error: Exception) -> Unavailable:
        self._connection.close()
        return Unavailable(f"the server at {self._address} does not answer ({error}); is it still running?")


class Wherever:
    """HTTP to the server that owns a data folder, wherever it answers now: it may have been started anew."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(
        self, method: str, target: str, headers: Mapping[str, str], body: bytes, sink: Sink | None = None
    ) -> Answer:
        socket = Socket(running_at(self._folder))
        try:
            return socket.send(method, target, headers, body, sink)
        finally:
            socket.close()

    def close(self) -> None:
        """Nothing is held between requests."""


def seconds_of(text: str | None) -> float | None:
    """The number of seconds that a `Retry-After` names."""
    return float(text) if text and text.isdigit() else None


def refused(answer: Answer) -> Refused:
    """What an answer from 400 up says, to be raised."""
    try:
        problem = json.loads(answer.body)
        return Refused(answer.status, problem["code"], problem["detail"], answer.retry_after)
    except (ValueError, KeyError, TypeError):
        return Refused(answer.status, "internal", f"the server answered {answer.status} without saying why")


@contextmanager
def open_client(folder: Path, *, project: str | None = None) -> Iterator[Client]:
    """A client for the data folder: of the server that owns it, else of the folder opened in this process.

    Raises `FolderOwned` when another process owns the folder and does not answer in time.
    """
    address = listening_at(folder)
    if address is None:
        with ExitStack() as stack:
            try:
                transport, token = _open_here(folder, stack)
            except FolderOwned:
                address = _announced(folder)
            else:
                yield Client(transport, token, project)
                return
    transport = Socket(address)
    try:
        yield Client(transport, token_of(folder), project, address)
    finally:
        transport.close()


def _open_here(folder: Path, stack: ExitStack) -> tuple[Transport, str]:
    from footfall.api.app import assemble
    from footfall.cli.in_process import InProcess, log_in_lines
    from footfall.node.node import Node
    from footfall.settings import load

    log_in_lines()
    node = Node.open(folder, load(folder))
    stack.callback(node.close)
    transport = InProcess(assemble(node))
    stack.callback(transport.close)
    return transport, node.store.temporary_token()


def listening_at(folder: Path) -> str | None:
    """The URL of the server that owns the data folder, when one answers there."""
    from footfall.node.lock import read_owner

    owner = read_owner(folder)
    if owner is None or owner.address is None:
        return None
    parts = urlsplit(owner.address)
    try:
        socket.create_connection((parts.hostname or "", parts.port or 80), timeout=2).close()
    except OSError:
        return None
    return owner.address


def running_at(folder: Path) -> str:
    """The same of a server that must be there; raises `Unavailable` when nobody does."""
    address = listening_at(folder)
    if address is None:
        raise Unavailable(f"no server runs on {folder}, and this needs one: `footfall serve --data {folder}`")
    return address


def token_of(folder: Path) -> str:
    """The admin token that the first start left in the data folder, for its owner's commands."""
    path = folder / "admin-token"
    try:
        return path.read_text().strip()
    except OSError as error:
        detail = f"no admin token can be read from {path} ({error.strerror}); it is made at the first start"
        raise Unavailable(detail) from None


def _announced(folder: Path) -> str:
    """The owner's URL, once it listens: a server that has just begun takes a moment."""
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        if (address := listening_at(folder)) is not None:
            return address
        time.sleep(0.05)
    raise FolderOwned(f"another command is at work on {folder}; try again when it has ended", address=None)
