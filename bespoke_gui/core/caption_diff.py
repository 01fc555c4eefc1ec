"""Difference of two sets of captions: each file, and each distinct change with its count."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core import captions, worddiff
from bespoke_gui.core.change_index import Change, ChangeIndex
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.worddiff import TextDiff

__all__ = ["CaptionDiff", "Change", "compare_captions", "compare_folders"]


@dataclass(frozen=True)
class CaptionDiff:
    """The difference of two sets of captions, by name, with totals in `summary`."""

    files: dict[str, TextDiff]
    summary: dict[str, int]
    problems: list[Problem] = field(default_factory=list)

    def distinct_changes(self) -> list[Change]:
        """Return each different replacement once, the most frequent first."""
        return ChangeIndex(self.files).changes()

    def as_dict(self) -> dict[str, Any]:
        """Return the difference as the command line prints it."""
        return {
            "files": {name: text_diff.as_dict() for name, text_diff in self.files.items()},
            "summary": self.summary,
            "problems": [problem.as_dict() for problem in self.problems],
        }


def compare_captions(
    before: Mapping[str, str | None],
    after: Mapping[str, str | None],
    synonyms: Mapping[str, str] | None = None,
    separator: str = ",",
) -> CaptionDiff:
    """Compare two sets of captions by name; None, or a name not there, is a missing caption."""
    names = sorted(
        name for name in {*before, *after} if (before.get(name), after.get(name)) != (None, None)
    )
    files = {
        name: worddiff.compare(before.get(name), after.get(name), synonyms, separator)
        for name in names
    }
    return CaptionDiff(files, _summary(files))


def compare_folders(
    before: Path, after: Path, suffix: str = ".txt", separator: str = ","
) -> CaptionDiff:
    """Compare the caption files of two folders; a file that cannot be read is a problem.

    A file unreadable on one side is left out on both, so that it never looks removed.
    Raises AppError when one of them is no folder.
    """
    old, new = captions.read_folder(before, suffix), captions.read_folder(after, suffix)
    bad = {name for side in (old, new) for name, caption in side.items() if caption.unreadable}
    problems = [p for side in (old, new) for name in side for p in side[name].problems]
    result = compare_captions(
        {name: text for name, text in captions.texts(old).items() if name not in bad},
        {name: text for name, text in captions.texts(new).items() if name not in bad},
        separator=separator,
    )
    return CaptionDiff(result.files, result.summary, problems)


def _summary(files: Mapping[str, TextDiff]) -> dict[str, int]:
    statuses = [text_diff.status for text_diff in files.values()]
    return {
        "files": len(files),
        **{status: statuses.count(status) for status in ("equal", "changed", "added", "removed")},
        "lossy": sum(text_diff.lossy for text_diff in files.values()),
        "words_lost": sum(len(text_diff.lost) for text_diff in files.values()),
        "words_gained": sum(len(text_diff.gained) for text_diff in files.values()),
        "moved": sum(bool(text_diff.moved) for text_diff in files.values()),
    }
