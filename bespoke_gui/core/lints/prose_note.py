"""Lint check: a thought of the writer, or reasons and stories, in place of a description."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bespoke_gui.core.caption_nouns import listed
from bespoke_gui.core.lints._words import phrases_with
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text, each
from bespoke_gui.core.lints.fixes import quoted, remove

NOTE = re.compile(
    r"\?"
    r"|\b(?:because|perhaps|maybe|probably|possibly|hopefully|somehow|whatever|actually|basically"
    r"|think|guess|mean|imagine|remember|however|howevr|e\.?g\.|i\.e\.|etc|todo|note to self"
    r"|similar to|as if|if any|or another|or something|kind of|sort of|so to say"
    r"|i|i'm|im|you|you'd|youd|we|he|she|they|here|there (?:is|are)|this is|as this"
    r"|it is|it's|its|to it|would|could|should|might|make it|looks? (?:like )?an?"
    r"|but (?:not|her|look|always|originally|is always)|is (?:always|still|not|also)"
    r"|not (?:as|so|too)|so dark|to create|of the time|(?:have|has) (?:been|hit)"
    r"|nicely done|well done|look good|(?:al)?most looks|look type|from being|show more)\b",
    re.IGNORECASE,
)
CUES = listed(  # one of these words is in everything that NOTE finds
    "because perhaps maybe probably possibly hopefully somehow whatever actually basically think"
    " guess mean imagine remember however howevr e i todo note similar if another something kind"
    " sort say i'm im you you'd youd we he she they here there this it it's its would could should"
    " might make look looks but is not so create time have has nicely well from show etc"
)


def check(text: Text) -> Iterator[Finding]:
    """Yield one finding for each phrase that tells instead of describing, with all its cues."""
    asking = [phrase for phrase in text.phrases if "?" in phrase.text] if "?" in text.text else []
    for phrase in dict.fromkeys([*phrases_with(text, CUES), *asking]):
        cues = list(NOTE.finditer(phrase.text))
        if cues:
            start, end = cues[0].start(), cues[-1].end()
            message = f"{quoted(phrase.text[start:end])} belongs to a note, not to a description"
            ways = (remove(text, phrase.start, phrase.end),)
            place = (phrase.start + start, phrase.start + end)
            yield Finding(*place, message, "say only what is to be seen", suggestions=ways)


LINTS.add(
    "prose_note",
    Lint(
        "prose_note",
        "Note or story",
        "info",
        "A caption lists what is to be seen; thoughts, reasons and doubts cannot be painted.",
        each(check),
    ),
)
