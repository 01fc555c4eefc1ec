"""Lint check against the image: "solid" over many colours, "split" or "gradient" over one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.lints._borders import border_for
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each_image

KIND = re.compile(r"\b(solid|plain|split|gradient|two[- ]tone)\b[^,;\n]*\bbackground\b", re.I)
PLAIN = 0.7  # share of the border below which nobody calls it solid
ONE = 0.97  # share from which it has one colour
NAMED = 3


def check(text: Text) -> Iterator[Finding]:
    """Yield the word for the kind of background where the border is of another kind."""
    match = KIND.search(text.text)
    border = border_for(text) if match else None
    if match is None or border is None:
        return
    kind = match[1].casefold()
    names = border.names
    if kind in ("solid", "plain") and border.share < PLAIN:
        listed = ", ".join(names[:NAMED]) + (" and more" if len(names) > NAMED else "")
        message = f"says {match[1]!r}, and the border has {len(border.groups)} colours: {listed}"
        yield Finding(*match.span(1), message, "say what the background is")
    elif kind not in ("solid", "plain") and border.share > ONE:
        message = f"says {match[1]!r}, and the border is {names[0]} all round"
        yield Finding(*match.span(1), message, "look whether both colours are to be seen")


LINTS.add(
    "background_kind",
    Lint(
        "background_kind",
        "Background of another kind",
        "info",
        "Solid, split and gradient are learned from what the images show under these words.",
        each_image(check),
    ),
)
