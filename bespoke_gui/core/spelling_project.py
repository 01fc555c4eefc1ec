"""A project's own dictionary: dictionary.txt in its folder, one word a line, for people to edit."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.errors import AppError

FILE_NAME = "dictionary.txt"
COMMENT = "#"
HEADER = "# Words that are spelled right in this project. One a line; # begins a comment.\n"


def read_dictionary(folder: Path) -> frozenset[str]:
    """Return the words of a project's dictionary, case-folded; none where there is no file.

    Raises AppError when the file is there and cannot be read.
    """
    lines = _text(Path(folder) / FILE_NAME).splitlines()
    return frozenset(word.casefold() for word in map(_word, lines) if word)


def add_words(folder: Path, words: Iterable[str]) -> list[str]:
    """Add words at the end of the dictionary and return those that were not in it.

    Everything that is in the file stays as it is. Raises AppError when it cannot be written.
    """
    path = Path(folder) / FILE_NAME
    known = read_dictionary(folder)
    given = {word.strip().casefold(): word.strip() for word in reversed(list(words))}
    new = [word for folded, word in reversed(given.items()) if folded and folded not in known]
    if new:
        text = _text(path) or HEADER
        if not text.endswith("\n"):
            text += "\n"
        write_text(path, text + "".join(f"{word}\n" for word in new))
    return new


def remove_words(folder: Path, words: Iterable[str]) -> None:
    """Take words out of the dictionary again; raises AppError when it cannot be written."""
    path = Path(folder) / FILE_NAME
    gone = {word.casefold() for word in words}
    text = _text(path)
    kept = [line for line in text.splitlines(keepends=True) if _word(line).casefold() not in gone]
    if "".join(kept) != text:
        write_text(path, "".join(kept))


def _word(line: str) -> str:
    return line.partition(COMMENT)[0].strip()


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return ""
    except UnicodeDecodeError as error:
        raise AppError("is not UTF-8", file=path, hint="save it as UTF-8") from error
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path) from error
