"""Which captions did another program change? Asked of the file system first, then of the bytes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from bespoke_gui.core import captions as files
from bespoke_gui.core.captions import Caption

# A change this shortly after a look may leave the same time stamp: the bytes are read once more.
FRESH_S = 0.1
SKEW_S = 2.0


class _Stamp(NamedTuple):
    """What tells a file from its later self without reading it."""

    modified: int
    changed: int
    size: int
    number: int


class DiskWatch:
    """Remembers how the files of captions looked, so that only touched ones are read again.

    `read_at` is the time (seconds since 1970) at which reading of the captions began: files
    untouched since then need not be read at the first look. One thread at a time.
    """

    def __init__(self, read_at: float = 0.0) -> None:
        self._read_at = read_at
        self._seen: dict[Path, tuple[_Stamp | None, str | None]] = {}
        self._doubtful: dict[Path, _Stamp | None] = {}

    @property
    def is_unsure(self) -> bool:
        """Whether a file was found empty or gone: a program may be just about to write it."""
        return bool(self._doubtful)

    def changed(self, known: Mapping[str, Caption]) -> dict[str, Caption]:
        """Return the captions whose file is no longer the one in `known`, as they are now.

        A file that is empty or gone all of a sudden is reported when it still is at the next
        look; one that cannot be read, or whose folder is away, is not reported.
        """
        doubtful, self._doubtful = self._doubtful, {}
        found = {}
        for name, caption in known.items():
            if caption.unreadable or not self._is_touched(caption):
                continue
            now = files.read_safely(caption.path)
            if now.unreadable or now.digest == caption.digest:
                continue
            if self._is_doubtful(caption, now, doubtful):
                continue
            found[name] = now
        return found

    def _is_touched(self, caption: Caption) -> bool:
        stamp = _stamp(caption.path)
        seen = self._seen.get(caption.path)
        if seen is not None and seen[0] == stamp:
            return seen[1] != caption.digest
        if seen is None and self._is_old(stamp, caption):
            self._remember(caption.path, stamp, caption.digest)
            return False
        now = files.read_safely(caption.path)
        self._remember(caption.path, stamp, now.digest)
        return now.digest != caption.digest

    def _is_old(self, stamp: _Stamp | None, caption: Caption) -> bool:
        if stamp is None:
            return caption.missing
        latest = max(stamp.modified, stamp.changed) / 1e9
        return not caption.missing and latest < self._read_at - SKEW_S

    def _remember(self, path: Path, stamp: _Stamp | None, digest: str | None) -> None:
        if stamp is not None and time.time() - stamp.modified / 1e9 < FRESH_S:
            self._seen.pop(path, None)
        else:
            self._seen[path] = (stamp, digest)

    def _is_doubtful(
        self, before: Caption, now: Caption, doubtful: Mapping[Path, _Stamp | None]
    ) -> bool:
        if now.text or not before.text:
            return False
        path = before.path
        if now.missing and not path.parent.is_dir():
            return True
        stamp = _stamp(path)
        if path in doubtful and doubtful[path] == stamp:
            return False
        self._doubtful[path] = stamp
        return True


def _stamp(path: Path) -> _Stamp | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return _Stamp(found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino)
