"""When a rule fires at an event: one definition over column objects, numpy arrays or Ibis columns alike.

Source: the fraud rules of the project's contract. What an event's trailing figures are is said here, in `Figures`;
how a runner finds them stands in `trailing` (numpy) and `batch` (Ibis).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple, Protocol

from footfall.fraud.models import Rule, Thresholds

MOST_COUNTED = 1_000
"""Trailing events and addresses beyond this are not told apart."""
EARTH_KM = 6_371
"""Mean radius (IUGG, 6371.0088 km), whole."""
_HOUR_US = 3_600_000_000


class Figures(NamedTuple):
    """Of every counting event of a subject, columns of one length. Windows are closed: 60 s apart is within 60 s."""

    events: Any
    """Counting events of the subject within the velocity window that ends at this event, itself and its peers too."""
    addresses: Any
    """Distinct addresses within the address window that ends here; 0 where the event has none."""
    km: Any
    """Distance from the subject's place before, by (ts_us, latitude, longitude); null where either is unknown."""
    km_after_us: Any
    """Time since that place, as a double; null likewise."""
    abroad_after_us: Any
    """Time since the country before, by (ts_us, country, whether it has coordinates), where it is another one; null
    where it is the same, where either is unknown, and where both events have coordinates, which tell more. A country
    is two letters."""
    purchase_micros: Any
    """Amount of a purchase in the project's currency; null otherwise."""


class Ops(Protocol):
    """What numpy arrays and Ibis columns do not spell alike."""

    def sin(self, x: Any) -> Any: ...
    def cos(self, x: Any) -> Any: ...
    def asin(self, x: Any) -> Any: ...
    def sqrt(self, x: Any) -> Any: ...
    def radians(self, x: Any) -> Any: ...
    def least(self, x: Any, most: float) -> Any: ...
    def holds(self, condition: Any) -> Any:
        """`condition`, false where it is null."""
        ...

    def whole(self, x: Any) -> Any:
        """`x` as int64, rounded down, 0 where it is null."""
        ...

    def where(self, condition: Any, then: Any, otherwise: Any) -> Any:
        """`then` where `condition` holds, else `otherwise`."""
        ...


def kilometres(latitude: Any, longitude: Any, other_latitude: Any, other_longitude: Any, ops: Ops) -> Any:
    """Great-circle distance between places in degrees (haversine; R. W. Sinnott, Virtues of the Haversine, 1984).

    >>> import numpy as np
    >>> from footfall.fraud.ops import NUMPY
    >>> paris, london = (np.array([48.8566]), np.array([2.3522])), (np.array([51.5074]), np.array([-0.1278]))
    >>> round(float(kilometres(*paris, *london, NUMPY)[0]))
    344
    """
    half_north = ops.sin(ops.radians(other_latitude - latitude) / 2)
    half_east = ops.sin(ops.radians(other_longitude - longitude) / 2)
    breadth = ops.cos(ops.radians(latitude)) * ops.cos(ops.radians(other_latitude))
    chord = half_north * half_north + breadth * half_east * half_east
    return 2 * EARTH_KM * ops.asin(ops.least(ops.sqrt(chord), 1.0))


def fires(figures: Figures, thresholds: Thresholds, ops: Ops) -> Mapping[Rule, Any]:
    """{rule: at which events it fires}.

    >>> import numpy as np
    >>> from footfall.fraud.ops import NUMPY
    >>> nowhere = np.array([np.nan, np.nan])
    >>> two = Figures(np.array([4, 5]), np.array([3, 4]), nowhere, nowhere, nowhere, np.array([499e6, 500e6]))
    >>> {rule.value: at.tolist() for rule, at in fires(two, Thresholds(), NUMPY).items() if at.any()}
    {'HIGH_VELOCITY': [False, True], 'MULTIPLE_IP': [False, True], 'HIGH_VALUE_PURCHASE': [False, True]}
    """
    abroad = ops.holds(figures.abroad_after_us <= thresholds.country_us)
    return {
        Rule.HIGH_VELOCITY: ops.holds(figures.events >= thresholds.velocity_events),
        Rule.MULTIPLE_IP: ops.holds(figures.addresses > thresholds.addresses),
        Rule.RAPID_LOCATION_CHANGE: _too_fast(figures, thresholds, ops) | abroad,
        Rule.HIGH_VALUE_PURCHASE: ops.holds(figures.purchase_micros >= thresholds.purchase_micros),
    }


def peaks(figures: Figures, thresholds: Thresholds, ops: Ops) -> Mapping[Rule, Any]:
    """{rule: the figure of a firing that an alert shows the greatest of}, whole numbers."""
    return {
        Rule.HIGH_VELOCITY: ops.whole(ops.least(figures.events, MOST_COUNTED)),
        Rule.MULTIPLE_IP: ops.whole(ops.least(figures.addresses, MOST_COUNTED)),
        Rule.RAPID_LOCATION_CHANGE: ops.whole(ops.where(_too_fast(figures, thresholds, ops), figures.km, 0)),
        Rule.HIGH_VALUE_PURCHASE: ops.whole(figures.purchase_micros),
    }


def _too_fast(figures: Figures, thresholds: Thresholds, ops: Ops) -> Any:
    """Whether the journey from the place before was a long one, and faster than anybody travels."""
    far = figures.km >= thresholds.distance_km
    return ops.holds(far & (figures.km * _HOUR_US > figures.km_after_us * thresholds.speed_kmh))
