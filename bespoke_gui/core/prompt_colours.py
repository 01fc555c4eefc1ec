"""Expectations read from a prompt: the colour of a plain background, and the accessories."""

from __future__ import annotations

import re

from bespoke_gui.core.colour_words import is_colour_word, parse_colour

ACCESSORIES: dict[str, str] = {
    "hat": r"\b(hat|cap|beanie|crown|tiara|bandana|headband|beret|helmet|fedora|fidora)s?\b",
    "sunglasses": r"\b(sun ?glasses|shades|goggles?|stunners?)\b",
    "glasses": r"\b(eye ?)?glasses\b",
    "earrings": r"\bear ?rings?\b",
    "bow": r"\bbow (in|on) (the |her |his )?hair\b|\b(hair|ribbon) bow\b|\bwearing [\w ]*\bbow\b",
    "necklace": r"\b(necklaces?|(gold|golden|silver|diamond) chain)\b",
}
"""Accessory -> pattern that says the prompt names it."""

_NOT_PLAIN = re.compile(
    r"\b(split|gradient|check\w*|brick\w*|pinstripe\w*|stripe\w*|multi\w*|two.?tone\w*|radial"
    r"|pattern\w*|flag|nature|scene|many colou?rs)\b"
)
_BRACKETS = re.compile(r"\([^)]*\)?")
_HEX = re.compile(r"#[0-9a-f]{3,6}\b")
_WORDS = re.compile(r"[a-z]+")
_NO_ACCESSORY = re.compile(r"\b(no|without) [\w ]*$")


def background_colour(text: str, separator: str = ",") -> str:
    """Return the words that name the colour of a plain background, "" where none is named.

    "bright green background" -> "bright green", "blue solid background" -> "blue"; split,
    gradient, brick and the like give "", and so do two colours joined by "and" or "to".
    """
    for phrase in text.casefold().split(separator):
        words = _background_words(phrase)
        if words:
            return words
    return ""


def _background_words(phrase: str) -> str:
    phrase = _HEX.sub(" ", _BRACKETS.sub(" ", phrase))
    before, found, after = phrase.partition("background")
    if not found or _NOT_PLAIN.search(phrase) or after.strip().startswith(("with ", "of ")):
        return ""
    run = _trailing_colours(_WORDS.findall(before))
    behind = _WORDS.findall(after)
    trailing = behind if all(is_colour_word(word) for word in behind) else []
    name = " ".join(word for word in run + trailing if word not in ("solid", "plain"))
    return name if parse_colour(name) else ""


def _trailing_colours(words: list[str]) -> list[str]:
    """Return the colour words directly before "background"; [] when two colours are joined."""
    run: list[str] = []
    while words and is_colour_word(words[-1]):
        run.insert(0, words[-1])
        words = words[:-1]
    joined = len(words) > 1 and words[-1] in ("and", "to") and is_colour_word(words[-2])
    return [] if joined else run


def accessories(text: str) -> list[str]:
    """Return the accessories that the prompt names, in the order of ACCESSORIES.

    Sunglasses are not counted as glasses a second time.
    """
    folded = re.sub(r"\bsun ?glasses\b", "sunglasses", text.casefold())
    folded = re.sub(r"\b(goggle|shades?) glasses\b", "goggles", folded)
    return [name for name, pattern in ACCESSORIES.items() if _named(pattern, folded)]


def _named(pattern: str, text: str) -> bool:
    for match in re.finditer(pattern, text):
        phrase = text[: match.start()].rpartition(",")[2]
        if not _NO_ACCESSORY.search(phrase):
            return True
    return False
