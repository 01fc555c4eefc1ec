"""Settings of the person at this computer: one JSON file, unknown keys kept, never a secret."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json

THEMES = ("system", "light", "dark")
RECENT = 10


@dataclass
class Settings:
    """What is remembered between starts. `other` keeps the keys of newer versions.

    cell_size: edge of a thumbnail in pixels, a multiple of 96. engine_python: the interpreter that
    has torch; empty means it is looked for. geometry: the window's place, as Qt encodes it.
    autosave: captions are saved by themselves after a pause.
    sd_scripts: the folder of a kohya-ss/sd-scripts checkout; "" for none.
    suggest: how captioning models are asked (`core.suggest.options`), never a key.
    runpod: what to rent where nothing else is said (`launch.runpod.wish`), never a key.
    """

    recent: list[str] = field(default_factory=list)
    theme: str = "system"
    engine_python: str = ""
    cell_size: int = 96
    geometry: str = ""
    autosave: bool = True
    sd_scripts: str = ""
    suggest: dict[str, Any] = field(default_factory=dict)
    runpod: dict[str, Any] = field(default_factory=dict)
    other: dict[str, Any] = field(default_factory=dict)

    def remember(self, project: Path) -> None:
        """Put a project folder on top of the list of recent ones."""
        path = str(Path(project).absolute())
        self.recent = [path, *(old for old in self.recent if old != path)][:RECENT]


def home() -> Path:
    """Return the folder of settings: $BESPOKE_HOME, or the platform's usual place."""
    chosen = os.environ.get("BESPOKE_HOME")
    if chosen:
        return Path(chosen)
    import platformdirs

    return Path(platformdirs.user_config_dir("bespoke", appauthor=False))


def settings_path() -> Path:
    """Return where the settings are kept."""
    return home() / "settings.json"


def load() -> Settings:
    """Read the settings; what is missing or broken gets its default, and never stops a start."""
    try:
        data = json.loads(settings_path().read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return Settings()
    return _from_dict(data) if isinstance(data, dict) else Settings()


def save(settings: Settings) -> None:
    """Write the settings atomically; an unreadable file is kept beside them as `.broken`."""
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    _keep_broken(path)
    data = asdict(settings)
    other = data.pop("other")
    write_json(path, {**other, **data})


def _from_dict(data: dict[str, Any]) -> Settings:
    settings = Settings()
    for item in fields(Settings):
        if item.name != "other" and item.name in data:
            _take(settings, item.name, data.pop(item.name))
    settings.other = data
    return settings


def _take(settings: Settings, name: str, value: Any) -> None:
    """Take a value of the right kind; anything else leaves the default."""
    default = getattr(settings, name)
    if type(value) is not type(default):
        return
    if name == "recent":
        value = [entry for entry in value if isinstance(entry, str)]
    if name == "theme" and value not in THEMES:
        return
    if type(value) is int and value < 96:
        return
    setattr(settings, name, value)


def _keep_broken(path: Path) -> None:
    with contextlib.suppress(OSError):
        try:
            json.loads(path.read_text(encoding="utf-8"))
        except (ValueError, RecursionError):
            path.replace(path.with_suffix(".broken"))
