"""The pure part of forwarding keeps what its examples say."""

from __future__ import annotations

import doctest

from footfall.forward import logic


def test_the_examples_are_true() -> None:
    """Pauses, signatures, verdicts and batches are as their docstrings show them."""
    found = doctest.testmod(logic)
    assert found.failed == 0
    assert found.attempted >= 4
