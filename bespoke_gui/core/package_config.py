"""The config as it travels in a package: paths where they will be, no secrets, comments kept."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath, PurePosixPath, PureWindowsPath

from bespoke_gui.core.config.compare import Change, compare_configs
from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.models.store import resolve_base
from bespoke_gui.core.package_layout import (
    CONFIG_NAME,
    DATA_NAME,
    MODELS,
    REG_NAME,
    WORKSPACE,
    safe_name,
)
from bespoke_gui.core.package_secrets import REMOVED, is_local_path, is_secret, without_secrets

DEFAULT_EXTENSION = ".caption"  # what the trainer looks for when nothing is said
_OUTPUTS = {"output_dir": "output", "logging_dir": "logs"}
# Secrets that the services' own libraries read on the machine, so that nothing need be written.
_ENVIRONMENT = {"huggingface_token": "HF_TOKEN", "wandb_api_key": "WANDB_API_KEY"}
_BASE = "pretrained_model_name_or_path"
_MODEL_KEYS = (_BASE, "vae", "network_weights", "base_weights", "resume")


@dataclass
class PackagedConfig:
    """A config ready to be packed.

    files: what it takes along, by name in the package; needed: files that must be copied to the
    machine by hand, as paths there; changes: keys that read differently now; problems: what a
    person should know about that.
    """

    config: TrainingConfig
    files: dict[str, Path] = field(default_factory=dict)
    needed: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


def packaged_config(
    config: TrainingConfig, top: str, extension: str, regularisation: bool
) -> PackagedConfig:
    """Return `config` as it must read below /workspace/`top`; the one given stays as it is.

    extension: how the packed captions end. Raises AppError for a config that a package
    cannot carry.
    """
    if config.get("dataset_config") is not None:
        raise AppError(
            "names a dataset_config, which a package cannot carry",
            file=config.path or "",
            hint="take dataset_config out: the package brings <N>_<name> folders",
            kind="bad_config",
        )
    made = PackagedConfig(TrainingConfig(config.text(), config.path))
    base = f"{WORKSPACE}/{top}"
    _take_secrets_out(made)
    _set_base(made.config)
    _set_folders(made.config, base, regularisation)
    _set_extension(made, extension)
    for key, value in made.config.values.items():
        if isinstance(value, str) and is_local_path(value):
            _replace_path(made, key, value, top)
        elif isinstance(value, list) and any(_is_path(entry) for entry in value):
            _replace_paths(made, key, value)
    _note_needed(made, base)
    _clean_comments(made)
    made.changes = [_told(change) for change in compare_configs(config, made.config).changes]
    return made


def _told(change: Change) -> Change:
    """A change without the secret it took away."""
    return replace(change, before=REMOVED) if is_secret(change.key, change.before) else change


def _is_path(value: object) -> bool:
    return isinstance(value, str) and is_local_path(value)


def _finding(code: str, severity: str, key: str, message: str, hint: str = "") -> Problem:
    return Problem(code, severity, message, CONFIG_NAME, hint, key)


def _take_secrets_out(made: PackagedConfig) -> None:
    for key, value in made.config.values.items():
        if is_secret(key, value):
            made.config.unset(key)
            name = _ENVIRONMENT.get(key)
            hint = f"on the machine: export {name}=..." if name else "give it on the machine"
            message = f"{key} was left out of the package: it holds a key or password"
            made.problems.append(_finding("secret_left_out", "warning", key, message, hint))


def _set_base(config: TrainingConfig) -> None:
    """A name of a base model on this computer says nothing on another one."""
    named = config.get(_BASE)
    if isinstance(named, str) and resolve_base(named) != named:
        config.set(_BASE, resolve_base(named))


def _set_folders(config: TrainingConfig, base: str, regularisation: bool) -> None:
    config.set("train_data_dir", f"{base}/{DATA_NAME}")
    if regularisation:
        config.set("reg_data_dir", f"{base}/{REG_NAME}")
    elif is_local_path(str(config.get("reg_data_dir") or "")):
        config.set("reg_data_dir", f"{base}/{REG_NAME}")  # judging says that nothing is there
    config.set("output_dir", f"{base}/{_OUTPUTS['output_dir']}")
    if config.get("logging_dir") is not None:
        config.set("logging_dir", f"{base}/{_OUTPUTS['logging_dir']}")


def caption_extension(config: TrainingConfig) -> str:
    """Return how the trainer expects captions to end; the old spelling wins over the right one."""
    old = config.get("caption_extention")
    return str(old or config.get("caption_extension") or DEFAULT_EXTENSION)


def _set_extension(made: PackagedConfig, extension: str) -> None:
    """The trainer looks for .caption files unless it is told otherwise."""
    before = caption_extension(made.config)
    if before == extension:
        return
    if made.config.get("caption_extention") is not None:
        made.config.unset("caption_extention")
    made.config.set("caption_extension", extension)
    was = f"the trainer would have looked for {before}"
    message = f'caption_extension is "{extension}" in the package, as the captions end ({was})'
    made.problems.append(_finding("extension_set", "info", "caption_extension", message))


def _replace_path(made: PackagedConfig, key: str, value: str, top: str) -> None:
    """Give a path of this machine the place where it will be, or leave it out."""
    if key not in option_table():
        made.config.unset(key)
        message = f"{key} was left out: it names a path of this machine"
        made.problems.append(_finding("path_left_out", "info", key, message))
    elif key == "sample_prompts" and file_of(made.config, value).is_file():
        name = safe_name(f"sample_prompts{file_of(made.config, value).suffix}")
        made.files[name] = file_of(made.config, value)
        made.config.set(key, f"{WORKSPACE}/{top}/{name}")
    else:
        made.config.set(key, _there(value))


def _replace_paths(made: PackagedConfig, key: str, values: list[object]) -> None:
    if key in option_table():
        made.config.set(key, [_there(str(v)) if _is_path(v) else v for v in values])
    else:
        made.config.unset(key)


def _there(value: str) -> str:
    """Where a file of this machine is to be copied to; only its name stays."""
    path: PurePath = PureWindowsPath(value) if "\\" in value else PurePosixPath(value)
    return f"{MODELS}/{safe_name(path.name or 'file')}"


def file_of(config: TrainingConfig, value: str) -> Path:
    """Return the file of this machine that a value of a config names."""
    path = Path(value).expanduser()
    return path if path.is_absolute() or config.path is None else config.path.parent / path


def _note_needed(made: PackagedConfig, base: str) -> None:
    """List the files that the package cannot bring: models, and what else the config names."""
    for key, value in made.config.values.items():
        for path in value if isinstance(value, list) else [value]:
            if not isinstance(path, str) or not path.startswith(f"{WORKSPACE}/"):
                continue
            if path.startswith(f"{base}/") or path in made.needed or key not in option_table():
                continue
            made.needed.append(path)
            message = f"{key} is a file that the package does not bring"
            hint = f"copy it to {path} on the machine before you start"
            severity = "warning" if key in _MODEL_KEYS or key == "sample_prompts" else "info"
            made.problems.append(_finding("needs_file", severity, key, message, hint))


def _clean_comments(made: PackagedConfig) -> None:
    text, done = without_secrets(made.config.text())
    if done:
        made.config = TrainingConfig(text, made.config.path)
        message = f"comments were shortened: {'; '.join(done[:5])}"
        made.problems.append(Problem("comment_shortened", "info", message, CONFIG_NAME))
