"""Settings: every one in a single table, and how flags, environment and `footfall.toml` are read into it.

Nothing else in Footfall reads the environment or a configuration file; parts are handed the values they need.
"""

from footfall.settings.reading import FILE, OTHER_VARIABLES, load
from footfall.settings.table import TABLE, ProjectSettings, Setting, Settings
from footfall.settings.units import Unit

__all__ = ["FILE", "OTHER_VARIABLES", "TABLE", "ProjectSettings", "Setting", "Settings", "Unit", "load"]
