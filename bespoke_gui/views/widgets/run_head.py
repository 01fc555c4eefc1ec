"""Run head: which run it is, where it is, what it does now, why it failed, and its buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QBoxLayout, QFrame, QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.run_model import STATE_TONES, STATE_WORDS
from bespoke_gui.qtmodels.run_place import Place
from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import badge, elided, plain_label, row, shortened
from bespoke_gui.views.widgets.run_controls import RunControls

BADGES = {"accent": "badge-accent", "good": "badge-good", "danger": "badge-danger",
          "warning": "badge-warning"}  # fmt: skip


class RunHead(QWidget):
    """The upper part of a run. It is told everything, and knows no file."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = shortened()
        self.title.setFont(theme.font(1.25, bold=True))
        self.badge = badge()
        self.place = elided(kind="muted")
        self.place.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.link = badge(kind="badge-warning")
        self.link.setToolTip("The run goes on there; nothing is lost while the connection is down")
        self.stage = elided(kind="muted")
        self.controls = RunControls()
        self.progress = QProgressBar(textVisible=False)
        self.progress.setAccessibleName("Progress of the run")
        self._build()

    def show_state(self, state: str, paused: bool) -> None:
        """Say how the run stands."""
        words = "paused" if paused else STATE_WORDS.get(state, "")
        tone = "warning" if paused else STATE_TONES.get(state, "accent")
        self.badge.setText(words)
        self.badge.setVisible(bool(words))
        theme.set_kind(self.badge, BADGES[tone])

    def show_stage(self, words: str) -> None:
        """Say what it does now."""
        self.stage.setText(words)
        self.stage.setToolTip(words)

    def show_progress(self, story: RunStory, running: bool) -> None:
        """Show how far it is; a run that has told nothing yet shows that it is at work."""
        self.progress.setRange(0, story.total if story.total or not running else 0)
        self.progress.setValue(story.step)
        self.progress.setVisible(running)

    def show_place(self, place: Place | None, running: bool) -> None:
        """Say where it is, None for nowhere yet, and what is wrong with the connection."""
        self.place.setText(place.words if place else "")
        self.place.setToolTip(place.tip if place else "")
        link = place.link if place and running else ""
        self.link.setText(link)
        self.link.setVisible(bool(link))

    def show_failure(self, words: str) -> None:
        """Say why it failed, "" for nothing."""
        self.failure.setVisible(bool(words))
        self.failure_words.setText(words)

    def show_narrow(self, narrow: bool) -> None:
        """Put the buttons above the stage where there is no room beside it."""
        self.controls.show_narrow(narrow)
        direction = QBoxLayout.Direction.BottomToTop if narrow else QBoxLayout.Direction.LeftToRight
        self._orders.setDirection(direction)

    def _build(self) -> None:
        self.failure_words = plain_label()
        self.failure_words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.failure = QFrame()
        theme.set_kind(self.failure, "notice-error")
        box = QVBoxLayout(self.failure)
        box.setContentsMargins(12, 8, 12, 8)
        box.addWidget(self.failure_words)
        names = row(self.title, self.badge, self.place, self.link)
        names.setStretch(2, 1)
        self._orders = row(self.stage, self.controls)
        self._orders.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(names)
        layout.addLayout(self._orders)
        layout.addWidget(self.progress)
        layout.addWidget(self.failure)
