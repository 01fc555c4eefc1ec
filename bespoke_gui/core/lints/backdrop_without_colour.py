"""Lint check: a background whose kind is named but not its colour."""

import re

from bespoke_gui.core.lints.base import LINTS, Lint, phrases_matching

BACKDROP = re.compile(r"(?:solid|split|gradient|plain|two[- ]tone) background", re.IGNORECASE)

LINTS.add(
    "backdrop_without_colour",
    Lint(
        "backdrop_without_colour",
        "Background without colour",
        "warning",
        "The background cannot follow a prompt's colour when the captions do not name one.",
        phrases_matching(BACKDROP, "{0!r} names no colour", "add the colour"),
    ),
)
