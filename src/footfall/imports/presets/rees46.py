"""Shop logs as REES46 publishes them: one row an event. Source: the data sets' own descriptions."""

from __future__ import annotations

from typing import Final

from footfall.imports.presets.preset import Preset

REES46: Final = Preset(
    name="rees46",
    about="REES46 shop logs (event_time, event_type, product_id, category_id, category_code, brand, price, …)",
    # A category without a code stays without a name: its number is in the properties.
    columns={
        "event_time": "timestamp",
        "event_type": "name",
        "product_id": "product_id",
        "category_code": "product_category",
        "brand": "brand",
        "price": "price",
        "user_id": "user_id",
        "user_session": "session_id",
    },
)
