"""Gallery menus: what comes into a gallery and what goes out of it, behind two buttons."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.qtmodels.gallery_import import GalleryImport
from bespoke_gui.qtmodels.image_export import ImageExport, Part
from bespoke_gui.views.widgets.parts import button

REPORTS = "Report (*.html);;Markdown (*.md);;Collage (*.png);;Table (*.csv);;Figures (*.json)"
TABLE = "Table (*.csv)"


class GalleryMenus:
    """`bring` and `save` are the buttons; `actions` by name, each usable without the menu."""

    def __init__(self, desk: GalleryDesk, room: QWidget) -> None:
        self._desk, self._session, self._room = desk, desk.session, room
        self.reader = GalleryImport(desk.session, desk)
        self.writer = ImageExport(desk.session, desk)
        self.writer.parts_read.connect(self._ask_export)
        self.reader.imported.connect(lambda _: desk.session.galleries_changed.emit())
        self.actions: dict[str, QAction] = {}
        self.bring = self._button("Import", "Images of every epoch, or what people said", "open", (
            ("images", "Images of every epoch…", self.import_images),
            ("table", "Reviews and votes…", self.import_table),
        ))  # fmt: skip
        self.save = self._button("Export", "Report, images, or what people said", "download", (
            ("report", "Report, collage or figures…", self.save_report),
            ("pixels", "Images as pixel art…", self.export_images),
            ("reviews", "Reviews and votes…", self.export_table),
        ))  # fmt: skip
        desk.opened_changed.connect(self._enable)
        desk.export_wanted.connect(self.export_images)
        self._enable()

    # -- in ---------------------------------------------------------------------------------

    def import_images(self) -> None:
        """Ask for a folder of images by epoch and how it is read; copies it into the project."""
        from bespoke_gui.views.widgets.gallery_import_dialog import GalleryImportDialog

        if self._session.project is None:
            self._session.notify("warning", "Open a project first: a gallery belongs to one")
            return
        source = self._session.ask.folder("Folder with images of every epoch")
        if source is not None:
            dialog = GalleryImportDialog(self._session, self.reader, source, self._room)
            dialog.wanted.connect(self.reader.take)
            dialog.open()

    def import_table(self) -> None:
        """Ask for a table of reviews and votes, and take it in beside those there are."""
        path = self._session.ask.open_file("Reviews and votes", TABLE)
        if path is not None:
            self._desk.judging.import_table(path)

    # -- out --------------------------------------------------------------------------------

    def save_report(self) -> None:
        """Ask where to, and write a report or a collage; the file's suffix says which."""
        out = self._ask_file("Save report or collage", REPORTS, ".html")
        if out is not None:
            self._desk.export(out)

    def export_table(self) -> None:
        """Ask where to, and write every review and vote as a table."""
        out = self._ask_file("Save reviews and votes", TABLE, " reviews.csv")
        if out is not None:
            self._desk.judging.export_table(out)

    def export_images(self) -> None:
        """Ask which images are wanted in what form, and write them."""
        opened = self._desk.opened
        if opened is not None:
            picked = opened.decision.epoch if opened.decision else None
            chosen = self._desk.chosen.images(opened.gallery)
            self.writer.read_parts(
                opened.gallery, self._desk.looked_at, picked, self._desk.report, chosen
            )

    def _ask_export(self, parts: list[Part]) -> None:
        from bespoke_gui.views.widgets.image_export_dialog import ImageExportDialog

        dialog = ImageExportDialog(self._session, parts, self._room)
        dialog.wanted.connect(self.writer.start)
        dialog.open()

    def _ask_file(self, title: str, pattern: str, ending: str) -> Path | None:
        if self._desk.opened is None:
            return None
        folder = self._desk.opened.gallery.folder
        return self._session.ask.save_file(
            title, pattern, str(folder.with_name(f"{folder.name}{ending}"))
        )

    # -- building ---------------------------------------------------------------------------

    def _button(
        self, words: str, tip: str, icon: str, entries: tuple[tuple[str, str, Callable], ...]
    ) -> QPushButton:
        made = button(words, tip, "", icon)
        menu = QMenu(made)
        for name, title, run in entries:
            self.actions[name] = menu.addAction(title)
            self.actions[name].triggered.connect(lambda _=False, run=run: run())
        made.setMenu(menu)
        return made

    def _enable(self) -> None:
        there = self._desk.opened is not None
        self.save.setEnabled(there)
        self.actions["table"].setEnabled(there)
