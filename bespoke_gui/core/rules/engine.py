"""Running rules over captions: what would change, what would be lost, which rule did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bespoke_gui.core import words
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.base import Edit

if TYPE_CHECKING:
    from bespoke_gui.core.rules.ruleset import Rule, RuleSet


@dataclass(frozen=True)
class Hit:
    """One place where a rule fired; `start` counts in the caption as that rule found it."""

    rule: str
    start: int
    before: str
    after: str
    crosses: bool


@dataclass(frozen=True)
class RuleResult:
    """What a rule set would do to one caption.

    `lost` are content words that are gone and that no declared synonym stands for; `overlaps`
    names pairs "later over earlier" where a rule matched what another had just put there.
    """

    before: str
    after: str
    rules: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    gained: list[str] = field(default_factory=list)
    crosses_separator: bool = False
    lossy: bool = False
    hits: list[Hit] = field(default_factory=list)
    overlaps: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the caption would change at all."""
        return self.before != self.after

    @property
    def safe(self) -> bool:
        """Whether it is ticked by default: nothing is lost and no match crosses a separator."""
        return not self.lossy and not self.crosses_separator

    def as_dict(self) -> dict[str, Any]:
        """Return the result as the command line prints it."""
        return asdict(self)


@dataclass(frozen=True)
class _Inserted:
    start: int
    end: int
    rule: str


def preview(
    ruleset: RuleSet, captions: Mapping[str, str | None], separator: str = ","
) -> dict[str, RuleResult]:
    """Return what the rules would do to every caption; missing ones (None) are left out.

    Nothing is written. Raises AppError naming the rule when a regex takes too long.
    """
    ruleset.start()
    return {
        name: run(ruleset, text, separator) for name, text in captions.items() if text is not None
    }


def unstable(
    ruleset: RuleSet, results: Mapping[str, RuleResult], separator: str = ","
) -> list[str]:
    """Return the captions that a second run of the same rules would change again."""
    ruleset.start()
    return [
        name
        for name, result in results.items()
        if result.changed and run(ruleset, result.after, separator).changed
    ]


def run(ruleset: RuleSet, text: str, separator: str = ",") -> RuleResult:
    """Apply the active rules, in order, to one text."""
    current, inserted = text, list[_Inserted]()
    hits: list[Hit] = []
    overlaps: list[str] = []
    may_go: Counter[str] = Counter()
    for rule in ruleset.active:
        edits = _edits(rule, current, separator)
        overlaps += _overlaps(rule.name, current, edits, inserted)
        hits += [
            Hit(rule.name, edit.start, current[edit.start : edit.end], edit.text, edit.crosses)
            for edit in edits
        ]
        may_go.update(word for edit in edits for word in edit.may_go)
        current, inserted = _spliced(rule.name, current, edits, inserted)
    if not hits:
        return RuleResult(text, text)
    fired = list(dict.fromkeys(hit.rule for hit in hits))
    gone, gained = words.changes(text, current, ruleset.synonyms_of(fired))
    lost = words.without(gone, may_go.elements())
    return RuleResult(
        before=text,
        after=current,
        rules=fired,
        lost=lost,
        gained=gained,
        crosses_separator=any(hit.crosses for hit in hits),
        lossy=bool(lost),
        hits=hits,
        overlaps=list(dict.fromkeys(overlaps)),
    )


def _edits(rule: Rule, text: str, separator: str) -> list[Edit]:
    try:
        edits = rule.edits(text, separator)
    except AppError as error:
        raise AppError(f"rule {rule.name!r}: {error.message}", hint=error.hint) from error
    return [edit for edit in edits if text[edit.start : edit.end] != edit.text]


def _overlaps(rule: str, text: str, edits: list[Edit], inserted: list[_Inserted]) -> list[str]:
    """Name the pairs where a rule touches words (not only separators) of another one."""
    return [
        f"{rule} over {span.rule}"
        for edit in edits
        for span in inserted
        if span.rule != rule
        and any(map(str.isalnum, text[max(edit.start, span.start) : min(edit.end, span.end)]))
    ]


def _spliced(
    rule: str, text: str, edits: list[Edit], inserted: list[_Inserted]
) -> tuple[str, list[_Inserted]]:
    """Make the edits; return the new text and where everything put in so far now stands."""
    parts: list[str] = []
    spans: list[_Inserted] = []
    done = length = 0
    for edit in edits:
        kept = text[done : edit.start]
        parts += [kept, edit.text]
        length += len(kept)
        spans.append(_Inserted(length, length + len(edit.text), rule))
        length += len(edit.text)
        done = edit.end
    moved = [
        _Inserted(_at(span.start, edits), _at(span.end, edits, is_end=True), span.rule)
        for span in inserted
    ]
    return "".join(parts) + text[done:], [s for s in (*moved, *spans) if s.start < s.end]


def _at(offset: int, edits: list[Edit], is_end: bool = False) -> int:
    """Return where an offset is after the edits; what is put in at an end is not inside."""
    shift = 0
    for edit in edits:
        put_at_end = is_end and edit.start == edit.end == offset
        if edit.end > offset or put_at_end:
            break
        shift += len(edit.text) - (edit.end - edit.start)
    return offset + shift
