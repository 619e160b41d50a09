"""`footfall`, whose upkeep merges files every so many seconds: `python -m benchmarks.load.kept_up SECONDS serve …`."""

from __future__ import annotations

import sys

from footfall.cli import main
from footfall.node import upkeep

if __name__ == "__main__":
    upkeep._COMPACT_SECONDS = float(sys.argv.pop(1))
    main()
