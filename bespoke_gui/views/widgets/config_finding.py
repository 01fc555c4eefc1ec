"""One finding of the config doctor in its place: sign, words, and the button that mends it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from bespoke_gui.core.config.fixes import Fix
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels import wording
from bespoke_gui.views.widgets.findings import Sign, fix_button
from bespoke_gui.views.widgets.parts import column, muted, plain_label


class FindingLine(QWidget):
    """Shows a finding. `fix_wanted` carries its Fix."""

    fix_wanted = Signal(object)

    def __init__(
        self, problem: Problem, fix: Fix | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.problem, self.fix = problem, fix
        text = plain_label(wording.sentence(problem.message, problem.where))
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        words = column(text, spacing=1)
        if problem.hint and fix is None:
            words.addWidget(muted(wording.sentence(problem.hint, problem.where)))
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(Sign(problem.severity), 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(words, 1)
        self.button = fix_button(fix) if fix else None
        if self.button is not None:
            self.button.clicked.connect(lambda: self.fix_wanted.emit(fix))
            words.addWidget(self.button, 0, Qt.AlignmentFlag.AlignLeft)
