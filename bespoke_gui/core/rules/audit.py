"""Audit log of a rule run, in Markdown: image by image, which rules fired, before, after, lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.core.rules.step import Hit


def markdown(
    title: str, results: Mapping[str, RuleResult], snapshot: str, when: datetime | None = None
) -> str:
    """Return the log of the captions that were changed, those that lost words first."""
    stamp = (when or datetime.now()).strftime("%Y-%m-%d %H:%M:%S")
    lossy = [name for name, result in results.items() if result.lossy]
    lines = [f"# Caption rules: {title}", "", f"**Date:** {stamp}"]
    lines += [
        f"**Captions changed:** {len(results)}",
        f"**Captions that lost words:** {len(lossy)}",
    ]
    lines += [f"**Backup:** snapshot `{snapshot}`", "", "## Rules", ""]
    lines += _rules(results)
    if lossy:
        lines += ["", "## Words lost", ""]
        lines += [f"- **{name}:** {', '.join(results[name].lost)}" for name in lossy]
    lines += ["", "## Caption Changes", ""]
    for name, result in results.items():
        lines += _entry(name, result)
    return "\n".join(lines) + "\n"


def _rules(results: Mapping[str, RuleResult]) -> list[str]:
    fired = Counter(rule for result in results.values() for rule in result.rules)
    lost = Counter(rule for result in results.values() for rule in result.lost_by_rule)
    return [
        f"- {rule}: {count} caption{'' if count == 1 else 's'}"
        + (f", {lost[rule]} of them lost words" if lost[rule] else "")
        for rule, count in fired.most_common()
    ]


def _entry(name: str, result: RuleResult) -> list[str]:
    lines = [f"### {name}", ""]
    lines += [_hit(hit) for hit in result.hits]
    if result.lost:
        lines.append(f"- **Words lost:** {', '.join(result.lost)}")
    if result.gained:
        lines.append(f"- Words gained: {', '.join(result.gained)}")
    return [*lines, "", _quoted("BEFORE", result.before), "", _quoted("AFTER", result.after), ""]


def _hit(hit: Hit) -> str:
    """Say what one rule did at one place."""
    did = (
        f"{_code(hit.before)} -> {_code(hit.after)}" if hit.before else f"added {_code(hit.after)}"
    )
    if hit.before and not hit.after:
        did = f"removed {_code(hit.before)}"
    over = " (reached over a separator)" if hit.crosses else ""
    return f"- {hit.rule}: {did}{over}"


def _code(text: str) -> str:
    """Return text as Markdown code, whatever is in it."""
    body = text.strip().replace("\n", " / ")
    fence = "``" if "`" in body else "`"
    pad = " " if "`" in body else ""
    return f"{fence}{pad}{body}{pad}{fence}"


def _quoted(label: str, text: str) -> str:
    body = "\n".join(f"> {line}" for line in text.split("\n"))
    return f"**{label}:**\n{body}"
