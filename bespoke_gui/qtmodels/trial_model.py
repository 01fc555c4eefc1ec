"""Trial model: epochs down, strengths (and seeds, prompts) across, LoRA off above each of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from bespoke_gui.core.gallery import LORA_OFF, epoch_title
from bespoke_gui.core.kept_trials import KeptTrial
from bespoke_gui.core.trial import TrialImage
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_facts import native_reader
from bespoke_gui.qtmodels.gallery_model import CellLook, Role
from bespoke_gui.qtmodels.native_loader import NativeLoader
from bespoke_gui.qtmodels.rows import NOWHERE, Index

Column = tuple[str, float, int]


class TrialModel(QAbstractTableModel):
    """Shows one trial, while it is made as well. A LoRA-off image stands above every strength."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.trial: KeptTrial | None = None
        self.columns: list[Column] = []
        self.epochs: list[int] = []
        self.is_running = False
        self.loader = NativeLoader(self)
        self.loader.loaded.connect(self._all_changed)
        self._wanted: dict[tuple[int, str, float, int], TrialImage] = {}
        self._there: set[Path] = set()

    # -- what is shown ----------------------------------------------------------------------

    def show(self, trial: KeptTrial | None, made: list[TrialImage], running: bool) -> None:
        """Show a trial. made: the images that are there; running: more of them may come."""
        self.beginResetModel()
        self.trial, self.is_running = trial, running
        images = trial.images if trial else ()
        self._wanted = {_key(image): image for image in images}
        self.epochs = sorted({image.epoch for image in images})
        self.columns = list(
            dict.fromkeys(
                (image.prompt, image.strength, image.seed)
                for image in sorted(images, key=lambda one: (one.prompt, one.strength))
                if image.epoch != LORA_OFF
            )
        )
        if trial is not None:
            self._there = {trial.folder / image.path for image in made}
            self.loader.use(native_reader(trial.native_size, trial.downsampler))
        self.endResetModel()

    def add(self, paths: list[Path]) -> None:
        """Show images that have just been made."""
        self._there.update(paths)
        self._all_changed()

    def show_ended(self) -> None:
        """Nothing more will come: what is not there is said to be missing."""
        self.is_running = False
        self._all_changed()

    @property
    def missing(self) -> int:
        """How many images were asked for and are not there."""
        if self.trial is None:
            return 0
        paths = {self.trial.folder / image.path for image in self.trial.images}
        return len(paths - self._there)

    def is_there(self, image: TrialImage) -> bool:
        """Say whether an image was made already."""
        return self.trial is not None and self.trial.folder / image.path in self._there

    def image(self, row: int, column: int) -> TrialImage | None:
        """Return the image of a cell as it was asked for."""
        if not (0 <= row < len(self.epochs) and 0 <= column < len(self.columns)):
            return None
        prompt, strength, seed = self.columns[column]
        return self._wanted.get((self.epochs[row], prompt, strength, seed)) or self._wanted.get(
            (self.epochs[row], prompt, 0.0, seed)
        )

    # -- Qt ---------------------------------------------------------------------------------

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.epochs)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Role.CELL:
            return self._look(index.row(), index.column())
        if role in (Role.WORDS, Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.words(index.row(), index.column())
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        across = orientation == Qt.Orientation.Horizontal
        if section >= (self.columnCount() if across else self.rowCount()):
            return None
        if not across:
            title = epoch_title(self.epochs[section])
            return title[:1].upper() + title[1:] if role == Qt.ItemDataRole.DisplayRole else None
        prompt, strength, seed = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return f"Strength {strength:g}"
        if role == Role.NOTE:
            several = self.trial is not None and len(self.trial.prompts) > 1
            return f"{seed} · {prompt}" if several else f"seed {seed}"
        return prompt if role == Qt.ItemDataRole.ToolTipRole else None

    def words(self, row: int, column: int) -> str:
        """Return a cell in one sentence, "" where there is none."""
        image = self.image(row, column)
        if image is None:
            return ""
        how = "" if image.epoch == LORA_OFF else f", strength {image.strength:g}"
        title = epoch_title(image.epoch)
        start = f"{title[:1].upper()}{title[1:]}{how}, seed {image.seed}"
        look = self._look(row, column)
        if look.error is not None:
            return f"{start}: {look.error or 'no image'}"
        return f"{start}: {look.caption}" if look.caption else start

    def _look(self, row: int, column: int) -> CellLook:
        image = self.image(row, column)
        if image is None or self.trial is None:
            return CellLook(None, "", "", "")
        path = self.trial.folder / image.path
        if path not in self._there:
            return CellLook(None, "", "", None if self.is_running else "")
        native = self.loader.get(path)
        if native is None or native.image is None:
            return CellLook(None, "", "", native.error if native else None)
        caption = wording.count(native.unique_colours, "colour")
        return CellLook(native.image, caption, "", None)

    def _all_changed(self) -> None:
        if self.epochs and self.columns:
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)


def _key(image: TrialImage) -> tuple[int, str, float, int]:
    return image.epoch, image.prompt, image.strength, image.seed
