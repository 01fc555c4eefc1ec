"""What the linter leaves alone in a project: lint.toml in its folder, for people to edit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    import tomlkit

FILE_NAME = "lint.toml"
HEADER = """\
# What the linter leaves alone in this project.
# ignore: codes of checks that are off. [[ignored]]: single words, in one caption or everywhere.
ignore = []
"""
Place = tuple[str, str, str]


@dataclass(frozen=True)
class Ignored:
    """codes: checks that are off. places: (code, words, caption without suffix, "" for all)."""

    codes: frozenset[str] = frozenset()
    places: frozenset[Place] = frozenset()

    def hides(self, code: str, words: str, name: str) -> bool:
        """Return whether a finding on these words of this caption is to be left out."""
        if code in self.codes:
            return True
        if not self.places:
            return False
        folded = words.casefold()
        return bool({(code, folded, ""), (code, folded, _stem(name))} & self.places)


NOTHING = Ignored()


def read_ignored(folder: Path) -> Ignored:
    """Return what a project's lint.toml leaves out; nothing where there is no file.

    Raises AppError when the file is there and cannot be read.
    """
    path = Path(folder) / FILE_NAME
    if not path.exists():
        return NOTHING
    data = _read(path).unwrap()
    codes, rows = data.get("ignore", []), data.get("ignored", [])
    if not _texts(codes) or not isinstance(rows, list):
        raise AppError("ignore must be a list of codes", file=path, hint="correct it")
    return Ignored(frozenset(codes), frozenset(_place(row, path) for row in rows))


def ignore_place(folder: Path, code: str, words: str, caption: str = "") -> None:
    """Leave these words out from now on, in one caption or, without its name, in all of them."""
    if (code, words.casefold(), _stem(caption)) in read_ignored(folder).places:
        return

    def add(document: tomlkit.TOMLDocument) -> None:
        import tomlkit
        from tomlkit.items import Array

        if not document.get("ignored"):
            document["ignored"] = tomlkit.aot()
        rows: Any = document["ignored"]
        row = tomlkit.inline_table() if isinstance(rows, Array) else tomlkit.table()
        row.update({"code": code, "words": words})
        if caption:
            row["caption"] = _stem(caption)
        rows.append(row)

    _change(folder, add)


def heed_place(folder: Path, code: str, words: str, caption: str) -> None:
    """Take back what `ignore_place` noted; where there is no such entry nothing is written."""
    place = (code, words.casefold(), _stem(caption))
    if place not in read_ignored(folder).places:
        return
    path = Path(folder) / FILE_NAME

    def remove(document: tomlkit.TOMLDocument) -> None:
        rows: Any = document["ignored"]
        for number in reversed(range(len(rows))):
            if _place(rows[number], path) == place:
                del rows[number]
        if not rows:
            # Empty tables would be written as `ignored = []`, to which no table can be added.
            del document["ignored"]

    _change(folder, remove)


def ignore_code(folder: Path, code: str, off: bool = True) -> None:
    """Switch a check off in this project, or on again."""
    if (code in read_ignored(folder).codes) == off:
        return

    def switch(document: tomlkit.TOMLDocument) -> None:
        codes: Any = document.setdefault("ignore", [])
        if off:
            codes.append(code)
        else:
            codes.remove(code)

    _change(folder, switch)


def _change(folder: Path, change: Callable[[tomlkit.TOMLDocument], object]) -> None:
    import tomlkit

    path = Path(folder) / FILE_NAME
    document = _read(path) if path.exists() else tomlkit.parse(HEADER)
    change(document)
    write_text(path, document.as_string())


def _read(path: Path) -> tomlkit.TOMLDocument:
    import tomlkit
    import tomlkit.exceptions

    try:
        return tomlkit.parse(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomlkit.exceptions.TOMLKitError) as error:
        hint = "correct that line, or take the file away"
        raise AppError(f"cannot be read: {error}", file=path, hint=hint) from error


def _place(row: Any, path: Path) -> Place:
    values: list[Any] = []
    if isinstance(row, dict):
        values = [row.get("code"), row.get("words"), row.get("caption", "")]
    if not values or not _texts(values):
        hint = 'write code = "...", words = "..."'
        raise AppError("an [[ignored]] entry needs a code and words", file=path, hint=hint)
    code, words, caption = map(str, values)
    return code, words.casefold(), _stem(caption)


def _texts(values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(value, str) for value in values)


def _stem(name: str) -> str:
    """Return a caption's name without suffix: image and caption file are one and the same here."""
    return str(PurePosixPath(name).with_suffix("")) if name else ""
