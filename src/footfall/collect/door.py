"""The door: a bare ASGI application that takes events in every protocol and answers once the journal has synced.

What a protocol is stands in `footfall.collect.protocol`; here is what all of them share: keys, limits, the commit.
"""

from __future__ import annotations

import math
import time
import typing
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from footfall.collect.access import Header, authorised, cross_origin
from footfall.collect.access_log import AccessLog, known_method
from footfall.collect.body import Gone, Receive, read_body
from footfall.collect.contacts import Keeping
from footfall.collect.counters import Counters
from footfall.collect.limits import DEFAULTS, Account, Limits, Share
from footfall.collect.protocol import Answer, Parcel, Protocol
from footfall.collect.protocols import BY_PATH
from footfall.collect.receipt import Receipt
from footfall.collect.request import Request, Scope
from footfall.collect.request_id import HEADER, REQUEST_ID
from footfall.collect.submission import Submission
from footfall.enrich.consent import Consents
from footfall.enrich.entrance import NOBODY, Entrance, Sender
from footfall.errors import BadRequest, FootfallError
from footfall.events.kinds import Taxonomy
from footfall.events.wire import Source
from footfall.store.keys import WriteKey, WriteKeys
from footfall.store.sealing import Sealer

Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_ALWAYS: Final[tuple[Header, ...]] = (
    (b"cache-control", b"no-store"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"x-content-type-options", b"nosniff"),
)


class MethodNotAllowed(FootfallError):
    """Each path of the door takes what its protocol sends, and OPTIONS from browsers."""

    status = 405
    code = "method-not-allowed"
    title = "This method is not for this path"


class Committer(typing.Protocol):
    """What makes a submission durable: `journal.group.GroupCommit[Submission]`."""

    async def commit(self, item: Submission, *, size: int, traces: Sequence[str]) -> int:
        """The offset of the commit, once it is synced; its log lines name `traces`."""
        ...


class Door:
    """The ASGI application; it answers HTTP requests for the paths of its protocols, and is given no others.

    Args:
        keys: where write keys are looked up.
        commit: makes events durable; the answer waits for it.
        taxonomy: the kinds of events.
        currency: the projects' own currency.
        own_currency: project → its currency where it differs; None where it does not.
        entrance: what is found out of a request beside its events.
        consents: what people agreed to, and what may be stored of them.
        limits: what is taken at most.
        pressure: why nothing can be taken at the moment, if so; asked before a body is read.
        now_us: the clock.
        fast: whether plain events may take the fast lanes.
        sealer: seals contact details; without it none are kept.
    """

    def __init__(
        self,
        *,
        keys: WriteKeys,
        commit: Committer,
        taxonomy: Taxonomy,
        currency: str,
        entrance: Entrance,
        own_currency: Callable[[str], str | None] = lambda _: None,
        consents: Consents | None = None,
        limits: Limits = DEFAULTS,
        pressure: Callable[[], FootfallError | None] = lambda: None,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1_000,
        fast: bool = True,
        sealer: Sealer | None = None,
    ) -> None:
        self.counters = Counters()
        self.account = Account(limits)
        self._log = AccessLog()
        self._keys = keys
        self._commit = commit
        self.taxonomy = taxonomy
        """The kinds of events; another one as soon as they are changed."""
        self._currency = currency
        self._own_currency = own_currency
        self._entrance = entrance
        self._consents = consents
        self._limits = limits
        self._pressure = pressure
        self._now_us = now_us
        self._fast = fast
        self._sealer = sealer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        began = time.perf_counter()
        request = Request(scope, receive)
        protocol = BY_PATH[request.path]
        try:
            status, headers, body = await self._answer(request, protocol)
        except Gone:
            # Nobody reads this when the client is gone; a body whose chunks are broken ends alike, and is told.
            status, headers, body = _refusal(
                BadRequest("the body broke off before its end: send it again"), request, protocol
            )
        except FootfallError as error:
            status, headers, body = _refusal(error, request, protocol)
        except Exception:
            REQUEST_ID.set(request.id)  # for the line of whoever catches it; each request has its own context
            raise
        self.counters.answered(status)
        self._log.answered(status, time.perf_counter() - began, lambda: _facts(request))
        common = (*_ALWAYS, (HEADER, request.id.encode()), *cross_origin(request.origin))
        length = () if status == 204 else ((b"content-length", b"%d" % len(body)),)
        await send({"type": "http.response.start", "status": status, "headers": [*common, *length, *headers]})
        await send({"type": "http.response.body", "body": body})

    async def _answer(self, request: Request, protocol: Protocol) -> Answer:
        if request.method == "OPTIONS":
            return Answer(204, protocol.preflight(request), b"")
        methods = protocol.routes[request.path]
        if request.method not in methods:
            raise MethodNotAllowed(f"{request.method} is not for {request.path}: send events with {methods[0]}")
        return protocol.taken(await self._take(request, protocol), request)

    async def _take(self, request: Request, protocol: Protocol) -> Receipt:
        pressure = self._pressure()
        if pressure is not None:
            raise pressure
        secret = protocol.stated_key(request)
        key = None if secret is None else authorised(self._keys, secret, request.origin_text)
        with self.account.admit() as share:
            body = await self._body(request, share, sniff=protocol.sniffs)
            received_us = self._now_us()
            parcel = protocol.open(body, request, self._limits)
            key = key or authorised(self._keys, parcel.write_key, request.origin_text)
            keeping = None if self._sealer is None else Keeping(self._sealer)
            source = self._source(key, request, protocol, parcel, received_us, keep=keeping)
            reading = parcel.read(source, max_events=self._limits.events)
            submission = Submission(*reading, () if keeping is None else keeping.contacts)
            if self._consents is not None:
                submission = Submission(*self._consents.honoured(key.project_id, *submission, door=protocol.name))
            offset = None
            if protocol.stores(request):
                if submission.total:
                    offset = await self._commit.commit(
                        submission, size=submission.size(len(body)), traces=(request.id,)
                    )
                self.counters.stored(submission, len(body))
        request.receipt = Receipt.of(submission, offset)
        return request.receipt

    async def _body(self, request: Request, share: Share, *, sniff: bool) -> bytes:
        body = b""
        if request.method != "GET":
            body = await read_body(request.receive, request.headers, self._limits, share, sniff=sniff)
        request.read = len(body)
        return body

    def _source(
        self,
        key: WriteKey,
        request: Request,
        protocol: Protocol,
        parcel: Parcel,
        received_us: int,
        *,
        keep: Keeping | None,
    ) -> Source:
        sent_us, server, project_id = parcel.sent_us(), key.kind == "server", key.project_id
        return self.source(
            project_id,
            door=protocol.name,
            received_us=received_us,
            server=server,
            shift_us=0 if sent_us is None else received_us - sent_us,
            sender=NOBODY if server else self._entrance.sender(project_id, request.address, request.lines),
            cookieless=protocol.cookieless,
            keep=keep,
        )

    def source(
        self,
        project_id: str,
        *,
        door: str,
        received_us: int,
        server: bool,
        shift_us: int = 0,
        sender: Sender = NOBODY,
        cookieless: bool = False,
        keep: Keeping | None = None,
    ) -> Source:
        """How events are read that came through `door`; a server's are believed, and say themselves whose they are."""
        entrance = self._entrance
        return Source(
            project_id=project_id,
            received_us=received_us,
            door=door,
            taxonomy=self.taxonomy,
            currency=self._own_currency(project_id) or self._currency,
            medium="server" if server else "web",
            may_state=server,
            allow_old=server,
            shift_us=shift_us,
            ip_hash=sender.ip_hash,
            agent=sender.agent,
            place=sender.place,
            lookups=entrance.lookups,
            hiding=entrance.hiding(project_id),
            stranger=partial(entrance.stranger, project_id, sender) if cookieless or entrance.cookieless else None,
            keep=keep,
            hash_address=lambda text: entrance.hashed(project_id, text),
            name_bytes=self._limits.name_bytes,
            property_bytes=self._limits.property_bytes,
            depth=self._limits.depth,
            fast=self._fast,
        )


def _refusal(error: FootfallError, request: Request, protocol: Protocol) -> Answer:
    request.refused = error
    answer = protocol.refused(error, request)
    headers = list(answer.headers)
    if error.status == 405:
        headers.append((b"allow", ", ".join((*protocol.routes[request.path], "OPTIONS")).encode()))
    if error.retry_after is not None:
        headers.append((b"retry-after", b"%d" % math.ceil(error.retry_after)))
    if request.read is None and request.http_1:
        headers.append((b"connection", b"close"))
    return answer._replace(headers=headers)


def _facts(request: Request) -> dict[str, object]:
    """What may be logged of a request."""
    facts: dict[str, object] = {"request_id": request.id, "method": known_method(request.method), "route": request.path}
    if request.read is not None:
        facts["bytes"] = request.read
    if request.receipt is not None:
        facts |= {name: getattr(request.receipt, name) for name in ("offset", "accepted", "rejected")}
    if request.refused is not None:
        facts["code"] = request.refused.code
    return facts
