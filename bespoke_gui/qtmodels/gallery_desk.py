"""Gallery desk: the open gallery with its figures and decision, shared by the room's pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from bespoke_gui.qtmodels import gallery_work as work
from bespoke_gui.qtmodels.chosen_images import ChosenImages
from bespoke_gui.qtmodels.gallery_facts import Training
from bespoke_gui.qtmodels.gallery_making import GalleryMaking
from bespoke_gui.qtmodels.gallery_measuring import GalleryMeasuring
from bespoke_gui.qtmodels.judging import Judging
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import GalleryImage
    from bespoke_gui.core.score import ScoreReport


class GalleryDesk(QObject):
    """Pages call its methods and hear its signals; they know nothing of each other.

    listed: galleries of the project (folders) and the open one; opened_changed: another gallery or
    none; report_changed: its figures are there; decided: an epoch was chosen, or none any more;
    reviewed: scores, tags or votes of people changed; cell_wanted: (epoch, prompt) to look at;
    page_wanted: a page; prompt_added: protocol.toml has a prompt more; export_wanted: images as
    pixel art.
    `looked_at` is the current image of the grid, `chosen` are those chosen there for export.
    """

    listed = Signal(list, object)
    opened_changed = Signal()
    report_changed = Signal()
    decided = Signal()
    reviewed = Signal()
    cell_wanted = Signal(int, str)
    page_wanted = Signal(str)
    prompt_added = Signal()
    export_wanted = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.measuring = GalleryMeasuring(session, self)
        self.opened: work.OpenedGallery | None = None
        self.report: ScoreReport | None = None
        self.folders: list[Path] = []
        self.looked_at: GalleryImage | None = None
        self._wanted: Path | None = None
        self._known: list[Path] | None = None
        self._judging: Judging | None = None
        self.chosen = ChosenImages(self)
        self.making = GalleryMaking(self)
        self.making.made.connect(self._on_made)
        self.measuring.measured.connect(self._on_measured)
        session.project_changed.connect(self.on_project)
        session.galleries_changed.connect(self.refresh)

    @property
    def judging(self) -> Judging:
        """What people say about the open gallery; made when a page first asks."""
        if self._judging is None:
            self._judging = Judging(self)
        return self._judging

    # -- galleries --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list of galleries again; the open one stays open unless a new one has come."""
        self.folders = folders = work.gallery_folders(self.session.project)
        current = self.opened.gallery.folder if self.opened else self._wanted
        self.listed.emit(folders, current)
        fresh = [] if self._known is None else [one for one in folders if one not in self._known]
        self._known = folders
        if fresh or (folders and current not in folders):
            self.open(work.newest(fresh or folders))

    def open(self, folder: Path) -> None:
        """Open a gallery in the background and show it."""
        self._wanted = folder

        def done(opened: work.OpenedGallery) -> None:
            if self._wanted == folder:
                self._show(opened)

        run_task(lambda: work.read_gallery(folder), done, self.session.show_error, parent=self)

    def on_project(self) -> None:
        """Forget the galleries of another project and look for those of this one."""
        self.measuring.forget()
        self.opened, self.report, self.looked_at = None, None, None
        self._wanted, self._known = None, None
        self.chosen.clear()
        self.opened_changed.emit()
        self.refresh()

    def _show(self, opened: work.OpenedGallery) -> None:
        if self.opened is None or self.opened.gallery.folder != opened.gallery.folder:
            self.chosen.clear()
        self.opened, self.report, self.looked_at = opened, None, None
        self.opened_changed.emit()
        self.measuring.start(opened, self._training_folder())

    def _training_folder(self) -> Path | None:
        dataset = self.session.dataset
        return dataset.folder if dataset and dataset.items else None

    @property
    def training(self) -> Training:
        """What the pictures of the open gallery are held against."""
        if self.opened is None:
            return Training(lambda: None)
        read = self.measuring.training(self.opened, self._training_folder())
        return Training(read, self.report.merge_tau if self.report else 0.0)

    def _on_made(self, folder: Path, is_baseline: bool) -> None:
        """Show what was made; a baseline is looked at beside the open gallery, not in its place."""
        if is_baseline and self._known is not None:
            self._known.append(folder)
        self.session.galleries_changed.emit()
        if self.opened is not None and self.opened.gallery.folder == folder:
            self.open(folder)

    def _on_measured(self, opened: work.OpenedGallery, report: ScoreReport) -> None:
        if opened is self.opened:
            self.report = report
            self.report_changed.emit()

    # -- results ----------------------------------------------------------------------------

    def decide(self, epoch: int, reason: str) -> bool:
        """Record an epoch as the one to use; False when that failed (and was told)."""
        if self.opened is None:
            return False
        from bespoke_gui.core.gallery_decision import decide

        try:
            self.opened.decision = decide(self.opened.gallery.folder, epoch, reason)
        except Exception as error:  # noqa: BLE001 - told in the window, in words
            self.session.show_error(error)
            return False
        self.decided.emit()
        self.session.galleries_changed.emit()
        return True

    def withdraw(self) -> None:
        """Take the decision back; what was decided before stays in the record."""
        if self.opened is None:
            return
        from bespoke_gui.core.gallery_decision import withdraw

        try:
            withdraw(self.opened.gallery.folder)
        except Exception as error:  # noqa: BLE001 - told in the window, in words
            self.session.show_error(error)
            return
        self.opened.decision = None
        self.decided.emit()
        self.session.galleries_changed.emit()

    def export(self, out: Path) -> None:
        """Write a report or a collage in the background; the file's suffix says which."""
        if self.opened is None:
            return
        opened, report = self.opened, self.report

        def done(path: object) -> None:
            self.session.notify_written(f"Written: {out}", out)

        run_task(
            lambda: work.export(opened, report, out), done, self.session.show_error, parent=self
        )

    # -- between pages ----------------------------------------------------------------------

    def show_cell(self, epoch: int, prompt: str) -> None:
        """Look at one picture, on the page that shows the grid."""
        self.show_page("grid")
        self.cell_wanted.emit(epoch, prompt)

    def show_page(self, page: str) -> None:
        """Open another page of the room."""
        self.page_wanted.emit(page)
