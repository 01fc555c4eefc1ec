"""Empty gallery page: what a gallery is, and the ways to get one."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from bespoke_gui.views.widgets.parts import button, column, heading, muted, row

WORDS = (
    "A gallery holds one picture for every epoch, prompt and seed. Generate one when a run "
    "has checkpoints, or import pictures made elsewhere: folders epoch_01, epoch_02 … with "
    "one file for each prompt."
)


class GalleryEmpty(QWidget):
    """Shown while a project has no gallery."""

    import_wanted = Signal()
    train_wanted = Signal()
    try_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bring = button("Import folder…", "Images by epoch: epoch_01/PROMPT.png", "primary", "open")
        bring.clicked.connect(self.import_wanted)
        train = button("Go to training")
        train.clicked.connect(self.train_wanted)
        attempt = button("Try a prompt", "One prompt on epochs and strengths of a run")
        attempt.clicked.connect(self.try_wanted)
        words = muted(WORDS)
        words.setFixedWidth(560)
        middle = QVBoxLayout()
        middle.addStretch(2)
        middle.addLayout(
            column(
                heading("No gallery yet", 1.6), words, row(bring, train, attempt, None), spacing=14
            )
        )
        middle.addStretch(3)
        outer = QHBoxLayout(self)
        outer.addStretch(1)
        outer.addLayout(middle)
        outer.addStretch(1)
