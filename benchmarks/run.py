"""All measurements one after the other, or those that are named; recorded, they make `docs/performance.md` anew."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import SIZES
from benchmarks.report import record

_HERE = Path(__file__).parent


def names() -> list[str]:
    """Every file of this folder that has a `measure`."""
    return sorted(path.stem for path in _HERE.glob("*.py") if "\ndef measure(" in path.read_text())


def run(chosen: Sequence[str], size: str, results: Path) -> list[str]:
    """Run them, each as a process of its own that adds to `results`; those that failed."""
    failed, took = [], {}
    for name in chosen:
        print(f"\n{name}", flush=True)
        began = time.monotonic()
        command = [sys.executable, "-m", f"benchmarks.{name}", "--size", size, "--results", str(results)]
        if subprocess.run(command, check=False).returncode:
            failed.append(name)
        took[name] = time.monotonic() - began
    print("\nseconds: " + ", ".join(f"{name} {seconds:.0f}" for name, seconds in took.items()))
    print(f"all: {sum(took.values()):.0f} s" + (f"; failed: {', '.join(failed)}" if failed else ""))
    return failed


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(names())} [all]")
    parser.add_argument("--size", choices=SIZES, default="usual")
    parser.add_argument("--record", action="store_true", help="write docs/performance.md")
    chosen = parser.parse_args()
    if unknown := set(chosen.names) - set(names()):
        parser.error(f"no measurement is called {', '.join(sorted(unknown))}; there are {', '.join(names())}")
    with TemporaryDirectory() as folder:
        results = Path(folder) / "results.jsonl"
        failed = run(chosen.names or names(), chosen.size, results)
        if chosen.record and results.exists():
            record(results, failed)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
