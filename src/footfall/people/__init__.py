"""A feature: decisions of people about who is who. What events say of it is asked in `footfall.metrics.people`."""

from footfall.people.service import Decisions

__all__ = ["Decisions"]
