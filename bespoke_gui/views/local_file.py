"""Local file: shows something on this computer with the program the system has for it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

READABLE = {".html", ".md", ".txt", ".csv", ".json", ".png", ".toml", ".log"}


def can_open(path: Path) -> bool:
    """Say whether it is a file to read or to look at; nothing else is ever handed to a program."""
    return path.suffix.lower() in READABLE and path.is_file()


def open_file(path: Path) -> bool:
    """Open a file to read or to look at; False where that is not possible."""
    return can_open(path) and _show(path)


def show_in_folder(path: Path) -> bool:
    """Show a folder, or the one a file lies in, in the system's file manager."""
    folder = path if path.is_dir() else path.parent
    return folder.is_dir() and _show(folder)


def _show(path: Path) -> bool:
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path.absolute())))
