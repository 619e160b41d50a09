"""What the contract suite promises of every protocol, and the gaps, one by one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
