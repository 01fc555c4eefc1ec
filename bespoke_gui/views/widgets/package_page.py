"""Package page: what goes in, whether it would train, what changed, and the packages there are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.package_model import PackageModel
from bespoke_gui.qtmodels.package_work import Choice, Verdict
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.cloud_task_dialog import CloudTaskDialog
from bespoke_gui.views.widgets.package_changes_pane import PackageChangesPane
from bespoke_gui.views.widgets.package_form import PackageForm
from bespoke_gui.views.widgets.package_shelf_pane import PackageShelfPane
from bespoke_gui.views.widgets.package_verdict_pane import PackageVerdictPane
from bespoke_gui.views.widgets.parts import scrolling, splitter

PATTERN = "Packages (*.zip);;All files (*)"


class PackagePage(QWidget):
    """Judges what would be packed while it is chosen; a zip dropped here is judged, too."""

    def __init__(self, desk: PrepareDesk) -> None:
        super().__init__()
        session = self._session = desk.session
        model = self.model = PackageModel(session, self)
        self.form = PackageForm(session, model)
        self.verdict = PackageVerdictPane(model.fix_for, model.image_of)
        self.changes = PackageChangesPane()
        self.shelf = PackageShelfPane(model)
        self.setAcceptDrops(True)
        self._lay_out()
        self._connect()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.model.refresh()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.model.check(path)

    def _lay_out(self) -> None:
        form = scrolling(self.form)
        form.setMinimumWidth(248)
        self.verdict.setMinimumWidth(300)
        right = splitter(Qt.Orientation.Vertical, (self.changes, self.shelf), (3, 2))
        right.setSizes([420, 280])
        right.setMinimumWidth(272)
        whole = splitter(Qt.Orientation.Horizontal, (form, self.verdict, right), (1, 5, 3))
        whole.setSizes([304, 612, 400])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)

    def _connect(self) -> None:
        model, verdict = self.model, self.verdict
        self.form.chosen.connect(self._on_chosen)
        self.form.build_asked.connect(model.build)
        model.looking.connect(self._on_looking)
        model.looked.connect(self._on_looked)
        model.previewed.connect(self._on_previewed)
        model.preview_failed.connect(verdict.show_waiting)
        model.judged.connect(verdict.show_verdict)
        model.compared.connect(self.changes.show_changes)
        model.mended.connect(verdict.tell)
        verdict.fix_wanted.connect(model.mend)
        verdict.undo_wanted.connect(model.undo_mend)
        verdict.image_wanted.connect(self._session.show_caption)
        verdict.back_wanted.connect(self._on_back)
        self.shelf.check_wanted.connect(model.check)
        self.shelf.open_wanted.connect(self._open)
        self.shelf.task_wanted.connect(self.export_task)
        self._on_chosen(self.form.choice())

    def _on_chosen(self, choice: Choice | None) -> None:
        shown = self.verdict.verdict
        if choice != self.model.chosen and shown is not None and shown.made:
            self.verdict.show_waiting("Looking at every image and caption…")
        self.model.choose(choice)

    def _on_looking(self, looking: bool) -> None:
        if looking and self.verdict.verdict is None:
            self.verdict.show_waiting("Looking at every image and caption…")

    def _on_looked(self, done: int, total: int, _what: str) -> None:
        if self.verdict.verdict is None:
            self.verdict.show_waiting(f"Looked at {done} of {total} images…")

    def _on_previewed(self, verdict: Verdict) -> None:
        # A package that is being looked at stays until the person goes back.
        if self.verdict.verdict is None or not self.verdict.verdict.made:
            self.verdict.show_verdict(verdict)

    def _on_back(self) -> None:
        if self.model.verdict is not None:
            self.verdict.show_verdict(self.model.verdict)
        else:
            self.verdict.show_waiting("Choose a set and a training config.")
            self.model.look_soon()

    def _open(self) -> None:
        path = self._session.ask.open_file("Check a package", PATTERN)
        if path is not None:
            self.model.check(path)

    def export_task(self, path: Path) -> None:
        """Show a package as a task for another launcher, to be written where the person says."""
        CloudTaskDialog(self._session, path, self).open()


def _dropped(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """Return the one zip or folder that is dragged over the page."""
    urls = event.mimeData().urls()
    path = Path(urls[0].toLocalFile()) if len(urls) == 1 and urls[0].isLocalFile() else None
    if path is None or not (path.is_dir() or path.suffix.lower() == ".zip"):
        return None
    return path
