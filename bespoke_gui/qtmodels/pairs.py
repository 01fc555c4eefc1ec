"""Pairs in the window: images added, excluded, renamed and taken away, each as one step of undo."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core import captions as caption_files
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.dataset import Dataset
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.pairs import bin as own_bin
from bespoke_gui.core.pairs import folders as dataset_folders
from bespoke_gui.core.pairs.add import Added, add
from bespoke_gui.core.pairs.exclude import change
from bespoke_gui.core.pairs.folders import ProjectFolders
from bespoke_gui.core.pairs.rename import Renamed, rename, undo
from bespoke_gui.core.pairs.target import Pairs, open_pairs
from bespoke_gui.core.project import Project, open_project
from bespoke_gui.core.project_data import scan_project
from bespoke_gui.qtmodels.pair_bin import from_bin, to_bin
from bespoke_gui.qtmodels.pair_steps import Names, Step, StepCommand, run_and_wait
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task


@dataclass(frozen=True)
class Reading:
    """The project as it is after a step; captions that did not move are not read again."""

    project: Project
    dataset: Dataset
    captions: dict[str, Caption]


class PairsModel(QObject):
    """What can be done with the images of the open project. `show_wanted` names one to show.

    Each step saves unsaved captions first, works in the background, and is then one step on the
    undo stack of the captions.
    """

    show_wanted = Signal(str)
    folders_read = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.is_busy = False

    def is_excluded(self, name: str) -> bool:
        """Whether an image is excluded."""
        item = self._session.item(name)
        return item is not None and item.excluded

    def exclude(self, names: list[str]) -> None:
        """Keep images out of all that trains."""
        self._change([name for name in names if not self.is_excluded(name)], True)

    def include(self, names: list[str]) -> None:
        """Take excluded images in again."""
        self._change([name for name in names if self.is_excluded(name)], False)

    def toggle(self, names: list[str]) -> None:
        """Exclude images; when all of them are excluded, include them."""
        if all(map(self.is_excluded, names)):
            self.include(names)
        else:
            self.exclude(names)

    def rename(self, old: str, new: str) -> None:
        """Give an image, its caption and its history another name."""

        def done(renamed: Renamed) -> None:
            self.show_wanted.emit(renamed.new)
            copied = " Its caption is a copy: another image uses the old one." * renamed.copied
            told = f"{renamed.old} is {renamed.new} now; caption and history came along."
            self._session.notify("good", (told if not copied else f"{renamed.new}:") + copied)

        step = Step(
            f"rename {old}",
            lambda: rename(self._pairs(), old, new),
            lambda renamed: undo(self._pairs(), renamed),
            lambda renamed: {renamed.old: renamed.new},
        )
        self._perform(step, done)

    def remove(self, names: list[str]) -> None:
        """Move images with their captions to the bin."""
        what = _what(names)

        def done(removed: own_bin.Removed) -> None:
            where = "the bin" if removed.folder is None else ".bespoke/trash: there is no bin here"
            text = f"Moved {what} with its captions to {where}. Undo (Ctrl+Z) brings it back."
            self._session.notify("good", text, "\n".join(removed.names))

        step = Step(
            f"move {what} to the bin",
            lambda: to_bin(self._pairs(), names),
            lambda removed: from_bin(self._pairs(), removed),
        )
        self._perform(step, done)

    def add(self, paths: Iterable[Path], into: str = "") -> None:
        """Copy images and folders of them into the dataset, with their captions."""
        chosen = list(paths)
        step = Step(
            "add images",
            lambda: _add(self._pairs(), chosen, into),
            lambda added: added.take_away(self._pairs()),
        )
        self._perform(step, lambda added: self._tell_added(added.report))

    def read_folders(self) -> None:
        """Count what the dataset folders hold; `folders_read` follows."""
        project = self._session.project
        if project is not None:
            run_task(
                lambda: dataset_folders.describe(open_project(project.folder)),
                self.folders_read.emit,
                self._session.show_error,
                parent=self,
            )

    def add_folder(self, folder: Path, regularisation: bool = False) -> None:
        """Take a folder of images into the project where it lies."""
        label = f"add folder {folder.name}"
        self._change_folders(
            label, lambda p: dataset_folders.add_folder(p, folder, 0, regularisation)
        )

    def remove_folder(self, folder: Path) -> None:
        """Take a folder out of the project; its files stay."""
        label = f"take folder {folder.name} out"
        self._change_folders(label, lambda p: dataset_folders.remove_folder(p, folder))

    def change_folder(
        self, folder: Path, repeats: int = 0, regularisation: bool | None = None
    ) -> None:
        """Set how often an epoch shows a folder, or what it is for."""
        label = f"change folder {folder.name}"
        self._change_folders(
            label, lambda p: dataset_folders.change_folder(p, folder, repeats, regularisation)
        )

    def _change(self, names: list[str], to_exclude: bool) -> None:
        if not names:
            return
        word = "exclude" if to_exclude else "include"
        step = Step(
            f"{word} {_what(names)}",
            lambda: change(self._pairs(), names, to_exclude),
            lambda changed: change(self._pairs(), changed, not to_exclude),
        )

        def done(changed: list[str]) -> None:
            kept = "kept out of prepared sets, packages and training; nothing is deleted"
            state = f"excluded: {kept}" if to_exclude else "included again"
            self._session.notify("info", f"{_what(changed)} {state}.")

        self._perform(step, done)

    def _change_folders(self, label: str, work: Callable[[Project], Project]) -> None:
        def do() -> tuple[Project, Names]:
            before = open_project(self._home())
            return before, _renamed(before, work(before))

        step = Step(
            label,
            do,
            lambda result: dataset_folders.restore_folders(open_project(self._home()), result[0]),
            lambda result: result[1],
        )
        self._perform(step, lambda _: self.read_folders())

    def _home(self) -> Path:
        if self._session.project is None:
            raise AppError("no project is open", kind="usage")
        return self._session.project.folder

    def _pairs(self) -> Pairs:
        return open_pairs(self._home())

    def _perform(self, step: Step, done: Callable[[Any], object]) -> None:
        """Save, carry the step out, read the project again, and put the step on the stack."""
        store = self._session.captions
        if store.read_only:
            store.refused.emit(store.read_only)
            return
        if self._session.project is None or self.is_busy:
            return
        self._set_busy(True)

        def finish(outcome: tuple[Any, Reading]) -> None:
            result, reading = outcome
            self._take(reading, step.moved(result))
            store.undo_stack.push(StepCommand(step, result, self._run))
            done(result)

        def begin(_report: object) -> None:
            store.hold()
            known = self._known()
            run_task(
                lambda: _with_reading(step.do, *known),
                finish,
                self._failed,
                parent=self,
                ended=lambda: self._set_busy(False),
            )

        store.save(store.unsaved(), begin)

    def _run(self, work: Callable[[], Any], moved: Callable[[Any], Names]) -> Any:
        """Carry a step out again or take it back, before the next key is looked at."""
        store = self._session.captions
        while self.is_busy or store.is_saving:
            run_and_wait(lambda: time.sleep(0.02))
        store.hold()
        outcome = run_and_wait(lambda: _with_reading(work, *self._known()))
        if isinstance(outcome, Exception):
            self._failed(outcome)
            return AppError(str(outcome))
        result, reading = outcome
        self._take(reading, moved(result))
        self.read_folders()
        return result

    def _known(self) -> tuple[Path, dict[str, Caption]]:
        store = self._session.captions
        return self._home(), {name: store.on_disk(name) for name in store.names()}

    def _take(self, reading: Reading, moved: Names) -> None:
        self._session.take_reading(reading.project, reading.dataset, reading.captions, moved)

    def _failed(self, error: Exception) -> None:
        self._session.captions.release()
        self._session.show_error(error)

    def _set_busy(self, busy: bool) -> None:
        self.is_busy = busy

    def _tell_added(self, report: Added) -> None:
        images, twins = len(report.images), len(report.duplicates)
        text = f"Added {images} image{'' if images == 1 else 's'}, {report.captions} captions."
        text += f" {twins} left out: the same bytes are there already." if twins else ""
        text += f" {len(report.renamed)} got another name." if report.renamed else ""
        lines = [f"{source} is the same as {twin}" for source, twin in report.duplicates.items()]
        lines += [f"{old} is {new} here" for new, old in report.renamed.items()]
        lines += [f"{p.file}: {p.message}" for p in report.problems]
        bad = any(problem.severity == "error" for problem in report.problems)
        self._session.notify("warning" if bad or not images else "good", text, "\n".join(lines))
        if report.images:
            self.show_wanted.emit(next(iter(report.images)))


class _Added:
    """Images that were added; taken away they lie in our own bin, from where they come back."""

    def __init__(self, report: Added) -> None:
        self.report = report

    def take_away(self, pairs: Pairs) -> None:
        """Undo: nothing is deleted."""
        if self.report.images:
            own_bin.remove(pairs, list(self.report.images))


def _add(pairs: Pairs, paths: list[Path], into: str) -> _Added:
    return _Added(add(pairs, paths, into))


def _with_reading(
    work: Callable[[], Any], home: Path, known: dict[str, Caption]
) -> tuple[Any, Reading]:
    result = work()
    project = open_project(home)
    dataset = scan_project(project)
    by_path = {caption.path: caption for caption in known.values()}
    captions = {item.name: _caption(item.caption, by_path) for item in dataset.items}
    return result, Reading(project, dataset, captions)


def _caption(path: Path, known: dict[Path, Caption]) -> Caption:
    """Return a caption as it was read, or read it if it was not there then."""
    found = known.get(path)
    return found if found is not None and not found.missing else caption_files.read_safely(path)


def _renamed(before: Project, after: Project) -> Names:
    """Return which names become which when folders come or go."""
    from bespoke_gui.core.excluded import joined
    from bespoke_gui.core.project_data import prefixes

    old, new = prefixes(before), prefixes(after)
    moved: Names = {}
    for folder in old:
        if folder in new and old[folder] != new[folder]:
            place = Pairs(before.folder, open_pairs(folder).places, before.caption_extension)
            for name in place.items():
                moved[joined(old[folder], name)] = joined(new[folder], name)
    return moved


def _what(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{len(names)} images"


__all__ = ["PairsModel", "ProjectFolders", "Reading"]
