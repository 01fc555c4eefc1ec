"""What a lint check is: a code, words for people, and a function over the captions."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.phrases import Phrase, split
from bespoke_gui.core.registry import Registry

if TYPE_CHECKING:
    import numpy as np

Edit = tuple[int, int, str]


@dataclass(frozen=True)
class Fix:
    """A way to mend one finding: replace `text[start:end]` by the third part of each edit.

    `label` is what the button says. Edits do not overlap and are in order of place.
    """

    label: str
    edits: tuple[Edit, ...]

    def apply(self, text: str) -> str:
        """Return the text with the edits made."""
        for start, end, replacement in reversed(self.edits):
            text = text[:start] + replacement + text[end:]
        return text


@dataclass(frozen=True)
class Context:
    """What checks may know beside the captions; every part has a value for "not known".

    trigger: the phrase that calls the style, "" for none. keep_tokens, keep_separator, shuffle,
    max_token_length, wildcards: the config's options (None: no config). dictionary: the project's
    own words, case-folded. native: gives the native pixels of the image that a caption is of, uint8
    (height, width, 3), or None; not part of what makes two contexts equal.
    """

    separator: str = ","
    trigger: str = ""
    keep_tokens: int | None = None
    keep_separator: str = ""
    shuffle: bool | None = None
    max_token_length: int | None = None
    wildcards: bool | None = None
    caption_extension: str = ".txt"
    dictionary: frozenset[str] = frozenset()
    native: Callable[[str], np.ndarray | None] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Text:
    """A caption as the checks see it; `context.native(name)` is its image."""

    name: str
    text: str
    context: Context = Context()

    @property
    def phrases(self) -> list[Phrase]:
        """The phrases in order; split when asked for, so that a large set stays small."""
        return split(self.text, self.context.separator)

    @property
    def separator(self) -> str:
        """What stands between two phrases."""
        return self.context.separator


@dataclass(frozen=True)
class Finding:
    """One place, `text[start:end]`, and what is wrong there.

    `fix` is safe: it may be made in all captions at once. `suggestions` are ways to choose from,
    one caption at a time. `severity` takes the place of the check's own where it is given.
    """

    start: int
    end: int
    message: str
    hint: str = ""
    fix: Fix | None = None
    suggestions: tuple[Fix, ...] = ()
    severity: str = ""


@dataclass(frozen=True)
class LintProblem(Problem):
    """A finding of the linter, with ways to mend it; `where` is "start-end" in characters."""

    fix: Fix | None = None
    suggestions: tuple[Fix, ...] = ()


Check = Callable[[Text], Iterable[Finding]]
SetCheck = Callable[[Sequence[Text]], Iterable[tuple[str, Finding]]]


@dataclass(frozen=True)
class Each:
    """A check of one caption, so that its findings can be kept until that caption changes.

    They depend on text and context alone, with `of_image` on the image as well.
    """

    check: Check
    of_image: bool = False


@dataclass(frozen=True)
class Lint:
    """One check, of one caption (`each(check)`) or of the whole set at once.

    One of a set yields (name of the caption, finding); an empty name means the set. `fixable`:
    some of its findings carry a safe fix.
    """

    code: str
    title: str
    severity: str
    explanation: str
    run: Each | SetCheck
    fixable: bool = False


LINTS: Registry[Lint] = Registry("lint check", "bespoke_gui.core.lints")


def each(check: Check) -> Each:
    """Return a check of one caption by its text and context."""
    return Each(check)


def each_image(check: Check) -> Each:
    """Return a check of one caption against its image."""
    return Each(check, of_image=True)


FixFor = Callable[[Text, int, int], Fix]


def matches(
    pattern: re.Pattern[str], message: str, hint: str = "", fix: FixFor | None = None
) -> Each:
    """Return a check that reports every match; `{0}` in the message is the matched text."""

    def check(text: Text) -> Iterable[Finding]:
        for match in pattern.finditer(text.text):
            yield _finding(text, *match.span(), message, hint, fix)

    return each(check)


def phrases_matching(
    pattern: re.Pattern[str], message: str, hint: str = "", suggest: FixFor | None = None
) -> Each:
    """Return a check that reports every phrase that fits as a whole."""

    def check(text: Text) -> Iterable[Finding]:
        for phrase in text.phrases:
            if pattern.fullmatch(phrase.text):
                found = _finding(text, phrase.start, phrase.end, message, hint)
                ways = (suggest(text, phrase.start, phrase.end),) if suggest else ()
                yield replace(found, suggestions=ways)

    return each(check)


def _finding(
    text: Text, start: int, end: int, message: str, hint: str, fix: FixFor | None = None
) -> Finding:
    words = message.format(text.text[start:end])
    return Finding(start, end, words, hint, fix(text, start, end) if fix else None)
