"""Convert: a LoRA file into kohya's, diffusers' or peft's format; what it does stays the same."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lora_convert import record
from bespoke_gui.core.lora_convert.formats import LORA_FORMATS, Source
from bespoke_gui.core.lora_convert.formats.diffusers import ADAPTERS
from bespoke_gui.core.lora_convert.formats.peft import adapter_config
from bespoke_gui.core.lora_convert.layers import Layer, Tensors, check_layers
from bespoke_gui.core.lora_convert.numbers import Half
from bespoke_gui.core.lorafile import classify, kohya_hashes, read_header, write_tensors

TARGETS = ("kohya", "diffusers", "peft")
PEFT_FILE, PEFT_CONFIG = "adapter_model.safetensors", "adapter_config.json"
UNDO = "converting back gives the old weights to the bit"
REFUSED = {
    "cloneofsimo": "numbers its layers instead of naming them, and which is which depended on the "
    "version of diffusers that trained it",
    "unknown": "is no LoRA that Bespoke knows",
}


@dataclass(frozen=True)
class Converted:
    """What was written. `exact`: the weights' bytes are as they were; else `note` says why not."""

    source_format: str
    format: str
    files: list[Path]
    modules: int
    ranks: list[int]
    exact: bool
    note: str


def convert(source: Path, target: str, out: Path) -> Converted:
    """Write `source` (a file, or a folder of peft's) in format `target` to `out`, a new file.

    For peft a name without .safetensors is a folder: adapters with their alpha beside, one
    folder a model where there are several; a file gets alpha into its weights. Raises AppError
    when the file holds more than a LoRA says, or `out` is there.
    """
    require_new(out)
    found, layers, metadata = read_layers(source)
    folder = target == "peft" and out.suffix.lower() != ".safetensors"
    written = layers if folder or LORA_FORMATS[target].keeps_alpha else record.folded(layers)
    kept = _metadata(metadata, layers, found, target)
    files = _write_folder(written, kept, out) if folder else [_write(written, target, kept, out)]
    ranks = sorted({layer.rank for layer in layers})
    same = _same(layers, written)
    return Converted(found, target, files, len(layers), ranks, same, _note(written, same))


def read_layers(source: Path) -> tuple[str, list[Layer], dict[str, str]]:
    """Return a LoRA's format, layers and metadata; layers as they were before a conversion of ours.

    Raises AppError in one line for files that hold no LoRA or more than one.
    """
    sources = [read_source(path) for path in _files(Path(source))]
    found = classify(sources[0].tensors)
    if found in REFUSED:
        raise AppError(REFUSED[found], file=source, hint=f"found: {_some(sources[0].tensors)}")
    layers = [layer for item in sources for layer in LORA_FORMATS[found].read(item)]
    metadata = dict(sources[0].metadata)
    told = record.found(metadata)
    layers = check_layers(record.unfolded(layers, told), source)
    for key in (record.KEY, ADAPTERS, *told.get("added", [])):
        metadata.pop(key, None)
    return found, layers, metadata


def read_source(path: Path) -> Source:
    """Read all tensors of a file, and the adapter settings beside it."""
    header = read_header(path)
    try:
        data = path.read_bytes()[header.data_start :]
    except OSError as error:
        raise AppError("cannot be read", file=path, hint="check the path") from error
    tensors: Tensors = {
        name: Half(item.dtype, item.shape, data[item.start : item.end])
        for name, item in header.tensors.items()
    }
    return Source(path, tensors, header.metadata, _config_beside(path, header.tensors))


def _config_beside(path: Path, tensors: Mapping[str, Any]) -> dict[str, Any]:
    if classify(tensors) != "peft":
        return {}
    config = path.parent / PEFT_CONFIG
    if not config.is_file():
        if path.name != PEFT_FILE:
            return {}  # a single file, of ours or a state dict: alpha is in its weights
        hint = "its alpha stands there"
        raise AppError(f"has no {PEFT_CONFIG} beside it", file=path, hint=hint)
    try:
        found = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise AppError("cannot be read", file=config, hint="is it JSON?") from error
    if not isinstance(found, dict):
        raise AppError("holds no settings of an adapter", file=config)
    return found


def _files(source: Path) -> list[Path]:
    """The file itself, or every adapter in a folder of peft's."""
    if not source.is_dir():
        return [source]
    found = sorted([*source.glob(PEFT_FILE), *source.glob(f"*/{PEFT_FILE}")])
    if not found:
        raise AppError(f"holds no {PEFT_FILE}", file=source, hint="name a LoRA file")
    return found


def require_new(out: Path) -> None:
    """Raise AppError kind "conflict" when `out` is there: nothing is written over."""
    if out.exists():
        raise AppError("is there already", file=out, hint="choose another name", kind="conflict")
    if not out.absolute().parent.is_dir():
        raise AppError("there is no such folder", file=out.absolute().parent)


def _metadata(
    metadata: Mapping[str, str], layers: Sequence[Layer], found: str, target: str
) -> dict[str, str]:
    """What the new file says about itself: all that was there, and how to undo the conversion."""
    kept = dict(metadata)
    if target == "kohya":
        return kept
    added = [] if "format" in kept else ["format"]
    kept.setdefault("format", "pt")
    kept[record.KEY] = record.told(layers, found, added)
    return kept


def _write(layers: Sequence[Layer], target: str, metadata: dict[str, str], out: Path) -> Path:
    writer = LORA_FORMATS[target].write
    if writer is None:
        raise AppError(f"nothing writes {target} files", hint=", ".join(TARGETS), kind="usage")
    tensors = {name: (x.dtype, x.shape, x.raw) for name, x in writer(layers).items()}
    if target == "kohya":
        metadata = _with_hashes(metadata, tensors)
    write_tensors(out, tensors, metadata)
    return out


def _with_hashes(metadata: dict[str, str], tensors: Any) -> dict[str, str]:
    """Give metadata that has hashes of the weights those of the weights that are written."""
    hashes = kohya_hashes(tensors)
    if metadata.get("sshs_model_hash") in (None, hashes["sshs_model_hash"]):
        return metadata
    return {**metadata, **hashes}


def _write_folder(layers: Sequence[Layer], metadata: dict[str, str], out: Path) -> list[Path]:
    parts = sorted({layer.part for layer in layers})
    files = []
    out.mkdir()
    try:
        for part in parts:
            folder = out / part if len(parts) > 1 else out
            folder.mkdir(exist_ok=True)
            chosen = [layer for layer in layers if layer.part == part]
            write_json(folder / PEFT_CONFIG, adapter_config(chosen))
            files.append(_write(chosen, "peft", metadata, folder / PEFT_FILE))
    except AppError:
        shutil.rmtree(out, ignore_errors=True)  # we made it a moment ago
        raise
    return files


def _same(before: Sequence[Layer], after: Sequence[Layer]) -> bool:
    pairs = zip(before, after, strict=True)
    return all((a.down, a.up) == (b.down, b.up) and not a.calculated for a, b in pairs)


def _note(written: Sequence[Layer], same: bool) -> str:
    if any(layer.calculated for layer in written):
        return "products of LyCORIS written out as plain LoRAs, in F32"
    if same:
        return ""
    if all(layer.up.dtype == "F32" for layer in written):
        return f"alpha is in the weights, as F32 so that nothing is lost; {UNDO}"
    return f"alpha is in the weights; {UNDO}"


def _some(tensors: Mapping[str, Any]) -> str:
    names = sorted(tensors)
    return f"{len(names)} tensors such as {names[0]}" if names else "no tensors"
