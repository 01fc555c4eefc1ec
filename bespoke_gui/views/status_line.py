"""Status line: what is open, how much is unsaved and what is being worked on."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import badge, button, muted, plain_label


class StatusLine(QFrame):
    """The line at the window's lower edge. `save_asked`: the person wants all captions saved."""

    save_asked = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_kind(self, "status")
        self.setFixedHeight(36)
        self._session = session
        self._project = plain_label(wrap=False)
        self._counts = muted(wrap=False)
        self._read_only = badge("Read-only", "badge-warning")
        self._read_only.hide()
        self._saved = muted(wrap=False)
        self._busy = QProgressBar()
        self._busy.setAccessibleName("Opening")
        self._busy.setRange(0, 0)
        self._busy.setFixedWidth(96)
        self._busy.hide()
        self.save_button = button("", "Save every caption (Ctrl+Shift+S)", "link")
        self.save_button.clicked.connect(self.save_asked)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(16, 0, 16, 0)
        layout.setSpacing(16)
        for widget in (self._project, self._read_only, self._counts, self._busy):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        layout.addStretch(1)
        for widget in (self._saved, self.save_button):
            layout.addWidget(widget, 0, Qt.AlignmentFlag.AlignVCenter)
        session.project_changed.connect(self._on_project_changed)
        session.busy_changed.connect(self._busy.setVisible)
        session.captions.unsaved_changed.connect(self._on_unsaved_changed)
        session.captions.saved.connect(self._on_saved)
        session.captions.loaded.connect(self._on_loaded)
        self._on_project_changed()

    def _on_project_changed(self) -> None:
        project, dataset = self._session.project, self._session.dataset
        if project is None or dataset is None:
            self._project.setText("No project is open")
            self._counts.setText("")
        else:
            self._project.setText(project.name)
            self._project.setToolTip(str(project.folder))
            out = len(dataset.excluded)
            excluded = f" · {out} excluded" if out else ""
            images = wording.count(len(dataset.items), "image")
            captions = wording.count(dataset.captions, "caption")
            self._counts.setText(f"{images} · {captions}{excluded}")
        self._saved.setText("")
        self._on_unsaved_changed()

    def _on_unsaved_changed(self) -> None:
        count = self._session.captions.unsaved_count()
        self.save_button.setVisible(count > 0)
        self.save_button.setText(f"{count} unsaved – save all")

    def _on_loaded(self) -> None:
        why = self._session.captions.read_only
        self._read_only.setVisible(bool(why))
        self._read_only.setToolTip(f"Captions cannot be edited: {why}")

    def _on_saved(self, names: list[str]) -> None:
        self._saved.setText(f"Saved {datetime.now():%H:%M}")
        self._saved.setToolTip("\n".join(names[:20]))
