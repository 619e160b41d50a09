"""Files as events: reading, mapping, checking and storing them once, whatever is interrupted or repeated."""

from footfall.imports.mapping import ColumnMap, column_map
from footfall.imports.models import Outcome
from footfall.imports.presets import PRESETS, Preset
from footfall.imports.readers import Form, Options
from footfall.imports.sending import Progress, send

__all__ = ["PRESETS", "ColumnMap", "Form", "Options", "Outcome", "Preset", "Progress", "column_map", "send"]
