"""Facts about one base model: its kind, size and whether it can be trained on; headers only."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bespoke_gui.core.errors import AppError, Problem, problem_from
from bespoke_gui.core.lorafile import PICKLES, Tensor, read_header
from bespoke_gui.core.models.kinds import TITLES, is_inpainting, kind_of_pipeline, kind_of_tensors
from bespoke_gui.core.resources import resource
from bespoke_gui.core.runspec import EMBEDDED

INDEX, WEIGHTS = "model_index.json", ".safetensors"
PARTS = ("unet", "vae", "text_encoder")
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True)
class ModelFacts:
    """One base model. layout: "file", "folder" (of diffusers), "hub" (not on this computer).

    place: what an engine is told; files: the weights. problems: what keeps it from being trained.
    """

    place: str
    layout: str
    kind: str
    size: int = 0
    dtype: str = ""
    inpainting: bool = False
    files: tuple[Path, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The kind in words."""
        return TITLES[self.kind] + (" for inpainting" if self.inpainting else "")

    @property
    def usable(self) -> bool:
        return not any(problem.severity == "error" for problem in self.problems)


def is_hub_id(base: str) -> bool:
    """Whether a text can be a hub id ("owner/name") rather than a path."""
    path = Path(base)
    outside = path.is_absolute() or base.startswith((".", "~")) or "\\" in base
    return base.count("/") == 1 and not outside and path.suffix.lower() not in (WEIGHTS, *PICKLES)


def facts_about(base: str) -> ModelFacts:
    """Look at a folder, a file, a hub id or "embedded"; nothing but headers is read.

    Raises AppError kind "missing_model" when there is nothing, and for pickles, unopened.
    """
    if base == EMBEDDED:
        return _of_folder(resource("embedded_base"), EMBEDDED)
    path = Path(base).expanduser()
    if path.is_dir():
        return _of_folder(path, base)
    if path.exists() or path.suffix.lower() in (WEIGHTS, *PICKLES):
        return _of_file(path, base)
    if not is_hub_id(base):
        hint = "give a folder, a .safetensors file or a hub id"
        raise AppError(
            "is no base model on this computer", file=base, hint=hint, kind="missing_model"
        )
    kept = hub_snapshot(base)
    return _of_folder(kept, base) if kept else _not_here(base)


def content_hash(facts: ModelFacts, told: Progress | None = None) -> str:
    """Return the SHA-256 of the weights: of the file, or of all names and hashes of a folder."""
    total = max(1, facts.size)
    done, hashes = 0, []
    for path in facts.files:
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while chunk := file.read(1 << 22):
                digest.update(chunk)
                done += len(chunk)
                if told:
                    told(done, total, path.name)
        hashes.append((path, digest.hexdigest()))
    if facts.layout == "file":
        return hashes[0][1] if hashes else ""
    lines = [f"{path.parent.name}/{path.name} {digest}\n" for path, digest in hashes]
    return hashlib.sha256("".join(lines).encode()).hexdigest() if lines else ""


def stamp(facts: ModelFacts) -> str:
    """Return a text that changes whenever a file of the weights does, without reading them."""
    stats = [(path.name, path.stat()) for path in facts.files]
    told = [f"{name}:{stat.st_size}:{stat.st_mtime_ns}" for name, stat in stats]
    return hashlib.sha256("|".join(told).encode()).hexdigest()[:16]


def hub_snapshot(name: str) -> Path | None:
    """Return the folder that the hub's own cache keeps of a model here, or None."""
    home = Path(os.environ.get("HF_HOME") or Path.home() / ".cache" / "huggingface")
    cache = Path(os.environ.get("HF_HUB_CACHE") or home / "hub")
    folder = cache / f"models--{name.replace('/', '--')}"
    try:
        commit = (folder / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    found = folder / "snapshots" / commit
    return found if commit and (found / INDEX).is_file() else None


def _not_here(base: str) -> ModelFacts:
    text = "is not on this computer; the engine fetches it from the hub when it trains"
    return ModelFacts(base, "hub", "unknown", problems=[Problem("not_here", "info", text, base)])


def _of_file(path: Path, base: str) -> ModelFacts:
    try:
        header = read_header(path)
    except AppError as error:
        raise AppError(error.message, file=path, hint=error.hint, kind="missing_model") from error
    kind = kind_of_tensors(header.tensors)
    masked = is_inpainting(header.tensors, {})
    return ModelFacts(
        base, "file", kind, path.stat().st_size, _dtype([header.tensors]), masked, (path,),
        _judged(kind, masked, base),
    )  # fmt: skip


def _of_folder(folder: Path, base: str) -> ModelFacts:
    index = _json(folder / INDEX)
    if index is None:
        hint = f"it needs a {INDEX}, as diffusers writes it"
        raise AppError(
            "is no base model in diffusers' layout", file=folder, hint=hint, kind="missing_model"
        )
    unet = _json(folder / "unet" / "config.json") or {}
    kind, masked = kind_of_pipeline(index, unet), is_inpainting({}, unet)
    files, problems = _weights(folder)
    headers, broken = _headers(files)
    kind = EMBEDDED if base == EMBEDDED else kind
    size = sum(path.stat().st_size for path in files)
    return ModelFacts(
        base, "folder", kind, size, _dtype(headers), masked, tuple(files),
        [*problems, *broken, *_judged(kind, masked, base)],
    )  # fmt: skip


def _weights(folder: Path) -> tuple[list[Path], list[Problem]]:
    """The weights of the parts that are trained with, and which parts have none that are safe."""
    files, problems = [], []
    for part in PARTS:
        found = sorted((folder / part).glob(f"*{WEIGHTS}"))
        files += found
        if not found:
            pickled = any(p.suffix.lower() in PICKLES for p in (folder / part).glob("*"))
            why = "holds only pickles, which Bespoke never opens" if pickled else "has no weights"
            hint = "get the .safetensors version of this model"
            problems.append(Problem("no_weights", "error", why, str(folder / part), hint))
    return files, problems


def _headers(files: list[Path]) -> tuple[list[Mapping[str, Tensor]], list[Problem]]:
    headers, problems = [], []
    for path in files:
        try:
            headers.append(read_header(path).tensors)
        except AppError as error:
            problems.append(problem_from(error))
    return headers, problems


def _judged(kind: str, masked: bool, base: str) -> list[Problem]:
    """Say whether a model of this kind can be taught a style here."""
    if kind in ("sd15", EMBEDDED) and not masked:
        return []
    if kind == "sd2" and not masked:
        text = "is Stable Diffusion 2: only sd-scripts trains it, with v2 = true in the config"
        return [
            Problem("sd2", "warning", text, base, "Stable Diffusion 1.5 is what facts are known of")
        ]
    what = TITLES[kind] + (" for inpainting" if masked else "")
    text = (
        f"is {what}, which cannot be trained here" if kind != "unknown" else "is of no known kind"
    )
    return [Problem("other_kind", "error", text, base, "use a Stable Diffusion 1.5 model")]


def _dtype(headers: list[Mapping[str, Tensor]]) -> str:
    found = {tensor.dtype for header in headers for tensor in header.values()}
    return "/".join(sorted(found - {"I64", "I32"}))


def _json(path: Path) -> dict[str, Any] | None:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else None
