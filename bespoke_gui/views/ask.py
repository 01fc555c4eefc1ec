"""Dialogs that ask the person something: the window's answer to the session's questions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QInputDialog, QMessageBox, QPushButton, QWidget

from bespoke_gui.views import theme


class Dialogs:
    """Asks through Qt's dialogs, over the window given."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self.parent = parent

    def choose(self, title: str, text: str, choices: Sequence[tuple[str, str]]) -> str:
        """Offer (key, words) choices, the first being the safe default; "" means cancelled."""
        box = QMessageBox(self.parent)
        box.setWindowTitle(title)
        box.setText(title)
        box.setInformativeText(text)
        buttons: dict[QPushButton, str] = {}
        for key, words in choices:
            buttons[box.addButton(words, QMessageBox.ButtonRole.ActionRole)] = key
        first = next(iter(buttons))
        theme.set_kind(first, "primary")
        box.setDefaultButton(first)
        box.setEscapeButton(box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        clicked = box.clickedButton()
        answer = next((key for button, key in buttons.items() if button is clicked), "")
        box.deleteLater()
        return answer

    def text(self, title: str, label: str, value: str = "") -> str:
        """Ask for a line of text; "" means cancelled."""
        answer, accepted = QInputDialog.getText(self.parent, title, label, text=value)
        return answer.strip() if accepted else ""

    def folder(self, title: str, start: str = "") -> Path | None:
        """Ask for an existing folder."""
        answer = QFileDialog.getExistingDirectory(self.parent, title, start)
        return Path(answer) if answer else None

    def open_file(self, title: str, pattern: str, start: str = "") -> Path | None:
        """Ask for an existing file."""
        answer, _ = QFileDialog.getOpenFileName(self.parent, title, start, pattern)
        return Path(answer) if answer else None

    def open_files(self, title: str, pattern: str, start: str = "") -> list[Path]:
        """Ask for existing files; empty means cancelled."""
        answer, _ = QFileDialog.getOpenFileNames(self.parent, title, start, pattern)
        return [Path(path) for path in answer]

    def save_file(self, title: str, pattern: str, start: str = "") -> Path | None:
        """Ask where to write a file."""
        answer, _ = QFileDialog.getSaveFileName(self.parent, title, start, pattern)
        return Path(answer) if answer else None
