"""Content words: what a caption says, counted, so that a lost word can be named."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import lru_cache

WORD = re.compile(r"\w+(?:[-']\w+)*")
# Six, eight or three hexadecimal digits; three letters only when all alike (#fff, not #bad).
HEX_COLOUR = re.compile(
    r"#(?!(?:facade|decade|accede|deface|efface|beaded)\b)"
    r"(?:[0-9a-f]{8}|[0-9a-f]{6}|(?=[a-f]*[0-9])[0-9a-f]{3}|([a-f])\1\1)(?![0-9a-z_])",
    re.IGNORECASE,
)
# Words that only tie others together. "without" is not here: losing it turns the meaning round;
# nor are up, down, out, off, back, like: in captions they are mostly part of what is described.
ARTICLES = frozenset({"a", "an", "the"})
CONJUNCTIONS = frozenset({"and", "or", "but", "nor"})
PREPOSITIONS = frozenset(
    {
        *("about", "above", "across", "against", "along", "among", "around", "as", "at", "behind"),
        *("below", "beneath", "beside", "between", "beyond", "by", "for", "from", "in", "inside"),
        *("into", "near", "of", "on", "onto", "over", "per", "through", "to", "toward", "towards"),
        *("under", "underneath", "upon", "via", "with", "within"),
    }
)
FUNCTION_WORDS = ARTICLES | CONJUNCTIONS | PREPOSITIONS


def content_words(text: str) -> list[str]:
    """Return the content words in order, case-folded; hexadecimal colours are no words."""
    return list(_content_words(text))


@lru_cache(maxsize=2048)  # a live preview asks for the same captions at every keystroke
def _content_words(text: str) -> tuple[str, ...]:
    plain = HEX_COLOUR.sub(" ", text) if "#" in text else text
    return tuple(word for word in WORD.findall(plain.casefold()) if word not in FUNCTION_WORDS)


def changes(
    before: str, after: str, synonyms: Mapping[str, str] | None = None
) -> tuple[list[str], list[str]]:
    """Return the content words lost and gained, counted, each in the order of its text.

    `synonyms` maps a word or phrase to what stands for it ({"shades": "sunglasses"}); it excuses
    as many lost ones as the replacement was gained. An empty replacement declares that the word
    may go. The gained words are returned in full.
    """
    old, new = _behind_the_same(_content_words(before), _content_words(after))
    gone, come = without(old, new), without(new, old)
    if not gone or not synonyms:
        return gone, come
    remaining, gained = Counter(gone), Counter(come)
    for word, replacement in synonyms.items():
        stands = Counter(content_words(replacement))
        _excuse(remaining, gained, Counter(content_words(word)), stands)
    return among(gone, remaining.elements()), come


def _behind_the_same(
    old: tuple[str, ...], new: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Leave out what both begin with: most edits are at the end, and counting takes longer."""
    pairs = enumerate(zip(old, new, strict=False))
    same = next((n for n, (a, b) in pairs if a != b), min(len(old), len(new)))
    return old[same:], new[same:]


def missing(before: str, after: str) -> list[str]:
    """Return the content words of `before` that `after` lacks, counted, in order."""
    return without(content_words(before), content_words(after))


def lost(before: str, after: str, synonyms: Mapping[str, str] | None = None) -> list[str]:
    """Return the content words that are gone and no synonym stands for (see `changes`)."""
    return changes(before, after, synonyms)[0]


def without(words: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return what is left of `words` when each of `others` takes one equal word away."""
    counts = Counter(others)
    result = []
    for word in words:
        if counts[word] > 0:
            counts[word] -= 1
        else:
            result.append(word)
    return result


def _excuse(
    remaining: Counter[str], gained: Counter[str], old: Counter[str], new: Counter[str]
) -> None:
    if not old:
        return
    times = min(remaining[word] // count for word, count in old.items())
    if new:
        times = min(times, *(gained[word] // count for word, count in new.items()))
    for word, count in old.items():
        remaining[word] -= count * times
    for word, count in new.items():
        gained[word] -= count * times


def among(words: Iterable[str], others: Iterable[str]) -> list[str]:
    """Return those of `words` that find an equal one in `others`, each of which serves once."""
    counts = Counter(others)
    result = []
    for word in words:
        if counts[word] > 0:
            counts[word] -= 1
            result.append(word)
    return result
