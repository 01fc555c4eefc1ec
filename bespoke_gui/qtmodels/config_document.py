"""Config document: one config's text, edited as a form and as raw TOML, with one undo."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.config.fixes import Fix, apply_fix
from bespoke_gui.core.config.places import error_line
from bespoke_gui.core.config.trainer_config import TrainingConfig, decode
from bespoke_gui.core.errors import AppError

MOST_UNDO = 300
_PLACE = re.compile(r" \(line \d+ column \d+ char \d+\)")
ONE_STEP_S = 1.0


@dataclass(frozen=True)
class BadLine:
    """Where a text stops being TOML, and why; `line` counts from 1, 0 where nobody could tell."""

    line: int
    message: str


class ConfigDocument(QObject):
    r"""The truth about one config: its text. Form and raw editor both show and edit it.

    `edited` follows every change of the text, `state_changed` what may change with the file.
    While the text is no TOML, `bad_line` says where, and `config` stays as it last was.
    Lines end with "\n" here, and in the file as they did when it was read.
    """

    edited = Signal()
    state_changed = Signal()

    def __init__(self, path: Path, data: bytes, parent: QObject | None = None) -> None:
        """Take a file's bytes; raises AppError when they are no text the trainer could read."""
        super().__init__(parent)
        self.path = path
        self.on_disk: bytes | None = data
        self.disk_changed = False
        whole = decode(data, path)
        self._newline = "\r\n" if "\r\n" in whole else "\n"
        self.text = self.saved = whole.replace("\r\n", "\n")
        self.bad_line: BadLine | None = None
        self.config: TrainingConfig | None = None
        self._past: list[str] = []
        self._future: list[str] = []
        self._merge, self._last_edit = "", 0.0
        self._saved_values: tuple[str, dict[str, Any]] = ("", {})
        self._read()

    @property
    def name(self) -> str:
        """The config's name."""
        return self.path.stem

    @property
    def values(self) -> dict[str, Any]:
        """The values as the trainer reads them."""
        return self.config.values if self.config else {}

    @property
    def unsaved(self) -> bool:
        """Whether the text differs from its file."""
        return self.text != self.saved

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a step to do again."""
        return bool(self._future)

    def encoded(self) -> bytes:
        """Return the bytes that would be written."""
        return self.text.replace("\n", self._newline).encode("utf-8")

    def saved_values(self) -> dict[str, Any]:
        """Return the values that the file has; none where it is no TOML."""
        if self._saved_values[0] != self.saved:
            try:
                self._saved_values = self.saved, TrainingConfig(self.saved).values
            except AppError:
                self._saved_values = self.saved, {}
        return self._saved_values[1]

    # -- edits --------------------------------------------------------------------------------

    def set_text(self, text: str, merge: str = "") -> None:
        """Take another text; edits with the same `merge` in quick succession are one step."""
        if text == self.text:
            return
        now = time.monotonic()
        goes_on = merge and merge == self._merge and now - self._last_edit < ONE_STEP_S
        if not goes_on:
            self._past = [*self._past, self.text][-MOST_UNDO:]
        self._merge, self._last_edit, self._future = merge, now, []
        self._show(text)

    def set_value(self, key: str, value: Any) -> None:
        """Set one option; comments and order stay. Raises AppError when it cannot be edited."""
        self.edit(lambda config: config.set(key, value))

    def unset(self, key: str) -> None:
        """Take one option out, so that the trainer's default holds. Raises AppError."""
        self.edit(lambda config: config.unset(key))

    def fix(self, fix: Fix) -> None:
        """Mend a finding. Raises AppError when the text cannot be edited."""
        self._require_readable()
        self.set_text(apply_fix(self.text, fix))

    def edit(self, work: Any) -> None:
        """Let `work` edit a TrainingConfig of the text, as one step."""
        self._require_readable()
        config = TrainingConfig(self.text, self.path)
        work(config)
        self.set_text(config.text())

    def undo(self) -> None:
        """Take the last step back."""
        self._go(self._past, self._future)

    def redo(self) -> None:
        """Do the step again that was taken back."""
        self._go(self._future, self._past)

    # -- file ---------------------------------------------------------------------------------

    def was_saved(self, data: bytes) -> None:
        """Note that these bytes were written."""
        self.on_disk, self.disk_changed = data, False
        self.saved = data.decode("utf-8").replace("\r\n", "\n")
        self.state_changed.emit()

    def look_at(self, data: bytes | None) -> None:
        """Take note of what the file holds now: edits here are kept, and it is said."""
        if data == self.on_disk:
            if self.disk_changed:
                self.disk_changed = False
                self.state_changed.emit()
        elif data is not None and not self.unsaved:
            self.load(data)
        elif not self.disk_changed:
            self.disk_changed = True
            self.state_changed.emit()

    def load(self, data: bytes) -> None:
        """Show what another program wrote; undo brings the own text back. AppError: no text."""
        text = decode(data, self.path).replace("\r\n", "\n")
        self.on_disk, self.disk_changed, self.saved = data, False, text
        self.set_text(text)
        self.state_changed.emit()

    def keep_mine(self, data: bytes | None) -> None:
        """Go on with the own text, to be written over what another program wrote."""
        self.on_disk, self.disk_changed = data, False
        self.saved = (data or b"").decode("utf-8", "replace").replace("\r\n", "\n")
        self.state_changed.emit()

    def moved(self, path: Path) -> None:
        """Note that the file has another name."""
        self.path = path
        self.state_changed.emit()

    # -- inside -------------------------------------------------------------------------------

    def _require_readable(self) -> None:
        if self.bad_line is not None:
            where = f"line {self.bad_line.line}" if self.bad_line.line else "the text"
            hint = "it can be edited as text"
            raise AppError(f"{where} is no TOML yet", file=self.path, hint=hint, kind="bad_config")

    def _go(self, source: list[str], target: list[str]) -> None:
        if source:
            target.append(self.text)
            self._merge = ""
            self._show(source.pop())

    def _show(self, text: str) -> None:
        self.text = text
        self._read()
        self.edited.emit()
        self.state_changed.emit()

    def _read(self) -> None:
        try:
            self.config = TrainingConfig(self.text, self.path)
            self.bad_line = None
        except AppError as error:
            self.bad_line = _bad_line(error)


def _bad_line(error: AppError) -> BadLine:
    line = error_line(error) or 0
    reason = _PLACE.sub("", error.message).removeprefix("is not readable TOML: ").rstrip(".")
    return BadLine(line, f"{f'Line {line}' if line else 'The text'} is no TOML: {reason}")
