"""The machine: open files, memory, and a clock that can be believed. No network is asked."""

from __future__ import annotations

import os
import resource
import time
from collections.abc import Iterator
from pathlib import Path

from footfall.cli.doctor.finding import Check, Finding, fault, ok, size, warning
from footfall.cli.doctor.lake import added
from footfall.cli.doctor.patient import Patient

_FEW_FILES, _TOO_FEW_FILES = 4_096, 512
_IDLE_BYTES = 400_000_000
"""What a server takes that is asked nothing."""
_LIMITS = (
    Path("/sys/fs/cgroup/memory.max"),
    Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"),
)
_NO_LIMIT = 1 << 60
_CLOCK_SECONDS = 60.0
"""Clocks of machines that share files may differ by so much."""
_JUMP_SECONDS = 0.5


def _files(_patient: Patient) -> Iterator[Finding]:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard == resource.RLIM_INFINITY or hard >= _FEW_FILES:
        most = "any number of" if hard == resource.RLIM_INFINITY else f"{hard:,}"
        yield ok(f"a process may open {most} files")
        return
    say = fault if hard < _TOO_FEW_FILES else warning
    yield say(
        f"a process may open {hard:,} files; half of them are the connections of a server",
        f"ulimit -Hn {5 * _FEW_FILES} before the start, or LimitNOFILE= of its service",
    )


def _memory(patient: Patient) -> Iterator[Finding]:
    settings, there = patient.settings, _memory_bytes()
    least = _IDLE_BYTES + settings.max_inflight_bytes + settings.journal_pending_bytes
    most = least + settings.query_memory_bytes * settings.query_concurrency
    if there < least:
        yield fault(
            f"there are {size(there)} for a process; collecting alone may take {size(least)}",
            "give it more, or lower max_inflight_bytes in footfall.toml",
        )
    elif there < most:
        yield warning(
            f"there are {size(there)} for a process; with {settings.query_concurrency} large questions at once it may "
            f"take {size(most)}",
            "lower query_memory_bytes or query_concurrency in footfall.toml",
        )
    else:
        yield ok(f"{size(there)}, of which a server takes at most {size(most)}")


def _memory_bytes() -> int:
    """What the machine has, or this control group or process may take, whichever is least."""
    limits = [os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")]
    said = [path.read_text().strip() for path in _LIMITS if path.exists()]
    limits += [int(text) for text in said if text.isdigit()]
    address_space = resource.getrlimit(resource.RLIMIT_AS)[0]
    return min([*limits, _NO_LIMIT if address_space == resource.RLIM_INFINITY else address_space])


def _clock(patient: Patient) -> Iterator[Finding]:
    now = time.time()
    remedy = "set the clock (`timedatectl` shows it); events are stamped with its time when they arrive"
    jumped = abs(now - time.monotonic() - patient.clock_lead)
    if jumped > _JUMP_SECONDS:
        yield fault(f"the clock jumped by {jumped:.1f} s while this command ran", remedy)
    known = _known(patient.folder) if patient.exists else ()
    ahead = [(seconds, path) for path in known if (seconds := _mtime(path) - now) > _CLOCK_SECONDS]
    if ahead:
        seconds, path = max(ahead)
        yield fault(f"{path} was changed {_span(seconds)} in the future: the clock is slow, or was fast", remedy)
    arrived = _newest_arrival(patient.folder) - now if patient.exists else 0.0
    if arrived > _CLOCK_SECONDS:
        yield fault(f"the newest event arrived {_span(arrived)} in the future: the clock was fast", remedy)
    if jumped <= _JUMP_SECONDS and not ahead and arrived <= _CLOCK_SECONDS:
        yield ok(time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime(now)))


def _known(folder: Path) -> Iterator[Path]:
    """The files whose times are looked at: the folder's own, the journal's, the logs of the lake."""
    for pattern in ("*", "journal/*", "lake/*/_delta_log/*"):
        yield from folder.glob(pattern)


def _mtime(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:  # a server at work has removed it
        return 0.0


def _newest_arrival(folder: Path) -> float:
    """When the newest event of the lake arrived (s since the epoch), by its log; 0 when that does not say."""
    from deltalake.exceptions import DeltaError

    root = folder / "lake" / "events"
    try:
        arrivals = [arrival for (arrival,) in added(root, "max.received_us")] if root.is_dir() else []
    except DeltaError:  # told by the check of the lake
        return 0.0
    return max((arrival for arrival in arrivals if isinstance(arrival, int)), default=0) / 1e6


def _span(seconds: float) -> str:
    """How long that is, in the unit that people would take.

    >>> _span(90), _span(7_200), _span(864_000)
    ('1.5 min', '2.0 h', '10.0 days')
    """
    for unit, length in (("days", 86_400), ("h", 3_600)):
        if seconds >= length:
            return f"{seconds / length:,.1f} {unit}"
    return f"{seconds / 60:.1f} min"


CHECKS = (
    Check("machine", "open files", "how many files a process may open", _files),
    Check("machine", "memory", "memory of the machine or control group against the settings", _memory),
    Check("machine", "clock", "the clock against files and events; jumps", _clock),
)
