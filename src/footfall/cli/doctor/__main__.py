"""`python -m footfall.cli.doctor [FOLDER]`: the examination where not even `footfall --help` can be imported."""

from __future__ import annotations

import sys
from pathlib import Path

from footfall.cli.doctor.examination import examine
from footfall.cli.doctor.report import has_fault, lines


def main() -> int:
    """Write the report to standard output; the exit code."""
    results = examine(Path(*sys.argv[1:2] or ["footfall-data"]))
    encoding = sys.stdout.encoding or "ascii"
    for line in lines(results, encoding=encoding):
        sys.stdout.write(line.encode(encoding, "replace").decode(encoding) + "\n")
    return int(has_fault(results))


if __name__ == "__main__":
    sys.exit(main())
