"""Running the lint checks over a set of captions, and counting what they found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bespoke_gui.core import phrases
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.lints.base import LINTS, Finding, Lint, Text


def lint(
    captions: Mapping[str, str | None], separator: str = ",", codes: Iterable[str] | None = None
) -> list[Problem]:
    """Return what is wrong, caption by caption in the order given, then by place.

    `where` is "start-end" in characters. Missing captions (None) are not looked at. `codes`
    chooses checks; all of them run without it.
    """
    texts = [
        Text(name, text, phrases.split(text, separator), separator)
        for name, text in captions.items()
        if text is not None
    ]
    checks = LINTS.values() if codes is None else [LINTS[code] for code in codes]
    found = [
        (name, finding.start, check.code, _problem(check, name, finding))
        for check in checks
        for name, finding in check.run(texts)
    ]
    place = {name: index for index, name in enumerate(captions)}
    found.sort(key=lambda row: (place.get(row[0], -1), row[1], row[2]))
    return [row[3] for row in found]


def statistics(problems: Iterable[Problem]) -> dict[str, dict[str, int]]:
    """Return, for each code, how many captions have it and how often it occurs."""
    files: dict[str, set[str]] = {}
    hits: dict[str, int] = {}
    for problem in problems:
        files.setdefault(problem.code, set()).add(problem.file)
        hits[problem.code] = hits.get(problem.code, 0) + 1
    return {code: {"files": len(files[code]), "hits": hits[code]} for code in sorted(files)}


def _problem(check: Lint, name: str, finding: Finding) -> Problem:
    where = f"{finding.start}-{finding.end}"
    return Problem(check.code, check.severity, finding.message, name, finding.hint, where)
