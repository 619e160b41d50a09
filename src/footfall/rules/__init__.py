"""Which class rules and kinds of events are in force: changed while the server runs, each change kept with its number.

What a change would do to past sessions tells `metrics.class_preview`; putting one in force is `node.ruling`.
"""

from footfall.rules.models import Change, Standing
from footfall.rules.service import Rules

__all__ = ["Change", "Rules", "Standing"]
