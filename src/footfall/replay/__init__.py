"""Refused events once more: mended, read as their own protocol reads them, and taken in where nothing is wrong now.

How they are mended says `mending`, how they are read again `reading`; `service` stores them, each once.
"""

from footfall.replay.mending import Mending
from footfall.replay.models import Chosen, Outcome, Remaining
from footfall.replay.service import Replays

__all__ = ["Chosen", "Mending", "Outcome", "Remaining", "Replays"]
