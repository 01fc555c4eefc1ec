"""Lines: cuts sd-scripts' output into lines, progress bars and log records.

Bars end in a carriage return; rich wraps log records at the width of the terminal (80 columns
where there is none) and sets them in columns, a record's text between its level and its source.
"""

from __future__ import annotations

import codecs
import re

SOURCE = re.compile(r"(?:^|\s+)[\w./-]+\.py:\d+\s*$")
RECORD = re.compile(
    r"(?:\d{4}-\d\d-\d\d \d\d:\d\d:\d\d| {19}) (DEBUG|INFO|WARNING|ERROR|CRITICAL) +"
)
INDENT = " " * 29
ESCAPES = re.compile(
    r"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|[\x00-\x08\x0b-\x1f]"
)
LONGEST = 100_000


class Lines:
    """Turns chunks of bytes, cut anywhere, into (level, text): level "" for what is no record."""

    def __init__(self) -> None:
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._rest = ""
        self._level = ""
        self._record: list[str] = []

    def feed(self, chunk: bytes, last: bool = False) -> list[tuple[str, str]]:
        """Return what `chunk` completes; with `last` also what was unfinished."""
        text = self._rest + self._decode(chunk, last)
        *whole, self._rest = re.split(r"[\r\n]", text)
        if last or len(self._rest) > LONGEST:
            whole.append(self._rest[:LONGEST])
            self._rest = ""
        found = [one for line in whole for one in self._line(ESCAPES.sub("", line[:LONGEST]))]
        return found + (self._flush() if last else [])

    def _line(self, line: str) -> list[tuple[str, str]]:
        start = RECORD.search(line)
        if start:
            before = line[: start.start()]
            done = self._flush() + ([("", before)] if before.strip() else [])
            self._level = start.group(1)
            self._record = [SOURCE.sub("", line[start.end() :]).strip()]
            return done
        if self._record and line.startswith(INDENT) and line.strip():
            self._record.append(SOURCE.sub("", line).strip())
            return []
        return self._flush() + ([("", line.rstrip())] if line.strip() else [])

    def _flush(self) -> list[tuple[str, str]]:
        if not self._record:
            return []
        found = (self._level, " ".join(part for part in self._record if part))
        self._record = []
        return [found]
