"""Running rules over captions: what would change, what would be lost, which rule did it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from bespoke_gui.core import words
from bespoke_gui.core.rules.step import Hit, Step, take

if TYPE_CHECKING:
    from bespoke_gui.core.rules.ruleset import RuleSet


@dataclass(frozen=True)
class RuleResult:
    """What a rule set would do to one caption.

    `lost` are content words that are gone and that no declared synonym stands for; `lost_by_rule`
    says which rule took them (a word that a later rule brought back is not among them, nor is
    one that an earlier rule had only put there); `overlaps` names pairs
    "later over earlier" where a rule matched what another had just put there.
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
    lost_by_rule: dict[str, list[str]] = field(default_factory=dict)

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


def preview(
    ruleset: RuleSet, captions: Mapping[str, str | None], separator: str = ","
) -> dict[str, RuleResult]:
    """Return what the rules would do to every caption; missing ones (None) are left out.

    Nothing is written. Raises RuleError naming the rule when a regex takes too long.
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
        if result.changed and changes(ruleset, result.after, separator)
    ]


def run(ruleset: RuleSet, text: str, separator: str = ",") -> RuleResult:
    """Apply the active rules, in order, to one text."""
    steps = [state := Step(text)]
    for rule in ruleset.active:
        steps.append(state := take(rule, state, separator, ruleset.synonyms))
    return sum_up(ruleset, steps)


def changes(ruleset: RuleSet, text: str, separator: str = ",") -> bool:
    """Return whether the rules would change a text at all."""
    state = Step(text)
    for rule in ruleset.active:
        state = take(rule, state, separator, ruleset.synonyms)
    return state.text != text


def sum_up(ruleset: RuleSet, steps: Sequence[Step]) -> RuleResult:
    """Return the result of a caption that went through these steps, the first being its text."""
    before, after = steps[0].text, steps[-1].text
    fired = [step for step in steps if step.hits]
    if not fired:
        return RuleResult(before, before)
    names = [step.hits[0].rule for step in fired]
    gone, gained = words.changes(before, after, ruleset.synonyms_of(names))
    lost = words.without(gone, [word for step in fired for word in step.may_go])
    hits = [hit for step in fired for hit in step.hits]
    return RuleResult(
        before=before,
        after=after,
        rules=names,
        lost=lost,
        gained=gained,
        crosses_separator=any(hit.crosses for hit in hits),
        lossy=bool(lost),
        hits=hits,
        overlaps=list(dict.fromkeys(pair for step in fired for pair in step.overlaps)),
        lost_by_rule=_blamed(fired, lost),
    )


def _blamed(fired: Sequence[Step], lost: Sequence[str]) -> dict[str, list[str]]:
    """Return which rule took which of the lost words, each word once."""
    found: dict[str, list[str]] = {}
    left = list(lost)
    for step in fired:
        taken = words.among(step.lost, left)
        if taken:
            found[step.hits[0].rule] = taken
            left = words.without(left, taken)
    return found
