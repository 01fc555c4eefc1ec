"""`bespoke captions apply`: run a rule set, or show what it would do."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from bespoke_gui.commands._captions_text import counted, marked, say_problems
from bespoke_gui.commands._captions_where import chosen as asked_for
from bespoke_gui.commands.output import Result
from bespoke_gui.core import worddiff
from bespoke_gui.core.bulk import BulkReport
from bespoke_gui.core.caption_set import CaptionSet, open_captions
from bespoke_gui.core.captions import Caption, texts
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.rules.apply import Applied, write_results
from bespoke_gui.core.rules.ruleset import (
    RuleResult,
    RuleSet,
    load_rules,
    preview,
    shipped,
    unstable,
)
from bespoke_gui.core.rules.tally import Tally, tally


def apply(args: argparse.Namespace) -> Result:
    """Preview, then write what is wanted. Captions without an image are left alone."""
    ruleset, found = _load(args.rules), open_captions(args.folder)
    candidates = _chosen(found, args.only)
    chosen = {name: candidates[name] for name in asked_for(args, found, candidates)}
    results = preview(ruleset, texts(chosen), found.separator)
    problems = found.problems + _orphans(found)
    problems += _warnings(ruleset, results, found.separator)
    applied = Applied(results, BulkReport(), [])
    if not args.dry_run:
        with found.history() as history:
            applied = write_results(
                ruleset.name, found.captions, results, history, lambda _, r: _wanted(args, r)
            )
            problems = history.problems + problems + applied.report.problems
    say_problems(problems)
    rules = tally(ruleset, results)[0]
    data = {
        "files": {
            name: {**result.as_dict(), "written": name in applied.report.written}
            for name, result in results.items()
        },
        "summary": _summary(applied),
        "rules": {name: found.as_dict() for name, found in rules.items()},
        "problems": [problem.as_dict() for problem in problems],
    }
    return Result(data, _text(applied, rules, args.dry_run), 1 if applied.report.problems else 0)


def _load(rules: str) -> RuleSet:
    """Read a rule set by path, or by name when it is one that travels with Bespoke."""
    if not Path(rules).exists():
        known = shipped()
        if rules in known:
            return load_rules(known[rules])
    return load_rules(Path(rules))


def _chosen(found: CaptionSet, only: str | None) -> dict[str, Caption]:
    return {
        name: caption
        for name, caption in found.captions.items()
        if not caption.unreadable
        and name not in found.orphans
        and (only is None or fnmatchcase(name, only) or fnmatchcase(Path(name).stem, only))
    }


def _wanted(args: argparse.Namespace, result: RuleResult) -> bool:
    return not (args.skip_lossy and result.lossy)


def _orphans(found: CaptionSet) -> list[Problem]:
    message = "has no image beside it and was left alone"
    return [Problem("caption_without_image", "info", message, name) for name in found.orphans]


def _warnings(ruleset: RuleSet, results: Mapping[str, RuleResult], separator: str) -> list[Problem]:
    """Return where rules run over each other's output, or would change their own again."""
    pairs = dict.fromkeys(pair for result in results.values() for pair in result.overlaps)
    found = [
        Problem("rules_overlap", "warning", f"a rule matched what another one put there: {pair}")
        for pair in pairs
    ]
    again = unstable(ruleset, results, separator)
    if again:
        message = f"a second run would change {counted(len(again), 'caption')} again"
        found.append(Problem("rules_not_idempotent", "warning", message, again[0]))
    return found


def _summary(applied: Applied) -> dict[str, Any]:
    results = applied.results.values()
    return {
        "files": len(applied.results),
        "changed": sum(result.changed for result in results),
        "lossy": sum(result.lossy for result in results),
        "crosses_separator": sum(result.crosses_separator for result in results),
        "written": len(applied.report.written),
        "skipped": len(applied.skipped),
        "snapshot": applied.report.snapshot,
        "log": str(applied.log or ""),
    }


def _text(applied: Applied, rules: Mapping[str, Tally], dry_run: bool) -> str:
    """Return the answer for people; what loses words comes last, where it is seen first."""
    changed = {name: result for name, result in applied.results.items() if result.changed}
    lines = [line for name, result in changed.items() for line in _entry(name, result, applied)]
    lines += _rule_lines(rules)
    counts = _summary(applied)
    lines.append(
        f"{counted(counts['files'], 'caption')}: {counts['changed']} would change"
        f", {counts['lossy']} lose words, {counts['crosses_separator']} by a match over a separator"
    )
    lines += _lost_lines(changed)
    if not dry_run:
        written = f"{counts['written']} written"
        kept = f"; the state before is {counts['snapshot']!r}" if counts["snapshot"] else ""
        lines.append(written + kept)
        lines += [f"log: {applied.log}"] if applied.log else []
    return "\n".join(lines)


def _entry(name: str, result: RuleResult, applied: Applied) -> list[str]:
    flags = " LOSSY" if result.lossy else ""
    flags += " CROSSES SEPARATOR" if result.crosses_separator else ""
    skipped = " (skipped)" if name in applied.skipped else ""
    return [
        f"{name}: {', '.join(result.rules)}{flags}{skipped}",
        f"  {marked(worddiff.diff(result.before, result.after))}",
    ]


def _rule_lines(rules: Mapping[str, Tally]) -> list[str]:
    """Say of every rule what it did; one that did nothing is named too."""
    lines = ["", "rules:"]
    for name, found in rules.items():
        told = [f"{counted(found.captions, 'caption')}"] if found.captions else ["no match"]
        told += [f"{found.crossing} over a separator"] if found.crossing else []
        told += [f"{found.lossy} LOSE WORDS"] if found.lossy else []
        lines.append(f"  {name}: {', '.join(told)}")
    return [*lines, ""]


def _lost_lines(changed: Mapping[str, RuleResult]) -> list[str]:
    lossy = {name: result for name, result in changed.items() if result.lossy}
    lines = [f"  {name}: {', '.join(result.lost)}" for name, result in lossy.items()]
    return ["LOST WORDS:", *lines] if lines else []
