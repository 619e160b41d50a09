"""A server is there quickly, with nothing of the last one's questions; what answers them is imported for the first."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from footfall.node.terms import empty_spill, query_limits
from footfall.settings import Settings


def test_what_a_start_imports_is_no_engine() -> None:
    """Engines and what they bring along take longer to import than all else together."""
    program = (
        "import sys, footfall.node.node, footfall.api.app, footfall.cli.commands.serving\n"
        "print(*{'alembic', 'duckdb', 'httpx', 'ibis', 'pandas'} & sys.modules.keys())"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).split() == []


def test_what_questions_left_on_disk_is_gone_at_the_start(tmp_path: Path) -> None:
    """A server that was killed could not remove it; the folder that questions spill into is there, and empty."""
    for _ in range(2):
        empty_spill(tmp_path)
        limits = query_limits(tmp_path, Settings(query_disk_bytes=5))
        assert limits.spill is not None
        assert (list(limits.spill.iterdir()), limits.spill_bytes) == ([], 5)
        (limits.spill / "killed").mkdir()
        (limits.spill / "killed" / "block.tmp").write_text("left")
