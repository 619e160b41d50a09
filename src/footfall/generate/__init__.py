"""Made-up worlds with their truth: sessions one at a time, played live to a server, or in bulk to files."""

from footfall.generate.patterns import (
    generate_bouncer_session,
    generate_browser_session,
    generate_engaged_shopper_session,
    generate_power_user_session,
)
from footfall.generate.play import Counters, Delivery, Player
from footfall.generate.script import Staged

__all__ = [
    "Counters",
    "Delivery",
    "Player",
    "Staged",
    "generate_bouncer_session",
    "generate_browser_session",
    "generate_engaged_shopper_session",
    "generate_power_user_session",
]
