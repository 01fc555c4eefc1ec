"""Running the lint checks over a set of captions, and counting what they found."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.lint_ignored import NOTHING, Ignored
from bespoke_gui.core.lints.base import Context, Finding, Lint, LintProblem
from bespoke_gui.core.lints.linter import Linter, problem_of


def lint(
    captions: Mapping[str, str | None],
    separator: str = ",",
    codes: Iterable[str] | None = None,
    context: Context | None = None,
    ignored: Ignored = NOTHING,
) -> list[LintProblem]:
    """Return what is wrong, caption by caption in the order given, then by place.

    `where` is "start-end" in characters. Missing captions (None) are not looked at. `codes`
    chooses checks; all of them run without it. `context` takes the place of the separator.
    """
    return lint_with(Linter(context or Context(separator), codes, ignored), captions)


def lint_with(linter: Linter, captions: Mapping[str, str | None]) -> list[LintProblem]:
    """Return what a linter finds, which remembers it for the next time."""
    texts = {name: text for name, text in captions.items() if text is not None}
    found: list[tuple[str, Lint, Finding]] = list(linter.of_set(texts))
    for name, text in texts.items():
        found += [(name, *pair) for pair in linter.of_text(name, text)]
        found += [(name, *pair) for pair in linter.of_image(name, text)]
    place = {name: index for index, name in enumerate(texts)}
    found.sort(key=lambda row: (place.get(row[0], -1), row[2].start, row[1].code))
    return [problem_of(check, name, finding) for name, check, finding in found]


def statistics(problems: Iterable[Problem]) -> dict[str, dict[str, int]]:
    """Return, for each code, how many captions have it and how often it occurs."""
    files: dict[str, set[str]] = {}
    hits: dict[str, int] = {}
    for problem in problems:
        files.setdefault(problem.code, set()).add(problem.file)
        hits[problem.code] = hits.get(problem.code, 0) + 1
    return {code: {"files": len(files[code]), "hits": hits[code]} for code in sorted(files)}
