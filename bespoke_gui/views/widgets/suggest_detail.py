"""Suggestion detail: one suggestion as a word diff against today's caption, and what to do."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.suggestions import Proposal
from bespoke_gui.qtmodels.wording import count
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.crisp import paint_crisp
from bespoke_gui.views.widgets.diff_view import INLINE, SIDES, DiffView
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    elided,
    muted,
    plain_label,
    row,
    tool,
)

MOST_WORDS = 24
PICTURE = 144  # six pixels a native pixel of 24


class NativePicture(QWidget):
    """The image that the suggestion is about, sharp."""

    def __init__(self) -> None:
        super().__init__()
        self._image: QImage | None = None
        self.setFixedSize(QSize(PICTURE, PICTURE))
        self.setAccessibleName("Image")

    def show_image(self, image: QImage | None) -> None:
        """Show a native image; None shows nothing."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.tokens().hover)
        if self._image is not None and not self._image.isNull():
            paint_crisp(painter, self.rect(), self._image)
        painter.end()


class SuggestDetail(QWidget):
    """Shows a proposal. `accept_asked` and `dismiss_asked` carry whether to go on to the next;
    `edit_asked` the new words; `piece_clicked` and `phrase_clicked` what is to be put back.
    """

    accept_asked = Signal(bool)
    dismiss_asked = Signal()
    edit_asked = Signal(str)
    piece_clicked = Signal(int)
    phrase_clicked = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._proposal: Proposal | None = None
        self.title = elided(bold=True)
        self.status = badge()
        self.model = muted(wrap=False)
        self.lost = plain_label()
        theme.set_kind(self.lost, "danger")
        self.view = DiffView()
        self.view.set_titles("Today", "Suggestion")
        self.view.piece_clicked.connect(self.piece_clicked)
        self.view.phrase_clicked.connect(self.phrase_clicked)
        self.editor = QPlainTextEdit()
        self.editor.setFont(theme.font(1.2))
        self.editor.document().setDocumentMargin(12)
        self.editor.setAccessibleName("Words of the suggestion")
        self.editor.setTabChangesFocus(True)
        self.picture = NativePicture()
        self.sides = tool("compare", "Today and suggestion side by side")
        self.sides.setCheckable(True)
        self.sides.toggled.connect(lambda on: self.view.set_mode(SIDES if on else INLINE))
        self._add_buttons()
        self._lay_out()
        self.show_proposal(None)

    def show_proposal(self, proposal: Proposal | None) -> None:
        """Show a suggestion; None shows that there is none."""
        if proposal is None or self._proposal is None or proposal.name != self._proposal.name:
            self.end_edit()
        self._proposal = proposal
        self.setEnabled(proposal is not None)
        diff = proposal.diff if proposal is not None else None
        self.view.show_diff(diff)
        self.title.setText(proposal.stem if proposal is not None else "")
        self.title.setToolTip(proposal.name if proposal is not None else "")
        self.model.setText(proposal.model if proposal is not None else "")
        words, kind = _judge(proposal)
        self.status.setText(words)
        self.status.setVisible(bool(words))
        theme.set_kind(self.status, kind)
        self.lost.setText(_lost_words(proposal))
        self.lost.setVisible(bool(self.lost.text()))
        changes = proposal is not None and proposal.is_change
        self.accept.setEnabled(changes)
        self.accept_next.setEnabled(changes)

    def begin_edit(self) -> None:
        """Let the person change the suggestion's words before accepting them."""
        if self._proposal is not None:
            self.editor.setPlainText(self._proposal.text)
            self._pages.setCurrentIndex(1)
            self._actions.setCurrentIndex(1)
            self.editor.setFocus()

    def end_edit(self) -> None:
        """Go back to the diff."""
        self._pages.setCurrentIndex(0)
        self._actions.setCurrentIndex(0)

    @property
    def is_editing(self) -> bool:
        """Whether the words are being changed."""
        return self._pages.currentIndex() == 1

    def _add_buttons(self) -> None:
        self.accept_next = button(
            "Accept and next", "Put it into the caption, go to the next (Alt+Return)", "primary"
        )
        self.accept = button("Accept", "Put it into the caption (Alt+Shift+Return)")
        self.edit = button("Edit…", "Change its words first (Ctrl+E)")
        self.dismiss = button("Dismiss", "Forget this suggestion (Ctrl+Backspace)", "ghost")
        self.use = button("Use these words", "The diff shows them; the caption waits", "primary")
        self.back = button("Cancel", "Leave the suggestion as it was (Esc)", "ghost")
        self.accept_next.clicked.connect(lambda: self.accept_asked.emit(True))
        self.accept.clicked.connect(lambda: self.accept_asked.emit(False))
        self.edit.clicked.connect(self.begin_edit)
        self.dismiss.clicked.connect(self.dismiss_asked)
        self.use.clicked.connect(self._on_use)
        self.back.clicked.connect(self.end_edit)

    def _lay_out(self) -> None:
        self._pages, self._actions = QStackedWidget(), QStackedWidget()
        for page in (self.view, self.editor):
            self._pages.addWidget(page)
        for layout in (
            row(self.accept_next, self.accept, self.edit, None, self.dismiss),
            row(self.use, self.back, None),
        ):
            holder = QWidget()
            holder.setLayout(layout)
            self._actions.addWidget(holder)
        top = row(self.title, self.status, self.model, self.sides)
        top.setStretch(0, 1)
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addLayout(top)
        inner.addWidget(self.lost)
        middle = row(self.picture, self._pages, spacing=12)
        middle.setStretch(1, 1)
        middle.setAlignment(self.picture, Qt.AlignmentFlag.AlignTop)
        inner.addLayout(middle, 1)
        inner.addWidget(self._actions)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))

    def _on_use(self) -> None:
        text = self.editor.toPlainText()
        self.end_edit()
        self.edit_asked.emit(text)


def _judge(proposal: Proposal | None) -> tuple[str, str]:
    if proposal is None:
        return "", "badge"
    if not proposal.is_change:
        return "Same as today", "badge"
    if proposal.diff.lossy:
        return f"{count(len(proposal.diff.lost), 'word')} lost", "badge-danger"
    if proposal.note:
        return proposal.note, "badge-warning"
    return "Nothing lost", "badge-good"


def _lost_words(proposal: Proposal | None) -> str:
    lost = proposal.diff.lost if proposal is not None else []
    more = len(lost) - MOST_WORDS
    return ", ".join(lost[:MOST_WORDS]) + (f" and {more} more" if more > 0 else "")
