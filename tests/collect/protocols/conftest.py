"""A browser, for the clients that live in pages."""

from tests.tracker.conftest import browser

__all__ = ["browser"]
