"""Suggestion run bar: about which captions to ask, how far it is, and the way out."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QCheckBox, QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.suggest_work import SCOPES, Progress
from bespoke_gui.qtmodels.wording import count, duration
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import button, muted, plain_label, row


class SuggestRunBar(QWidget):
    """`start_asked` carries whether to ask again about what was answered; `cancel_asked` ends it,
    `failures_asked` wants to know which images failed.

    `counts` gives how many captions each scope has.
    """

    start_asked = Signal(bool)
    cancel_asked = Signal()
    failures_asked = Signal()

    def __init__(self, counts: Callable[[], dict[str, int]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._counts = counts
        self._known: dict[str, int] = {}
        self._pause = QTimer(self, singleShot=True, interval=150)
        self._pause.timeout.connect(self.refresh)
        self.scope = ChoiceBox()
        self.scope.setAccessibleName("Which captions to ask about")
        for key in SCOPES:
            self.scope.addItem("", key)
        self.scope.currentIndexChanged.connect(self._tell)
        self.again = QCheckBox("Ask again")
        self.again.setToolTip("Ask also about images that this model answered before")
        self.start = button("Suggest", "Ask the model; no caption is changed", "primary")
        self.start.clicked.connect(lambda: self.start_asked.emit(self.again.isChecked()))
        self.cancel = button("Cancel", "Stop asking; what was answered is kept")
        self.cancel.clicked.connect(self.cancel_asked)
        self.bar = QProgressBar()
        self.bar.setAccessibleName("Progress")
        self.words = muted(wrap=False)
        self.message = plain_label()
        self.message.setAccessibleName("What became of it")
        self.why = button("Which?", "Show the images that failed, and why", "link")
        self.why.clicked.connect(self.failures_asked)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        top = row(self.scope, self.again, None, self.words, self.cancel, self.start)
        layout.addLayout(top)
        layout.addWidget(self.bar)
        below = row(self.message, self.why)
        below.setStretch(0, 1)
        layout.addLayout(below)
        self.tell("", "")
        self.set_busy(False)

    def showEvent(self, event: QShowEvent) -> None:
        self.refresh()
        super().showEvent(event)

    def refresh_later(self) -> None:
        """Count again after a pause: captions change with every key."""
        self._pause.start()

    def refresh(self) -> None:
        """Show how many captions each scope has now; while nobody looks, when it is next shown."""
        self._pause.stop()
        if not self.isVisible():
            return
        self._known = counts = self._counts()
        for index, (key, title) in enumerate(SCOPES.items()):
            self.scope.setItemText(index, f"{title} ({counts.get(key, 0)})")
        self._tell()

    def set_busy(self, busy: bool) -> None:
        """Show progress and the way out while a batch is under way."""
        for widget in (self.cancel, self.bar, self.words):
            widget.setVisible(busy)
        for widget in (self.start, self.again):
            widget.setVisible(not busy)
        self.scope.setEnabled(not busy)
        if busy:
            self.bar.setRange(0, 0)
            self.words.setText("Asking…")
            self.tell("", "")

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is and how long the rest will take."""
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        parts = [f"{progress.done} of {progress.total}"]
        if progress.seconds is not None and progress.done < progress.total:
            parts.append(f"{duration(progress.seconds)} left")
        if progress.failed:
            parts.append(f"{progress.failed} failed")
        self.words.setText(", ".join(parts))

    def tell(self, text: str, kind: str, failures: bool = False) -> None:
        """Say what became of a batch; kind: good, warning, danger, muted."""
        self.why.setVisible(failures)
        self.message.setText(text)
        self.message.setVisible(bool(text))
        theme.set_kind(self.message, kind)

    def _tell(self) -> None:
        number = self._known.get(self.scope.currentData(), 0)
        self.start.setEnabled(number > 0)
        self.start.setText(f"Suggest for {count(number, 'caption')}" if number else "Suggest")
