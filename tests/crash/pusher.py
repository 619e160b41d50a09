"""A client that pushes as hard as it can: `pusher.py ADDRESS KEY NAME SECONDS CONNECTIONS BATCH`, with stories in JSON.

Nothing is sent twice, whatever the answer. Events are named `NAME.CONNECTION.REQUEST.PLACE`, so that who hears which
requests were acknowledged knows every event's id (`ids`).
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

_HEADERS = {"content-type": "application/json"}


class Story(Struct):
    """What became of the requests of one connection."""

    name: str
    batch: int
    """Events in a request."""
    acknowledged: list[str] = []
    """Requests that were answered with 202."""
    statuses: dict[str, int] = {}
    """{status: answers}."""
    troubles: dict[str, int] = {}
    """{what was not as it should be, a connection that broke for one: how often}."""


def ids(requests: Sequence[str], batch: int) -> Iterator[str]:
    """The ids of all events of some requests."""
    return (f"{request}.{place}" for request in requests for place in range(batch))


def body(request: str, number: int, batch: int) -> bytes:
    """A request of `batch` events of a few hundred visitors; one event alone is sent bare."""
    events = ",".join(
        f'{{"event_id":"{event_id}","name":"product_view","visitor_id":"v{(number * 31 + place) % 500}",'
        f'"page_path":"/products/shoes/{place}","product_id":"p{place}","price":"19.99",'
        f'"properties":{{"colour":"dark green","size":{place},"campaign":"summer sale"}}}}'
        for place, event_id in enumerate(ids([request], batch))
    )
    return (f"[{events}]" if batch > 1 else events).encode()


def push(address: str, key: str, deadline: float, story: Story) -> None:
    """Send request after request until the deadline."""
    where = urlsplit(address)
    server = http.client.HTTPConnection(where.hostname or "", where.port, timeout=60)
    headers = {**_HEADERS, "authorization": f"Bearer {key}"}
    statuses, troubles = Counter[str](), Counter[str]()
    number = 0
    while time.monotonic() < deadline:
        number += 1
        request = f"{story.name}.{number}"
        try:
            server.request("POST", "/v1/events", body(request, number, story.batch), headers)
            answer = server.getresponse()
            told = json.loads(answer.read())
        except (OSError, http.client.HTTPException) as error:
            troubles[type(error).__name__] += 1
            server.close()
            continue
        statuses[str(answer.status)] += 1
        if answer.status == 202:
            story.acknowledged.append(request)
            troubles["not all accepted"] += told["accepted"] != story.batch
        else:
            troubles["no Retry-After"] += int(answer.headers.get("retry-after", "0")) < 1
    server.close()
    story.statuses, story.troubles = dict(statuses), dict(+troubles)


def main() -> None:
    """Push from many connections, and tell the story of each."""
    address, key, name, seconds, connections, batch = sys.argv[1:]
    deadline = time.monotonic() + float(seconds)
    stories = [Story(f"{name}.{number}", int(batch)) for number in range(int(connections))]
    threads = [threading.Thread(target=push, args=(address, key, deadline, story)) for story in stories]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sys.stdout.write(msgspec.json.encode(stories).decode())


if __name__ == "__main__":
    main()
