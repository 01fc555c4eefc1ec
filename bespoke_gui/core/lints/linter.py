"""Linter: runs the checks, and keeps what it found in a caption until its text changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import overload

from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.lint_ignored import NOTHING, Ignored
from bespoke_gui.core.lints.base import (
    LINTS,
    Context,
    Each,
    Finding,
    Lint,
    LintProblem,
    SetCheck,
    Text,
)

KEPT = 4096  # captions whose findings are kept
Found = tuple[Lint, Finding]


class Linter:
    """Lints captions under one context. `codes` chooses checks; all of them without it.

    What `ignored` names is left out. Safe to use from several threads.
    """

    def __init__(
        self,
        context: Context | None = None,
        codes: Iterable[str] | None = None,
        ignored: Ignored = NOTHING,
    ) -> None:
        self.context = context or Context()
        self._blind = replace(self.context, native=None)
        self.ignored = ignored
        checks = LINTS.values() if codes is None else [LINTS[code] for code in codes]
        checks = [check for check in checks if check.code not in ignored.codes]
        self._by_text, self._by_image, self._by_set = _sorted(checks)
        self._kept = lru_cache(maxsize=KEPT)(self._of_text)

    def of_text(self, name: str, text: str) -> list[Found]:
        """Return what the text of one caption shows, in order of place."""
        return self._wanted(name, text, self._kept(text))

    def of_image(self, name: str, text: str, look: bool = True) -> list[Found]:
        """Return what one caption shows beside its image, which is read where `look` says so."""
        seen = Text(name, text, self.context if look else self._blind)
        return self._wanted(name, text, self._run(self._by_image, seen))

    def of_set(self, captions: Mapping[str, str]) -> Iterator[tuple[str, Lint, Finding]]:
        """Yield what only all captions together show; an empty name means the set."""
        texts = Texts(captions, self.context)
        for check, run in self._by_set:
            for name, finding in run(texts):
                words = captions.get(name, "")[finding.start : finding.end]
                if not self.ignored.hides(check.code, words, name):
                    yield name, check, finding

    def _of_text(self, text: str) -> tuple[Found, ...]:
        return tuple(self._run(self._by_text, Text("", text, self.context)))

    def _run(self, checks: Sequence[tuple[Lint, Each]], text: Text) -> list[Found]:
        found = [(check, finding) for check, run in checks for finding in run.check(text)]
        return sorted(found, key=lambda pair: (pair[1].start, pair[0].code))

    def _wanted(self, name: str, text: str, found: Iterable[Found]) -> list[Found]:
        hides = self.ignored.hides
        return [
            (check, finding)
            for check, finding in found
            if not hides(check.code, text[finding.start : finding.end], name)
        ]


class Texts(Sequence[Text]):
    """The captions of a set as checks see them, made when asked for, with rests in between."""

    def __init__(self, captions: Mapping[str, str], context: Context) -> None:
        self._captions = list(captions.items())
        self._context = context

    def __len__(self) -> int:
        return len(self._captions)

    @overload
    def __getitem__(self, index: int) -> Text: ...
    @overload
    def __getitem__(self, index: slice) -> list[Text]: ...
    def __getitem__(self, index: int | slice) -> Text | list[Text]:
        if isinstance(index, slice):
            return [Text(name, text, self._context) for name, text in self._captions[index]]
        return Text(*self._captions[index], self._context)

    def __iter__(self) -> Iterator[Text]:
        for name, text in Breath().over(self._captions):
            yield Text(name, text, self._context)


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


def _sorted(
    checks: Iterable[Lint],
) -> tuple[list[tuple[Lint, Each]], list[tuple[Lint, Each]], list[tuple[Lint, SetCheck]]]:
    by_text: list[tuple[Lint, Each]] = []
    by_image: list[tuple[Lint, Each]] = []
    by_set: list[tuple[Lint, SetCheck]] = []
    for check in checks:
        if isinstance(check.run, Each):
            (by_image if check.run.of_image else by_text).append((check, check.run))
        else:
            by_set.append((check, check.run))
    return by_text, by_image, by_set
