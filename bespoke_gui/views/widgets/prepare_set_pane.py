"""Set pane: what preparing does to the whole set, and the images with a note."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepare_preview import SetFigures
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, card, column, figure, heading, muted, row

NAME = Qt.ItemDataRole.UserRole


class PrepareSetPane(QWidget):
    """Figures of the set. `measure_asked`: find them; `image_wanted`: preview a noted image."""

    measure_asked = Signal()
    image_wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.measure = button("Check the whole set", "Prepare every image in memory and count")
        self.measure.clicked.connect(self.measure_asked)
        self._before, self._after, self._exact = Number(), Number(), Number()
        self._none = muted("Check the set to see colours before and after, and every note.")
        self.notes = QListWidget()
        self.notes.setAccessibleName("Images with a note")
        self.notes.setWordWrap(True)
        theme.set_kind(self.notes, "plain")
        self.notes.itemClicked.connect(lambda item: self.image_wanted.emit(item.data(NAME)))
        self.notes.itemActivated.connect(lambda item: self.image_wanted.emit(item.data(NAME)))
        self._figures = QWidget()
        self._figures.setLayout(row(self._before, self._after, self._exact, None, spacing=24))
        inner = column(row(heading("Whole set", 1.0), None, self.measure), self._none, spacing=4)
        inner.addWidget(self._figures)
        inner.addWidget(self.notes, 1)
        inner.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))
        self.clear()

    def clear(self) -> None:
        """Forget the figures: they belonged to other settings."""
        self._none.show()
        self._figures.hide()
        self.notes.hide()

    def show_figures(self, figures: SetFigures) -> None:
        """Show the figures of a set and its notes."""
        before, after = figures.mean_before(), figures.mean_after()
        total = len(figures.images) + len(figures.failed)
        self._before.tell(f"{before:,.1f}", "colours before")
        kind = "danger" if after > before * 1.02 else "good"
        self._after.tell(f"{after:,.1f}", "after", kind)
        kind = "good" if figures.exact() == total else "warning"
        self._exact.tell(f"{figures.exact()} of {total}", "native pixels exact", kind)
        self.notes.clear()
        for name, note in figures.noted():
            item = QListWidgetItem(f"{PurePosixPath(name).stem}: {note}")
            item.setData(NAME, name)
            self.notes.addItem(item)
        self._none.hide()
        self._figures.show()
        self.notes.setVisible(self.notes.count() > 0)


class Number(QWidget):
    """One large figure with words below it."""

    def __init__(self) -> None:
        super().__init__()
        self._figure = figure("–", 1.6)
        self._words = muted(wrap=False)
        self.setLayout(column(self._figure, self._words, spacing=0))

    def tell(self, value: str, words: str, kind: str = "title") -> None:
        """Show a figure, in the colour of its kind."""
        self._figure.setText(value)
        theme.set_kind(self._figure, kind)
        self._words.setText(words)
