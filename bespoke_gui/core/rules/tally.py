"""Tally: what each rule of a set does to all captions together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.core.rules.ruleset import RuleSet


@dataclass
class Tally:
    """What one rule does to the whole set: captions it changes, places, and words it takes."""

    captions: int = 0
    matches: int = 0
    lossy: int = 0
    crossing: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the tally as the command line prints it."""
        return {**vars(self), "lost": dict(self.lost.most_common())}


def tally(
    ruleset: RuleSet, results: Mapping[str, RuleResult]
) -> tuple[dict[str, Tally], Counter[str]]:
    """Return what every rule did, by its name, and how often one ran over the output of another."""
    tallies = {rule.name: Tally() for rule in ruleset.rules}
    overlaps: Counter[str] = Counter()
    for result in results.values():
        overlaps.update(result.overlaps)
        for name in result.rules:
            tallies[name].captions += 1
        for hit in result.hits:
            tallies[hit.rule].matches += 1
        for name in {hit.rule for hit in result.hits if hit.crosses}:
            tallies[name].crossing += 1
        for name, lost in result.lost_by_rule.items():
            tallies[name].lossy += 1
            tallies[name].lost.update(lost)
    return tallies, overlaps
