"""Colour words: which family a colour's name belongs to, and what its modifiers ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass

FAMILIES: dict[str, str] = {
    "red": "red crimson scarlet ruby burgundy maroon wine cherry brick carmine claret firebrick",
    "orange": "orange tangerine pumpkin apricot amber",
    "yellow": "yellow gold golden mustard lemon goldenrod custard canary banana sunflower maize",
    "green": (
        "green lime olive mint sage emerald jade chartreuse forest avocado pistachio seafoam moss"
        " shamrock evergreen viridian kiwi hunter grass pine fern"
    ),
    "teal": "teal turquoise aqua cyan aquamarine tiffany",
    "blue": "blue navy azure cobalt cerulean sapphire ultramarine denim cornflower sky ocean",
    "purple": (
        "purple violet lavender lilac mauve plum indigo eggplant periwinkle orchid amethyst"
        " aubergine grape wisteria heliotrope thistle"
    ),
    "pink": "pink rose magenta fuchsia raspberry cerise bubblegum coral salmon blush",
    "brown": (
        "brown chocolate sienna umber tan beige taupe sand khaki coffee mocha caramel chestnut"
        " mahogany cinnamon cocoa bronze copper camel clay rust sepia"
    ),
    "grey": "grey gray silver charcoal slate gunmetal steel cement stone",
    "white": "white ivory cream creme snow eggshell",
    "black": "black",
}
NOUNS: dict[str, str] = {
    noun: family for family, nouns in FAMILIES.items() for noun in nouns.split()
}
VIVID = frozenset({"bright", "hot", "neon", "vivid", "electric"})
DARK = frozenset({"dark", "deep", "navy"})
LIGHT = frozenset({"light", "pale", "pastel", "baby", "lighter", "icey", "icy"})
OTHER = frozenset({"medium", "royal", "burnt", "dusty", "solid", "plain", "opal", "bubble", "gum"})
MODIFIERS = VIVID | DARK | LIGHT | OTHER

_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True)
class ColourWords:
    """A colour named in words: the family of its head noun and the set of its modifiers."""

    text: str
    family: str
    modifiers: frozenset[str]

    @property
    def vivid(self) -> bool:
        """Whether the words ask for a strong colour ("bright", "hot", "neon")."""
        return bool(self.modifiers & VIVID)

    @property
    def dark(self) -> bool:
        """Whether the words ask for a dark colour."""
        return bool(self.modifiers & DARK)

    @property
    def light(self) -> bool:
        """Whether the words ask for a light colour."""
        return bool(self.modifiers & LIGHT)


def is_colour_word(word: str) -> bool:
    """Return whether the word can be part of a colour's name."""
    folded = word.casefold()
    return folded in NOUNS or folded in MODIFIERS or folded.endswith("ish")


def parse_colour(text: str) -> ColourWords | None:
    """Read "pale blue grey" as family "grey" (the head noun) with its modifiers; None if none."""
    words = _WORD.findall(text.casefold())
    nouns = [word for word in words if word in NOUNS]
    if not nouns:
        return None
    return ColourWords(text.strip(), NOUNS[nouns[-1]], frozenset(words) & MODIFIERS)
