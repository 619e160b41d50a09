"""What watches and schedules share: where they are kept, whom they ask, who is told, and the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from footfall.dashboards import Dashboards
from footfall.notices.asking import Ask
from footfall.notices.outbox import Outbox
from footfall.notices.receivers import Receivers
from footfall.store.store import Store


class Desk(NamedTuple):
    """One data folder's."""

    store: Store
    dashboards: Dashboards
    outbox: Outbox
    receivers: Receivers
    ask: Ask
    now_us: Callable[[], int]
