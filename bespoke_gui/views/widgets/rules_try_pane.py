"""Try pane: the rules on one caption, the current one or any text, with the whole diff."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import QEvent
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QLineEdit, QTextEdit, QVBoxLayout, QWidget

from bespoke_gui.core import worddiff
from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.qtmodels.rules_trial import RuleTrial
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import badge, card, elided, heading, row
from bespoke_gui.views.widgets.rules_table import marked, pieces

WHOLE = 1_000_000


class TryPane(QWidget):
    """Shows what becomes of one text; typing in it changes no caption."""

    def __init__(self, session: Session, trial: RuleTrial, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._result: RuleResult | None = None
        self.text = QLineEdit()
        self.text.setAccessibleName("Text to try the rules on")
        self.text.setToolTip("Type any text: it is only tried, no caption changes")
        self.name = elided(kind="muted")
        self.verdict = badge()
        self.view = QTextEdit(readOnly=True)
        self.view.setAccessibleName("What the rules make of it")
        self.view.setTabChangesFocus(True)
        self.view.setFont(theme.font(1.1))
        self.view.document().setDocumentMargin(8)
        inner = QVBoxLayout()
        inner.setSpacing(6)
        title = row(heading("Try on", 1.0), self.name, self.verdict)
        title.setStretch(1, 1)
        inner.addLayout(title)
        inner.addWidget(self.text)
        inner.addWidget(self.view, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 10))
        self.text.textEdited.connect(lambda _: self.name.setText("text of your own"))
        trial.done.connect(self.show_result)

    def show_caption(self, name: str, text: str) -> None:
        """Try another text, that of a caption."""
        self.name.setText(PurePosixPath(name).stem)
        self.text.setText(text)
        self.text.setCursorPosition(0)

    def show_result(self, result: RuleResult | None) -> None:
        """Show what the rules made of the text."""
        self._result = result
        self._write()
        words, kind = _judge(result)
        self.verdict.setText(words)
        theme.set_kind(self.verdict, kind)
        self.verdict.setToolTip(", ".join(result.lost) if result is not None else "")

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._write()
        super().changeEvent(event)

    def _write(self) -> None:
        """Write the diff: lost words red, others that go grey, what comes green."""
        self.view.clear()
        result, project = self._result, self._session.project
        if result is None:
            return
        ops = worddiff.diff(result.before, result.after, project.separator if project else ",")
        cursor = QTextCursor(self.view.document())
        for piece in pieces(ops, result.lost, WHOLE):
            plain = piece.kind == "equal"
            cursor.insertText(piece.text, QTextCharFormat() if plain else marked(piece.kind))
        self.view.moveCursor(QTextCursor.MoveOperation.Start)


def _judge(result: RuleResult | None) -> tuple[str, str]:
    if result is None:
        return "A rule failed", "badge-danger"
    if result.lossy:
        count = len(result.lost)
        return f"{count} word{'s' if count != 1 else ''} lost", "badge-danger"
    if not result.changed:
        return "No change", "badge"
    if result.crosses_separator:
        return "Reaches over a separator", "badge-warning"
    return "Nothing lost", "badge-good"
