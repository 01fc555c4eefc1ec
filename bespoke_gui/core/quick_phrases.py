"""Quick phrases: the few phrases a person adds with one click, a text file of the project."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core import atomic
from bespoke_gui.core.errors import AppError

FILE_NAME = "quick_phrases.txt"
MOST = 9  # as many as there are digit keys


def read(folder: Path) -> list[str]:
    """Return the project's quick phrases, one a line; none where there is no readable file."""
    try:
        text = (folder / FILE_NAME).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        return []
    return cleaned(text)


def write(folder: Path, phrases: list[str]) -> None:
    """Write them; raises AppError where the folder cannot be written."""
    path = folder / FILE_NAME
    if path.exists() and not read(folder) and path.stat().st_size:
        raise AppError("is not UTF-8 text and was left alone", file=path, hint="move it away")
    atomic.write_text(path, "".join(f"{phrase}\n" for phrase in cleaned("\n".join(phrases))))


def cleaned(text: str) -> list[str]:
    """Return the phrases of a text, one a line, each once, as many as there are keys for."""
    lines = (line.strip() for line in text.splitlines())
    return list(dict.fromkeys(line for line in lines if line))[:MOST]
