"""Names for base models, kept in the settings of this computer; the models stay where they are."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from bespoke_gui.core import settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.models.facts import ModelFacts, Progress, content_hash, facts_about, stamp
from bespoke_gui.core.runspec import EMBEDDED

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")


def known_models() -> dict[str, str]:
    """Return what every name stands for (folder, file or hub id), names in order."""
    kept = settings.load().models
    found = {
        name: str(entry.get("place", "")) for name, entry in kept.items() if isinstance(entry, dict)
    }
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
    kept = settings.load()
    old = kept.models.get(title)
    if isinstance(old, dict) and old.get("place") != place:
        raise AppError(
            f"the name {title!r} stands for {old.get('place')}",
            hint="choose another with --name, or remove that one first", kind="conflict",
        )  # fmt: skip
    kept.models[title] = {"place": place, "kind": facts.kind}
    settings.save(kept)
    return title, facts


def remove_model(name: str) -> str:
    """Forget a name; returns what it stood for. The model's files stay. AppError kind "usage"."""
    kept = settings.load()
    entry = kept.models.pop(name, None)
    if not isinstance(entry, dict):
        known = ", ".join(known_models()) or "none"
        raise AppError(f"there is no base model {name!r}", hint=f"known: {known}", kind="usage")
    settings.save(kept)
    return str(entry.get("place", ""))


def checked_hash(facts: ModelFacts, told: Progress | None = None) -> str:
    """Return the SHA-256 of the weights; remembered while no file of them changed."""
    if not facts.files:
        return ""
    kept = settings.load()
    now, name = stamp(facts), name_for(facts.place)
    entry: dict[str, Any] = kept.models.get(name) or {}
    if entry.get("stamp") == now:
        return str(entry.get("sha256", ""))
    found = content_hash(facts, told)
    kept = settings.load()  # hashing took a while: what was added meanwhile stays
    if name in kept.models:
        kept.models[name] |= {"stamp": now, "sha256": found}
        settings.save(kept)
    return found


def _in_hub(facts: ModelFacts, base: str) -> bool:
    return facts.layout == "folder" and not Path(base).expanduser().exists()


def _absolute(base: str) -> str:
    return str(Path(base).expanduser().absolute())


def _fit_name(name: str) -> str:
    if name == EMBEDDED or not _NAME.fullmatch(name):
        hint = 'letters, digits, spaces, dots, - and _; not "embedded"'
        raise AppError(f"{name!r} is no name for a base model", hint=hint, kind="usage")
    return name
