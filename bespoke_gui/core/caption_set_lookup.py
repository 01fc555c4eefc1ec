"""What queries learn about captions on disk: lint, review, and changes since a snapshot."""

from __future__ import annotations

from functools import cached_property
from pathlib import PurePosixPath

from bespoke_gui.core import worddiff
from bespoke_gui.core.caption_query import Lookup
from bespoke_gui.core.caption_set import CaptionSet
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.history import Review, text_digest
from bespoke_gui.core.lint_project import linter_of
from bespoke_gui.core.lints import lint_with
from bespoke_gui.core.project import is_project, open_project
from bespoke_gui.core.project_data import scan_project
from bespoke_gui.core.worddiff import TextDiff


class SetFacts:
    """Facts of a CaptionSet by name; each kind is found when it is first asked for.

    Changes are those since the snapshot `against`, the newest that a person named without it;
    with no snapshot nothing has changed. Raises AppError when there is no such snapshot.
    """

    def __init__(self, found: CaptionSet, against: str = "") -> None:
        self._set = found
        self._against = against
        self._diffs: dict[str, TextDiff] = {}
        if against:
            _ = self._before

    def lookup(self) -> Lookup:
        """Return how a query asks."""
        return Lookup(
            text=self.text,
            lints=self.lints,
            status=self.status,
            changed=lambda name: self.diff(name).status != "equal",
            lossy=lambda name: self.diff(name).lossy,
            lost=lambda name: self.diff(name).lost,
            gained=lambda name: self.diff(name).gained,
            note=lambda name: self._review(name).note,
            separator=self._set.separator,
        )

    def text(self, name: str) -> str:
        """Return the caption, "" where there is none."""
        return self._texts.get(name) or ""

    def lints(self, name: str) -> list[str]:
        """Return the codes of what the linter and the reading of the file found, in order."""
        return self._codes.get(name, [])

    def review(self, name: str) -> str:
        """Return todo, accepted or needs_work, for the text as it is now."""
        return self._review(name).state_for(text_digest(self.text(name)))

    def status(self, name: str) -> list[str]:
        """Return all that `status:` can ask for and that holds."""
        found = [self.review(name)]
        found += ["missing"] if not self.text(name).strip() else []
        return found + (["excluded"] if _key(name) in self._excluded else [])

    def diff(self, name: str) -> TextDiff:
        """Return what changed in a caption since the snapshot."""
        if name not in self._diffs:
            now, before = self._texts.get(name), self._before
            then = now if before is None else before.get(name)
            self._diffs[name] = worddiff.compare(then, now, separator=self._set.separator)
        return self._diffs[name]

    def _review(self, name: str) -> Review:
        return self._reviews.get(name, Review())

    @cached_property
    def _texts(self) -> dict[str, str | None]:
        return self._set.texts

    @cached_property
    def _codes(self) -> dict[str, list[str]]:
        problems = [*self._set.problems, *lint_with(linter_of(self._set, None), self._texts)]
        found: dict[str, list[str]] = {}
        for problem in problems:
            found.setdefault(problem.file, []).append(problem.code)
        return found

    @cached_property
    def _reviews(self) -> dict[str, Review]:
        with self._set.history() as history:
            return history.reviews(self._set.captions)

    @cached_property
    def _before(self) -> dict[str, str] | None:
        with self._set.history() as history:
            named = [snapshot.name for snapshot in history.snapshots() if not snapshot.automatic]
            wanted = self._against or (named[0] if named else "")
            return history.load(wanted, self._set.captions) if wanted else None

    @cached_property
    def _excluded(self) -> set[str]:
        folder = self._set.folder
        whole = scan_project(open_project(folder)) if is_project(folder) else scan(folder)
        return {_key(item.name) for item in whole.items if item.excluded}


def _key(name: str) -> str:
    return PurePosixPath(name).with_suffix("").as_posix()
