"""What a lint check is: a code, words for people, and a function over the captions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from bespoke_gui.core.phrases import Phrase
from bespoke_gui.core.registry import Registry


@dataclass(frozen=True)
class Text:
    """A caption as the checks see it."""

    name: str
    text: str
    phrases: list[Phrase]
    separator: str = ","


@dataclass(frozen=True)
class Finding:
    """One place, `text[start:end]`, and what is wrong there."""

    start: int
    end: int
    message: str
    hint: str = ""


Check = Callable[[Text], Iterable[Finding]]
SetCheck = Callable[[Sequence[Text]], Iterator[tuple[str, Finding]]]


@dataclass(frozen=True)
class Lint:
    """One check. `run` yields (name of the caption, finding); an empty name means the set."""

    code: str
    title: str
    severity: str
    explanation: str
    run: SetCheck


LINTS: Registry[Lint] = Registry("lint check", "bespoke_gui.core.lints")


def each(check: Check) -> SetCheck:
    """Turn a check of one caption into one of a whole set."""

    def run(texts: Sequence[Text]) -> Iterator[tuple[str, Finding]]:
        for text in texts:
            for finding in check(text):
                yield text.name, finding

    return run


def matches(pattern: re.Pattern[str], message: str, hint: str = "") -> SetCheck:
    """Return a check that reports every match; `{0}` in the message is the matched text."""

    def check(text: Text) -> Iterator[Finding]:
        for match in pattern.finditer(text.text):
            yield Finding(match.start(), match.end(), message.format(match.group()), hint)

    return each(check)


def phrases_matching(pattern: re.Pattern[str], message: str, hint: str = "") -> SetCheck:
    """Return a check that reports every phrase that fits as a whole."""

    def check(text: Text) -> Iterator[Finding]:
        for phrase in text.phrases:
            if pattern.fullmatch(phrase.text):
                yield Finding(phrase.start, phrase.end, message.format(phrase.text), hint)

    return each(check)
