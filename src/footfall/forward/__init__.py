"""Events forwarded to other systems: each destination reads the journal at its own pace, and none slows another."""

from footfall.forward.journal import HeldJournal
from footfall.forward.service import Forwarding

__all__ = ["Forwarding", "HeldJournal"]
