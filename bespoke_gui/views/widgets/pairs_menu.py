"""Pairs menu: what can be done with images, at a button, by right click, keys and drop."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction, QDropEvent
from PySide6.QtWidgets import QAbstractItemView, QMenu, QToolButton, QWidget

from bespoke_gui.core.dataset import IMAGE_SUFFIXES
from bespoke_gui.core.exchange.preview import Preview
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_exchange import CaptionExchange
from bespoke_gui.qtmodels.pairs import PairsModel
from bespoke_gui.views import icons
from bespoke_gui.views.local_file import show_in_folder
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.export_dialog import ExportDialog
from bespoke_gui.views.widgets.folders_dialog import FoldersDialog
from bespoke_gui.views.widgets.import_dialog import ImportDialog

PICTURES = f"Images ({' '.join(f'*{suffix}' for suffix in sorted(IMAGE_SUFFIXES))})"
TABLES = "Captions (*.jsonl *.csv *.tsv *.json)"
EXCLUDE, RENAME, REMOVE = "Del", "F2", "Shift+Del"
_DROPS = (QEvent.Type.DragEnter, QEvent.Type.DragMove, QEvent.Type.Drop)


class PairsMenu(QToolButton):
    """The button. `view` is the list whose selection is meant; files may be dropped on it."""

    def __init__(
        self, desk: CaptionDesk, view: QAbstractItemView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._session, self._view = desk, desk.session, view
        self.pairs = PairsModel(desk.session, self)
        self.exchange = CaptionExchange(desk.session, self)
        self.actions_by_name: dict[str, QAction] = {}
        self.setText("Pairs")
        self.setAccessibleName("Pairs")
        self.setToolTip("Add, exclude, rename images; import and export captions")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        icons.attach(self, "image")
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self)
        self._fill(self._menu)
        self._menu.aboutToShow.connect(self._tell)
        self.setMenu(self._menu)
        self._connect()

    def _fill(self, menu: QMenu) -> None:
        self._add(menu, "add", "Add images…", self.add_images)
        self._add(menu, "add_folder", "Add a folder of images…", self.add_folder)
        menu.addSeparator()
        self._add(menu, "exclude", "Exclude", self.toggle_excluded, EXCLUDE)
        self._add(menu, "rename", "Rename…", self.rename, RENAME)
        self._add(menu, "remove", "Move to bin…", self.remove, REMOVE)
        self._add(menu, "open", "Open folder", self.open_folder)
        menu.addSeparator()
        self._add(menu, "import", "Import captions from a file…", self.import_file)
        self._add(menu, "import_folder", "Import captions from a folder…", self.import_folder)
        self._add(menu, "export", "Export captions…", self.export)
        menu.addSeparator()
        self._add(menu, "folders", "Dataset folders…", self.show_folders)

    def _add(
        self, menu: QMenu, name: str, words: str, run: Callable[[], object], keys: str = ""
    ) -> None:
        # The keys are the list's, not the window's: in the editor Del deletes letters.
        action = QAction(f"{words}\t{keys}" if keys else words, menu)
        action.triggered.connect(lambda: run())
        menu.addAction(action)
        self.actions_by_name[name] = action
        if keys:
            add_shortcut(self._view, keys, words.rstrip("…"), run)

    def _connect(self) -> None:
        view = self._view
        self.pairs.show_wanted.connect(self._desk.show)
        self.exchange.previewed.connect(self._on_previewed)
        view.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        view.customContextMenuRequested.connect(self._open_at)
        view.setAcceptDrops(True)
        view.viewport().setAcceptDrops(True)
        view.viewport().installEventFilter(self)
        self._session.project_changed.connect(self._on_project_changed)
        self._on_project_changed()

    def add_images(self) -> None:
        """Ask for images and copy them into the dataset."""
        chosen = self._session.ask.open_files("Add images", PICTURES)
        if chosen:
            self.pairs.add(chosen)

    def add_folder(self) -> None:
        """Ask for a folder and copy its images into the dataset."""
        folder = self._session.ask.folder("Add a folder of images")
        if folder is not None:
            self.pairs.add([folder])

    def toggle_excluded(self) -> None:
        """Exclude the chosen images, or include them when all are excluded."""
        names = self._desk.selected()
        if names:
            self.pairs.toggle(names)

    def rename(self) -> None:
        """Ask for a name for the current image."""
        name = self._desk.current()
        item = self._session.item(name)
        if item is None:
            return
        label = "New name of image and caption; its history comes along"
        new = self._session.ask.text("Rename", label, item.stem)
        if new and new != item.stem:
            self.pairs.rename(name, new)

    def remove(self) -> None:
        """Ask, then move the chosen images with their captions to the bin."""
        names = self._desk.selected()
        if not names:
            return
        what = names[0] if len(names) == 1 else f"{len(names)} images"
        text = "Their captions go along. Undo brings both back; excluding keeps them here instead."
        choices = [("exclude", "Exclude instead"), ("remove", "Move to bin")]
        answer = self._session.ask.choose(f"Move {what} to the bin?", text, choices)
        if answer == "remove":
            self.pairs.remove(names)
        elif answer == "exclude":
            self.pairs.exclude(names)

    def open_folder(self) -> None:
        """Show the folder of the current image in the system's file manager."""
        item = self._session.item(self._desk.current())
        dataset = self._session.dataset
        folder = item.image.parent if item else dataset.folder if dataset else None
        if folder is not None:
            show_in_folder(folder)

    def import_file(self) -> None:
        """Ask for a table of captions and show what it would change."""
        path = self._session.ask.open_file("Import captions", TABLES)
        if path is not None:
            self.exchange.preview(path)

    def import_folder(self) -> None:
        """Ask for a folder of caption files and show what it would change."""
        folder = self._session.ask.folder("Import captions from a folder")
        if folder is not None:
            self.exchange.preview(folder)

    def export(self) -> None:
        """Ask for format and place, then write the captions."""
        dialog = ExportDialog(self._session, self.window())
        dialog.wanted.connect(self.exchange.export)
        dialog.open()

    def show_folders(self) -> None:
        """Show the dataset folders."""
        FoldersDialog(self._session, self.pairs, self.window()).open()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _DROPS and isinstance(event, QDropEvent):
            urls = event.mimeData().urls()
            paths = [Path(url.toLocalFile()) for url in urls if url.isLocalFile()]
            if paths and self._session.project is not None:
                event.acceptProposedAction()
                if event.type() == QEvent.Type.Drop:
                    self.pairs.add(paths)
                return True
        return super().eventFilter(watched, event)

    def _on_previewed(self, preview: Preview) -> None:
        dialog = ImportDialog(self._session, preview, self.window())
        dialog.accepted_names.connect(lambda names: self.exchange.take(preview, names))
        dialog.open()

    def _open_at(self, at: QPoint) -> None:
        self._tell()
        self._menu.popup(self._view.viewport().mapToGlobal(at))

    def _tell(self) -> None:
        """Say what the actions would do to the images chosen now."""
        names = self._desk.selected()
        all_out = bool(names) and all(map(self.pairs.is_excluded, names))
        what = f" {len(names)} images" if len(names) > 1 else ""
        act = self.actions_by_name
        act["exclude"].setText(f"{'Include' if all_out else 'Exclude'}{what}\t{EXCLUDE}")
        act["remove"].setText(f"Move{what} to bin…\t{REMOVE}")
        for key in ("exclude", "rename", "remove"):
            act[key].setEnabled(bool(names))

    def _on_project_changed(self) -> None:
        self.setEnabled(self._session.project is not None)
