"""Lint work: what runs on a background thread to find the notes of captions."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bespoke_gui.core.breathing import Breath, here_to_stay
from bespoke_gui.core.caption_suffixes import wrong_suffixes
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.lint_process import Looked
from bespoke_gui.core.project import Project

if TYPE_CHECKING:
    from bespoke_gui.core.lint_ignored import Ignored
    from bespoke_gui.core.lint_process import LintProcess
    from bespoke_gui.core.lints import Context, Finding, Lint, Linter
    from bespoke_gui.qtmodels.caption_model import CaptionStore

    Found = tuple[Lint, Finding]
    Row = tuple[str, str, Caption]

NOTHING = Looked([], [])
MOST_IMAGES = 5_000  # in a larger set only the images of edited captions are compared with them
PROCESS_ABOVE = 10_000  # captions of a set that is linted by a process of its own


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in one caption: codes, one a finding, and the findings beside the image."""

    codes: tuple[str, ...] = ()
    of_image: tuple[Found, ...] = ()


class Tools:
    """A linter with the project's context; `files`: captions that are there under another name.

    `config` is the training config in that context, None for the newest; `process` looks at the
    captions of a large set.
    """

    def __init__(
        self,
        linter: Linter,
        files: dict[str, Problem],
        all_images: bool = True,
        config: Path | None = None,
        process: LintProcess | None = None,
    ) -> None:
        self.linter = linter
        self.files = files
        self.config = config
        self.all_images = all_images
        self.process = process
        self._codes: dict[tuple[str, ...], tuple[str, ...]] = {}

    def check(self, code: str) -> Lint | None:
        """Return a check by its code; None for what is found in files."""
        from bespoke_gui.core.lints import LINTS

        return LINTS[code] if code in set(LINTS) else None

    def look(self, name: str, text: str, caption: Caption, with_image: bool) -> Seen:
        """Look at one caption."""
        codes = [problem.code for problem in self._of_file(name, caption, text)]
        of_image: tuple[Found, ...] = ()
        if not _is_blank(caption, text):
            of_image = tuple(self.linter.of_image(name, text, with_image))
            found = [*self.linter.of_text(name, text), *of_image]
            codes += [check.code for check, _ in found]
        return self._seen(codes, of_image)

    def look_elsewhere(self, process: LintProcess, rows: list[Row]) -> dict[str, Seen]:
        """Look at captions, without their images, while this process does something else."""
        from bespoke_gui.core.lints import LINTS

        looked = process.look({n: text for n, text, file in rows if not _is_blank(file, text)})
        seen = {}
        for name, text, caption in Breath().over(rows):
            codes, of_image = looked.get(name, NOTHING)
            of_file = [problem.code for problem in self._of_file(name, caption, text)]
            found = tuple((LINTS[code], finding) for code, finding in of_image)
            seen[name] = self._seen([*of_file, *codes], found)
        return seen

    def _seen(self, codes: list[str], of_image: tuple[Found, ...]) -> Seen:
        key = tuple(codes)
        return Seen(self._codes.setdefault(key, key), of_image)

    def close(self) -> None:
        """End the process, if there is one."""
        if self.process is not None:
            self.process.close()

    def problems(
        self, name: str, text: str, caption: Caption, seen: Seen, of_set: Iterable[Found]
    ) -> list[Problem]:
        """Return all findings of one caption in words, in order of place."""
        from bespoke_gui.core.lints import problem_of

        of_file = self._of_file(name, caption, text)
        if _is_blank(caption, text):
            return of_file
        length = len(text)
        found = [*self.linter.of_text(name, text), *seen.of_image, *of_set]
        found = [pair for pair in found if pair[1].end <= length]
        found.sort(key=lambda pair: (pair[1].start, pair[0].code))
        return [*of_file, *(problem_of(check, name, finding) for check, finding in found)]

    def of_set(self, found: Iterable[Found]) -> list[Problem]:
        """Return findings about the whole set in words."""
        from bespoke_gui.core.lints import problem_of

        return [problem_of(check, "", finding) for check, finding in found]

    def look_at_set(self, texts: Mapping[str, str | None]) -> dict[str, list[Found]]:
        """Return what only all captions together show, by name.

        texts: all of them; those that changed since they were looked at, where a process did that.
        """
        from bespoke_gui.core.lints import LINTS

        found: dict[str, list[Found]] = {}
        if self.process is not None:
            for name, coded in Breath().over(self.process.look_at_set(texts)):
                found[name] = [(LINTS[code], finding) for code, finding in coded]
            return found
        there = {name: text for name, text in texts.items() if text is not None}
        for name, check, finding in self.linter.of_set(there):
            found.setdefault(name, []).append((check, finding))
        return found

    def mended(self, code: str, texts: dict[str, str]) -> tuple[dict[str, str], int]:
        """Return new texts with all safe fixes of one check made, and in how many places."""
        from bespoke_gui.core.lints import Linter, mend

        linter = Linter(self.linter.context, [code], self.linter.ignored)
        mended = mend(texts, linter)
        places = sum(
            finding.fix is not None
            for name in mended
            for _, finding in linter.of_text(name, texts[name])
        )
        return mended, places

    def is_stale(self, project: Project) -> bool:
        """Return whether the project's config, dictionary or lint.toml say something else now."""
        context, ignored = _read(project, self.config)
        return context != self.linter.context or ignored != self.linter.ignored

    def _of_file(self, name: str, caption: Caption, text: str) -> list[Problem]:
        """Return what is wrong with the file; a place counts only in the text that is in it."""
        same = caption.text == text
        found = [
            replace(problem, file=name, where=problem.where if same else "")
            for problem in caption.problems
        ]
        misplaced = self.files.get(name)
        return [*found, misplaced] if misplaced and caption.missing else found


@dataclass(frozen=True)
class LintJob:
    """Some captions to look at, taken out of the store on the window's thread."""

    rows: list[Row]
    with_image: bool

    @classmethod
    def of(cls, store: CaptionStore, names: Iterable[str], with_image: bool) -> LintJob:
        """Take texts and files of these captions."""
        rows = [(name, store.text(name), store.on_disk(name)) for name in names]
        return cls(rows, with_image)

    def texts(self) -> dict[str, str | None]:
        """Return the texts, by name, None where there is none."""
        return {name: None if _is_blank(file, text) else text for name, text, file in self.rows}

    def run(self, tools: Tools) -> dict[str, Seen]:
        """Look at them one by one, with rests in which the window can paint."""
        if tools.process is not None and not self.with_image:
            return tools.look_elsewhere(tools.process, self.rows)
        breath = Breath()
        return {
            name: tools.look(name, text, caption, self.with_image)
            for name, text, caption in breath.over(self.rows)
        }


def other_names(before: dict[str, list[Found]], now: dict[str, list[Found]]) -> list[str]:
    """Return the captions of which the set shows something else than before."""
    names = Breath().over({**before, **now})
    return [name for name in names if before.get(name) != now.get(name)]


def make_tools(
    project: Project, dataset: Dataset, config: Path | None = None, may_use_process: bool = True
) -> Tools:
    """Return the linter of a project, with word list and images; raises AppError."""
    from bespoke_gui.core.lint_process import LintProcess
    from bespoke_gui.core.lints import Linter
    from bespoke_gui.core.native_reader import NativeReader
    from bespoke_gui.core.spelling import speller

    speller().proposals("warm")
    native = NativeReader({item.name: item.image for item in dataset.items}, project.native_size)
    context, ignored = _read(project, config)
    missing = [(item.name, item.caption) for item in dataset.items if not item.has_caption]
    files = wrong_suffixes(missing, project.caption_extension)
    linter = Linter(replace(context, native=native), ignored=ignored)
    here_to_stay()
    count = len(dataset.items)
    large = may_use_process and count > PROCESS_ABOVE
    process = LintProcess(context, ignored) if large else None
    return Tools(linter, files, count <= MOST_IMAGES, config, process)


def _is_blank(caption: Caption, text: str) -> bool:
    """Whether there is nothing to lint: no file and no text, or a file that cannot be read."""
    return caption.unreadable or (caption.missing and not text)


def _read(project: Project, config: Path | None) -> tuple[Context, Ignored]:
    """Read what the linter is to know; a config that cannot be read gives way to the newest."""
    from bespoke_gui.core.config.trainer_config import TrainingConfig
    from bespoke_gui.core.lint_ignored import read_ignored
    from bespoke_gui.core.lint_project import project_context

    chosen = None
    with contextlib.suppress(AppError):
        chosen = TrainingConfig.load(config) if config else None
    return project_context(project, chosen), read_ignored(project.folder)
