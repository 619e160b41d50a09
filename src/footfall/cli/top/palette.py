"""Colours by role, for dark and light grounds and for the terminal's own sixteen; a class's hue means that class alone.

From the design's tokens. What has no hue of its own is ink.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from textual.theme import Theme


class Look(StrEnum):
    """On what ground the view is drawn."""

    DARK = "dark"
    LIGHT = "light"
    TERMINAL = "terminal"


class Hue(NamedTuple):
    """Styles of one class: of its marks and of its name."""

    mark: str
    name: str


@dataclass(frozen=True)
class Palette:
    """Styles, as Rich reads them, by role; `paper`, `raised`, `rule` and `edge` are colours."""

    paper: str
    raised: str
    rule: str
    edge: str
    ink: str
    soft: str
    signal: str
    recent: str
    """Ground of a session that has just changed its class."""
    chosen: str
    classes: Mapping[str, Hue]

    def hue(self, visitor_class: str) -> Hue:
        """The class's own, else ink."""
        return self.classes.get(visitor_class, Hue(self.ink, self.ink))


PALETTES: Final[Mapping[Look, Palette]] = {
    Look.DARK: Palette(
        paper="#121614",
        raised="#1C2220",
        rule="#3D4642",
        edge="#727A76",
        ink="#ECF1EE",
        soft="#909894",
        signal="#F48ABA",
        recent="on #181D1B",
        chosen="bold on #212724",
        classes={
            "bouncer": Hue("#DB665A", "#F19489"),
            "browser": Hue("#EEB747", "#ECC573"),
            "engaged_shopper": Hue("#4BCEAB", "#7DD9BA"),
            "power_user": Hue("#548FD3", "#8AB8EC"),
        },
    ),
    Look.LIGHT: Palette(
        paper="#FBFCFB",
        raised="#FFFFFF",
        rule="#C5CCC8",
        edge="#858C88",
        ink="#151A18",
        soft="#5D6461",
        signal="#A9166B",
        recent="on #F3F6F4",
        chosen="bold on #E9EDEB",
        classes={
            "bouncer": Hue("#BA3E38", "#A6312B"),
            "browser": Hue("#CD8103", "#875306"),
            "engaged_shopper": Hue("#1FA282", "#07664D"),
            "power_user": Hue("#1B5198", "#134D98"),
        },
    ),
    # The terminal's yellow can't be read on every ground, so names stay ink and only marks have a hue.
    Look.TERMINAL: Palette(
        paper="ansi_default",
        raised="ansi_default",
        rule="ansi_bright_black",
        edge="ansi_bright_black",
        ink="default",
        soft="dim",
        signal="magenta",
        recent="",
        chosen="bold",
        classes={
            "bouncer": Hue("red", "default"),
            "browser": Hue("yellow", "default"),
            "engaged_shopper": Hue("green", "default"),
            "power_user": Hue("blue", "default"),
        },
    ),
}


def theme(look: Look) -> Theme:
    """The same for Textual's own parts, under the name of the look."""
    from textual.theme import BUILTIN_THEMES, Theme

    palette = PALETTES[look]
    ink = "ansi_default" if look is Look.TERMINAL else palette.ink
    soft = "ansi_default" if look is Look.TERMINAL else palette.soft
    return Theme(
        name=look,
        ansi=look is Look.TERMINAL,
        dark=look is not Look.LIGHT,
        primary=ink,
        foreground=ink,
        background=palette.paper,
        surface=palette.paper,
        panel=palette.paper,
        variables={
            **(BUILTIN_THEMES["ansi-dark"].variables if look is Look.TERMINAL else {}),
            "rule": palette.rule,
            "edge": palette.edge,
            "raised": palette.raised,
            "soft": soft,
            "footer-background": palette.paper,
            "footer-key-foreground": ink,
            "footer-description-foreground": soft,
            "scrollbar": palette.edge,
            "scrollbar-background": palette.paper,
        },
    )
