"""What is found about each of several images, gathered into one report."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from typing import Any

from bespoke_gui.core.errors import Problem

Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class Look:
    """One image of a report: what was found, and problems instead of or beside it."""

    name: str
    data: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


@dataclass
class SetReport:
    """Images by name and the findings of all of them."""

    images: dict[str, dict[str, Any]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def named(problems: Iterable[Problem], name: str) -> tuple[Problem, ...]:
    """Return findings about `name` instead of its path on this machine."""
    return tuple(Problem(**{**problem.as_dict(), "file": name}) for problem in problems)


def collect(looks: Generator[Look, None, None], total: int, progress: Progress | None) -> SetReport:
    """Gather all looks, telling `progress` after each."""
    report = SetReport()
    with contextlib.closing(looks):
        for done, look in enumerate(looks, 1):
            if look.data:
                report.images[look.name] = look.data
            report.problems += look.problems
            if progress is not None:
                progress(done, total, look.name)
    return report
