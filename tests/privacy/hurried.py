"""`footfall` whose upkeep is always due, which indexes small files too, and whose sessions soon leave the memory."""

from __future__ import annotations

from footfall.cli import main
from footfall.lake.index import index
from footfall.node import live, upkeep

if __name__ == "__main__":
    vars(upkeep).update(_COMPACT_SECONDS=0.5, _VACUUM_SECONDS=1.0, _FORGET_SECONDS=0.5)
    vars(index).update(LEAST_ROWS=20)
    vars(live).update(STAYING_SHARE=1e-5)
    main()
