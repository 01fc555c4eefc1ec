"""Excluded images: plain lists named excluded.txt beside them, written for people to edit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path, PurePosixPath

from bespoke_gui.core import textcodec
from bespoke_gui.core.errors import Problem

FILE_NAME = "excluded.txt"
HEADER = (
    "# Images left out of prepared sets, packages and training: one a line. Nothing is deleted.\n"
)
MAX_BYTES = 16 << 20


def entries(text: str) -> list[str]:
    """Return the names in a list, without blank lines and lines that begin with "# "."""
    lines = (line.strip() for line in text.splitlines())
    return [line.replace("\\", "/") for line in lines if line and not is_comment(line)]


def is_comment(line: str) -> bool:
    """Whether a line is for people only; "#1.png" is a name."""
    return line == "#" or line.startswith(("# ", "##"))


def spellings(image: str) -> tuple[str, str]:
    """Return the entries that mean an image: its relative name, and that without suffix."""
    image = image.strip()
    return image, str(PurePosixPath(image).with_suffix(""))


class Lists:
    """The lists below one dataset folder: `files` is each list's path by its folder, "" on top.

    An entry is a path relative to the folder that its list lies in.
    """

    def __init__(self, files: Mapping[str, Path]) -> None:
        self.problems: list[Problem] = []
        self._wanted: dict[str, tuple[str, str]] = {}
        for prefix, path in files.items():
            for entry in self._read(prefix, path):
                self._wanted[joined(prefix, entry)] = (prefix, entry)

    def excluded(self, images: Iterable[str]) -> set[str]:
        """Return which of the images are listed; an entry that means none becomes a problem."""
        if not self._wanted:
            return set()
        found, used = set(), set()
        for image in images:
            for key in spellings(image):
                if key in self._wanted:
                    found.add(image)
                    used.add(key)
        self.problems += [_unknown(*self._wanted[key]) for key in self._wanted if key not in used]
        return found

    def _read(self, prefix: str, path: Path) -> list[str]:
        try:
            if path.stat().st_size > MAX_BYTES:
                raise OSError("it is far too large for a list of names")
            return entries(textcodec.decode(path.read_bytes())[0])
        except OSError as error:
            message = f"cannot be read, so nothing is excluded: {error.strerror or error}"
            name, hint = joined(prefix, FILE_NAME), "check that it is a text file"
            self.problems.append(Problem("bad_exclusions", "error", message, name, hint))
            return []


def joined(prefix: str, name: str) -> str:
    """Return a relative name inside a folder; "" is the folder itself."""
    return f"{prefix}/{name}" if prefix else name


def split(name: str) -> tuple[str, str]:
    """Return the folder ("" on top) and the file name of a relative name."""
    prefix, _, last = name.rpartition("/")
    return prefix, last


def _unknown(prefix: str, entry: str) -> Problem:
    return Problem(
        "excluded_not_found",
        "info",
        f"names {entry}, and there is no such image",
        joined(prefix, FILE_NAME),
        "correct the name or take the line out",
    )
