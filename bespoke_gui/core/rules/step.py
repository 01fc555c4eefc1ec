"""One rule over one caption: the text behind it, its hits, what it lost, what it ran over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bespoke_gui.core import words
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.base import Edit

if TYPE_CHECKING:
    from bespoke_gui.core.rules.ruleset import Rule


class RuleError(AppError):
    """An error of one rule; `rule` is its name."""

    def __init__(self, rule: str, error: AppError) -> None:
        super().__init__(f"rule {rule!r}: {error.message}", hint=error.hint, kind=error.kind)
        self.rule = rule


@dataclass(frozen=True)
class Hit:
    """One place where a rule fired; `start` counts in the caption as that rule found it."""

    rule: str
    start: int
    before: str
    after: str
    crosses: bool


@dataclass(frozen=True)
class Inserted:
    """What a rule put into a caption, and where it stands by now."""

    start: int
    end: int
    rule: str


@dataclass(frozen=True)
class Step:
    """A caption behind one rule.

    `lost` are content words that this rule took and its synonyms do not stand for; `may_go` are
    words the action itself answers for; `overlaps` names pairs "later over earlier".
    """

    text: str
    inserted: tuple[Inserted, ...] = ()
    hits: tuple[Hit, ...] = ()
    lost: tuple[str, ...] = ()
    may_go: tuple[str, ...] = ()
    overlaps: tuple[str, ...] = ()

    def same_start(self, other: Step) -> bool:
        """Return whether the rules behind would find the same."""
        return self.text == other.text and self.inserted == other.inserted


def take(rule: Rule, state: Step, separator: str, synonyms: dict[str, str]) -> Step:
    """Run one rule on what the rules before it left; raises RuleError."""
    text = state.text
    edits = _edits(rule, text, separator)
    if not edits:
        return state if not state.hits else Step(text, state.inserted)
    after, inserted = _spliced(rule.name, text, edits, state.inserted)
    may_go = tuple(word for edit in edits for word in edit.may_go)
    return Step(
        after,
        inserted,
        tuple(Hit(rule.name, e.start, text[e.start : e.end], e.text, e.crosses) for e in edits),
        _lost(text, after, edits, may_go, {**synonyms, **rule.synonyms}),
        may_go,
        tuple(dict.fromkeys(_overlaps(rule.name, text, edits, state.inserted))),
    )


def _edits(rule: Rule, text: str, separator: str) -> list[Edit]:
    try:
        edits = rule.edits(text, separator)
    except AppError as error:
        raise RuleError(rule.name, error) from error
    return [edit for edit in edits if text[edit.start : edit.end] != edit.text]


def _lost(
    before: str,
    after: str,
    edits: Sequence[Edit],
    may_go: tuple[str, ...],
    synonyms: dict[str, str],
) -> tuple[str, ...]:
    if all(_only_adds(before, edit) for edit in edits):
        return ()
    return tuple(words.without(words.lost(before, after, synonyms), may_go))


def _only_adds(text: str, edit: Edit) -> bool:
    """Return whether an edit puts something between words and takes, joins and cuts none."""
    if edit.start != edit.end:
        return False
    left, right = text[edit.start - 1 : edit.start], text[edit.end : edit.end + 1]
    ends = ((left, edit.text[:1]), (edit.text[-1:], right), (left, right))
    return not any(_in_word(before) and _in_word(after) for before, after in ends)


def _in_word(char: str) -> bool:
    """Return whether a character may be part of a word or of a hexadecimal colour."""
    return char.isalnum() or char in {"_", "-", "'", "#"}


def _overlaps(
    rule: str, text: str, edits: Sequence[Edit], inserted: Sequence[Inserted]
) -> list[str]:
    """Name the pairs where a rule touches words (not only separators) of another one."""
    return [
        f"{rule} over {span.rule}"
        for edit in edits
        for span in inserted
        if span.rule != rule
        and any(map(str.isalnum, text[max(edit.start, span.start) : min(edit.end, span.end)]))
    ]


def _spliced(
    rule: str, text: str, edits: Sequence[Edit], inserted: Sequence[Inserted]
) -> tuple[str, tuple[Inserted, ...]]:
    """Make the edits; return the new text and where everything put in so far now stands."""
    parts: list[str] = []
    spans: list[Inserted] = []
    done = length = 0
    for edit in edits:
        kept = text[done : edit.start]
        parts += [kept, edit.text]
        length += len(kept)
        spans.append(Inserted(length, length + len(edit.text), rule))
        length += len(edit.text)
        done = edit.end
    moved = [
        Inserted(_at(span.start, edits), _at(span.end, edits, is_end=True), span.rule)
        for span in inserted
    ]
    everything = tuple(s for s in (*moved, *spans) if s.start < s.end)
    return "".join(parts) + text[done:], everything


def _at(offset: int, edits: Sequence[Edit], is_end: bool = False) -> int:
    """Return where an offset is after the edits; what is put in at an end is not inside."""
    shift = 0
    for edit in edits:
        put_at_end = is_end and edit.start == edit.end == offset
        if edit.end > offset or put_at_end:
            break
        shift += len(edit.text) - (edit.end - edit.start)
    return offset + shift
