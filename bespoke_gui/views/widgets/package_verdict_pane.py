"""Verdict pane: what the trainer will find in a package, and everything that stands in its way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from bespoke_gui.core.config.fixes import Fix
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.package_script import Folder
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.package_work import Verdict
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.findings import Findings, kinds
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    figure,
    heading,
    line,
    muted,
    row,
    scrolling,
)

LONGEST = 24


class PackageVerdictPane(QWidget):
    """One package, planned or on disk. `image_wanted` names an image a finding is about."""

    image_wanted = Signal(str)
    fix_wanted = Signal(object)
    undo_wanted = Signal()
    back_wanted = Signal()

    def __init__(
        self,
        fix_for: Callable[[Problem], Fix | None],
        image_of: Callable[[Problem], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fix_for, self._image_of = fix_for, image_of
        self.verdict: Verdict | None = None
        self.title = elided("The new package", 1.25, bold=True, kind="title")
        self.badge = badge()
        self.back = button("Back to the new package", kind="link")
        tip = "Check the upload, extract it, train: with the name and SHA-256 of this package"
        self.copy = button("Copy the commands", tip, "link")
        self.facts = muted()
        self.facts.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.found = heading("What the trainer will find", 1.0)
        self.tree = PackageTree()
        self.findings = Findings()
        self.count = heading("", 1.0)
        self.image = button("", kind="link")
        self._told = muted()
        self.undo = button("Undo", kind="link")
        self._told_row = QWidget()
        self._lay_out()
        self.back.clicked.connect(self.back_wanted)
        self.copy.clicked.connect(self._copy)
        self.undo.clicked.connect(self._on_undo)
        self.image.clicked.connect(lambda: self.image_wanted.emit(self.image.property("name")))
        self.findings.fix_wanted.connect(self.fix_wanted)
        self.show_waiting("Choose a set and a training config.")

    def show_verdict(self, verdict: Verdict) -> None:
        """Show a package as it was judged."""
        self.verdict = verdict
        self.title.setText(verdict.title)
        self.back.setVisible(verdict.made)
        self.copy.setVisible(bool(verdict.commands))
        self._told_row.setVisible(bool(self._told.text()) and not verdict.made)
        ok = verdict.found.ok and not any(p.severity == "error" for p in verdict.problems)
        self.badge.setText("Would train" if ok else "Would not train")
        theme.set_kind(self.badge, "badge-good" if ok else "badge-danger")
        self.badge.show()
        self.facts.setText("\n".join(_facts(verdict)))
        self.facts.setToolTip(verdict.sha256)
        self.tree.show_package(verdict)
        self.found.show()
        self.tree.show()
        self.findings.offer(lambda _: False, (lambda _: None) if verdict.made else self._fix_for)
        self.findings.problems = []
        self.findings.show_problems(verdict.problems)
        found = kinds(verdict.problems)
        self.count.setText(f"{found[:1].upper()}{found[1:]}")
        self.count.show()
        self._offer_image(verdict)

    def show_waiting(self, words: str) -> None:
        """Say why nothing is shown, or what is being waited for; what was shown goes."""
        self.verdict = None
        self.title.setText("The new package")
        self.facts.setText(words)
        self.findings.show_problems([])
        for widget in (
            self.badge,
            self.back,
            self.copy,
            self.found,
            self.tree,
            self.image,
            self.count,
        ):
            widget.hide()

    def tell(self, words: str) -> None:
        """Say what was just mended, with the way back."""
        self._told.setText(words)
        self._told_row.setVisible(bool(words))

    def _copy(self) -> None:
        if self.verdict is not None:
            QGuiApplication.clipboard().setText("\n".join(self.verdict.commands) + "\n")

    def _on_undo(self) -> None:
        self.tell("")
        self.undo_wanted.emit()

    def _offer_image(self, verdict: Verdict) -> None:
        """Offer the way to the first image that has an error, where it is one of the project."""
        errors = (p for p in verdict.problems if p.severity == "error" and not verdict.made)
        name = next(filter(None, map(self._image_of, errors)), "")
        self.image.setText(f"Open {name.rpartition('/')[2]} in Captions")
        self.image.setProperty("name", name)
        self.image.setVisible(bool(name))

    def _lay_out(self) -> None:
        head = row(self.title, self.badge)
        head.setStretch(0, 1)
        told = row(self._told, self.undo)
        told.setStretch(0, 1)
        told.setContentsMargins(0, 0, 0, 0)
        self._told_row.setLayout(told)
        self._told_row.hide()
        page = QWidget()
        page.setLayout(
            column(
                self.found,
                self.tree,
                line(),
                self.count,
                self._told_row,
                self.findings,
                self.image,
                None,
                spacing=12,
            )
        )
        inner = column(head, self.facts, row(self.back, self.copy, None), spacing=4)
        inner.addSpacing(8)
        inner.addWidget(scrolling(page), 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner))


def _facts(verdict: Verdict) -> Iterator[str]:
    """The figures of a package, as lines."""
    if verdict.made:
        size = wording.size(verdict.bytes)
        yield f"{size} · SHA-256 {verdict.sha256[:16]}…" if verdict.sha256 else size
    if verdict.note:
        yield verdict.note
    course = verdict.course
    if course is not None:
        yield (
            f"{wording.count(course.images, 'image')} an epoch · "
            f"{wording.count(course.steps_per_epoch, 'step')} · "
            f"{wording.count(course.epochs, 'epoch')} · "
            f"{wording.count(course.total_steps, 'step')} in all · "
            f"{verdict.gigabytes} GB of disk with trainer and base model"
        )


class PackageTree(QWidget):
    """What the trainer will find, folder by folder, with counts."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self.setAccessibleName("What the trainer will find")

    def show_package(self, verdict: Verdict) -> None:
        """Show one package."""
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._row(0, QWidget(), "Images", "Captions", "An epoch")
        for number, cells in enumerate(_rows(verdict), 1):
            self._row(number, *cells)

    def rows(self) -> list[list[str]]:
        """Return the words of each row."""
        found = []
        for number in range(self._grid.rowCount()):
            cells = [self._grid.itemAtPosition(number, column) for column in range(4)]
            labels = [cell.widget() for cell in cells if cell is not None]
            found.append([label.text() for label in labels if isinstance(label, QLabel)])
        return [words for words in found if words]

    def _row(self, number: int, first: QWidget, *cells: str) -> None:
        self._grid.addWidget(first, number, 0)
        for place, words in enumerate(cells, 1):
            quiet = number == 0 or first.property("kind") == "muted"
            label = muted(words, wrap=False) if quiet else figure(words)
            right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
            self._grid.addWidget(label, number, place, right)


def _rows(verdict: Verdict) -> Iterator[tuple[QWidget, str, str, str]]:
    """The folders of the package as the trainer reads them, then what it does not read."""
    found = verdict.found
    yield from _part("training_data", found.folders, [f.images * f.repeats for f in found.folders])
    yield from _part("reg", found.apart, [])
    data = found.data
    unread = data.flat + data.deep + sum(data.skipped.values()) if data else 0
    if unread:
        label = elided("not read", kind="warning")
        label.setToolTip("Outside a <N>_<name> folder of train_data_dir")
        yield label, str(unread), "", "0"
    if not found.folders:
        yield elided("no data found", kind="danger"), "0", "", "0"


def _part(
    title: str, folders: list[Folder], shown: list[int]
) -> Iterator[tuple[QWidget, str, str, str]]:
    """One data folder with its totals, and what lies in it; shown: images an epoch of each."""
    if not folders:
        return
    images = sum(folder.images for folder in folders)
    captions = sum(folder.captions for folder in folders)
    yield elided(f"{title}/"), str(images), str(captions), str(sum(shown)) if shown else "fill up"
    for number, folder in enumerate(folders[:LONGEST]):
        name = elided(f"   {folder.name}/", kind="muted")
        name.setToolTip(f"Each image is shown {folder.repeats} times an epoch")
        times = f"{folder.repeats} x {folder.images}" if shown else ""
        if shown and folder.repeats == 1:
            times = str(shown[number])
        yield name, str(folder.images), str(folder.captions), times
    if len(folders) > LONGEST:
        yield muted(f"   {len(folders) - LONGEST} more folders"), "", "", ""
