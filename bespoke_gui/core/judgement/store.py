"""reviews.json of a gallery: read whole, changed step by step, never over another's change."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_bytes
from bespoke_gui.core.errors import AppError

REVIEWS = "reviews.json"
SCHEMA = 1
TRIES = 50
_LOCK = threading.Lock()

Data = dict[str, Any]


class _ChangedError(Exception):
    """The file was changed by another program between reading and writing."""


def read(folder: Path) -> Data:
    """Return the content of reviews.json, {} when there is none.

    Raises AppError when it is broken: it is then left as it is.
    """
    return _parse(Path(folder) / REVIEWS, _bytes(Path(folder) / REVIEWS))


def change(folder: Path, edit: Callable[[Data], Data]) -> Data:
    """Write what `edit` makes of the content, and return it.

    When another window or program wrote meanwhile, its change is read and `edit` is asked again,
    so that neither is lost. Raises AppError when the file is broken or cannot be written.
    """
    path = Path(folder) / REVIEWS
    with _LOCK:
        for _ in range(TRIES):
            before = _bytes(path)
            data = {"schema": SCHEMA, **edit(_parse(path, before))}
            text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
            try:
                write_bytes(path, text.encode("utf-8"), lambda b=before: _require_same(path, b))
            except _ChangedError:
                continue
            return data
    hint = "close the other program and try again"
    raise AppError("is changed by another program all the time", file=path, hint=hint)


def _require_same(path: Path, before: bytes | None) -> None:
    if _bytes(path) != before:
        raise _ChangedError


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise broken(path, str(error.strerror)) from error


def _parse(path: Path, data: bytes | None) -> Data:
    if data is None:
        return {}
    try:
        found = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise broken(path, str(error)) from error
    if not isinstance(found, dict):
        raise broken(path, "it holds no table")
    schema = found.get("schema", SCHEMA)
    if not isinstance(schema, int) or schema > SCHEMA:
        raise broken(path, "it was written by a newer Bespoke")
    return found


def broken(path: Path, reason: str) -> AppError:
    """Return what to say about a reviews.json that cannot be used."""
    hint = "mend the file, or move it away to start reviews anew"
    return AppError(f"cannot be used: {reason}", file=path, hint=hint)
