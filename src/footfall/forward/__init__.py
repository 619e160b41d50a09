"""Events forwarded to other systems: each destination reads the journal at its own pace, and none slows another."""

from footfall.forward.journal import HeldJournal
from footfall.forward.logic import Verdict, pause_seconds, signature, verdict
from footfall.forward.posting import NotPosted, Post, checked_url
from footfall.forward.service import Forwarding

__all__ = [
    "Forwarding",
    "HeldJournal",
    "NotPosted",
    "Post",
    "Verdict",
    "checked_url",
    "pause_seconds",
    "signature",
    "verdict",
]
