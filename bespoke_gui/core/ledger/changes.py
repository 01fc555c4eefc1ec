"""What changed between two runs, and whether any one thing can be named as the cause."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.config.compare import compare_texts
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.ledger.inputs import Inputs, read_inputs
from bespoke_gui.core.runs import RunInfo, read_run

SIZE = "resolution and buckets"
_SIZE_KEYS = frozenset({
    "resolution", "enable_bucket", "min_bucket_reso", "max_bucket_reso", "bucket_reso_steps",
    "bucket_no_upscale", "resize_interpolation",
})  # fmt: skip
_NO_CAUSE = frozenset({
    "output_dir", "output_name", "logging_dir", "log_prefix", "log_with", "train_data_dir",
    "reg_data_dir", "pretrained_model_name_or_path", "training_comment", "save_every_n_epochs",
    "save_every_n_steps", "save_state", "save_last_n_epochs", "sample_every_n_epochs",
    "sample_every_n_steps", "sample_prompts", "sample_sampler", "max_data_loader_n_workers",
    "persistent_data_loader_workers", "cache_latents", "cache_latents_to_disk", "xformers", "sdpa",
    "console_log_level", "console_log_simple", "dataset_config", "config_file",
})  # fmt: skip


@dataclass
class Parts:
    """One kind of input of two runs; lists of names."""

    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many differ."""
        return len(self.added) + len(self.removed) + len(self.changed)


@dataclass
class RunChanges:
    """From run `before` to run `after`. captions and images: None where it was not recorded.

    config: keys that make the trainer do something else, as (key, before, after); idle: those
    that do not. causes: what could explain a difference, one word each; warning: "" when at most
    one thing changed, else that no cause can be named.
    """

    before: str
    after: str
    captions: Parts | None
    images: Parts | None
    config: list[tuple[str, Any, Any]] = field(default_factory=list)
    idle: list[str] = field(default_factory=list)
    other: list[tuple[str, Any, Any]] = field(default_factory=list)
    causes: list[str] = field(default_factory=list)
    warning: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the JSON form."""
        return asdict(self)


def run_changes(before: Path, after: Path) -> RunChanges:
    """Return what changed between two run folders; raises AppError when one holds no run."""
    first, second = read_run(before), read_run(after)
    one, two = read_inputs(before), read_inputs(after)
    found = RunChanges(first.run, second.run, None, None)
    if one and two:
        found.captions = _parts(one.captions, two.captions)
        found.images = _parts(one.images, two.images)
    _config(found, first, second)
    for name in ("base", "engine"):
        _other(found, name, first.spec.get(name), second.spec.get(name))
    if one and two:
        _shown(found, one, two)
    found.causes = _causes(found)
    found.warning = _warning(found)
    return found


def _parts(before: Mapping[str, str], after: Mapping[str, str]) -> Parts:
    return Parts(
        [name for name in after if name not in before],
        [name for name in before if name not in after],
        [name for name in before if name in after and before[name] != after[name]],
    )


def _other(found: RunChanges, name: str, before: Any, after: Any) -> None:
    if before != after:
        found.other.append((name, before, after))


def _shown(found: RunChanges, one: Inputs, two: Inputs) -> None:
    """How often images are shown in an epoch; the folders' names do not matter."""
    times = [sorted(inputs.repeats.values()) for inputs in (one, two)]
    _other(found, "repeats", times[0], times[1])


def _config(found: RunChanges, first: RunInfo, second: RunInfo) -> None:
    """Compare configs as the trainer reads them, or by their values where a text is missing."""
    texts = [_text(run) for run in (first, second)]
    try:
        changes = compare_texts(*texts).changes if all(texts) else None
    except AppError:
        changes = None
    if changes is None:
        one, two = (dict(run.spec.get("config") or {}) for run in (first, second))
        for key in {**one, **two}:
            if one.get(key) != two.get(key) and key not in _NO_CAUSE:
                found.config.append((key, one.get(key), two.get(key)))
        return
    for change in changes:
        if change.key in _NO_CAUSE or not change.counts:
            found.idle.append(change.key)
        else:
            found.config.append((change.key, change.before, change.after))


def _text(run: RunInfo) -> str:
    try:
        return (run.folder / "config.toml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _causes(found: RunChanges) -> list[str]:
    """Each thing that could explain a difference; settings of size go together as one.

    Images that are other files of the same names are the size's doing where the size changed.
    """
    keys = [key for key, _, _ in found.config]
    causes = [key for key in keys if key not in _SIZE_KEYS]
    sized = any(key in _SIZE_KEYS for key in keys)
    if sized:
        causes.append(SIZE)
    images = found.images
    if images and (images.added or images.removed or (images.changed and not sized)):
        causes.append("images")
    if found.captions and found.captions.changed:
        causes.append("captions")
    return [*causes, *(name for name, _, _ in found.other)]


def _warning(found: RunChanges) -> str:
    unknown = found.captions is None
    if len(found.causes) > 1:
        names = ", ".join(found.causes)
        return f"{len(found.causes)} things changed at once ({names}): no cause can be named"
    if unknown:
        return "captions and images of one run were not recorded: they may differ too"
    return ""
