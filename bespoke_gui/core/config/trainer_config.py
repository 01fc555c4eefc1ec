"""A training config: what the trainer will read in it, and what a person wrote, both kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.atomic import write_bytes
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    import tomlkit

BIGGEST = 1 << 20
# The `toml` package lets these escape on damaged input; each means "not readable by the trainer".
_TOML_FAILURES = (
    ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, OverflowError,
)  # fmt: skip


class TrainingConfig:
    """One training_config.toml.

    `values` is what the trainer works with: sections flattened, later ones win. `set` and `unset`
    edit the text as a person wrote it, so comments and order survive.
    """

    def __init__(self, text: str, path: Path | None = None) -> None:
        self.path = path
        self._text = text
        self._crlf = "\r\n" in text
        self._digest = _digest(text)
        self._document: tomlkit.TOMLDocument | None = None
        self._read()

    @classmethod
    def load(cls, path: Path) -> TrainingConfig:
        """Read a file; raises AppError (kind "bad_config") with the line when it is no TOML."""
        path = Path(path)
        try:
            if path.stat().st_size > BIGGEST:
                raise _bad("is far too large for a training config", path)
            data = path.read_bytes()
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise _bad(f"cannot be read: {reason}", path, "check the path") from error
        return cls(decode(data, path), path)

    @property
    def values(self) -> dict[str, Any]:
        """The values the trainer reads, by name; a copy."""
        return dict(self._values)

    @property
    def sections(self) -> dict[str, list[str]]:
        """Where each name is written: its sections in order, "" for the top level."""
        return {key: list(where) for key, where in self._sections.items()}

    @property
    def duplicates(self) -> dict[str, list[str]]:
        """Names written in several sections; the trainer takes the last."""
        return {key: where for key, where in self.sections.items() if len(where) > 1}

    def get(self, key: str, default: Any = None) -> Any:
        """Return one value as the trainer reads it."""
        return self._values.get(key, default)

    def set(self, key: str, value: Any) -> None:
        """Set a value where the trainer reads it; a new name goes to the last section."""
        if key in self._values and _same(self._values[key], value):
            return
        table = self._table_of(key)
        if key in table or not len(table):
            table[key] = value
        else:
            _append(table, key, value)
        self._changed()

    def unset(self, key: str) -> None:
        """Take a name away from every section that has it."""
        for section in self.sections.get(key, []):
            self._table(section).remove(key)
        self._changed()

    def replace(self, text: str) -> None:
        """Take another text as a whole; raises AppError and changes nothing when it is no TOML."""
        self._values, self._sections = flatten(parse(text, self.path))
        self._text, self._crlf, self._document = text, "\r\n" in text, None

    def text(self) -> str:
        """Return the file's text with all edits, comments and order kept."""
        return self._text

    def save(self, path: Path | None = None) -> None:
        """Write atomically; raises AppError kind "conflict" when the file changed meanwhile."""
        target = Path(path) if path else self.path
        if target is None:
            raise AppError("this config has no file yet", hint="name a file", kind="usage")
        if target == self.path and target.exists():
            self._require_unchanged(target)
        write_bytes(target, self._text.encode("utf-8"))
        self.path = target
        self._digest = _digest(self._text)

    def _require_unchanged(self, target: Path) -> None:
        if hashlib.sha256(target.read_bytes()).hexdigest() != self._digest:
            raise AppError(
                "was changed by another program meanwhile, nothing was written",
                file=target,
                hint="open it again, or save under another name",
                kind="conflict",
            )

    def _read(self) -> None:
        self._values, self._sections = flatten(parse(self._text, self.path))

    def _changed(self) -> None:
        text = self._doc().as_string()
        if self._crlf:
            text = text.replace("\r\n", "\n").replace("\n", "\r\n")
        self._text = text
        self._document = None
        self._read()

    def _doc(self) -> tomlkit.TOMLDocument:
        if self._document is None:
            import tomlkit
            import tomlkit.exceptions

            try:
                self._document = tomlkit.parse(self._text)
            except tomlkit.exceptions.TOMLKitError as error:
                raise _bad(f"cannot be edited: {error}", self.path) from error
        return self._document

    def _table_of(self, key: str) -> Any:
        where = self._sections.get(key)
        if where:
            return self._table(where[-1])
        tables = [name for name, value in self._doc().items() if isinstance(value, dict)]
        preferred = "training_arguments"
        return self._table(preferred if preferred in tables else (tables or [""])[-1])

    def _table(self, section: str) -> Any:
        return self._doc()[section] if section else self._doc()


def decode(data: bytes, path: Path | None = None) -> str:
    """Return the text of a config's bytes; raises AppError where the trainer would stop."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _bad("is UTF-16, the trainer reads UTF-8 only", path, "save it as UTF-8")
    if data.startswith(b"\xef\xbb\xbf"):
        raise _bad("begins with a byte-order mark", path, "save it as UTF-8 without BOM")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise _bad(f"is not UTF-8 (line {line})", path, "save it as UTF-8") from error


def parse(text: str, path: Path | None = None) -> dict[str, Any]:
    """Parse with the library that the trainer uses; raises AppError naming the line."""
    import toml

    try:
        return toml.loads(text)
    except _TOML_FAILURES as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise _bad(f"is not readable TOML: {reason}", path, "correct that line") from error


def flatten(data: dict[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Return values by name and the sections each name stands in.

    Method: sd-scripts train_util.py, read_config_from_file: one level of sections is dissolved,
    a later value replaces an earlier one.
    """
    values: dict[str, Any] = {}
    sections: dict[str, list[str]] = {}
    for name, entry in data.items():
        inner = entry if isinstance(entry, dict) else {name: entry}
        for key, value in inner.items():
            values[key] = value
            sections.setdefault(key, []).append(name if isinstance(entry, dict) else "")
    return values, sections


def _append(table: Any, key: str, value: Any) -> None:
    """Put a new name behind the last one, before the comments that close a section."""
    import tomlkit
    import tomlkit.items

    body = table if isinstance(table, tomlkit.TOMLDocument) else table.value
    plain = [
        name for name, entry in table.items() if not isinstance(entry, (dict, tomlkit.items.AoT))
    ]
    if plain:
        body._insert_after(plain[-1], key, tomlkit.item(value))
    else:
        table[key] = value


def _same(old: Any, new: Any) -> bool:
    return type(old) is type(new) and old == new


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _bad(message: str, path: Path | None, hint: str = "") -> AppError:
    return AppError(message, file=path or "", hint=hint, kind="bad_config")
