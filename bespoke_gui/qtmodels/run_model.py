"""Tables of runs and of the checkpoints of one run."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from bespoke_gui.core.runs import RunInfo, title_of
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rows_model import RowsModel
from bespoke_gui.qtmodels.run_story import CheckpointRow

STATE_WORDS = {
    "starting": "starting",
    "running": "running",
    "finished": "finished",
    "failed": "failed",
    "cancelled": "stopped",
    "lost": "lost",
}
STATE_TONES = {
    "starting": "accent", "running": "accent", "finished": "good", "failed": "danger",
    "cancelled": "warning", "lost": "danger",
}  # fmt: skip


class CheckpointModel(RowsModel):
    """The checkpoints of a run, in the order in which they were saved."""

    headings = ("Epoch", "Learning rate", "Size", "SHA-256", "File", "Where", "Held-out loss")
    right = (0, 1, 2, 6)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.states: dict[str, str] = {}

    def show_states(self, states: dict[str, str]) -> None:
        """Say where each file is, by its path; empty while all are made on this computer."""
        if states != self.states:
            self.states = states
            if self.rows:
                where = self.headings.index("Where")
                self.dataChanged.emit(self.index(0, where), self.index(len(self.rows) - 1, where))

    def text(self, row: CheckpointRow, column: int) -> str:
        name = Path(row.path).name
        epoch = str(row.epoch) if row.whole else f"{row.epoch} +"
        cells = (epoch, wording.rate(row.learning_rate), wording.size(row.size), row.sha256[:12])
        loss = wording.DASH if row.held_out_loss is None else f"{row.held_out_loss:.4f}"
        return (*cells, name, self.states.get(row.path, ""), loss)[column]

    def tip(self, row: CheckpointRow) -> str:
        whole = "" if row.whole else "Saved in the middle of an epoch\n"
        where = self.states.get(row.path, "")
        return f"{whole}{row.path}\nSHA-256 {row.sha256}\n{where}".rstrip()


class RunsModel(RowsModel):
    """The runs of a project, newest first."""

    headings = ("Run", "State", "Epochs", "Engine", "Started")
    right = (2,)

    def text(self, row: RunInfo, column: int) -> str:
        created = str(row.spec.get("created", "")).replace("T", " ")[:16]
        engine = str(row.spec.get("engine", ""))
        state = STATE_WORDS.get(row.state, row.state)
        return (run_title(row), state, epochs_words(row), engine, created)[column]

    def tip(self, row: RunInfo) -> str:
        failure = row.failure or {}
        reason = " ".join(failure.get(name, "") for name in ("message", "hint")).strip()
        return f"{row.folder}\n{reason}".strip()

    def row_of(self, run: str) -> int:
        """Return the row of a run, -1 when it is not there."""
        return next((i for i, info in enumerate(self.rows) if info.run == run), -1)


def run_title(run: RunInfo) -> str:
    """Return the name of a run without the time at its beginning."""
    return title_of(run.run)


def epochs_words(run: RunInfo) -> str:
    """Return "5 of 8"; for a run that generates images the number of images."""
    progress = run.progress
    if run.spec.get("loras"):
        return f"{progress.get('step', 0)} images"
    whole = {item.epoch for item in run.checkpoints if item.whole}
    of = progress.get("epochs") or run.spec.get("config", {}).get("max_train_epochs")
    return f"{len(whole)} of {of}" if of else str(len(whole))
