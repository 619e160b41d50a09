"""What a figure depends on besides the code: the processor, its cores, memory, the disk, Python and its packages."""

from __future__ import annotations

import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path

from msgspec import Struct

_KNOWN = "BENCHMARK_CORES"
"""Tells the processes of a measurement of the cores that there are, for each is bound to some of them."""
_PACKAGES = ("duckdb", "granian", "msgspec", "numpy", "pyarrow")


class Cores(Struct, frozen=True):
    """Cores for what is measured (at most two), and for what loads it: others if there are any, else the same."""

    measured: tuple[int, ...]
    load: tuple[int, ...]


class Machine(Struct, frozen=True):
    """Where a figure was measured."""

    processor: str
    cores: str
    memory_gb: float
    disk: str
    system: str
    python: str
    packages: dict[str, str]


@cache
def cores() -> Cores:
    """As the first process of a measurement found them; what it is bound to later changes nothing."""
    known = os.environ.get(_KNOWN)
    mine = [int(core) for core in known.split(",")] if known else sorted(os.sched_getaffinity(0))
    os.environ[_KNOWN] = ",".join(map(str, mine))
    return Cores(tuple(mine[:2]), tuple(mine[2:4] or mine[:2]))


def machine(folder: Path) -> Machine:
    """This machine, with the disk that `folder` lies on."""
    return Machine(
        processor=_processor(),
        cores=_shares(cores()),
        memory_gb=round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9, 1),
        disk=_disk(folder),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=platform.python_version(),
        packages={name: version(name) for name in _PACKAGES},
    )


def _shares(cores: Cores) -> str:
    measured, load = len(cores.measured), len(cores.load)
    if cores.measured == cores.load:
        return f"{os.cpu_count()}: {measured}, shared by what is measured and what loads it"
    return f"{os.cpu_count()}: {measured} for what is measured, {load} others for load"


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def _disk(folder: Path) -> str:
    """Its file system, and the kind of device where the system says so."""
    number = folder.stat().st_dev
    device = f"{os.major(number)}:{os.minor(number)}"
    mounts = (line.split() for line in Path("/proc/self/mountinfo").read_text().splitlines())
    system = next((fields[fields.index("-") + 1] for fields in mounts if fields[2] == device), "unknown file system")
    block = (Path("/sys/dev/block") / device).resolve()
    if block.name.startswith("vd"):
        return f"{system} on a virtual disk"
    for rotational in (block / "queue/rotational", block.parent / "queue/rotational"):
        if rotational.is_file():
            return f"{system} on a {'spinning disk' if rotational.read_text().strip() == '1' else 'solid-state disk'}"
    return system
