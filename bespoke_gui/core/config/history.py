"""History of configs: every text a config had, kept in the project's .bespoke/history.sqlite."""

from __future__ import annotations

from pathlib import Path

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History, Version
from bespoke_gui.core.project import is_project

FOUND = "found on disk"


def history_folder(path: Path) -> Path:
    """Return the folder whose history keeps a config: its project, else the folder it lies in."""
    folder = Path(path).absolute().parent
    return next((up for up in (folder, *folder.parents) if is_project(up)), folder)


def history_name(path: Path) -> str:
    """Return the name under which a config's texts are kept; its suffix does not count."""
    return f"configs/{Path(path).name}"


def config_versions(path: Path) -> list[Version]:
    """Return the texts that a config had, the newest first; [] where nothing was kept.

    Each has `text`, `created` (ISO 8601, UTC) and `source` ("config form", "raw editor" ...).
    Nothing is created for a look.
    """
    folder = history_folder(path)
    if not (folder / ".bespoke" / "history.sqlite").is_file():
        return []
    with History(folder) as history:
        return history.texts(history_name(path))


def config_version(path: Path, number: int) -> Version:
    """Return one version, 1 being the newest; raises AppError (kind "usage") if there is none."""
    found = config_versions(path)
    if not 1 <= number <= len(found):
        hint = f"there are {len(found)}" if found else "it was never saved by Bespoke"
        raise AppError(f"has no version {number}", file=path, hint=hint, kind="usage")
    return found[number - 1]


def save_config(config: TrainingConfig, path: Path | None = None, source: str = "edit") -> None:
    """Write a config atomically, and keep the text that the file had and the one it has now.

    Raises AppError: kind "conflict" when another program changed the file meanwhile.
    """
    target = path or config.path
    if target is None:
        raise AppError("this config has no file yet", hint="name a file", kind="usage")
    with History(history_folder(target)) as history:
        before = _text_on_disk(Path(target))
        if before:
            history.record(history_name(target), before, FOUND)
        config.save(target)
        history.record(history_name(target), config.text(), source)


def restore_config(path: Path, number: int) -> TrainingConfig:
    """Bring an earlier version back (1 is the newest); today's text stays in the history."""
    version = config_version(path, number)
    config = TrainingConfig(version.text)
    save_config(config, path, f"restored from {version.created[:19]}")
    return config


def _text_on_disk(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError):
        return None
