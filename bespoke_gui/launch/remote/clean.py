"""Clean: what a remote machine says, made harmless: known events, bounded texts, safe paths.

Nothing here trusts the other side: it may be broken, or not the machine that it seems to be.
"""

from __future__ import annotations

import json
import math
import re
import time
from typing import Any

from bespoke_gui.core.events import KINDS
from bespoke_gui.core.terminal_text import HIDDEN, plain

LONGEST_TEXT = 4000
MOST_ITEMS = 64
DEEPEST = 3
OWN_KINDS = ("fetched",)
"""Events that only this computer may write."""
PLACES = ("outputs", "state")
"""Folders of a run whose files come here."""

_FORBIDDEN = re.compile('[\x00-\x1f\x7f-\x9f<>:"|?*\\\\]')
_DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\..*)?", re.IGNORECASE)
_WHOLE = ("step", "total", "epoch", "epochs", "size", "pid", "protocol")
_NUMBERS = ("loss", "lr", "images_per_s", "eta_s")
_TEXTS = (
    "name", "text", "message", "hint", "kind", "outcome", "level", "engine", "sha256", "prompt",
)  # fmt: skip
_LEVELS = ("info", "warning", "error")


def clean_line(line: bytes, folder: str = "") -> dict[str, Any]:
    """Return the event of one remote line, with "event" and "time"; what is none becomes a log.

    Paths come back relative to the run folder, whose remote place is `folder`.
    """
    text = line.decode("utf-8", "replace")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return _log(text)
    if not isinstance(data, dict) or not _known(data.get("event")):
        return _log(text)
    stamp = data.pop("time", None)
    found = {"event": data.pop("event"), "time": _time(stamp), **_fields(data, folder)}
    if "path" in data and "path" not in found:
        return _log(f"an event with the path {data['path']!r} was left out", "warning")
    return found


def clean_text(text: str, longest: int = LONGEST_TEXT) -> str:
    """Return a text without terminal sequences and hidden signs, cut at `longest`."""
    # Cut first: patterns need not run over what nobody will see.
    kept = plain(text[: 2 * longest])
    return kept if len(kept) <= longest else kept[: longest - 1] + "…"


def safe_path(path: object, folder: str = "") -> str:
    """Return a path inside outputs/ or state/, relative to the run folder; "" for any other.

    Refused are also names that some system cannot have, so that a run can be copied anywhere.
    """
    if not isinstance(path, str) or len(path) > 1000:
        return ""
    if folder and path.startswith(f"{folder}/"):
        path = path[len(folder) + 1 :]
    parts = path.split("/")
    good = len(parts) > 1 and parts[0] in PLACES and all(_safe_name(part) for part in parts)
    return path if good else ""


def _safe_name(name: str) -> bool:
    if not name or name.startswith(".") or name[-1] in ". " or name.endswith(".part"):
        return False
    if len(name.encode("utf-8", "replace")) > 200 or HIDDEN.search(name):
        return False
    return not _FORBIDDEN.search(name) and not _DEVICE.fullmatch(name)


def _known(kind: object) -> bool:
    return isinstance(kind, str) and kind in KINDS and kind not in OWN_KINDS


def _fields(data: dict[str, Any], folder: str) -> dict[str, Any]:
    """The fields of an event that have the right kind of value."""
    found = {}
    for key, value in list(data.items())[:MOST_ITEMS]:
        name = clean_text(key, 100)
        kept = _field(name, value, folder) if name not in ("event", "at", "time") else None
        if kept is not None:
            found[name] = kept
    return found


def _field(name: str, value: Any, folder: str) -> Any:
    if name == "path":
        return safe_path(value, folder) or None
    if name in _WHOLE:
        return _whole(value)
    if name in _NUMBERS:
        return value if _number(value) else None
    if name == "level":
        return value if value in _LEVELS else "info"
    if name in _TEXTS:
        return clean_text(value) if isinstance(value, str) else None
    return _value(value)


def _value(value: Any, deep: int = 0) -> Any:
    """Any other value: bounded in length, number of items and depth; None for what is not."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, bool) or _number(value):
        return value
    if deep >= DEEPEST:
        return None
    if isinstance(value, list):
        return [_value(item, deep + 1) for item in value[:MOST_ITEMS]]
    if isinstance(value, dict):
        items = list(value.items())[:MOST_ITEMS]
        return {clean_text(key, 100): _value(item, deep + 1) for key, item in items}
    return None


def _number(value: object) -> bool:
    return (
        isinstance(value, (int, float))
        and not isinstance(value, bool)
        and abs(value) < 1e18
        and math.isfinite(value)
    )


def _whole(value: object) -> int | None:
    if not _number(value) or not isinstance(value, (int, float)) or value != int(value):
        return None
    return int(value)


def _time(stamp: object) -> float:
    return float(stamp) if _number(stamp) and isinstance(stamp, (int, float)) else time.time()


def _log(text: str, level: str = "info") -> dict[str, Any]:
    return {"event": "log", "time": round(time.time(), 3), "level": level,
            "text": clean_text(text)}  # fmt: skip
