"""Which image a row means: by name, by name without suffix, or by a stem only one image has."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import PurePosixPath

from bespoke_gui.core.dataset import folder_repeats
from bespoke_gui.core.exchange.base import Row, Table

_DRIVE = re.compile(r"[A-Za-z]:")


def match(
    table: Table, names: Iterable[str], aliases: Mapping[str, str] | None = None
) -> dict[str, Row]:
    """Return the row for each name that has one; rows that mean none are problems of the table.

    aliases: other names that the format gives to images. A row never leads out of the set: it
    only ever chooses among `names`.
    """
    index = _Index(names, aliases or {})
    found: dict[str, Row] = {}
    for row in table.rows:
        reason = _unsafe(row.file)
        name = None if reason else index.find(row.file)
        if reason:
            table.bad(f"names {row.file!r}, {reason}", row.where, "name images inside the set")
        elif name is None:
            table.bad(f"names {row.file}, and there is no such image", row.where, "", "warning")
        elif name in found:
            if found[name].text != row.text:
                message = f"tells {name} a second time, and otherwise; the first one counts"
                table.bad(message, row.where, "keep one of them")
        else:
            found[name] = row
    return found


def _unsafe(file: str) -> str:
    parts = PurePosixPath(file.replace("\\", "/")).parts
    if "\0" in file or not file.strip():
        return "which is no name"
    if file.replace("\\", "/").startswith("/") or _DRIVE.match(file):
        return "an absolute path"
    return "which leads out of the set" if ".." in parts else ""


class _Index:
    def __init__(self, names: Iterable[str], aliases: Mapping[str, str]) -> None:
        self._exact: dict[str, str] = {}
        self._stems: dict[str, list[str]] = defaultdict(list)
        for name in names:
            self._exact[name] = name
            self._stems[_stem(name).rpartition("/")[2]].append(name)
        self._paths = {_stem(name): name for name in reversed(list(self._exact))}
        self._paths |= {_stem(alias): name for alias, name in aliases.items()}

    def find(self, file: str) -> str | None:
        path = str(PurePosixPath(file.replace("\\", "/")))
        for candidate in (path, _without_repeats(path)):
            found = self._exact.get(candidate) or self._paths.get(_stem(candidate))
            if found:
                return found
            # A name with a dot in it may have no suffix to leave out.
            if candidate in self._paths:
                return self._paths[candidate]
        same = self._stems.get(_stem(path).rpartition("/")[2], [])
        return same[0] if len({_stem(name) for name in same}) == 1 else None


def _without_repeats(path: str) -> str:
    first, slash, rest = path.partition("/")
    return rest if slash and folder_repeats(first) else path


def _stem(name: str) -> str:
    return str(PurePosixPath(name).with_suffix("")) if PurePosixPath(name).name else name
