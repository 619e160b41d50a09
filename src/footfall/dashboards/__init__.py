"""A feature: questions that were saved, dashboards of them, both as YAML, and links that show one to whoever has it."""

from footfall.dashboards.links import Links
from footfall.dashboards.models import Book, Dashboard, Question, SavedQuestion, Tile, What
from footfall.dashboards.models import Kind as QuestionKind
from footfall.dashboards.service import Dashboards

__all__ = [
    "Book",
    "Dashboard",
    "Dashboards",
    "Links",
    "Question",
    "QuestionKind",
    "SavedQuestion",
    "Tile",
    "What",
]
