"""Gallery model: epochs down, prompts (and seeds) across, with a picture and a figure a cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from statistics import fmean
from typing import TYPE_CHECKING, Any, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from bespoke_gui.core.annealing import is_annealed, shares
from bespoke_gui.core.gallery import Gallery, GalleryImage, epoch_title
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.native_loader import Native, NativeLoader, ReadNative

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QImage

    from bespoke_gui.core.picture_marks import PictureMarks
    from bespoke_gui.core.protocol import Protocol

Index = QModelIndex | QPersistentModelIndex
UNIQUE = "unique_colours"


class Role(IntEnum):
    """What a view can ask for beside Qt's own roles."""

    IMAGE = Qt.ItemDataRole.UserRole + 1
    """The native picture (QImage), None while it is being loaded."""
    CAPTION = Qt.ItemDataRole.UserRole + 2
    """The figure under the picture."""
    TONE = Qt.ItemDataRole.UserRole + 3
    """Name of the theme colour the figure is written in, "" for the usual one."""
    ERROR = Qt.ItemDataRole.UserRole + 4
    """None: a picture is there or on its way; "": there is none; else why it cannot be shown."""
    WORDS = Qt.ItemDataRole.UserRole + 5
    """The whole cell in one sentence, for screen readers."""
    NOTE = Qt.ItemDataRole.UserRole + 6
    """Second line of a header."""
    SWATCH = Qt.ItemDataRole.UserRole + 7
    """Colour that a prompt asks its background to have (QColor), or None."""
    PICKED = Qt.ItemDataRole.UserRole + 8
    """Whether this epoch was picked."""
    CELL = Qt.ItemDataRole.UserRole + 9
    """All that is painted of a cell at once (CellLook): one question where speed counts."""
    RATE_SHARE = Qt.ItemDataRole.UserRole + 10
    """The epoch's learning rate as a share of the highest of its run, None where unknown."""


class CellLook(NamedTuple):
    """The answers to IMAGE, CAPTION, TONE and ERROR of one cell, and the marks over it."""

    image: QImage | None
    caption: str
    tone: str
    error: str | None
    marks: PictureMarks | None = None


@dataclass(frozen=True)
class MeasureView:
    """A measure as the grid shows it. `limit`: from there on a figure is marked, None for never."""

    name: str = UNIQUE
    title: str = "Unique colours"
    better: str = "none"
    limit: float | None = None
    decimals: int = 0

    def text(self, value: float | None) -> str:
        """Return a figure as people read it; a dash where it is not known."""
        return wording.DASH if value is None else f"{value:.{self.decimals}f}"

    def is_beyond(self, value: float | None) -> bool:
        """Say whether `value` lies on the wrong side of the limit."""
        if value is None or self.limit is None or self.better == "none":
            return False
        return value > self.limit if self.better == "lower" else value < self.limit


def held_out_words(losses: Mapping[int, float], epoch: int) -> str:
    """Return what an epoch's held-out loss means beside the lowest, "" where there is none."""
    loss = losses.get(epoch)
    if loss is None:
        return ""
    best = min(losses, key=lambda one: losses[one])
    start = f"Loss on images that were not taught: {loss:.4f}"
    if epoch == best:
        return f"{start}, the lowest."
    later = ". Later epochs may be learning their images by heart" if epoch > best else ""
    return f"{start}, lowest at {epoch_title(best)} with {losses[best]:.4f}{later}."


def rate_words(rate: float | None, share: float | None) -> str:
    """Return what an epoch's learning rate (and its share of the highest) means, "" for none."""
    if rate is None:
        return ""
    start = f"Learning rate {wording.rate(rate)} at the end of this epoch"
    if share is None:
        return f"{start}."
    of_all = f"{start}, {share:.0%} of the highest of the run"
    if is_annealed(share):
        return f"{of_all}: annealed, its weights had settled when it was saved."
    return (
        f"{of_all}: saved while training still moved the weights. "
        "Compare it with annealed epochs with care."
    )


@dataclass
class GalleryFigures:
    """Measured values by image name and measure: what a score report holds."""

    images: Mapping[str, Mapping[str, float | None]] = field(default_factory=dict)

    def value(self, image: GalleryImage, measure: str) -> float | None:
        """Return one figure, None where it is not known."""
        return self.images.get(image.name, {}).get(measure)


class GalleryModel(QAbstractTableModel):
    """Shows one gallery. Pictures come from a NativeLoader as they are asked for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.gallery: Gallery | None = None
        self.measure = MeasureView()
        self.loader = NativeLoader(self)
        self.loader.loaded.connect(self._on_loaded)
        self.marks = NativeLoader(self)
        self.marks.loaded.connect(self._on_loaded)
        self.kinds: frozenset[str] = frozenset()
        self._figures = GalleryFigures()
        self._columns: list[tuple[str, int | None]] = []
        self._seed: int | None = None
        self._all_seeds = False
        self._picked: int | None = None
        self._swatches: dict[str, QColor] = {}
        self._means: dict[int, float | None] = {}
        self._looks: dict[tuple[int, int], CellLook] = {}
        self._expected: Protocol | None = None
        self._rate_shares: dict[int, float] = {}
        self._held_out: dict[int, float] = {}
        self._as_measured = True

    # -- what is shown ----------------------------------------------------------------------

    def show(
        self,
        gallery: Gallery | None,
        read: ReadNative,
        picked: int | None = None,
        expected: Protocol | None = None,
    ) -> None:
        """Show `gallery`, its pictures read by `read` (on a background thread).

        `expected`: the protocol whose prompts are taken to hold, for their order and texts.
        """
        self.beginResetModel()
        self.gallery, self._picked, self._expected = gallery, picked, expected
        self._figures = GalleryFigures()
        self._swatches = {}
        seeds = gallery.seeds if gallery else []
        if self._seed not in seeds:
            self._seed = seeds[0] if seeds else None
        known = gallery.info.epochs if gallery else {}
        self._rate_shares = shares({epoch: one.learning_rate for epoch, one in known.items()})
        losses = {epoch: one.held_out_loss for epoch, one in known.items()}
        self._held_out = {epoch: loss for epoch, loss in losses.items() if loss is not None}
        self._as_measured = True
        self.loader.use(read)
        self._set_columns()
        self.endResetModel()

    def read_with(self, read: ReadNative, as_measured: bool = False) -> None:
        """Read all pictures again in another way (another downsampler); the place is kept.

        as_measured: it is the way the figures were measured, so that theirs are the colours too.
        """
        self._as_measured = as_measured
        self.loader.use(read)
        self._all_changed()

    def mark_with(self, read: ReadNative) -> None:
        """Find the marks of all pictures anew (another training set, another downsampler)."""
        self.marks.use(read)
        self._all_changed()

    def show_marks(self, kinds: frozenset[str]) -> None:
        """Show these kinds of marks over the pictures; none of them are looked for until then."""
        self.kinds = kinds
        self._all_changed()

    def show_seed(self, seed: int | None, all_seeds: bool = False) -> None:
        """Show one seed, or every seed side by side."""
        self.beginResetModel()
        self._seed, self._all_seeds = seed, all_seeds
        self._set_columns()
        self.endResetModel()

    def show_measure(self, measure: MeasureView) -> None:
        """Write another figure under each picture."""
        self.measure = measure
        self._all_changed()

    def show_figures(self, figures: GalleryFigures) -> None:
        """Take in measured values."""
        self._figures = figures
        self._all_changed()

    def show_picked(self, epoch: int | None) -> None:
        """Mark the epoch that was picked."""
        self._picked = epoch
        self._all_changed()

    def show_swatches(self, swatches: Mapping[str, QColor]) -> None:
        """Show beside each prompt the background colour it asks for."""
        self._swatches = dict(swatches)
        self._all_changed()

    def _set_columns(self) -> None:
        self._forget()
        if self.gallery is None:
            self._columns = []
            return
        seeds = self.gallery.seeds if self._all_seeds else [self._seed]
        self._columns = [(prompt, seed) for prompt in self._prompts() for seed in seeds]

    def _prompts(self) -> list[str]:
        """Return the prompts in the order of the expected protocol, others after them."""
        present = self.gallery.prompts if self.gallery else []
        known = [prompt.name for prompt in self._expected.prompts] if self._expected else []
        listed = [name for name in known if name in present]
        return listed + [name for name in present if name not in listed]

    # -- cells ------------------------------------------------------------------------------

    def image(self, row: int, column: int) -> GalleryImage | None:
        """Return the image of one cell, None where the gallery has none."""
        if self.gallery is None or not (0 <= row < self.rowCount()):
            return None
        prompt, seed = self._columns[column]
        return self.gallery.cells.get((self.gallery.epochs[row], prompt, seed))

    def epoch(self, row: int) -> int:
        """Return the epoch of a row."""
        assert self.gallery is not None
        return self.gallery.epochs[row]

    def prompt(self, column: int) -> str:
        """Return the name of the prompt of a column."""
        return self._columns[column][0]

    def native(self, row: int, column: int) -> Native | None:
        """Return the loaded picture of a cell; asks for it when it is not there yet."""
        image = self.image(row, column)
        return self.loader.get(image.path) if image else None

    def value(self, row: int, column: int, measure: str = "") -> float | None:
        """Return a figure of one cell; unique colours are known as soon as it is loaded."""
        image = self.image(row, column)
        if image is None:
            return None
        name = measure or self.measure.name
        known = self._figure(image, name)
        if known is None and name == UNIQUE:
            native = self.loader.peek(image.path)
            return float(native.unique_colours) if native and native.image else None
        return known

    def _figure(self, image: GalleryImage, name: str) -> float | None:
        """Return what was measured; colours counted in another way of reading are no answer."""
        if name == UNIQUE and not self._as_measured:
            return None
        return self._figures.value(image, name)

    def row_mean(self, row: int) -> float | None:
        """Return the mean of the shown measure over an epoch, None until all of it is known."""
        if row not in self._means:
            self._means[row] = self._mean(row)
        return self._means[row]

    def _mean(self, row: int) -> float | None:
        values = [
            self.value(row, column)
            for column in range(self.columnCount())
            if self.image(row, column) is not None
        ]
        known = [value for value in values if value is not None]
        if not known or (self.measure.name == UNIQUE and len(known) < len(values)):
            return None
        return fmean(known)

    # -- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() or self.gallery is None else len(self.gallery.epochs)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = index.row(), index.column()
        if role == Role.CELL:
            return self._look(row, column)
        if role == Role.IMAGE:
            native = self.native(row, column)
            return native.image if native else None
        if role in (Role.CAPTION, Qt.ItemDataRole.DisplayRole):
            return self.measure.text(self.value(row, column)) if self.image(row, column) else ""
        if role == Role.TONE:
            return "warning" if self.measure.is_beyond(self.value(row, column)) else ""
        if role == Role.ERROR:
            return self._error(row, column)
        if role in (Role.WORDS, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self._words(row, column)
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        if self.gallery is None:
            return None
        if orientation == Qt.Orientation.Horizontal:
            return self._column_head(section, role) if section < len(self._columns) else None
        return self._row_head(section, role) if section < self.rowCount() else None

    def _column_head(self, section: int, role: int) -> Any:
        name, seed = self._columns[section]
        prompt = self._expected.prompt(name) if self._expected else None
        if role == Qt.ItemDataRole.DisplayRole:
            return name
        if role == Qt.ItemDataRole.ToolTipRole:
            return prompt.text if prompt else name
        if role == Role.SWATCH:
            return self._swatches.get(name)
        if role == Role.NOTE:
            asked = prompt.background if prompt else ""
            return f"seed {seed}" if self._all_seeds and seed is not None else asked
        return None

    def _row_head(self, section: int, role: int) -> Any:
        assert self.gallery is not None
        epoch = self.gallery.epochs[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return wording.epoch(epoch)
        if role == Role.PICKED:
            return epoch == self._picked
        if role == Role.RATE_SHARE:
            return self._rate_shares.get(epoch)
        if role == Qt.ItemDataRole.ToolTipRole:
            rate = self.gallery.learning_rate(epoch)
            words = [rate_words(rate, self._rate_shares.get(epoch)),
                     held_out_words(self._held_out, epoch)]  # fmt: skip
            return "\n".join(filter(None, words))
        if role == Role.NOTE:
            rate, mean = self.gallery.learning_rate(epoch), self.row_mean(section)
            lines = [f"lr {wording.rate(rate)}"] if rate is not None else []
            share = self._rate_shares.get(epoch)
            lines += ["annealed"] if share is not None and is_annealed(share) else []
            loss = self._held_out.get(epoch)
            lines += [] if loss is None else [f"held-out {loss:.4f}"]
            means = [f"mean {self.measure.text(mean)}"] if mean is not None else []
            return "\n".join(lines + means)
        return None

    def _look(self, row: int, column: int) -> CellLook:
        """Return how a cell looks, out of what was said before once nothing of it is awaited."""
        look = self._looks.get((row, column))
        if look is None:
            look = self._new_look(row, column)
            if look.image is not None and (look.marks is not None or not self.kinds):
                self._looks[row, column] = look
        return look

    def _new_look(self, row: int, column: int) -> CellLook:
        image = self.image(row, column)
        if image is None:
            return CellLook(None, "", "", "")
        native = self.loader.get(image.path)
        value = self._figure(image, self.measure.name)
        if value is None and self.measure.name == UNIQUE and native and native.image:
            value = float(native.unique_colours)
        tone = "warning" if self.measure.is_beyond(value) else ""
        if native is None:
            return CellLook(None, "" if value is None else self.measure.text(value), tone, None)
        marked = self.marks.get(image.path) if self.kinds and native.image else None
        marks = marked.marks if marked else None
        return CellLook(native.image, self.measure.text(value), tone, native.error or None, marks)

    def _error(self, row: int, column: int) -> str | None:
        image = self.image(row, column)
        if image is None:
            return ""
        native = self.loader.peek(image.path)
        return native.error if native and native.error else None

    def _words(self, row: int, column: int) -> str:
        assert self.gallery is not None
        prompt, seed = self._columns[column]
        start = f"{epoch_title(self.gallery.epochs[row])}, {prompt}"
        start += f", seed {seed}" if seed is not None else ""
        error = self._error(row, column)
        if error is not None:
            return f"{start}: {error or 'no image'}"
        return f"{start}: {self.measure.title.lower()} {self.measure.text(self.value(row, column))}"

    def _on_loaded(self) -> None:
        self._all_changed()

    def _forget(self) -> None:
        self._means.clear()
        self._looks.clear()

    def _all_changed(self) -> None:
        self._forget()
        rows, columns = self.rowCount(), self.columnCount()
        if rows and columns:
            self.dataChanged.emit(self.index(0, 0), self.index(rows - 1, columns - 1))
            self.headerDataChanged.emit(Qt.Orientation.Vertical, 0, rows - 1)
