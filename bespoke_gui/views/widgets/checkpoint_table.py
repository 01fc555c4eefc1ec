"""Checkpoint table: the checkpoints of a run, and where each is when it trains elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels import run_place
from bespoke_gui.qtmodels.run_model import CheckpointModel
from bespoke_gui.qtmodels.run_story import RunStory
from bespoke_gui.views.widgets.tables import table_view

SHA_COLUMN, WHERE_COLUMN, LOSS_COLUMN = 3, 5, 6
WIDTHS = (60, 104, 80, 124, 0, 132, 104)


class CheckpointTable(QWidget):
    """Columns that say nothing of this run are left out."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.model = CheckpointModel(self)
        self.table = table = table_view(self.model, "Checkpoints of the run", WIDTHS)
        table.setTextElideMode(Qt.TextElideMode.ElideLeft)
        table.setColumnHidden(WHERE_COLUMN, True)
        table.setColumnHidden(LOSS_COLUMN, True)
        # It stands beside the learning rate, as in the gallery.
        table.horizontalHeader().moveSection(LOSS_COLUMN, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(table)

    def show_story(
        self, story: RunStory, job: Mapping[str, Any], coming: Mapping[str, int]
    ) -> None:
        """Show the checkpoints told so far; coming: bytes that arrived of files on their way."""
        self.model.show(story.checkpoints)
        remote = run_place.is_remote(job)
        self.table.setColumnHidden(WHERE_COLUMN, not remote)
        self.table.setColumnHidden(LOSS_COLUMN, not story.held_out_losses)
        states = {
            one.path: run_place.file_state(one, story, coming)
            for one in (story.checkpoints if remote else ())
        }
        self.model.show_states(states)

    def show_narrow(self, narrow: bool) -> None:
        """Leave out the hashes where room is short."""
        self.table.setColumnHidden(SHA_COLUMN, narrow)
