"""Kept answers: each is on disk before anybody sees it, so that none is paid for twice."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_error
from bespoke_gui.core.suggest.answer import Answer
from bespoke_gui.core.suggest.options import LOCAL, SuggestOptions

ACCEPTED, DISMISSED = "accepted", "dismissed"


@dataclass(frozen=True)
class Kept:
    """An answer as it is kept. key: what was asked (`key_of`); fate: "", accepted or dismissed."""

    key: str
    name: str
    text: str
    note: str = ""
    model: str = ""
    time: float = 0.0
    fate: str = ""

    @property
    def answer(self) -> Answer:
        """The answer itself."""
        return Answer(self.text, self.note)


class Answers:
    """The answers of one project or dataset folder, in `.bespoke/suggestions.jsonl`.

    Appended and flushed to disk one by one, from any thread. Deleting the file loses suggestions,
    never a caption.
    """

    def __init__(self, folder: Path) -> None:
        self.path = Path(folder) / ".bespoke" / "suggestions.jsonl"
        self._lock = threading.Lock()
        self._by_key: dict[str, Kept] = {}
        self._by_name: dict[str, Kept] = {}
        for entry in _entries(self.path):
            self._take(entry)

    def require_writable(self) -> None:
        """Raise AppError when answers cannot be kept here: better before they are paid for."""
        self._append(b"")

    def find(self, key: str) -> Answer | None:
        """Return the answer to exactly this question, unless it was dismissed."""
        found = self._by_key.get(key)
        return None if found is None or found.fate == DISMISSED else found.answer

    def in_caption(self, name: str, key: str, caption: str) -> Answer | None:
        """Return the accepted answer that a caption is now, if it came from the same asking.

        The question itself is another one then, since it tells the caption; it need not be paid
        for again.
        """
        kept = self._by_name.get(name)
        if kept is None or kept.fate != ACCEPTED or kept.text != caption:
            return None
        return kept.answer if _asking(kept.key) == _asking(key) else None

    def knows(self, key: str) -> bool:
        """Whether this question was ever answered, whatever became of the answer."""
        return key in self._by_key

    def pending(self) -> dict[str, Kept]:
        """Return the newest answer for each image that was neither accepted nor dismissed."""
        with self._lock:
            return {name: kept for name, kept in self._by_name.items() if not kept.fate}

    def keep(self, key: str, name: str, answer: Answer, model: str = "") -> None:
        """Keep an answer. Raises AppError when it cannot be written; it is then still in memory."""
        kept = Kept(key, name, answer.text, answer.note, model, round(time.time(), 3))
        with self._lock:
            self._by_key[key] = self._by_name[name] = kept
        self._append(_line(asdict(kept)))

    def offer(self, key: str, name: str) -> None:
        """Make a kept answer pending again: the same question was asked anew."""
        kept = self._by_key.get(key)
        if kept is not None and (self._by_name.get(name) != kept or kept.fate):
            self.keep(key, name, kept.answer, kept.model)

    def close(self, names: Iterable[str], fate: str) -> None:
        """Note that answers were accepted or dismissed; an empty fate makes them pending again."""
        entries = []
        with self._lock:
            for name in names:
                kept = self._by_name.get(name)
                if kept is not None and kept.fate != fate:
                    entries.append({"key": kept.key, "name": name, "fate": fate})
                    self._take(entries[-1])
        if entries:
            self._append(b"".join(map(_line, entries)))

    def _take(self, entry: dict[str, Any]) -> None:
        key, name = entry["key"], entry["name"]
        old = self._by_key.get(key)
        if "text" in entry:
            self._by_key[key] = self._by_name[name] = _kept(entry)
        elif old is not None:
            closed = Kept(**{**asdict(old), "fate": str(entry.get("fate", ""))})
            self._by_key[key] = closed
            if self._by_name.get(name, old).key == key:
                self._by_name[name] = closed

    def _append(self, line: bytes) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock, self.path.open("ab+") as file:
                # A line that a crash cut off must not swallow the next one.
                if line and file.tell() and _last_byte(file) != b"\n":
                    line = b"\n" + line
                file.write(line)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise write_error(self.path, error) from error


def key_of(image: Path, prompt: str, options: SuggestOptions) -> str:
    """Return what tells one question from another: picture, words, model and how it is asked.

    Behind the dot is what stays the same when only the caption in the words is another one.
    Raises AppError when the image cannot be read.
    """
    from bespoke_gui.core.imagefile import read_bytes

    digest = hashlib.sha256(read_bytes(image)).hexdigest()
    who = [options.folder] if options.source == LOCAL else [options.base_url, options.model]
    how = [options.image, options.max_tokens, options.temperature]
    parts = (json.dumps([digest, words, who, how]).encode() for words in (prompt, options.prompt))
    return ".".join(hashlib.sha256(part).hexdigest()[:32] for part in parts)


def _asking(key: str) -> str:
    return key.partition(".")[2] or key


def _entries(path: Path) -> list[dict[str, Any]]:
    """Return the whole lines; what a crash or another program broke is passed over."""
    try:
        lines = path.read_bytes().split(b"\n")
    except OSError:
        return []
    return [entry for entry in map(_parsed, lines) if entry is not None]


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    words = ("key", "name") if isinstance(entry, dict) else ()
    good = bool(words) and all(isinstance(entry.get(word), str) for word in words)
    return entry if good and isinstance(entry.get("text", ""), str) else None


def _kept(entry: dict[str, Any]) -> Kept:
    stamp = entry.get("time")
    words = {name: str(entry.get(name, "")) for name in ("key", "name", "text", "note", "model")}
    return Kept(**words, time=float(stamp) if isinstance(stamp, (int, float)) else 0.0)


def _last_byte(file: Any) -> bytes:
    file.seek(-1, os.SEEK_END)
    return file.read(1)


def _line(entry: dict[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n"
