"""Query help: the language on one page, each example a button that asks it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from bespoke_gui.core.caption_query import FIELDS
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, column, heading, muted, scrolling

JOINED = (
    ("red hat", "both words, anywhere in name or caption"),
    ('"red hat"', "these words together"),
    ("hat OR cap", "one of both"),
    ("hat -red", "a hat, and nothing red (also: NOT red)"),
    ("(hat OR cap) tokens:>75", "brackets keep parts together"),
    ("status:todo lossy:yes", "lost words and not reviewed yet"),
)
WIDTH, HEIGHT = 540, 600


class QueryHelp(QFrame):
    """A popover that closes when something else is clicked. `asked` carries an example."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        theme.set_kind(self, "card")
        self.setAccessibleName("How to filter")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(1, 1)
        self.examples = [self._row(grid, example, words) for example, words in JOINED]
        line = grid.rowCount()
        grid.setRowMinimumHeight(line, 40)
        grid.addWidget(heading("Fields", 1.0), line, 0, 1, 2)
        self.examples += [self._row(grid, f.example, f.asks) for f in FIELDS.values()]
        note = muted("Large and small letters are alike. * stands for anything, ? for one letter.")
        page = QWidget()
        page.setLayout(column(heading("Filter the list", 1.1), note, grid, None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 4, 12)
        layout.addWidget(scrolling(page))
        self.resize(WIDTH, HEIGHT)

    def _row(self, grid: QGridLayout, example: str, words: str) -> QWidget:
        line = grid.rowCount()
        link = button(example.replace("&", "&&"), f"Ask for {example}", "link")
        link.clicked.connect(lambda: self._ask(example))
        grid.addWidget(link, line, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(muted(words, wrap=False), line, 1)
        return link

    def _ask(self, example: str) -> None:
        self.close()
        self.asked.emit(example)
