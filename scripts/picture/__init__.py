"""The pictures of the README, taken of the product at work; not of a drawing."""
