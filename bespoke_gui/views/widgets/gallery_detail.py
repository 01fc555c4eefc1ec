"""Gallery detail: one picture close up, its figures, its background in words, and the choice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QSizePolicy,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_facts import BackgroundWords, Close, NearWords
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.clamped_label import ClampedLabel
from bespoke_gui.views.widgets.compare_view import PaletteStrip
from bespoke_gui.views.widgets.mark_art import Kinds, MarkArt
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    column,
    elided,
    heading,
    muted,
    plain_label,
    row,
    scrolling,
)
from bespoke_gui.views.widgets.pixel_view import PixelView

if TYPE_CHECKING:
    from bespoke_gui.core.picture_marks import PictureMarks

PICTURE, SMALL = 360, 192
WIDTH, NARROW = 450, 320
TONES = {"good": "badge-good", "warning": "badge-warning", "danger": "badge-danger", "": "badge"}


class GalleryDetail(QWidget):
    """Shows what the current cell of the grid holds."""

    pick_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._close: Close | None = None
        self._build()

    # -- what is shown ----------------------------------------------------------------------

    def show_place(self, title: str, prompt: str, assumed: str) -> None:
        """Say which picture it is; `prompt` is its text, `assumed` a caveat about it."""
        self.title.setText(title)
        self.prompt.setText(prompt or "Nothing says what the prompt was.")
        self.caveat.setText(assumed[:1].upper() + assumed[1:])
        self.caveat.setVisible(bool(assumed) and bool(prompt))

    def show_close(self, close: Close | None) -> None:
        """Show the picture close up; None while it is being read."""
        self._close = close
        if close is None:
            return
        same = close.original.size() == close.native.size()
        words = "Original" if same else f"Original {_size(close.original)}"
        self.tabs.setTabText(0, f"Native {_size(close.native)}")
        self.tabs.setTabText(1, words)
        self.tabs.setTabVisible(1, not same)
        self._show_picture()
        self.background.show_words(close.background)
        self.palette_strip.show_swatches(close.palette)
        self.palette_strip.show()
        self.nearest.show_words(close.nearest)
        self._show_counts()

    def show_at_once(self, native: QImage, marks: PictureMarks | None) -> None:
        """Show another picture as the grid has it, until all about it has been read."""
        if self.tabs.currentIndex() == 0:
            self.picture.show_marks(marks)
            self.picture.set_image(native)

    def show_error(self, text: str) -> None:
        """Show why there is no picture."""
        self._close = None
        self.picture.set_message(text)
        for widget in (self.background, self.palette_strip, self.nearest):
            widget.hide()

    def set_marks(self, kinds: Kinds) -> None:
        """Draw these kinds of marks over the picture."""
        self.picture.set_kinds(kinds)

    def show_figures(self, rows: list[tuple[str, str, str, str, str]]) -> None:
        """Show measures: (title, value, limit, tone, explanation) a line."""
        self.figures.show_rows(rows)

    def show_pick(self, epoch_title: str, picked: str) -> None:
        """Name the epoch the button picks; `picked` says what was decided already."""
        self.pick.setText(f"Pick {epoch_title}" if epoch_title else "Pick an epoch")
        self.pick.setEnabled(bool(epoch_title))
        self.decision.setText(picked)
        self.decision.setVisible(bool(picked))

    def set_narrow(self, narrow: bool) -> None:
        """Show the picture smaller, at 8 in place of 15 px a cell, and take less room."""
        self.picture.setFixedHeight(SMALL if narrow else PICTURE)
        self.setMinimumWidth(NARROW if narrow else WIDTH - 60)
        self.setMaximumWidth(NARROW if narrow else 2 * WIDTH)

    def _show_picture(self) -> None:
        if self._close is None:
            return
        original = self.tabs.currentIndex() == 1
        self.picture.show_marks(self._close.marks)
        self.picture.set_image(self._close.original if original else self._close.native)
        native = self._close.native
        show = self.grid.isChecked()
        self.picture.set_grid(native.width() if show else 0, native.height() if show else 0)

    def _show_counts(self) -> None:
        if self._close is not None:
            marks = self._close.marks
            off, strays = int(marks.off_palette.sum()), int(marks.strays.sum())
            colours = wording.count(len(self._close.palette), "colour")
            cells = wording.count(off, "cell")
            self.readout.setText(f"{colours} · {cells} off the palette · {strays} stray")

    def _show_colour(self, x: int, y: int, colour: QColor) -> None:
        self.readout.setText(f"x {x}, y {y}   {colour.name()}")

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.title = heading("", 1.15)
        self.tabs = QTabBar(drawBase=False, expanding=False)
        self.tabs.setAccessibleName("Native or original")
        self.tabs.addTab("Native")
        self.tabs.addTab("Original")
        self.tabs.currentChanged.connect(lambda _: self._show_picture())
        self.grid = QCheckBox("Grid")
        self.grid.setToolTip("Draw the lines between native pixels over the picture (G)")
        self.grid.setShortcut("G")
        self.grid.toggled.connect(lambda _: self._show_picture())
        self.picture = MarkedView()
        self.picture.setAccessibleName("Picture close up")
        self.picture.setFixedHeight(PICTURE)
        self.picture.hovered.connect(self._show_colour)
        self.picture.left.connect(self._show_counts)
        self.readout = elided(kind="muted")
        self.readout.setFont(theme.font(0.9, tabular=True))
        self.palette_strip = PaletteStrip()
        self.palette_strip.hide()
        self.nearest = NearestLine()
        self.background = BackgroundLine()
        self.prompt = ClampedLabel(2)
        theme.set_kind(self.prompt, "muted")
        self.caveat = plain_label()
        theme.set_kind(self.caveat, "warning")
        self.figures = FigureTable()
        page = QWidget()
        inner = column(
            self.background,
            self.nearest,
            self.figures,
            self.caveat,
            None,
            spacing=10,
        )
        inner.setContentsMargins(0, 4, 8, 0)
        page.setLayout(inner)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.title)
        layout.addWidget(self.prompt)
        layout.addLayout(row(self.tabs, None, self.grid))
        layout.addWidget(self.picture)
        layout.addWidget(self.palette_strip)
        layout.addWidget(self.readout)
        layout.addWidget(scrolling(page), 1)
        layout.addLayout(self._foot())

    def _foot(self) -> QVBoxLayout:
        self.decision = plain_label()
        theme.set_kind(self.decision, "good")
        self.pick = button("Pick epoch", "Record that this is the epoch to use (P)", "primary")
        QShortcut(QKeySequence("P"), self, self.pick.click)
        self.pick.clicked.connect(self.pick_wanted)
        return column(self.decision, self.pick)


class MarkedView(PixelView):
    """A picture with its marks over it."""

    def __init__(self) -> None:
        super().__init__()
        self._art = MarkArt()
        self._marks: PictureMarks | None = None
        self._kinds: Kinds = frozenset()

    def show_marks(self, marks: PictureMarks | None) -> None:
        """Draw other marks, None for none."""
        self._marks = marks
        self.update()

    def set_kinds(self, kinds: Kinds) -> None:
        """Draw these kinds of them."""
        self._kinds = kinds
        self.update()

    def draw_over(self, painter: QPainter, target: QRectF) -> None:
        if self._marks is not None and self._kinds:
            self._art.paint(painter, target, self._marks, self._kinds)


class NearestLine(QWidget):
    """The training image a picture is nearest to, with what differs."""

    SIDE = 72

    def __init__(self) -> None:
        super().__init__()
        self.picture = PixelView()
        self.picture.setFixedSize(self.SIDE, self.SIDE)
        self.picture.setAccessibleName("Nearest training image")
        self.name = elided(bold=True)
        self.words = muted()
        self.words.setToolTip(
            "Nearness: share of equal cells or agreement of outlines, whichever is larger. "
            "From 0.90 on it is a copy."
        )
        title = muted("Nearest training image", wrap=False)
        words = column(title, self.name, self.words, None, spacing=2)
        inner = row(self.picture, spacing=12)
        inner.addLayout(words, 1)
        self.setLayout(inner)
        self.hide()

    def show_words(self, nearest: NearWords | None) -> None:
        """Show one; nothing where there is no training image of that size."""
        self.setVisible(nearest is not None)
        if nearest is not None:
            self.picture.set_image(nearest.image)
            self.name.setText(nearest.name)
            self.name.setToolTip(nearest.name)
            self.words.setText(nearest.sentence)


class BackgroundLine(QWidget):
    """The background's colour as a swatch, and what the prompt says about it."""

    def __init__(self) -> None:
        super().__init__()
        self._swatch = Swatch()
        self._words = plain_label()
        self._words.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._tone = badge()
        layout = row(self._swatch, self._words, self._tone)
        self.setLayout(layout)
        self.hide()

    def show_words(self, words: BackgroundWords) -> None:
        """Show one background."""
        self._swatch.show_colour(words.colour)
        self._words.setText(f"Background {words.sentence}")
        verdicts = {"good": "fits", "warning": "partly", "danger": "wrong"}
        self._tone.setText(verdicts.get(words.tone, ""))
        self._tone.setVisible(bool(words.tone))
        theme.set_kind(self._tone, TONES[words.tone])
        self.setAccessibleName(self._words.text())
        self.show()

    def text(self) -> str:
        """Return the words that are shown."""
        return self._words.text()


class Swatch(QWidget):
    """A square of one colour."""

    def __init__(self) -> None:
        super().__init__()
        self._colour = QColor(0, 0, 0, 0)
        self.setFixedSize(28, 28)

    def show_colour(self, colour: QColor) -> None:
        """Show another colour."""
        self._colour = colour
        self.setToolTip(colour.name())
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(QPen(theme.tokens().line_strong, 1))
        painter.setBrush(self._colour)
        painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))


class FigureTable(QWidget):
    """Measures of one picture: title, value, and what is usual in the training set."""

    def __init__(self) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(0, 1)
        self._lines: list[tuple[QLabel, QLabel, QLabel]] = []

    def show_rows(self, rows: list[tuple[str, str, str, str, str]]) -> None:
        """Show (title, value, limit, tone, explanation) a line."""
        while len(self._lines) < len(rows):
            self._add_line()
        for number, labels in enumerate(self._lines):
            shown = number < len(rows)
            for label in labels:
                label.setVisible(shown)
            if shown:
                self._fill(labels, rows[number])

    @staticmethod
    def _fill(labels: tuple[QLabel, QLabel, QLabel], row: tuple[str, str, str, str, str]) -> None:
        title, value, limit, tone, explanation = row
        for label, text in zip(labels, (title, value, limit), strict=True):
            label.setText(text)
            label.setToolTip(explanation)
        theme.set_kind(labels[1], tone)

    def _add_line(self) -> None:
        number = len(self._lines)
        title, value, limit = elided(), plain_label(wrap=False), muted(wrap=False)
        value.setFont(theme.font(1.0, bold=True, tabular=True))
        limit.setFont(theme.font(0.9, tabular=True))
        value.setAlignment(Qt.AlignmentFlag.AlignRight)
        for place, label in enumerate((title, value, limit)):
            self._grid.addWidget(label, number, place)
        self._lines.append((title, value, limit))


def _size(image: QImage) -> str:
    return f"{image.width()}×{image.height()}"
