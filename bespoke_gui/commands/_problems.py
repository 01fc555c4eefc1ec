"""How commands show findings: errors first, a few of each kind, all of them with --json."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from bespoke_gui.core.errors import Problem

SHOWN = 3
ORDER = ("error", "warning", "info")


def as_dicts(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Return findings as they stand in the JSON object."""
    return [problem.as_dict() for problem in problems]


def lines(problems: Sequence[Problem]) -> list[str]:
    """Return one line a finding; where one kind is found often, a few and their number."""
    ranked = sorted(problems, key=lambda p: (ORDER.index(p.severity), p.code))
    text: list[str] = []
    for (severity, code), group in groupby(ranked, key=lambda p: (p.severity, p.code)):
        found = list(group)
        text += [_line(problem) for problem in found[:SHOWN]]
        if len(found) > SHOWN:
            text.append(f"{severity}: {len(found) - SHOWN} more of {code} (--json shows all)")
    return text


def summary(problems: Sequence[Problem]) -> str:
    """Return how many errors, warnings and notes there are."""
    counts = [sum(p.severity == severity for p in problems) for severity in ORDER]
    names = ("error", "warning", "note")
    return ", ".join(
        f"{n} {name}{'' if n == 1 else 's'}" for n, name in zip(counts, names, strict=True)
    )


def _line(problem: Problem) -> str:
    where = f"{problem.file}: " if problem.file else ""
    hint = f" ({problem.hint})" if problem.hint else ""
    text = f"{problem.severity}: {where}{problem.message}{hint} [{problem.code}]"
    return " ".join(text.split())
