"""Set pane: what preparing does to the whole set, and the images with a note."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepare_preview import SetFigures
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, column, figure, muted, row

NAME = Qt.ItemDataRole.UserRole


class PrepareSetPane(QWidget):
    """Figures of the set, found by themselves; those of earlier choices are shown paler.

    `image_wanted`: preview a noted image; `recover_wanted`: make a set of the native pixels.
    """

    image_wanted = Signal(str)
    recover_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._before, self._after = Number(), Number()
        self._damaged, self._exact = Number(), Number()
        self._none = muted("What the choices do to every image is counted here.")
        self._progress = QProgressBar()
        self._progress.setAccessibleName("Counting")
        self._progress.setTextVisible(False)
        self._progress.setFixedHeight(4)
        self.notes = QListWidget()
        self.notes.setAccessibleName("Images with a note")
        self.notes.setWordWrap(True)
        self.notes.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        theme.set_kind(self.notes, "plain")
        self.notes.itemClicked.connect(lambda item: self.image_wanted.emit(item.data(NAME)))
        self.notes.itemActivated.connect(lambda item: self.image_wanted.emit(item.data(NAME)))
        self._figures = QWidget()
        numbers = row(self._before, self._after, self._damaged, self._exact, None, spacing=24)
        self._figures.setLayout(numbers)
        self.repair = RepairBar()
        self.repair.recover.clicked.connect(self.recover_wanted)
        inner = column(self._progress, self.repair, self._none, spacing=4)
        inner.addWidget(self._figures)
        inner.addWidget(self.notes, 1)
        inner.addStretch(0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addLayout(inner)
        self.clear()

    def clear(self) -> None:
        """Forget the figures: they belonged to another set."""
        self._none.show()
        self._figures.hide()
        self.notes.hide()
        self.repair.hide()
        self._show_progress(0, 0)

    def show_progress(self, done: int, total: int) -> None:
        """Say how far counting is."""
        self._show_progress(done, total)

    def wait(self) -> None:
        """The choices changed: what is shown is being counted anew."""
        self._figures.setEnabled(False)

    def show_figures(self, figures: SetFigures) -> None:
        """Show the figures of a set and its notes."""
        before, after = figures.mean_before(), figures.mean_after()
        total = len(figures.images) + len(figures.failed)
        self._before.tell(f"{before:,.1f}", "colours before")
        kind = "danger" if after > before * 1.02 else "good"
        self._after.tell(f"{after:,.1f}", "after", kind)
        damaged, cells = figures.cells()
        share = 100 * damaged / cells if cells else 0
        words = f"{share:.0f}%" if share >= 1 else f"{damaged:,}"
        self._damaged.tell(words, "cells damaged", _kind(damaged == 0, share >= 1))
        self._damaged.setToolTip(f"{damaged:,} of {cells:,} cells do not show what was drawn")
        good, words = figures.exact(), "native pixels exact"
        if figures.recovered():
            good, words = good + figures.recovered(), "native pixels exact or recovered"
        self._exact.tell(f"{good} of {total}", words, _kind(good == total, False))
        self.notes.clear()
        for name, note in figures.noted():
            item = QListWidgetItem(f"{PurePosixPath(name).stem}: {note}")
            item.setData(NAME, name)
            self.notes.addItem(item)
        self._none.hide()
        self._figures.setEnabled(True)
        self._figures.show()
        self.notes.setVisible(self.notes.count() > 0)
        self.repair.show_figures(figures)
        self._show_progress(0, 0)

    def _show_progress(self, done: int, total: int) -> None:
        self._progress.setVisible(done < total)
        self._progress.setRange(0, max(1, total))
        self._progress.setValue(done)


def _kind(good: bool, bad: bool) -> str:
    return "good" if good else "danger" if bad else "warning"


class RepairBar(QWidget):
    """Says that a set was resampled, and offers its native pixels."""

    def __init__(self) -> None:
        super().__init__()
        self._words = muted(wrap=True)
        theme.set_kind(self._words, "warning")
        self.recover = button(
            "Recover native pixels",
            "A new set of the native pixels, pixel-true at 384 px or the size chosen",
            "primary",
        )
        self.native = button("", "Write the number into bespoke.toml", "primary")
        layout = row(self._words, self.recover, self.native)
        layout.setStretch(0, 1)
        self.setLayout(layout)
        self.hide()

    def show_figures(self, figures: SetFigures) -> None:
        """Show the bar where most of the set was resampled."""
        found = figures.resampled()
        self.native.hide()
        self.recover.show()
        if not figures.mostly_resampled():
            self.hide()
            return
        before = sum(image.colours_before for image in found) / len(found)
        native = sum(image.native_colours for image in found) / len(found)
        self._words.setText(
            f"{len(found)} of {len(figures.images)} images were resampled or compressed: "
            f"{before:,.0f} colours an image where {native:,.0f} are native."
        )
        self.show()

    def show_native(self, cells: int) -> None:
        """Say that the images have another number of cells than the project says."""
        self._words.setText(
            f"These images have {cells} cells, the project says another number: every cell looks "
            "damaged because of that."
        )
        self.native.setText(f"Use {cells} cells")
        self.native.show()
        self.recover.hide()
        self.show()


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
