"""Kinds of events: which names mean a page, a view, a purchase …, as configuration with a default.

A kind decides what a session counts. Any name is allowed; one that no kind lists is `other` and counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from footfall.errors import BadRequest


class Kind(StrEnum):
    """What a name means to a session. Only `passive` events do not count."""

    PAGE = "page"
    VIEW = "view"
    CART = "cart"
    UNCART = "uncart"
    PURCHASE = "purchase"
    REFUND = "refund"
    FORM = "form"
    EMAIL = "email"
    CONTENT = "content"
    BUSINESS = "business"
    TALK = "talk"
    CLICK = "click"
    PASSIVE = "passive"
    OTHER = "other"


DEFAULT_KINDS: Mapping[Kind, tuple[str, ...]] = {
    Kind.PAGE: ("page_view", "screen_view"),
    Kind.VIEW: ("product_view", "view"),
    Kind.CART: ("add_to_cart", "cart"),
    Kind.UNCART: ("remove_from_cart",),
    Kind.PURCHASE: ("purchase", "order_completed"),
    Kind.REFUND: ("refund", "order_refunded"),
    Kind.FORM: ("form_start", "form_submit", "form_abandon", "filter_usage"),
    Kind.EMAIL: ("email_open", "email_click", "email_reply"),
    Kind.CONTENT: ("video_play", "download", "social_share"),
    Kind.BUSINESS: ("search_query", "quote_request", "application_start", "application_complete"),
    Kind.TALK: ("phone_call", "text_interaction"),
    Kind.CLICK: ("click", "click_outbound"),
    Kind.PASSIVE: (
        "time_on_page",
        "scroll_depth",
        "web_vitals",
        "page_error",
        "consent",
        "order_item",
        "identify",
        "group",
        "alias",
        "experiment_exposure",
        "recommendation_shown",
        "session_start",
        "session_end",
        "first_visit",
        "http_request",
    ),
}


class Taxonomy:
    """Which kind each name has.

    >>> Taxonomy().kind("add_to_cart"), Taxonomy().kind("waved_hello")
    (<Kind.CART: 'cart'>, <Kind.OTHER: 'other'>)
    """

    def __init__(self, kinds: Mapping[Kind, tuple[str, ...]] = DEFAULT_KINDS) -> None:
        self._kind_of: dict[str, Kind] = {}
        for kind, names in kinds.items():
            for name in names:
                other = self._kind_of.setdefault(name, kind)
                if other is not kind:
                    raise BadRequest(f"the event name {name!r} is listed under two kinds, {other!r} and {kind!r}")

    def kind(self, name: str) -> Kind:
        """The kind of `name`; `Kind.OTHER` when it is not listed."""
        return self._kind_of.get(name, Kind.OTHER)

    def names(self, kind: Kind) -> tuple[str, ...]:
        """Every name of `kind`, sorted; none for `Kind.OTHER`."""
        return tuple(sorted(name for name, listed in self._kind_of.items() if listed is kind))

    def changed(self, kinds: Mapping[str, Kind]) -> Taxonomy:
        """The same with other kinds for some names; `Kind.OTHER` takes a name from every list.

        >>> Taxonomy().changed({"wishlist": Kind.CART, "view": Kind.OTHER}).kind("wishlist")
        <Kind.CART: 'cart'>
        """
        kind_of = {name: kind for name, kind in {**self._kind_of, **kinds}.items() if kind is not Kind.OTHER}
        return Taxonomy({kind: tuple(name for name, listed in kind_of.items() if listed is kind) for kind in Kind})

    def listed(self) -> Mapping[str, Kind]:
        """{name: kind} of all names that have one."""
        return self._kind_of
