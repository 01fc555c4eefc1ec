"""Fixes: what mends a finding of the config doctor, where one edit of the config is enough."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from bespoke_gui.core.config.learning_rate import SCHEDULER_NAMES
from bespoke_gui.core.config.options import nearest, option_table
from bespoke_gui.core.config.places import rename_key
from bespoke_gui.core.config.resolution import parse_resolution
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import Problem

REMOVED = object()
MOST = 200  # fixes of one config: far more than there are rules
BASE_MODEL = "stable-diffusion-v1-5/stable-diffusion-v1-5"
CAPTIONS = ".txt"
LIMITS = (150, 225)


@dataclass(frozen=True)
class Fix:
    """One edit: `words` for its button; values to set (REMOVED takes out), keys to rename.

    plain: the training becomes the one that was meant; where that is not sure, a person should
    see it first.
    """

    words: str
    values: tuple[tuple[str, Any], ...] = ()
    renamed: tuple[str, str] | None = None
    plain: bool = True


def apply_fix(text: str, fix: Fix) -> str:
    """Return the text with the fix made, everything else byte for byte; raises AppError."""
    if fix.renamed is not None:
        text = rename_key(text, *fix.renamed)
    config = TrainingConfig(text)
    for key, value in fix.values:
        if value is REMOVED:
            config.unset(key)
        else:
            config.set(key, value)
    return config.text()


def fix_all(
    config: TrainingConfig,
    judge: Callable[[TrainingConfig], Iterable[Problem]],
    only: Collection[str] = (),
) -> tuple[str, list[tuple[Problem, Fix]]]:
    """Return the text with every plain fix made, and what was mended, in its order.

    judge: what finds the problems, asked again after each fix, since one may end others. only:
    options to mend, with fixes that are not plain too; none for all. Raises AppError.
    """
    made: list[tuple[Problem, Fix]] = []
    while len(made) < MOST:
        tried = [one for _, one in made]
        pairs = ((problem, fix_for(problem, config)) for problem in judge(config))
        wanted = (
            (problem, fix)
            for problem, fix in pairs
            if fix and fix not in tried and (problem.where in only if only else fix.plain)
        )
        step = next(wanted, None)
        if step is None:
            break
        config = TrainingConfig(apply_fix(config.text(), step[1]), config.path)
        made.append(step)
    return config.text(), made


def fix_for(problem: Problem, config: TrainingConfig) -> Fix | None:
    """Return the edit that mends a finding, None where a person must decide."""
    maker = _MAKERS.get(problem.code)
    fix = maker(problem, config) if maker and problem.where else _SAME_FOR_ALL.get(problem.code)
    return fix if fix and _does_something(fix, config) else None


def _does_something(fix: Fix, config: TrainingConfig) -> bool:
    return fix.renamed is not None or any(
        config.get(key, REMOVED) != value for key, value in fix.values
    )


def _remove(problem: Problem, config: TrainingConfig) -> Fix | None:
    key = problem.where
    if config.get(key) is None:
        return None
    return Fix(f"Take out {key}", ((key, REMOVED),))


def _set(key: str, value: Any, plain: bool = True) -> Fix:
    return Fix(f"Set {key} = {_toml(value)}", ((key, value),), plain=plain)


def _unknown(problem: Problem, config: TrainingConfig) -> Fix | None:
    """Call it by its real name where that is free and takes the value; else it goes."""
    table, key = option_table(), problem.where
    near = "" if problem.hint.startswith("take it out") else table.nearest(key)
    if near and near not in config.values and _fits(near, config.get(key)):
        return Fix(f"Rename to {near}", renamed=(key, near))
    return _remove(problem, config)


def _fits(key: str, value: Any) -> bool:
    wanted = {"str": str, "bool": bool, "int": int, "float": (int, float)}
    kind = option_table()[key].kind
    return isinstance(value, wanted.get(kind, (int, float))) and (
        kind == "bool" or not isinstance(value, bool)
    )


def _token_limit(problem: Problem, config: TrainingConfig) -> Fix | None:
    wanted = next((n for n in LIMITS if f"= {n}" in problem.hint), None)
    return _set("max_token_length", wanted) if wanted else None


def _extension(problem: Problem, config: TrainingConfig) -> Fix | None:
    written = config.get("caption_extension")
    value = f".{written}" if isinstance(written, str) and written else CAPTIONS
    return _set("caption_extension", value)


def _choice(problem: Problem, config: TrainingConfig) -> Fix | None:
    if problem.hint == "take it out":
        return _remove(problem, config)
    option, value = option_table().options.get(problem.where), config.get(problem.where)
    known = SCHEDULER_NAMES if problem.where == "lr_scheduler" else option.choices if option else ()
    words = {str(choice): choice for choice in known}
    near = words.get(nearest(str(value), words))
    return _set(problem.where, near) if near is not None else None


def _kind(problem: Problem, config: TrainingConfig) -> Fix | None:
    """Write the same value in the kind that the trainer wants."""
    option, value = option_table().options.get(problem.where), config.get(problem.where)
    if option is None or option.many:
        return None
    meant = _converted(option.kind, value, problem.where)
    return _set(problem.where, meant) if meant is not None else None


def _converted(kind: str, value: Any, key: str) -> Any:
    text = str(value).strip()
    if key == "resolution" and not isinstance(value, bool):
        edges = value if isinstance(value, list) else [value, value]
        text = ",".join(map(str, edges))
        return text if parse_resolution(text) else None
    if kind == "bool":
        return {"true": True, "false": False, "1": True, "0": False}.get(text.casefold())
    try:
        if kind == "int" and not isinstance(value, bool):
            return int(text) if text.lstrip("-").isdecimal() else None
        if kind in ("float", "int_or_float") and not isinstance(value, bool):
            return float(text)
    except ValueError:
        return None
    return text if kind == "str" and isinstance(value, (int, float)) else None


def _limits(problem: Problem, config: TrainingConfig) -> Fix | None:
    size = parse_resolution(config.get("resolution"))
    if problem.where == "bucket_reso_steps":
        return _remove(problem, config)
    if size is None:
        return None
    if problem.where == "min_bucket_reso":
        return _set(problem.where, max(64, min(size) // 64 * 64))
    return _set(problem.where, -(-max(size) // 64) * 64)


def _missing(problem: Problem, config: TrainingConfig) -> Fix | None:
    usual = {"network_module": "networks.lora", "output_dir": "/workspace/output"}
    value = usual.get(problem.where)
    return _set(problem.where, value) if value else None


def _default(problem: Problem, config: TrainingConfig) -> Fix | None:
    rank = config.get("network_dim")
    usual = {
        "learning_rate": 1e-4,
        "mixed_precision": "fp16",
        "network_alpha": max(1, rank // 2) if isinstance(rank, int) else None,
        "seed": 42,
    }
    value = usual.get(problem.where)
    return _set(problem.where, value, plain=False) if value else None


def _memory(problem: Problem, config: TrainingConfig) -> Fix | None:
    """Compute parts again rather than keep them, which changes nothing learned; else fewer images
    at a time."""
    if config.get("gradient_checkpointing") is not True:
        return _set("gradient_checkpointing", True, plain=False)
    size = config.get("train_batch_size")
    if isinstance(size, bool) or not isinstance(size, int) or size < 2:
        return None
    return _set("train_batch_size", size // 2, plain=False)


def _half(problem: Problem, config: TrainingConfig) -> Fix | None:
    return _set("mixed_precision", "fp16", plain=False)


def _share(problem: Problem, config: TrainingConfig) -> Fix | None:
    return _set(problem.where, int(config.get(problem.where)))


def _conflict(problem: Problem, config: TrainingConfig) -> Fix | None:
    schedule = config.get("lr_scheduler", "constant")
    if problem.where == "lr_scheduler" and schedule == "constant":
        return _set("lr_scheduler", "constant_with_warmup")
    if problem.where == "lr_scheduler" and schedule == "cosine_with_min_lr":
        return _set("lr_scheduler_min_lr_ratio", 0.1)
    return None


def _old_spelling(problem: Problem, config: TrainingConfig) -> Fix | None:
    if "caption_extension" in config.values:
        value = config.get("caption_extention")
        words = "Keep caption_extension only"
        return Fix(words, (("caption_extention", REMOVED), ("caption_extension", value)))
    return Fix("Rename to caption_extension", renamed=("caption_extention", "caption_extension"))


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


_SAME_FOR_ALL = {
    "bad_share": Fix("Hold out one in twenty", (("validation_split", 0.05),), plain=False),
    "held_out_taught": Fix("Set validation_seed = 42", (("validation_seed", 42),)),
    "disk_for_states": Fix(
        "Keep only the newest state", (("save_last_n_epochs_state", 1),), plain=False
    ),
    "few_checkpoints": Fix("Save every epoch", (("save_every_n_epochs", 1),)),
    "needs_xformers": Fix("Use sdpa instead", (("xformers", False), ("sdpa", True))),
    "resized_by_trainer": Fix("Resize by nearest", (("resize_interpolation", "nearest"),)),
    "slow_attention": Fix("Set sdpa = true", (("sdpa", True),)),
    "withdrawn_model": Fix(f"Use {BASE_MODEL}", (("pretrained_model_name_or_path", BASE_MODEL),)),
}
_MAKERS = {
    "bad_choice": _choice,
    "bucket_limits": _limits,
    "caption_extension": _extension,
    "captions_cut_off": _token_limit,
    "conflict": _conflict,
    "default_taken": _default,
    "empty_in_json": _remove,
    "ignored_value": _remove,
    "missing_option": _missing,
    "no_bf16": _half,
    "no_sample_prompts": _remove,
    "nothing_trained": _remove,
    "old_spelling": _old_spelling,
    "secret_in_config": _remove,
    "share_above_one": _share,
    "too_little_memory": _memory,
    "unknown_key": _unknown,
    "wrong_type": _kind,
}
