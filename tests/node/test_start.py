"""A server is there quickly: what answers questions is imported when the first one is asked."""

from __future__ import annotations

import subprocess
import sys


def test_what_a_start_imports_is_no_engine() -> None:
    """Engines and what they bring along take longer to import than all else together."""
    program = (
        "import sys, footfall.node.node, footfall.api.app, footfall.cli.commands.serving\n"
        "print(*{'alembic', 'duckdb', 'httpx', 'ibis', 'pandas'} & sys.modules.keys())"
    )
    assert subprocess.check_output([sys.executable, "-c", program], text=True).split() == []
