"""Footfall's own door, `POST /v1/events`: a bare ASGI application that answers 202 once the journal has synced.

It takes what `footfall.collect.forms` recognises, under the limits of `footfall.collect.limits`; every other answer is
a problem (RFC 9457) and means that nothing was kept.
"""

from __future__ import annotations

import math
import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any, Final, Protocol, TypeAlias

import msgspec
from msgspec import Struct

from footfall.collect.access import PREFLIGHT, Header, authorised, cross_origin, stated_key
from footfall.collect.access_log import AccessLog, known_method
from footfall.collect.body import Gone, Headers, Receive, read_body, says_lines
from footfall.collect.counters import Counters
from footfall.collect.forms import Sent, recognise
from footfall.collect.limits import DEFAULTS, Account, Limits
from footfall.collect.request_id import HEADER, REQUEST_ID, request_id
from footfall.collect.submission import Submission
from footfall.enrich.address import AddressHasher
from footfall.errors import BadRequest, FootfallError
from footfall.events.kinds import Taxonomy
from footfall.events.wire import Source
from footfall.problem import CONTENT_TYPE, problem_json
from footfall.store.keys import WriteKey, WriteKeys

Scope: TypeAlias = MutableMapping[str, Any]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

PATH: Final = "/v1/events"

_ALWAYS: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)


class MethodNotAllowed(FootfallError):
    """The door takes POST, and OPTIONS from browsers."""

    status = 405
    code = "method-not-allowed"
    title = "This method is not for this path"


class Committer(Protocol):
    """What makes a submission durable: `journal.group.GroupCommit[Submission]`."""

    async def commit(self, item: Submission, *, size: int, traces: Sequence[str]) -> int:
        """The offset of the commit, once it is synced; its log lines name `traces`."""
        ...


class Fault(Struct, frozen=True):
    """One refused event in an answer."""

    index: int
    """Its place in the request, from 0."""
    reason: str
    detail: str


class Receipt(Struct, frozen=True):
    """What a 202 says."""

    offset: int | None
    """Journal offset that a read can wait for (`?after=`); None when the request held no event."""
    accepted: int
    rejected: int
    errors: list[Fault]


class Door:
    """The ASGI application; it answers every HTTP request that it is given, whatever the path.

    Args:
        keys: where write keys are looked up.
        commit: makes events durable; the answer waits for it.
        taxonomy: the kinds of events.
        currency: the projects' own currency.
        own_currency: project → its currency where it differs; None where it does not.
        address: hashes addresses, when they are to be kept at all.
        limits: what is taken at most.
        pressure: why nothing can be taken at the moment, if so; asked before a body is read.
        now_us: the clock.
        fast: whether plain events may take the fast lanes.
    """

    def __init__(
        self,
        *,
        keys: WriteKeys,
        commit: Committer,
        taxonomy: Taxonomy,
        currency: str,
        own_currency: Callable[[str], str | None] = lambda _: None,
        address: AddressHasher | None = None,
        limits: Limits = DEFAULTS,
        pressure: Callable[[], FootfallError | None] = lambda: None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
        fast: bool = True,
    ) -> None:
        self.counters = Counters()
        self.account = Account(limits)
        self._log = AccessLog()
        self._keys = keys
        self._commit = commit
        self._taxonomy = taxonomy
        self._currency = currency
        self._own_currency = own_currency
        self._address = address
        self._limits = limits
        self._pressure = pressure
        self._now_us = now_us
        self._fast = fast

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request = _Request(scope, receive)
        try:
            status, headers, body = await self._answer(request)
        except Gone:
            # Nobody reads this when the client is gone; a body whose chunks are broken ends alike, and is told.
            request.refused = BadRequest("the body broke off before its end: send it again")
            status, headers, body = _problem(request.refused, request)
        except FootfallError as error:
            request.refused = error
            status, headers, body = _problem(error, request)
        except Exception:
            REQUEST_ID.set(request.id)  # for the line of whoever catches it; each request has its own context
            raise
        self.counters.answered(status)
        self._log.answered(status, time.perf_counter() - began, request.facts)
        common = (*_ALWAYS, (HEADER, request.id.encode()), *cross_origin(request.origin))
        length = () if status == 204 else ((b"content-length", b"%d" % len(body)),)
        await send({"type": "http.response.start", "status": status, "headers": [*common, *length, *headers]})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, request: _Request) -> tuple[int, Sequence[Header], bytes]:
        if request.method == "OPTIONS":
            return 204, PREFLIGHT, b""
        if request.method != "POST":
            raise MethodNotAllowed(f"{request.method} is not for {PATH}: send events with POST")
        receipt = await self._take(request)
        return 202, ((b"content-type", b"application/json"),), msgspec.json.encode(receipt)

    async def _take(self, request: _Request) -> Receipt:
        pressure = self._pressure()
        if pressure is not None:
            raise pressure
        lines = says_lines(request.headers)
        secret = stated_key(request.headers, request.query)
        key = None if secret is None else authorised(self._keys, secret, request.origin_text)
        with self.account.admit() as share:
            body = await read_body(request.receive, request.headers, self._limits, share)
            request.read = len(body)
            received_us = self._now_us()
            sent = recognise(body, lines=lines, max_events=self._limits.events)
            key = key or authorised(self._keys, sent.write_key, request.origin_text)
            source = self._source(key, request, sent, received_us)
            submission = Submission(*sent.read(source, max_events=self._limits.events))
            offset = None
            if submission.total:
                offset = await self._commit.commit(submission, size=submission.size(len(body)), traces=(request.id,))
            self.counters.stored(submission, len(body))
        request.receipt = _receipt(submission, offset)
        return request.receipt

    def _source(self, key: WriteKey, request: _Request, sent: Sent, received_us: int) -> Source:
        sent_us, server, project_id = sent.sent_us(), key.kind == "server", key.project_id
        address = self._address
        return Source(
            project_id=project_id,
            received_us=received_us,
            door="http",
            taxonomy=self._taxonomy,
            currency=self._own_currency(project_id) or self._currency,
            medium="server" if server else "web",
            may_state=server,
            allow_old=server,
            shift_us=0 if sent_us is None else received_us - sent_us,
            ip_hash=None if server else self._connection_hash(project_id, request.address),
            hash_address=None if address is None else lambda text: address(project_id, text),
            name_bytes=self._limits.name_bytes,
            property_bytes=self._limits.property_bytes,
            depth=self._limits.depth,
            fast=self._fast,
        )

    def _connection_hash(self, project_id: str, address: str | None) -> str | None:
        if self._address is None or address is None:
            return None
        try:
            return self._address(project_id, address)
        except ValueError:  # a server on a Unix socket names no address
            return None


class _Request:
    """What the door looks at in a request."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        self.receive = receive
        self.method: str = scope["method"]
        self.headers: Headers = dict(scope["headers"])
        self.query: bytes = scope.get("query_string", b"")
        self.path: str = scope.get("path", PATH)
        self.http_1 = scope.get("http_version", "1.1").startswith("1")
        client = scope.get("client")
        self.address: str | None = client[0] if client else None
        self.origin = self.headers.get(b"origin")
        self.id = request_id(self.headers.get(HEADER))
        self.read: int | None = None
        """Bytes of the body (unpacked), once it has been read to its end."""
        self.receipt: Receipt | None = None
        self.refused: FootfallError | None = None

    @property
    def origin_text(self) -> str | None:
        """Where the page that sends this came from; None when no page sends it."""
        return None if self.origin is None else self.origin.decode("latin-1")

    def facts(self) -> dict[str, object]:
        """What may be logged of it."""
        facts: dict[str, object] = {"request_id": self.id, "method": known_method(self.method), "route": PATH}
        if self.read is not None:
            facts["bytes"] = self.read
        if self.receipt is not None:
            facts |= {name: getattr(self.receipt, name) for name in ("offset", "accepted", "rejected")}
        if self.refused is not None:
            facts["code"] = self.refused.code
        return facts


def _receipt(submission: Submission, offset: int | None) -> Receipt:
    faults = [Fault((one.line or 1) - 1, one.reason, one.detail) for one in submission.rejected]
    return Receipt(offset, len(submission.events), len(faults), faults)


def _problem(error: FootfallError, request: _Request) -> tuple[int, Sequence[Header], bytes]:
    headers: list[Header] = [(b"content-type", CONTENT_TYPE.encode())]
    if error.status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if error.status == 405:
        headers.append((b"allow", b"POST, OPTIONS"))
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % math.ceil(error.retry_after)))
    if request.read is None and request.http_1:
        headers.append((b"connection", b"close"))
    return error.status, headers, problem_json(error, request.path)
