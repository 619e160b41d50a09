"""A feature: questions that were saved, dashboards of them, both as YAML, and links that show one to whoever has it."""

from footfall.dashboards.links import Links
from footfall.dashboards.service import Dashboards

__all__ = ["Dashboards", "Links"]
