"""The world of a broker of insurance and loans: visitors read, ask for quotes, apply, and some of them sign."""

from __future__ import annotations

from typing import Final

from footfall.generate.world import Campaign, Range, World, stock

_RANGES: Final = (
    Range(
        "car",
        (18_900, 44_900),
        ("Alder Mutual", "Northgate", "Pilot"),
        ("Car Cover", "Second Car Cover", "Fleet Cover"),
        ("Basic", "Plus", "Full"),
    ),
    Range(
        "home",
        (8_900, 32_900),
        ("Alder Mutual", "Hearth", "Northgate"),
        ("Contents Cover", "Building Cover", "Flood Cover"),
        ("Basic", "Plus", "Full"),
    ),
    Range("travel", (1_900, 14_900), ("Pilot", "Globe & Co"), ("Trip Cover", "Year Cover"), ("Single", "Family")),
    Range("health", (4_900, 39_900), ("Vita", "Alder Mutual"), ("Dental Plan", "Hospital Plan"), ("Basic", "Plus")),
    Range(
        "loans",
        (9_900, 29_900),
        ("Northgate", "Fairbank"),
        ("Car Loan", "Home Loan", "Small Loan"),
        ("Fixed", "Flexible"),
    ),
)

_CAMPAIGNS: Final = (
    Campaign("organic", None, None, None, "https://search.example/", 30),
    Campaign("direct", None, None, None, None, 22),
    Campaign("paid", "search", "cpc", "car-insurance", "https://search.example/", 22),
    Campaign("referral", "compare", "affiliate", "comparison", "https://compare.example/car", 12),
    Campaign("email", "crm", "email", "quote-reminder", None, 10),
    Campaign("email", "crm", "email", "renewal-month", None, 24, 40, 60),
    Campaign("paid", "pictures", "paid_social", "first-home", "https://pictures.example/", 14, 60, 90),
)

WORLD: Final = World(
    name="leads",
    products=stock(_RANGES),
    landing={"/": 30, "/car": 24, "/home": 16, "/loans": 14, "/guides/no-claims": 10, "/compare": 6},
    pages={"/car": 16, "/home": 14, "/loans": 10, "/guides/no-claims": 10, "/faq": 10, "/contact": 8, "/reviews": 8},
    strolling={
        "page_view": 400,
        "product_view": 160,
        "click": 100,
        "filter_usage": 40,
        "search_query": 30,
        "form_start": 70,
        "quote_request": 40,
        "application_start": 25,
        "download": 40,
        "video_play": 25,
        "email_open": 30,
        "phone_call": 15,
        "text_interaction": 15,
    },
    glancing={"page_view": 75, "product_view": 15, "email_open": 10},
    follow_ups={
        "form_start": {"form_submit": 55, "form_abandon": 45},
        "application_start": {"application_complete": 50},
        "email_open": {"email_click": 60, "email_reply": 8},
    },
    about_products=frozenset(
        ("product_view", "quote_request", "application_start", "application_complete", "review", "return_request")
    ),
    paths={
        "form_start": "/contact",
        "form_submit": "/contact",
        "form_abandon": "/contact",
        "quote_request": "/quote",
        "application_start": "/apply",
        "application_complete": "/apply/done",
        "purchase": "/apply/signed",
        "refund": "/account",
        "search_query": "/search",
        "filter_usage": "/compare",
    },
    item="application_complete",
    queries=("car insurance", "no claims bonus", "loan calculator", "dental", "flood zone", "cancel policy"),
    campaigns=_CAMPAIGNS,
)
