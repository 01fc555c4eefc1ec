"""Files section: images without a caption, and files that something is wrong with."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.health_model import HealthModel
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.empty_note import EmptyNote
from bespoke_gui.views.widgets.findings import Findings
from bespoke_gui.views.widgets.health_wall import HealthWall
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    heading,
    row,
    scrolling,
    splitter,
)

_NOTHING = "Every image can be read and has a caption of its own; no caption is left over."


class HealthFilesSection(QWidget):
    """What is missing or cannot be read, and the way to mend it."""

    def __init__(self, model: HealthModel, desk: PrepareDesk) -> None:
        super().__init__()
        self._model = model
        self._desk = desk
        self.wall = HealthWall(model, desk)
        self.write = button("Write captions", "Open the first of them in Captions", "primary")
        self.write.clicked.connect(self._write)
        self.findings = Findings()
        self._count = heading("", 1.0)
        self._lay_out()

    def _lay_out(self) -> None:
        head = row(heading("Images without a caption", 1.0), None, self.write)
        page = QWidget()
        page.setLayout(column(self.findings, None))
        self._missing = card(column(head, self.wall), 12)
        self._files = card(column(self._count, scrolling(page)), 12)
        self._parts = splitter(Qt.Orientation.Horizontal, (self._missing, self._files), (1, 1))
        self._parts.setSizes([700, 500])
        self._files.setMinimumWidth(300)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._parts)
        self._stack.addWidget(EmptyNote("All files are well", _NOTHING))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)

    def refresh(self) -> None:
        """Show what was found."""
        health = self._model.health
        if health is None:
            return
        missing = health.missing_captions
        self._missing.setVisible(bool(missing))
        self._files.setVisible(bool(health.problems))
        self._stack.setCurrentIndex(0 if missing or health.problems else 1)
        self.wall.show_names(wording.count(len(missing), "image"), missing)
        self.findings.show_problems(health.problems)
        self._count.setText(wording.count(len(health.problems), "finding"))

    def _write(self) -> None:
        names = self.wall.names()
        if names:
            self._desk.session.show_caption(names[0])
