"""Lint check: "wearing" before something that nobody wears, or before nothing."""

import re

from bespoke_gui.core.lints.base import LINTS, Lint, phrases_matching

NOT_WORN = re.compile(
    r"wearing(?:\s+(?:(?!(?:in|on|with|of)\b)\S+\s+){0,3}?(?:stubble|mustache|moustache|beard|goatee|lips|skin|hair|bald)"
    r"\b.*)?",
    re.IGNORECASE,
)

LINTS.add(
    "wearing_no_garment",
    Lint(
        "wearing_no_garment",
        "Wearing no garment",
        "info",
        "Hair, skin and beards are not worn; the word teaches them as accessories.",
        phrases_matching(NOT_WORN, "{0!r} is nothing to wear", "take 'wearing' out"),
    ),
)
