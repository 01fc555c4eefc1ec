"""Lint check: words about descent or of a sexual kind, which a person should decide on."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import listed
from bespoke_gui.core.lints._words import phrases_with
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each

PEOPLE = listed(
    "girl girls guy guys women woman man men people person male males female females boy boys"
)
SINGLE = listed(
    "african asian arab arabic argentina argentine argentinian brazilian caucasian chinese china"
    " colombia colombian ethnic ethnicity european hispanic indian indigenous japanese jewish"
    " korean latin latino latina latinx mediterranean mexican muslim oriental persian russian"
    " turkish"
    " bollywood gypsy mulatto rasta race girl girls boy boys"
    " cleavage sexy sex voluptuous busty attractive nude naked seductive fat ugly"
)
PAIRED = frozenset([*PEOPLE, "black", "eastern", "american", "heavier"])
SENSITIVE = re.compile(
    # "yellow skin" may be paint, "black skin male" is a person
    rf"\b(?:(?:black|white|brown)(?: (?:skin|skinned|girl))? (?:{'|'.join(sorted(PEOPLE))})"
    r"|(?:medium |light |dark )?black skin(?:ned)?|middle[- ]eastern|native american|heavier set"
    rf"|{'|'.join(sorted(SINGLE))})\b",
    re.IGNORECASE,
)
CUES = SINGLE | PAIRED


def check(text: Text) -> Iterator[Finding]:
    """Yield each such word."""
    for phrase in phrases_with(text, CUES):
        for match in SENSITIVE.finditer(phrase.text):
            message = f"{match.group()!r} says something about a person"
            place = (phrase.start + match.start(), phrase.start + match.end())
            yield Finding(*place, message, "keep it only if it is meant")


LINTS.add(
    "sensitive_words",
    Lint(
        "sensitive_words",
        "Words about people",
        "info",
        "The model learns what else these images share as part of that group of people.",
        each(check),
    ),
)
