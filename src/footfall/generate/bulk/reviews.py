"""What made-up reviews say, by their stars."""

from __future__ import annotations

from typing import Final

REVIEWS: Final = (
    (1, "Broke on the second day. I want my money back."),
    (1, "Arrived damaged, and nobody answers my mails."),
    (1, "Nothing like the pictures. Very disappointed."),
    (2, "Looks nice, feels cheap. Would not buy again."),
    (2, "Delivery took two weeks, and the box was open."),
    (2, "Too expensive for what it is."),
    (3, "Does what it should, no more and no less."),
    (3, "Good quality, but smaller than I expected."),
    (3, "Fine, although the instructions are hard to follow."),
    (4, "Very happy with it. Shipping could be faster."),
    (4, "Well made and easy to use. One star off for the packaging."),
    (4, "A good choice for every day."),
    (5, "Exactly what I was looking for. Lovely quality!"),
    (5, "My third order here, and again perfect."),
    (5, "Fast delivery, friendly service, great product."),
)
"""(stars, text)."""
