"""Manifest: which files the remote run has finished, as it says; names and sizes are checked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from bespoke_gui.launch.remote.clean import safe_path

MOST_FILES = 20_000
MOST_BYTES = 2**40
LONGEST_LINE = 16 * 1024
SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Entry:
    """One finished file: its path in the run folder, bytes, and SHA-256 in hexadecimal."""

    name: str
    size: int
    sha256: str


@dataclass
class Manifest:
    """manifest.jsonl as far as it was read. `files` are those that are still there, the last line
    of a name counting; `refused` says what was left out; `gone` are those removed again."""

    files: dict[str, Entry] = field(default_factory=dict)
    gone: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)
    offset: int = 0
    _rest: bytes = b""
    _cases: dict[str, str] = field(default_factory=dict)

    def restart(self) -> int:
        """Forget an unfinished line, for a new connection; return where to read from."""
        self._rest = b""
        return self.offset

    def take(self, chunk: bytes) -> list[str]:
        """Read on; return the words about lines that were refused."""
        before = len(self.refused)
        *whole, self._rest = (self._rest + chunk).split(b"\n")
        self.offset += sum(len(line) + 1 for line in whole)
        for line in whole:
            if line.strip():
                self._line(line)
        if len(self._rest) > LONGEST_LINE:
            self.offset += len(self._rest)
            self._rest = b""
            self.refused.append("a line of the manifest that does not end")
        return self.refused[before:]

    def _line(self, line: bytes) -> None:
        try:
            data: Any = json.loads(line) if len(line) <= LONGEST_LINE else None
        except (ValueError, RecursionError):
            data = None
        name = safe_path(data.get("name")) if isinstance(data, dict) else ""
        if not isinstance(data, dict) or not name:
            self._refuse(data)
        elif data.get("gone") is True:
            self.gone.add(name)
            self.files.pop(name, None)
        else:
            self._add(name, data)

    def _add(self, name: str, data: dict[str, Any]) -> None:
        size, digest = data.get("size"), data.get("sha256")
        good = isinstance(size, int) and not isinstance(size, bool) and 0 <= size <= MOST_BYTES
        known = self._cases.setdefault(name.casefold(), name)
        if not good or not isinstance(digest, str) or not SHA256.fullmatch(digest):
            self._refuse(data)
        elif known != name or len(self._cases) > MOST_FILES:
            # Two names that differ in case are one file on many systems.
            self._refuse(data)
        else:
            self.gone.discard(name)
            self.files[name] = Entry(name, int(data["size"]), digest)

    def _refuse(self, data: object) -> None:
        if len(self.refused) > MOST_FILES:
            return
        name = data.get("name") if isinstance(data, dict) else None
        shown = repr(name)[:120] if isinstance(name, str) else "that makes no sense"
        self.refused.append(f"a line of the manifest {shown}")
