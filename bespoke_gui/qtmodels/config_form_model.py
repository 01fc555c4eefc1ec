"""Config form: one training config as fields to edit, kept in the file as a person wrote it."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.qtmodels.config_fields import FIELDS, GROUPS, OTHER, PLACES, Field, other_field


class ConfigFormModel(QObject):
    """Edits go through TrainingConfig.set, so that comments and order survive.

    `loaded`: another config is shown, build the form anew; `changed(key)`: one value is another.
    """

    loaded = Signal()
    changed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.config: TrainingConfig | None = None
        self._saved = ""

    def load(self, config: TrainingConfig | None) -> None:
        """Show another config; None for none."""
        self.config = config
        self._saved = config.text() if config else ""
        self.loaded.emit()

    @property
    def is_dirty(self) -> bool:
        """Say whether something was edited since the config was read or saved."""
        return self.config is not None and self.config.text() != self._saved

    @property
    def values(self) -> dict[str, Any]:
        """The values as the trainer reads them."""
        return self.config.values if self.config else {}

    def groups(self) -> list[tuple[str, list[Field]]]:
        """Return the groups of fields, last the options of this file that the form knows not."""
        if self.config is None:
            return []
        known: list[tuple[str, list[Field]]] = [(name, list(fields)) for name, fields in GROUPS]
        others = [
            other_field(key, value)
            for key, value in self.config.values.items()
            if key not in FIELDS and key not in PLACES
        ]
        return [*known, (OTHER, others)] if others else known

    def is_set(self, key: str) -> bool:
        """Say whether the file names this option."""
        return self.config is not None and key in self.config.values

    def value(self, field: Field) -> Any:
        """Return the option's value, the trainer's default where the file names none."""
        return self.values.get(field.key, field.default)

    def text(self, field: Field) -> str:
        """Return the value as a person types it, "" where the file names none."""
        return written(self.values[field.key]) if self.is_set(field.key) else ""

    def set_text(self, field: Field, text: str) -> None:
        """Take what was typed; empty takes the option out. Raises AppError for a wrong value."""
        if not text.strip():
            self.unset(field.key)
        elif text.strip() != self.text(field):
            self.set_value(field.key, self._parsed(field, text))

    def set_value(self, key: str, value: Any) -> None:
        """Set one option; raises AppError when the file cannot be edited."""
        if self.config is not None and self.values.get(key, _NOTHING) != value:
            self.config.set(key, value)
            self.changed.emit(key)

    def unset(self, key: str) -> None:
        """Take one option out of the file, so that the trainer's default holds."""
        if self.config is not None and self.is_set(key):
            self.config.unset(key)
            self.changed.emit(key)

    def saved(self) -> None:
        """Note that the config was written to its file."""
        self._saved = self.config.text() if self.config else ""
        self.changed.emit("")

    def _parsed(self, field: Field, text: str) -> Any:
        """Keep the kind of a value that is there: 150 stays a number where it was one."""
        if field.kind == "choice" and isinstance(self.values.get(field.key, 0), int):
            return int(text) if text.strip().isdecimal() else text.strip()
        return field.parse(text)


_NOTHING = object()


def written(value: Any) -> str:
    """Return a value as a person types it: learning rates as 5e-5."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        mantissa, _, exponent = f"{value:.6e}".partition("e")
        small = 0 < abs(value) < 1e-3
        return f"{float(mantissa):g}e{int(exponent)}" if small else f"{value:g}"
    return str(value)
