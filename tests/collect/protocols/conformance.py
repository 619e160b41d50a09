"""What the tests hold of every protocol and of every client, and the gaps, one by one.

A promise or a proof is declared by the test that runs for it, and only there: what no test runs for can't be a "yes".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

import pytest

from footfall.collect.protocols import PROTOCOLS
from tests.collect.protocols.samples import SAMPLES

NAMES: Final = tuple(protocol.name for protocol in PROTOCOLS if protocol.name in SAMPLES)
"""Those that have bodies; a pixel has none."""
GAPS: Final[Mapping[tuple[str, str], str]] = {
    ("gzip and zstd are known by their bytes, whatever the headers say", "http"): "its headers are believed",
}
"""{(promise, protocol): why it does not hold}; the suite leaves these out."""
PROMISES: Final[list[str]] = []
"""What the suite holds, in its order."""


def promises(title: str) -> Callable[[Callable[..., Any]], Any]:
    """Mark a test of the suite: it runs over the `sample` of every protocol for which the promise is made."""
    PROMISES.append(title)
    names = [name for name in NAMES if (title, name) not in GAPS]
    return pytest.mark.parametrize("sample", [SAMPLES[name] for name in names], ids=names)


FEATURES: Final = ("every call", "batches", "compressed", "a burst of 10,000", "server killed meanwhile")
"""What clients are held to, in the order of the page."""
_NO_COMPRESSION: Final = "it does not compress"
_SINGLY: Final = "a request an event"
_BUSY: Final = "1,000; with more it is busy for minutes by itself"
LACKS: Final[Mapping[tuple[str, str], str]] = {
    ("snowplow-tracker (Python)", "compressed"): _NO_COMPRESSION,
    ("@segment/analytics-node", "compressed"): _NO_COMPRESSION,
    ("@segment/analytics-next", "compressed"): _NO_COMPRESSION,
    ("@segment/analytics-next", "batches"): "not proved; it is tested with a request an event",
    ("@segment/analytics-next", "a burst of 10,000"): "not proved",
    ("@umami/node", "batches"): _SINGLY,
    ("@umami/node", "compressed"): _NO_COMPRESSION,
    ("@umami/node", "a burst of 10,000"): f"500, {_SINGLY}",
    ("@plausible-analytics/tracker", "batches"): _SINGLY,
    ("@plausible-analytics/tracker", "compressed"): _NO_COMPRESSION,
    ("@plausible-analytics/tracker", "a burst of 10,000"): f"500, {_SINGLY}",
    ("plausible-tracker", "batches"): _SINGLY,
    ("plausible-tracker", "compressed"): _NO_COMPRESSION,
    ("plausible-tracker", "a burst of 10,000"): f"500, {_SINGLY}",
    ("plausible-tracker", "server killed meanwhile"): "it does not say what was delivered",
    ("@snowplow/node-tracker", "compressed"): _NO_COMPRESSION,
    ("@snowplow/browser-tracker", "compressed"): _NO_COMPRESSION,
    ("@snowplow/browser-tracker", "a burst of 10,000"): _BUSY,
}
"""{(client, feature): why it can't be proved}."""
PROVED: Final[dict[str, set[str]]] = {}
"""{client: features for which tests run over it}."""


def proves(*features: str, of: Iterable[str]) -> Callable[[Callable[..., Any]], Any]:
    """Mark a test that fails when one of these clients lacks one of these features: it runs for each as `client`."""
    clients = list(of)
    for client in clients:
        PROVED.setdefault(client, set()).update(features)
    return pytest.mark.parametrize("client", clients)


def proof(client: str, feature: str) -> str:
    """The cell of the page. Raises ValueError when nobody proves the feature, or proves what is said to be lacking."""
    lacking = LACKS.get((client, feature))
    if (feature in PROVED[client]) is (lacking is not None):
        raise ValueError(f"{client}, {feature}: either a test proves it, or LACKS says why none can")
    return "yes" if lacking is None else f"no: {lacking}"
