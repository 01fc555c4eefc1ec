"""Base model: load a Stable Diffusion 1.x pipeline by name, folder, file or hub id."""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

import torch
from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion import StableDiffusionPipeline

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import PICKLES, read_header
from bespoke_gui.core.resources import resource
from bespoke_gui.core.runspec import EMBEDDED

PARTS = ("unet", "vae", "text_encoder")
REPLACED = {"runwayml/stable-diffusion-v1-5": "stable-diffusion-v1-5/stable-diffusion-v1-5"}
NO_CHECKER = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}


def load_base(base: str, device: torch.device, dtype: torch.dtype) -> StableDiffusionPipeline:
    """Load the pipeline onto `device` in `dtype`, everything in evaluation mode.

    Only .safetensors weights are read. Raises AppError kind "missing_model" or "network" in one
    line when the base is not there, is a pickle, or cannot be fetched.
    """
    pipe = _load(base, dtype)
    pipe.set_progress_bar_config(disable=True)
    for part in PARTS:
        getattr(pipe, part).eval().requires_grad_(False)
    pipe.to(device)
    if device.type != "mps":
        pipe.unet.to(memory_format=torch.channels_last)
    return pipe


def _load(base: str, dtype: torch.dtype) -> StableDiffusionPipeline:
    if base == EMBEDDED:
        return _from_folder(resource("embedded_base"), dtype)
    path = Path(base).expanduser()
    if path.is_dir():
        return _from_folder(path, dtype)
    if path.is_file() or path.suffix.lower() in (".safetensors", *PICKLES):
        return _from_file(path, dtype)
    if base.count("/") != 1 or path.is_absolute() or base.startswith("."):
        raise _missing("the base model is not there", base, "give a folder, a file or a hub id")
    return _from_hub(base, dtype)


def _from_folder(folder: Path, dtype: torch.dtype) -> StableDiffusionPipeline:
    if not (folder / "model_index.json").is_file():
        hint = "it needs a model_index.json, as diffusers writes it"
        raise _missing("is no base model in diffusers' layout", folder, hint)
    variant = _variant(folder)
    return _quietly(folder, lambda: StableDiffusionPipeline.from_pretrained(
        folder, dtype=dtype, variant=variant, use_safetensors=True, local_files_only=True,
        low_cpu_mem_usage=False, **NO_CHECKER,
    ))  # fmt: skip


def _variant(folder: Path) -> str | None:
    """Return "fp16" for a folder that holds only half-precision weights; refuse pickles."""
    for part in PARTS:
        if not list((folder / part).glob("*.safetensors")):
            pickled = [p for p in (folder / part).glob("*") if p.suffix.lower() in PICKLES]
            why = "holds only pickled weights, which Bespoke never opens" if pickled else "is empty"
            raise _missing(why, folder / part, "get the .safetensors version of this model")
    full = (folder / "unet" / "diffusion_pytorch_model.safetensors").exists()
    sharded = (folder / "unet" / "diffusion_pytorch_model.safetensors.index.json").exists()
    return None if full or sharded else "fp16"


def _from_file(path: Path, dtype: torch.dtype) -> StableDiffusionPipeline:
    if not path.is_file():
        raise _missing("the base model is not there", path, "check the path")
    try:
        read_header(path)
    except AppError as error:
        raise _missing(error.message, path, error.hint) from error
    config = _config_beside(path)
    source: dict[str, Any] = {"config": str(config), "local_files_only": True} if config else {}
    return _quietly(path, lambda: StableDiffusionPipeline.from_single_file(
        str(path), dtype=dtype, **source, **NO_CHECKER
    ))  # fmt: skip


def _config_beside(path: Path) -> Path | None:
    """A folder with the parts' configs and the tokenizer, beside a single file of weights."""
    for folder in (path.with_suffix(""), path.parent):
        if (folder / "model_index.json").is_file() and (folder / "tokenizer").is_dir():
            return folder
    return None


def _from_hub(base: str, dtype: torch.dtype) -> StableDiffusionPipeline:
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    try:
        return StableDiffusionPipeline.from_pretrained(
            base, dtype=dtype, use_safetensors=True, **NO_CHECKER
        )
    except Exception as error:
        raise _hub_error(base, error) from error


def _hub_error(base: str, error: Exception) -> AppError:
    """One line for whatever the hub's many layers raise."""
    names = {type(link).__name__ for link in _chain(error)}
    if base in REPLACED:
        hint = f"it was removed from the hub; use {REPLACED[base]}"
    else:
        hint = "check the name, or give a folder or file on this computer"
    if names & {"RepositoryNotFoundError", "GatedRepoError", "EntryNotFoundError"}:
        return _missing("the hub does not give out this base model", base, hint)
    if base not in REPLACED:
        hint = "connect to the network, or give a folder or file on this computer"
    return AppError(
        "the base model is not on this computer and cannot be fetched",
        file=base, hint=hint, kind="missing_model",
    )  # fmt: skip


def _chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and len(found) < 20:
        found.append(link)
        link = link.__cause__ or link.__context__
    return found


def _quietly(path: Path, load: Any) -> StableDiffusionPipeline:
    """Load from this computer; whatever goes wrong is one line about `path`."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load()
    except AppError:
        raise
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, AttributeError) as error:
        if isinstance(error, RuntimeError) and "memory" in str(error).lower():
            raise
        lines = str(error).strip().splitlines() or [type(error).__name__]
        hint = "is it a complete Stable Diffusion 1.x model?"
        raise _missing(f"cannot be loaded as a base model: {lines[0][:200]}", path, hint) from error


def _missing(message: str, where: str | Path, hint: str) -> AppError:
    return AppError(message, file=where, hint=hint, kind="missing_model")
