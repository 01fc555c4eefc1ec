"""Saving captions in the background: one job after the other, each with the texts of its start."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from bespoke_gui.core import captions as files
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.errors import AppError


class Job(NamedTuple):
    """One caption to write: the name, the file as it was read, and the text to put there."""

    name: str
    caption: Caption
    text: str


@dataclass
class SaveReport:
    """What became of a save; `conflicts` were changed by another program meanwhile."""

    saved: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    failed: dict[str, AppError] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether everything that was to be saved is saved."""
        return not self.conflicts and not self.failed


@dataclass
class Outcome:
    """What a background job did: `written` with the text given, `found` what others wrote."""

    report: SaveReport = field(default_factory=SaveReport)
    written: dict[str, tuple[Caption, str]] = field(default_factory=dict)
    found: dict[str, Caption] = field(default_factory=dict)


def write_jobs(jobs: Iterable[Job], may_write: Callable[[], object] | None = None) -> Outcome:
    """Write captions one by one; a file that fails does not stop the others.

    `may_write` raises AppError when this window may no longer write; nothing is written then.
    """
    outcome, jobs = Outcome(), list(jobs)
    try:
        if may_write is not None and jobs:
            may_write()
    except AppError as error:
        outcome.report.failed = {job.name: error for job in jobs}
        return outcome
    for job in jobs:
        _write(job, outcome)
    files.sync_folders(caption for caption, _ in outcome.written.values())
    return outcome


def _write(job: Job, outcome: Outcome) -> None:
    try:
        outcome.written[job.name] = (files.write(job.caption, job.text, flush_name=False), job.text)
        outcome.report.saved.append(job.name)
    except AppError as error:
        if error.kind != "conflict":
            outcome.report.failed[job.name] = error
            return
        outcome.report.conflicts.append(job.name)
        outcome.found[job.name] = files.read_safely(job.caption.path)
