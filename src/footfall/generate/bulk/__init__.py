"""A world in bulk: columns instead of objects, a block of time after another, files with the truth beside them."""

from footfall.generate.bulk.files import FORMS, Form
from footfall.generate.bulk.options import Options
from footfall.generate.bulk.run import Progress, Summary, generate

__all__ = ["FORMS", "Form", "Options", "Progress", "Summary", "generate"]
