"""Audit log of a rule run, in Markdown: image by image, which rules fired and what changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from bespoke_gui.core.rules.engine import RuleResult


def markdown(
    title: str, results: Mapping[str, RuleResult], snapshot: str, when: datetime | None = None
) -> str:
    """Return the log of the captions that were written."""
    stamp = (when or datetime.now()).strftime("%Y-%m-%d %H:%M:%S")
    fired = Counter(rule for result in results.values() for rule in result.rules)
    lines = [f"# {title}", "", f"**Date:** {stamp}", f"**Captions changed:** {len(results)}"]
    lines += [f"**State before:** snapshot `{snapshot}`", "", "## Rules", ""]
    lines += [f"- {rule}: {count} captions" for rule, count in fired.most_common()]
    lines += ["", "## Captions", ""]
    for name, result in results.items():
        lines += _entry(name, result)
    return "\n".join(lines) + "\n"


def _entry(name: str, result: RuleResult) -> list[str]:
    lines = [f"### {name}", "", f"- Rules: {', '.join(result.rules)}"]
    if result.lost:
        lines.append(f"- **Words lost:** {', '.join(result.lost)}")
    if result.crosses_separator:
        lines.append("- **A match reached over a separator**")
    if result.gained:
        lines.append(f"- Words gained: {', '.join(result.gained)}")
    return [*lines, "", _quoted("Before", result.before), "", _quoted("After", result.after), ""]


def _quoted(label: str, text: str) -> str:
    body = "\n".join(f"> {line}" for line in text.split("\n"))
    return f"{label}:\n{body}"
