"""Review foot: how far the review is, and the buttons that decide about captions."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.views.widgets.parts import elided, muted, row, tool

GAP = 2
ACCEPT, NEXT, FLAG = "Ctrl+Return", "Ctrl+J", "Ctrl+Shift+N"


class NoteEdit(QLineEdit):
    """A line for a note: Enter keeps it, Escape does not."""

    kept = Signal(str)
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.kept.emit(self.text().strip())
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


class ReviewFoot(QWidget):
    """Progress of the review with a thin bar; `note_kept` carries the words of a note."""

    accept_asked = Signal()
    next_asked = Signal()
    flag_asked = Signal()
    todo_asked = Signal()
    note_kept = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._words = ("", "")
        self.progress = elided(bold=True)
        self.bar = QProgressBar()
        self.bar.setTextVisible(False)
        self.bar.setAccessibleName("Accepted captions")
        self.said = elided(kind="warning")
        self.note = NoteEdit()
        self.note.setAccessibleName("Note")
        self.accept = tool("check", "Accept and go to the next to review", ACCEPT)
        self.flag = tool("flag", "Needs work, with a note", FLAG)
        self.todo = tool("clock", "Back to review")
        self.next = tool("todo", "Go to the next to review", NEXT)
        for widget, signal in (
            (self.accept, self.accept_asked),
            (self.flag, self.flag_asked),
            (self.todo, self.todo_asked),
            (self.next, self.next_asked),
        ):
            widget.clicked.connect(signal)
        self.note.kept.connect(self._keep)
        self.note.left.connect(self.end_note)
        self.hint = muted("Enter keeps the note, Esc does not", wrap=False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(self.said)
        layout.addWidget(self.note)
        layout.addWidget(self.hint)
        self._buttons = (self.next, self.todo, self.flag, self.accept)
        line = row(self.progress, *self._buttons, spacing=GAP)
        line.setStretch(0, 1)
        layout.addLayout(line)
        layout.addWidget(self.bar)
        self.end_note()
        self.show_note("")

    def show_progress(self, accepted: int, total: int) -> None:
        """Say how many captions are accepted."""
        self._words = (f"{accepted:,} of {total:,} accepted", f"{accepted:,} / {total:,}")
        self.progress.setToolTip(self._words[0])
        self.progress.setAccessibleName(self._words[0])
        self._fit()
        self.bar.setRange(0, max(1, total))
        self.bar.setValue(accepted)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Say it in as many words as there is room for beside the buttons."""
        taken = sum(each.sizeHint().width() + GAP for each in self._buttons)
        whole, short = self._words
        wide = self.progress.fontMetrics().horizontalAdvance(whole) + GAP <= self.width() - taken
        self.progress.setText(whole if wide else short)

    def show_note(self, note: str) -> None:
        """Show the note of the current caption."""
        self.said.setText(note)
        self.said.setToolTip(note)
        self.said.setVisible(bool(note))

    def ask_note(self, what: str, note: str) -> None:
        """Let a note be typed for `what`, beginning with the one there is."""
        self.note.setPlaceholderText(f"What is wrong with {what}?")
        self.note.setText(note)
        self.note.show()
        self.hint.show()
        self.note.setFocus()
        self.note.selectAll()

    def end_note(self) -> None:
        """Put the line for the note away."""
        self.note.hide()
        self.hint.hide()

    def _keep(self, note: str) -> None:
        self.end_note()
        self.note_kept.emit(note)
