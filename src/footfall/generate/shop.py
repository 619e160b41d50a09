"""The world of a shop for the kitchen and the table; every ordinary order in it is below 500."""

from __future__ import annotations

from typing import Final

from footfall.generate.world import Campaign, Range, World, stock

_RANGES: Final = (
    Range(
        "tea",
        (590, 3_990),
        ("Hoshi", "Veld", "Blackwater", "Nilgiri & Sons"),
        ("Sencha", "Assam", "Rooibos", "Earl Grey", "Jasmine", "Oolong"),
        ("Everyday", "First Flush", "Organic", "Smoked", "Reserve"),
    ),
    Range(
        "coffee",
        (790, 4_490),
        ("Kafa", "Blackwater", "Ostend", "Tres Rios"),
        ("Espresso", "Filter Roast", "Decaf", "Single Origin"),
        ("House", "Dark", "Light", "Organic", "Barrel-Aged"),
    ),
    Range(
        "cups",
        (690, 5_990),
        ("Nambu", "Klar", "Lindqvist", "Terra"),
        ("Mug", "Tumbler", "Tea Bowl", "Espresso Cup", "Travel Cup"),
        ("White", "Raku", "Glass", "Stoneware", "Enamel"),
    ),
    Range(
        "pots",
        (1_890, 14_990),
        ("Nambu", "Klar", "Lindqvist"),
        ("Teapot", "French Press", "Carafe", "Milk Jug"),
        ("Glass", "Cast-Iron", "Porcelain", "Copper"),
    ),
    Range(
        "kettles",
        (2_990, 18_990),
        ("Klar", "Stroma", "Watt & Well"),
        ("Kettle", "Gooseneck Kettle", "Travel Kettle"),
        ("Steel", "Matt Black", "Retro", "Quiet"),
    ),
    Range(
        "machines",
        (7_990, 44_990),
        ("Stroma", "Watt & Well", "Officina Uno"),
        ("Espresso Machine", "Grinder", "Filter Machine", "Milk Frother"),
        ("Compact", "Classic", "Dual", "Studio"),
    ),
    Range(
        "pantry",
        (390, 2_490),
        ("Veld", "Miel d'Or", "Ostend"),
        ("Honey", "Shortbread", "Dark Chocolate", "Syrup", "Cane Sugar"),
        ("Wild", "Salted", "Organic", "Spiced", "Classic"),
    ),
    Range(
        "tools",
        (490, 6_990),
        ("Hoshi", "Terra", "Officina Uno"),
        ("Whisk", "Scale", "Strainer", "Tamper", "Thermometer"),
        ("Bamboo", "Steel", "Pocket", "Precision"),
    ),
)

_CAMPAIGNS: Final = (
    Campaign("direct", None, None, None, None, 34),
    Campaign("organic", None, None, None, "https://search.example/", 30),
    Campaign("referral", None, None, None, "https://slow-coffee.example/best-grinders", 8),
    Campaign("paid", "search", "cpc", "brand-always-on", "https://search.example/", 10),
    Campaign("paid", "pictures", "paid_social", "gift-guide", "https://pictures.example/", 14, 20, 45),
    Campaign("email", "newsletter", "email", "monthly-letter", None, 7),
    Campaign("email", "newsletter", "email", "spring-sale", None, 22, 55, 65),
    Campaign("social", "pictures", "social", "slow-mornings", "https://pictures.example/", 6, 30, 100),
)

WORLD: Final = World(
    name="shop",
    products=stock(_RANGES),
    landing={"/": 40, "/new": 12, "/sale": 10, "/tea": 14, "/coffee": 14, "/journal/how-to-brew": 10},
    pages={"/": 10, "/tea": 16, "/coffee": 16, "/cups": 10, "/machines": 10, "/delivery": 6, "/about": 4, "/cart": 6},
    strolling={
        "product_view": 520,
        "page_view": 210,
        "click": 110,
        "search_query": 50,
        "filter_usage": 40,
        "add_to_cart": 40,
        "video_play": 15,
        "social_share": 5,
        "click_outbound": 10,
    },
    glancing={"page_view": 55, "product_view": 40, "click": 5},
    follow_ups={"add_to_cart": {"remove_from_cart": 18}, "search_query": {"product_view": 70, "filter_usage": 15}},
    about_products=frozenset(
        ("product_view", "add_to_cart", "remove_from_cart", "video_play", "social_share", "review", "return_request")
    ),
    paths={"search_query": "/search", "filter_usage": "/search", "purchase": "/checkout/thanks", "refund": "/account"},
    item="add_to_cart",
    queries=("green tea", "espresso cup", "gift under 30", "grinder", "gooseneck", "decaf", "honey", "teapot glass"),
    campaigns=_CAMPAIGNS,
)
