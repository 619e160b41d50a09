"""`footfall` whose upkeep is always due: files are merged and deleted again and again, none kept for later."""

from __future__ import annotations

from footfall.cli import main
from footfall.node import upkeep

if __name__ == "__main__":
    vars(upkeep).update(_COMPACT_SECONDS=0.2, _VACUUM_SECONDS=0.4, _KEPT_SECONDS=0.0)
    main()
