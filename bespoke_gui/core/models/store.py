"""Names for base models, in models.json beside the settings; the models stay where they are."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bespoke_gui.core import settings
from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.filelock import locked
from bespoke_gui.core.models.facts import ModelFacts, Progress, content_hash, facts_about, stamp
from bespoke_gui.core.runspec import EMBEDDED

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


def known_models() -> dict[str, str]:
    """Return what every name stands for (folder, file or hub id), names in order."""
    found = {name: str(entry.get("place", "")) for name, entry in _read().items()}
    return {name: found[name] for name in sorted(found, key=str.casefold) if found[name]}


def resolve_base(base: str) -> str:
    """Return the folder, file or hub id that a name stands for; anything else as it is."""
    return known_models().get(base, base) if base != EMBEDDED else base


def name_for(base: str) -> str:
    """Return the name of a folder, file or hub id, or the text itself where it has none."""
    return next((name for name, place in known_models().items() if place == base), base)


def add_model(base: str, name: str = "") -> tuple[str, ModelFacts]:
    """Keep a base model under a name ("": its file's); returns the name and what it is.

    Raises AppError when it is missing, a pickle or cannot be trained on, and kind "conflict"
    when the name stands for another model.
    """
    facts = facts_about(base)
    error = next((item for item in facts.problems if item.severity == "error"), None)
    if error:
        raise AppError(error.message, file=error.file, hint=error.hint, kind="missing_model")
    place = base if facts.layout == "hub" or _in_hub(facts, base) else _absolute(base)
    title = _fit_name(name or Path(base).stem)
    with _edit() as kept:
        old = kept.get(title, {}).get("place", place)
        if old != place:
            hint = "choose another with --name, or remove that one first"
            message = f"the name {title!r} stands for {old}"
            raise AppError(message, hint=hint, kind="conflict")
        kept[title] = {"place": place, "kind": facts.kind}
    return title, facts


def remove_model(name: str) -> str:
    """Forget a name; returns what it stood for. The model's files stay. AppError kind "usage"."""
    with _edit() as kept:
        if name not in kept:
            known = ", ".join(kept) or "none"
            raise AppError(f"there is no base model {name!r}", hint=f"known: {known}", kind="usage")
        return str(kept.pop(name).get("place", ""))


def checked_hash(facts: ModelFacts, told: Progress | None = None) -> str:
    """Return the SHA-256 of the weights; remembered while no file of them changed."""
    if not facts.files:
        return ""
    now, name = stamp(facts), name_for(facts.place)
    entry = _read().get(name, {})
    if entry.get("stamp") == now:
        return str(entry.get("sha256", ""))
    found = content_hash(facts, told)
    with _edit() as kept:
        if name in kept:
            kept[name] |= {"stamp": now, "sha256": found}
    return found


def _path() -> Path:
    return settings.home() / "models.json"


def _read() -> dict[str, dict[str, Any]]:
    """What is kept; entries that make no sense are passed over, and so is a broken file."""
    try:
        data = json.loads(_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    entries = data.get("models") if isinstance(data, dict) else None
    if not isinstance(entries, dict):
        return {}
    return {name: entry for name, entry in entries.items() if isinstance(entry, dict)}


@contextlib.contextmanager
def _edit() -> Iterator[dict[str, dict[str, Any]]]:
    """Yield what is kept to change; written when the block ends well and something changed."""
    with locked(_path().with_suffix(".lock")):
        before, kept = _read(), _read()
        yield kept
        if kept != before:
            write_json(_path(), {"models": kept})


def _in_hub(facts: ModelFacts, base: str) -> bool:
    return facts.layout == "folder" and not Path(base).expanduser().exists()


def _absolute(base: str) -> str:
    return str(Path(base).expanduser().absolute())


def _fit_name(name: str) -> str:
    if name == EMBEDDED or not _NAME.fullmatch(name):
        hint = 'letters, digits, spaces, dots, - and _; not "embedded"'
        raise AppError(f"{name!r} is no name for a base model", hint=hint, kind="usage")
    return name
