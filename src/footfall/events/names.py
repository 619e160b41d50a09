"""Under which names an event's fields are read: one table for the doors, for files and for the documentation.

Every field is known by its own name, by the same in camelCase, and by the aliases below. What stands under any other
name is kept in `properties`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, NamedTuple


def in_camel_case(name: str) -> str:
    """`page_url` as JavaScript writes it, `pageUrl`."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


class Form(StrEnum):
    """What a value must be to be read."""

    NAME = "text, not empty"
    ID = "text or a whole number; blank is none"
    TEXT = "text or a number"
    TIME = "ISO 8601, or epoch s, ms or µs"
    MICROSECONDS = "a whole number of µs"
    MONEY = "a decimal number or text"
    MICROS = "a whole number of millionths"
    COUNT = "a whole number"
    NUMBER = "a number"
    FLAG = "true or false"
    ADDRESS = "an IPv4 or IPv6 address"
    OBJECT = "a JSON object, or text that holds one"


class Name(NamedTuple):
    """One field as it is sent: `field` is the Event's, or one that only doors know."""

    field: str
    form: Form
    aliases: tuple[str, ...] = ()
    claim: bool = False
    """Only believed from a server key or a file; from a public key it is kept in `context` under `claimed`."""

    @property
    def spellings(self) -> tuple[str, ...]:
        """Every accepted name; of several that are given, the first counts and the others are kept in `properties`."""
        return tuple(dict.fromkeys((self.field, in_camel_case(self.field), *self.aliases)))


NAMES: Final = (
    Name("event_id", Form.ID, ("id", "message_id", "messageId")),
    Name("name", Form.NAME, ("event", "event_name", "eventName", "event_type", "eventType")),
    Name("timestamp", Form.TIME, ("ts", "time", "event_time", "eventTime")),
    Name("ts_us", Form.MICROSECONDS),
    Name("sent_at", Form.TIME),
    Name("visitor_id", Form.ID, ("anonymous_id", "anonymousId", "client_id", "clientId", "device_id", "deviceId")),
    Name("user_id", Form.ID, ("lead_id", "leadId", "customer_id", "customerId")),
    Name("session_id", Form.ID),
    Name("order_id", Form.ID, ("transaction_id", "transactionId")),
    Name("source", Form.TEXT),
    Name("category", Form.TEXT),
    Name("page_url", Form.TEXT, ("url",)),
    Name("page_path", Form.TEXT, ("path",)),
    Name("page_title", Form.TEXT),
    Name("referrer", Form.TEXT, ("referer",)),
    Name("product_id", Form.ID, ("item_id", "itemId", "sku")),
    Name("product_category", Form.TEXT),
    Name("brand", Form.TEXT),
    Name("price", Form.MONEY, ("unit_price", "unitPrice")),
    Name("price_micros", Form.MICROS),
    Name("quantity", Form.COUNT, ("qty",)),
    Name("amount", Form.MONEY, ("revenue", "total_amount", "totalAmount")),
    Name("amount_micros", Form.MICROS),
    Name("currency", Form.TEXT),
    Name("value", Form.NUMBER),
    Name("device", Form.TEXT),
    Name("browser", Form.TEXT),
    Name("os", Form.TEXT),
    Name("country", Form.TEXT, claim=True),
    Name("region", Form.TEXT, claim=True),
    Name("city", Form.TEXT, claim=True),
    Name("latitude", Form.NUMBER, ("lat",), claim=True),
    Name("longitude", Form.NUMBER, ("lon", "lng"), claim=True),
    Name("channel", Form.TEXT),
    Name("is_bot", Form.FLAG, claim=True),
    Name("utm_source", Form.TEXT),
    Name("utm_medium", Form.TEXT),
    Name("utm_campaign", Form.TEXT),
    Name("utm_term", Form.TEXT),
    Name("utm_content", Form.TEXT),
    Name("ip", Form.ADDRESS, ("ip_address", "ipAddress"), claim=True),
    Name("user_agent", Form.TEXT, claim=True),
    Name("properties", Form.OBJECT, ("props", "properties_json")),
    Name("context", Form.OBJECT, ("context_json",)),
    Name("metadata", Form.OBJECT, ("metadata_json",)),
)

BY_SPELLING: Final[Mapping[str, tuple[Name, int]]] = {
    spelling: (name, place) for name in NAMES for place, spelling in enumerate(name.spellings)
}
"""{accepted name: (its field, its place among the field's names)}."""

ADDRESSES: Final = frozenset(next(name for name in NAMES if name.form is Form.ADDRESS).spellings)
"""Names under which a raw address may be sent: it is never stored, not even with a rejected event."""
