"""Running the lint checks over a set of captions, and counting what they found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from bespoke_gui.core import phrases
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.lints.base import (
    LINTS,
    Context,
    Each,
    Finding,
    Lint,
    LintProblem,
    Text,
)


def lint(
    captions: Mapping[str, str | None],
    separator: str = ",",
    codes: Iterable[str] | None = None,
    context: Context | None = None,
) -> list[LintProblem]:
    """Return what is wrong, caption by caption in the order given, then by place.

    `where` is "start-end" in characters. Missing captions (None) are not looked at. `codes`
    chooses checks; all of them run without it. `context` takes the place of the separator.
    """
    known = context or Context(separator)
    texts = [
        Text(name, text, phrases.split(text, known.separator), known)
        for name, text in captions.items()
        if text is not None
    ]
    checks = LINTS.values() if codes is None else [LINTS[code] for code in codes]
    found = [
        (name, finding.start, check.code, problem_of(check, name, finding))
        for check in checks
        for name, finding in findings(check, texts)
    ]
    place = {name: index for index, name in enumerate(captions)}
    found.sort(key=lambda row: (place.get(row[0], -1), row[1], row[2]))
    return [row[3] for row in found]


def findings(check: Lint, texts: Sequence[Text]) -> Iterator[tuple[str, Finding]]:
    """Yield what one check finds, with the name of the caption ("" for the set)."""
    run = check.run
    if isinstance(run, Each):
        for text in texts:
            for finding in run.check(text):
                yield text.name, finding
    else:
        yield from run(texts)


def statistics(problems: Iterable[Problem]) -> dict[str, dict[str, int]]:
    """Return, for each code, how many captions have it and how often it occurs."""
    files: dict[str, set[str]] = {}
    hits: dict[str, int] = {}
    for problem in problems:
        files.setdefault(problem.code, set()).add(problem.file)
        hits[problem.code] = hits.get(problem.code, 0) + 1
    return {code: {"files": len(files[code]), "hits": hits[code]} for code in sorted(files)}


def problem_of(check: Lint, name: str, finding: Finding) -> LintProblem:
    """Return a finding of a check as the problem that people see."""
    return LintProblem(
        check.code,
        finding.severity or check.severity,
        finding.message,
        name,
        finding.hint,
        f"{finding.start}-{finding.end}",
        finding.fix,
        finding.suggestions,
    )
