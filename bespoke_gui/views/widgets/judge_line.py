"""Judge line: under which name judgement is kept, and how far it is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QProgressBar, QWidget

from bespoke_gui.qtmodels.judging import Judging
from bespoke_gui.views.widgets.parts import elided, muted, row


class JudgeLine(QWidget):
    """The judge's name to change, and a bar with words; `named`: Enter was pressed in the name."""

    named = Signal()

    def __init__(self, judging: Judging, what: str) -> None:
        super().__init__()
        self._judging = judging
        self.name = QLineEdit(judging.judge)
        self.name.setAccessibleName("Judge")
        self.name.setToolTip("Scores and votes are kept under this name")
        self.name.setFixedWidth(150)
        self.name.editingFinished.connect(lambda: judging.rename(self.name.text()))
        self.name.returnPressed.connect(self.named)
        self.words = elided(bold=True)
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName(what)
        self.bar.setFixedWidth(160)
        self.words.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        judging.loaded.connect(lambda: self.name.setText(judging.judge))
        layout = row(muted("Judge", wrap=False), self.name, self.words, self.bar)
        layout.setStretch(2, 1)
        self.setLayout(layout)

    def show_progress(self, done: int, total: int, words: str) -> None:
        """Show how far it is."""
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(done)
        self.words.setText(words)
