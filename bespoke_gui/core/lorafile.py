"""LoRA files: read the header of a .safetensors file, say its format, modules, rank and alpha."""

from __future__ import annotations

import hashlib
import json
import math
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from bespoke_gui.core.atomic import replacing
from bespoke_gui.core.errors import AppError

MAX_HEADER = 100_000_000
PICKLES = (".ckpt", ".pt", ".pth", ".bin", ".pkl", ".pickle")
SIZES = {
    "F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2,
    "U16": 2, "F8_E4M3": 1, "F8_E5M2": 1, "I8": 1, "U8": 1, "BOOL": 1,
}  # fmt: skip
FORMATS = ("kohya", "diffusers", "peft", "cloneofsimo", "lokr", "loha", "attn-processor", "unknown")

_DOWN = re.compile(
    r"^(?P<module>.+?)\.(lora_down|lora_A|lora\.down|lora_linear_layer\.down)\.weight$"
)
_PROCESSOR = re.compile(r"^(?P<module>.+\.processor\.\w+_lora)\.down\.weight$")
_CLONEOFSIMO = re.compile(r"^(?P<module>(unet|text_encoder):\d+):down$")


@dataclass(frozen=True)
class Tensor:
    """One entry of a header: dtype as safetensors names it, shape, first and last byte."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Header:
    """The header of a .safetensors file; `data_start` is where the tensor bytes begin."""

    tensors: dict[str, Tensor]
    metadata: dict[str, str]
    data_start: int


@dataclass(frozen=True)
class LoraInfo:
    """What a LoRA file holds. `alpha` is None where the file has none or several differ.

    `rank` is the most common rank; `epoch` and `epochs` come from the trainer's metadata.
    """

    path: Path
    format: str
    modules: list[str]
    rank: int | None
    alpha: float | None
    dtype: str
    size: int
    metadata: dict[str, str] = field(default_factory=dict)

    @property
    def epoch(self) -> int | None:
        """The epoch this file was saved at, if its metadata says so."""
        return _whole(self.metadata.get("ss_epoch"))

    @property
    def epochs(self) -> int | None:
        """How many epochs the training had, if its metadata says so."""
        return _whole(self.metadata.get("ss_num_epochs"))

    def as_dict(self) -> dict[str, Any]:
        """Return what the command line prints."""
        return {
            "path": str(self.path), "format": self.format, "modules": len(self.modules),
            "text_encoder_modules": sum(_is_text(name) for name in self.modules),
            "rank": self.rank, "alpha": self.alpha, "dtype": self.dtype, "size": self.size,
            "epoch": self.epoch, "epochs": self.epochs, "metadata": self.metadata,
        }  # fmt: skip


def read_header(path: Path) -> Header:
    """Read a .safetensors header without the tensors.

    Raises AppError (one line) when the file is missing, a pickle, truncated or no safetensors.
    """
    path = Path(path)
    if path.suffix.lower() in PICKLES:
        raise _refused(path)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            return _parse(path, file, size)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise AppError(f"cannot be read: {reason}", file=path, hint="check the path") from error


def inspect(path: Path) -> LoraInfo:
    """Classify a LoRA file by its keys; raises AppError when it is no readable .safetensors."""
    header = read_header(path)
    found = classify(header.tensors)
    modules = _modules(header.tensors, found)
    size = Path(path).stat().st_size
    dtypes = sorted({tensor.dtype for tensor in header.tensors.values()})
    return LoraInfo(
        Path(path), found, modules, _rank(header, found), _alpha(path, header),
        "/".join(dtypes), size, header.metadata,
    )  # fmt: skip


def classify(keys: Mapping[str, Any]) -> str:
    """Return one of FORMATS from the names of a file's tensors alone."""
    names = list(keys)
    rules = (
        ("lokr", lambda k: ".lokr_" in k),
        ("loha", lambda k: ".hada_" in k),
        ("attn-processor", lambda k: _PROCESSOR.match(k)),
        ("cloneofsimo", lambda k: _CLONEOFSIMO.match(k)),
        ("kohya", lambda k: k.startswith("lora_") and ".lora_down." in k),
        ("peft", lambda k: k.startswith("base_model.model.") and ".lora_A." in k),
        ("diffusers", lambda k: k.startswith(("unet.", "text_encoder.")) and _DOWN.match(k)),
    )
    for name, rule in rules:
        if any(rule(key) for key in names):
            return name
    return "unknown"


def complete(path: Path) -> LoraInfo:
    """Inspect a kohya file and make sure every module has both halves.

    Raises AppError when the file is not in kohya format, empty, or a half is missing.
    """
    info = inspect(path)
    names = set(read_header(path).tensors)
    if info.format != "kohya" or not info.modules:
        raise AppError("is no LoRA in kohya format", file=path, hint=f"it looks {info.format}")
    missing = [name for name in info.modules if f"{name}.lora_up.weight" not in names]
    if missing:
        raise AppError(f"lacks the second half of {len(missing)} modules", file=path)
    return info


def file_hash(path: Path) -> str:
    """SHA-256 of a whole file, hex."""
    digest = hashlib.sha256()
    with Path(path).open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def encode_tensors(
    tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]], metadata: Mapping[str, str]
) -> bytes:
    """Return the bytes of a .safetensors file; each tensor is (dtype, shape, raw bytes)."""
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    offset = 0
    for name in sorted(tensors):
        dtype, shape, raw = tensors[name]
        header[name] = {
            "dtype": dtype, "shape": list(shape), "data_offsets": [offset, offset + len(raw)],
        }  # fmt: skip
        offset += len(raw)
    text = json.dumps(header, separators=(",", ":")).encode("utf-8")
    # The format asks for 8-byte alignment of the tensors; spaces are allowed after the header.
    text += b" " * (-len(text) % 8)
    body = b"".join(tensors[name][2] for name in sorted(tensors))
    return struct.pack("<Q", len(text)) + text + body


def write_tensors(
    path: Path,
    tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]],
    metadata: Mapping[str, str],
) -> None:
    """Write a .safetensors file atomically; AppError kind "disk_full" when there is no room."""
    with replacing(path) as file:
        file.write(encode_tensors(tensors, metadata))


def kohya_hashes(tensors: Mapping[str, tuple[str, tuple[int, ...], bytes]]) -> dict[str, str]:
    """Return sshs_model_hash and sshs_legacy_hash as sd-scripts computes them.

    sd-scripts hashes the file with only the metadata's "format" left, as the file would be
    without training metadata (networks/lora.py, library/train_util.py precalculate hashes).
    """
    blob = encode_tensors(tensors, {})
    start = struct.unpack("<Q", blob[:8])[0] + 8
    legacy = hashlib.sha256(blob[0x100000 : 0x100000 + 0x10000]).hexdigest()[:8]
    return {
        "sshs_model_hash": hashlib.sha256(blob[start:]).hexdigest(),
        "sshs_legacy_hash": legacy,
    }


def _parse(path: Path, file: BinaryIO, size: int) -> Header:
    start = file.read(9)
    length = struct.unpack("<Q", start[:8])[0] if len(start) == 9 else 0
    # A header's length may happen to begin like a zip or a pickle; only "{" behind it decides.
    if start[8:] != b"{" or length > min(MAX_HEADER, size - 8):
        if start[8:] != b"{" and (start[:2] == b"PK" or start[:1] == b"\x80"):
            raise _refused(path)
        raise _broken(path, "it is cut off or something else" if size > 8 else f"{size} bytes")
    file.seek(8)
    try:
        entries = json.loads(file.read(length))
        metadata = entries.pop("__metadata__", None) or {}
        tensors = {name: _entry(value) for name, value in entries.items()}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise _broken(path, "its header cannot be read") from error
    _check_bounds(path, tensors, size - 8 - length)
    return Header(tensors, {str(k): str(v) for k, v in metadata.items()}, 8 + length)


def _entry(value: Mapping[str, Any]) -> Tensor:
    start, end = (int(offset) for offset in value["data_offsets"])
    shape = tuple(int(side) for side in value["shape"])
    return Tensor(str(value["dtype"]), shape, start, end)


def _check_bounds(path: Path, tensors: Mapping[str, Tensor], room: int) -> None:
    end = max((tensor.end for tensor in tensors.values()), default=0)
    if end > room:
        raise _broken(path, f"it is cut off: {end - room} of {end} tensor bytes are missing")
    for name, tensor in tensors.items():
        wanted = math.prod(tensor.shape) * SIZES.get(tensor.dtype, 0)
        if tensor.start < 0 or (tensor.dtype in SIZES and tensor.end - tensor.start != wanted):
            raise _broken(path, f"{name} has a wrong size")


def _refused(path: Path) -> AppError:
    return AppError(
        "is a pickle, which can run any program when opened; Bespoke never opens one",
        file=path,
        hint="get the .safetensors file of this model",
    )


def _broken(path: Path, why: str) -> AppError:
    hint = "download or train it again"
    return AppError(f"is no readable .safetensors file: {why}", file=path, hint=hint)


def _modules(tensors: Mapping[str, Tensor], found: str) -> list[str]:
    if found in ("lokr", "loha"):
        return sorted({name.rsplit(".", 1)[0] for name in tensors if "." in name})
    pattern = {"attn-processor": _PROCESSOR, "cloneofsimo": _CLONEOFSIMO}.get(found, _DOWN)
    matches = (pattern.match(name) for name in tensors)
    return sorted({match["module"] for match in matches if match})


def _rank(header: Header, found: str) -> int | None:
    if found in ("lokr", "loha"):
        return _whole(header.metadata.get("ss_network_dim"))
    pattern = {"attn-processor": _PROCESSOR, "cloneofsimo": _CLONEOFSIMO}.get(found, _DOWN)
    ranks = [t.shape[0] for name, t in header.tensors.items() if pattern.match(name) and t.shape]
    return max(set(ranks), key=ranks.count) if ranks else None


def _alpha(path: Path, header: Header) -> float | None:
    """The alpha of all modules, read from the tensors; the metadata's where there are none."""
    found = {name: t for name, t in header.tensors.items() if name.endswith(".alpha")}
    values = set()
    with Path(path).open("rb") as file:
        for tensor in found.values():
            file.seek(header.data_start + tensor.start)
            values.add(_scalar(file.read(tensor.end - tensor.start), tensor.dtype))
    values.discard(None)
    if len(values) == 1:
        return values.pop()
    try:
        return None if values else float(header.metadata["ss_network_alpha"])
    except (KeyError, ValueError):
        return None


def _scalar(raw: bytes, dtype: str) -> float | None:
    if dtype == "BF16" and len(raw) == 2:
        return struct.unpack("<f", b"\0\0" + raw)[0]
    code = {"F16": "e", "F32": "f", "F64": "d", "I64": "q", "I32": "i"}.get(dtype)
    if code is None or len(raw) != struct.calcsize(code):
        return None
    return float(struct.unpack("<" + code, raw)[0])


def _is_text(name: str) -> bool:
    return name.startswith(("lora_te", "text_encoder", "base_model.model.text_model"))


def _whole(text: str | None) -> int | None:
    try:
        return int(float(text)) if text is not None else None
    except (ValueError, OverflowError):
        return None
