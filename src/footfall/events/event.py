"""The Event and the rejected event: each field written once, with its type and its meaning.

The Arrow schema, the lake's tables and the documentation are derived from these two structs
(`footfall.events.schema`); nothing here knows HTTP or storage.
"""

from __future__ import annotations

from typing import Annotated, NewType

from msgspec import Meta, Struct

ProjectId = NewType("ProjectId", str)
"""A tenant: 1–64 characters of `a-z 0-9 _ -`, beginning with a letter or digit (`is_project_id`)."""

_PROJECT_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_-")


def is_project_id(text: str) -> bool:
    """Whether `text` may name a project; such names are safe as folder names and in URLs."""
    return 1 <= len(text) <= 64 and text[0] not in "_-" and _PROJECT_CHARACTERS.issuperset(text)


def _says(description: str) -> Meta:
    return Meta(description=description)


class Event(Struct, gc=False, kw_only=True, frozen=True):
    """One thing that a visitor did, checked and complete; what a door makes of anything it is sent."""

    project_id: Annotated[str, _says("Tenant; from the write key, never from the body.")]
    event_id: Annotated[str, _says("Idempotency key within the project.")]
    name: Annotated[str, _says("What happened, snake_case; known names have a kind.")]
    ts_us: Annotated[int, _says("When it happened: µs since the epoch, UTC, corrected for the client's clock.")]
    received_us: Annotated[int, _says("When it arrived: µs since the epoch, UTC.")]
    visitor_id: Annotated[str | None, _says("Anonymous id of the browser or device.")] = None
    user_id: Annotated[str | None, _says("Known id of the person.")] = None
    session_id: Annotated[str | None, _says("The client's own session id, unique in the project.")] = None
    order_id: Annotated[str | None, _says("Order that a purchase or refund belongs to.")] = None
    source: Annotated[
        str | None, _says("Where it came from: web, app, server, email, sms, phone, offline, import.")
    ] = None
    category: Annotated[str | None, _says("engagement, intent, conversion, communication, …")] = None
    page_url: Annotated[str | None, _says("Address of the page.")] = None
    page_path: Annotated[str | None, _says("Path of the page.")] = None
    page_title: Annotated[str | None, _says("Title of the page.")] = None
    referrer: Annotated[str | None, _says("Address of the page before.")] = None
    product_id: Annotated[str | None, _says("Product that the event is about.")] = None
    product_category: Annotated[str | None, _says("The product's category.")] = None
    brand: Annotated[str | None, _says("The product's brand.")] = None
    price_micros: Annotated[int | None, _says("Price per unit, in millionths of the currency's unit.")] = None
    quantity: Annotated[int | None, _says("Number of units.")] = None
    amount_micros: Annotated[
        int | None, _says("Money of a purchase or refund, in millionths (price × quantity when absent).")
    ] = None
    currency: Annotated[
        str | None, _says("Currency when it is not the project's own; such money is shown apart, outside sums.")
    ] = None
    value: Annotated[float | None, _says("Any other number.")] = None
    device: Annotated[str | None, _says("desktop, mobile, tablet, …")] = None
    browser: Annotated[str | None, _says("Browser family.")] = None
    os: Annotated[str | None, _says("Operating system family.")] = None
    country: Annotated[str | None, _says("Country, ISO 3166 alpha-2.")] = None
    region: Annotated[str | None, _says("Region within the country.")] = None
    city: Annotated[str | None, _says("City.")] = None
    latitude: Annotated[float | None, _says("Degrees north.")] = None
    longitude: Annotated[float | None, _says("Degrees east.")] = None
    channel: Annotated[str | None, _says("organic, paid, social, email, referral, direct.")] = None
    is_bot: Annotated[bool, _says("A bot's event: stored and countable, outside sessions and figures.")] = False
    utm_source: Annotated[str | None, _says("Campaign source.")] = None
    utm_medium: Annotated[str | None, _says("Campaign medium.")] = None
    utm_campaign: Annotated[str | None, _says("Campaign name.")] = None
    utm_term: Annotated[str | None, _says("Campaign search term.")] = None
    utm_content: Annotated[str | None, _says("Campaign variant.")] = None
    ip_hash: Annotated[str | None, _says("Keyed hash of the address.")] = None
    properties: Annotated[str | None, _says("JSON object: everything else that was sent.")] = None
    context: Annotated[str | None, _says("JSON object: surroundings of the event.")] = None
    metadata: Annotated[str | None, _says("JSON object: the sender's own notes.")] = None


class Rejected(Struct, gc=False, kw_only=True, frozen=True):
    """An event that was refused, kept with its reason so that it can be looked at and replayed."""

    project_id: Annotated[str, _says("Tenant; from the write key, never from the body.")]
    rejected_id: Annotated[str, _says("Id of this rejection: a UUIDv7, for files a hash of the row.")]
    received_us: Annotated[int, _says("When it arrived: µs since the epoch, UTC.")]
    reason: Annotated[str, _says("Code of the reason, one of `footfall.events.reasons.Reason`.")]
    detail: Annotated[str, _says("What was wrong and where, in words.")]
    source: Annotated[str, _says("Door or file that it came through.")]
    line: Annotated[int | None, _says("Line of the file, or place in the batch, counted from 1.")] = None
    name: Annotated[str | None, _says("The event's name, when it had one.")] = None
    body: Annotated[str, _says("What was sent, up to 64 kB.")] = ""
