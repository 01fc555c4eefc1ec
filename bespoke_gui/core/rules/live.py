"""Live preview: a rule set run again and again while it is edited, only what changed anew."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Container, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from bespoke_gui.core.rules.engine import RuleResult, changes, sum_up
from bespoke_gui.core.rules.ruleset import Rule, RuleSet
from bespoke_gui.core.rules.step import RuleError, Step, take
from bespoke_gui.core.rules.tally import Tally, tally

CHUNK = 50  # captions between two looks whether somebody wants something newer


@dataclass(frozen=True)
class LiveResult:
    """The whole set under a rule set; rules in `errors` (by name) were left out."""

    results: dict[str, RuleResult]
    rules: dict[str, Tally]
    overlaps: Counter[str]
    errors: dict[str, RuleError]


@dataclass
class _Entry:
    """What is known of one caption: the text behind every rule of `keys`."""

    keys: tuple[Hashable, ...]
    steps: list[Step]
    result: RuleResult


class LivePreview:
    """Previews a set of captions; not for two threads at once.

    A caption goes again only through the rules from the first edited one on, and only until it
    reads as it did before.
    """

    def __init__(self) -> None:
        self._entries: dict[str, _Entry] = {}
        self._again: dict[str, bool] = {}
        self._again_keys: tuple[Hashable, ...] = ()

    def update(
        self,
        ruleset: RuleSet,
        captions: Mapping[str, str | None],
        separator: str = ",",
        check: Callable[[], None] = lambda: None,
    ) -> LiveResult:
        """Return what the rules would do; a rule that fails is named and left out.

        `check` is called now and then and may raise, to give way to a newer call.
        """
        errors: dict[str, RuleError] = {}
        while True:
            try:
                results = self._run(_without(ruleset, errors), captions, separator, check)
            except RuleError as error:
                errors[error.rule] = error
            else:
                return LiveResult(results, *tally(ruleset, results), errors)

    def unstable(
        self,
        ruleset: RuleSet,
        results: Mapping[str, RuleResult],
        separator: str = ",",
        check: Callable[[], None] = lambda: None,
    ) -> list[str]:
        """Return the captions that a second run would change again; texts seen are known."""
        keys = (separator, *_keys(ruleset))
        if keys != self._again_keys:
            self._again, self._again_keys = {}, keys
        ruleset.start()
        found = []
        for number, (name, result) in enumerate(results.items()):
            if number % CHUNK == 0:
                check()
            if result.changed and self._would_change(ruleset, result.after, separator):
                found.append(name)
        return found

    def _would_change(self, ruleset: RuleSet, text: str, separator: str) -> bool:
        known = self._again.get(text)
        if known is None:
            known = self._again[text] = changes(ruleset, text, separator)
        return known

    def _run(
        self,
        ruleset: RuleSet,
        captions: Mapping[str, str | None],
        separator: str,
        check: Callable[[], None],
    ) -> dict[str, RuleResult]:
        ruleset.start()
        rules, keys = ruleset.active, (separator, *_keys(ruleset))
        kept: dict[str, _Entry] = {}
        texts = {name: text for name, text in captions.items() if text is not None}
        for number, (name, text) in enumerate(texts.items()):
            if number % CHUNK == 0:
                check()
            kept[name] = self._entries[name] = self._entry(
                ruleset, rules, keys, text, self._entries.get(name)
            )
        self._entries = kept
        return {name: entry.result for name, entry in kept.items()}

    def _entry(
        self,
        ruleset: RuleSet,
        rules: list[Rule],
        keys: tuple[Hashable, ...],
        text: str,
        old: _Entry | None,
    ) -> _Entry:
        if old is None or old.steps[0].text != text or old.keys[0] != keys[0]:
            old = None
        elif old.keys == keys:
            return old
        steps = _steps(ruleset, rules, keys, text, old)
        if old is not None and _same(steps, old.steps):
            return _Entry(keys, steps, old.result)
        return _Entry(keys, steps, sum_up(ruleset, steps))


def _steps(
    ruleset: RuleSet,
    rules: list[Rule],
    keys: tuple[Hashable, ...],
    text: str,
    old: _Entry | None,
) -> list[Step]:
    """Return the text itself and what each rule makes of it; `steps[i]` lies behind `keys[i]`."""
    if old is None:
        head, tail, known = 1, 0, []
        steps = [Step(text)]
    else:
        known = old.steps
        head, tail = _ends(old.keys, keys)
        steps = known[:head]
    for index in range(head, len(keys)):
        rest = len(keys) - index
        if rest <= tail and steps[-1].same_start(known[-rest - 1]):
            return steps + known[-rest:]
        steps.append(take(rules[index - 1], steps[-1], str(keys[0]), ruleset.synonyms))
    return steps


@lru_cache(maxsize=8)
def _ends(old: tuple[Hashable, ...], new: tuple[Hashable, ...]) -> tuple[int, int]:
    """Return how many keys are the same at the beginning and, of the others, at the end."""
    shorter = min(len(old), len(new))
    head = next((i for i in range(shorter) if old[i] != new[i]), shorter)
    most = shorter - head
    return head, next((i for i in range(most) if old[-1 - i] != new[-1 - i]), most)


def _same(steps: list[Step], others: list[Step]) -> bool:
    """Return whether the very same rules fired, at the same places."""
    mine = [id(step) for step in steps if step.hits]
    return mine == [id(step) for step in others if step.hits]


def _keys(ruleset: RuleSet) -> list[Hashable]:
    """Return what each active rule is; two that are equal do the same."""
    everywhere = repr(ruleset.synonyms)
    return [
        (rule.name, rule.action.name, repr(rule.options), repr(rule.synonyms), everywhere)
        for rule in ruleset.active
    ]


def _without(ruleset: RuleSet, names: Container[str]) -> RuleSet:
    return replace(ruleset, rules=[rule for rule in ruleset.rules if rule.name not in names])
