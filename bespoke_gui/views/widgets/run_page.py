"""Run page: the setup at the left; at the right the run, or the briefing before the first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSplitter, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.views.widgets.parts import column, heading, muted, scrolling
from bespoke_gui.views.widgets.run_view import RunView
from bespoke_gui.views.widgets.train_setup import TrainSetup

WORDS = (
    "Every epoch will appear here with its loss, checkpoint and pictures. "
    "Closing the window does not stop a run."
)
NARROWEST = 560


class RunPage(QSplitter):
    """The two halves of the page."""

    def __init__(self, setup: TrainSetup, view: RunView, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent, childrenCollapsible=False)
        self._setup = setup
        live = QWidget()
        live_box = QVBoxLayout(live)
        live_box.setContentsMargins(12, 10, 16, 12)
        live_box.addWidget(view)
        live.setMinimumWidth(NARROWEST)
        self.right = QStackedWidget()
        self.right.addWidget(self._before_the_first())
        self.right.addWidget(live)
        setup.setMinimumWidth(360)
        for part in (setup, self.right):
            self.addWidget(part)
        self.setStretchFactor(1, 1)
        self.setSizes([424, 920])
        self.show_run(False)

    def show_run(self, there_is_one: bool) -> None:
        """Show the run at the right; without one the briefing has that room to itself."""
        self.right.setCurrentIndex(int(there_is_one))
        briefing = self._setup.briefing
        if there_is_one:
            self._setup.take_briefing_back()
        elif self._place.indexOf(briefing) < 0:
            self._place.insertWidget(1, briefing)
            briefing.show()

    def _before_the_first(self) -> QWidget:
        page = QWidget()
        head = column(heading("Nothing trained yet", 1.6), muted(WORDS), spacing=4)
        self._place = column(head, None, spacing=16)
        self._place.setContentsMargins(16, 12, 24, 16)
        page.setLayout(self._place)
        return scrolling(page)
