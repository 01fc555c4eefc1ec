"""Generation: the run folder inside a gallery that makes its images, and what it will make."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import LORA_OFF
from bespoke_gui.core.gallery_info import INFO, EpochInfo, read_info, record
from bespoke_gui.core.models.store import resolve_base
from bespoke_gui.core.project import find_project
from bespoke_gui.core.protocol import (
    EMBEDDED,
    EMBEDDED_SIZE,
    Protocol,
    builtin_protocol,
    for_base,
    generation_id,
    load_protocol,
)
from bespoke_gui.core.run_request import sample_spec
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import JOB, run_state
from bespoke_gui.core.runspec import LoraFile, RunSpec

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery


@dataclass(frozen=True)
class Generation:
    """A gallery about to be generated: how (`protocol`), with what, and the run that does it."""

    out: Path
    protocol: Protocol
    spec: RunSpec
    run_dir: RunDir
    generation_id: str

    def images(self) -> list[str]:
        """Return the images that were asked for and are there, relative to the gallery."""
        several = len(self.protocol.seeds) > 1
        names = [
            f"epoch_{lora.epoch:02d}/{prompt.name}{f'_{seed}' if several else ''}.png"
            for lora in self.spec.loras
            for prompt in self.protocol.prompts
            for seed in self.protocol.seeds
        ]
        return [name for name in names if (self.out / name).is_file()]


def chosen_protocol(path: Path | None, base: str = "") -> Protocol:
    """Return the protocol in `path` (None: the built-in one) as `base` needs it.

    base "": the one that the protocol names; a name of this computer's becomes what it stands
    for. Raises AppError where the file cannot be read.
    """
    protocol = load_protocol(path) if path else builtin_protocol()
    base = resolve_base(base or protocol.base)
    fits = base == protocol.base and (base != EMBEDDED or protocol.width == EMBEDDED_SIZE)
    return protocol if fits else for_base(protocol, base)


def new_generation(
    sources: Sequence[Path],
    protocol: Protocol,
    out: Path,
    *,
    engine: str = "sample",
    options: Mapping[str, Any] | None = None,
) -> Generation:
    """Write the run folder that generates `out`, and record in the gallery how it is made.

    Images of the same protocol and LoRA files that are there already are kept by the engine.
    Raises AppError: kind "conflict" where `out` holds anything else or is being generated now.
    """
    out, identity = Path(out).absolute(), generation_id(protocol)
    more = {**(options or {}), "generation_id": identity}
    spec = sample_spec(
        sources, protocol.as_dict(), out, engine=engine, base=protocol.base, options=more
    )
    epochs = epochs_of(spec.loras)
    require_own(out, identity, epochs)
    run_dir = job_folder(out)
    record(out, protocol, run=run_name(sources), epochs=epochs)
    spec.save(run_dir.spec_path)
    return Generation(out, protocol, spec, run_dir, identity)


def epochs_of(loras: Sequence[LoraFile]) -> dict[int, EpochInfo]:
    """Return what a gallery records about its checkpoints."""
    return {
        lora.epoch: EpochInfo(
            Path(lora.path).name, lora.sha256, lora.learning_rate, lora.held_out_loss
        )
        for lora in loras
        if lora.path or lora.held_out_loss is not None
    }


def run_name(sources: Sequence[Path]) -> str:
    """Return the name of the run that comes first, "" for loose LoRA files."""
    first = Path(sources[0]).absolute()
    return first.name if (first / "spec.json").is_file() else ""


def require_own(out: Path, identity: str, epochs: Mapping[int, EpochInfo]) -> None:
    """Refuse a folder in which images, a protocol or reviews of something else would be lost."""
    hint = "name a new folder"
    if not out.is_dir() or not any(path.name != JOB for path in out.iterdir()):
        return
    if not (out / INFO).is_file():
        raise AppError("holds other files", file=out, hint=hint, kind="conflict")
    info = read_info(out / INFO)
    if info.declared or info.generation_id != identity:
        raise AppError("holds images made in another way", file=out, hint=hint, kind="conflict")
    for number, entry in epochs.items():
        if number in info.epochs and info.epochs[number].sha256 != entry.sha256:
            text = f"holds images of another LoRA as epoch {number}"
            raise AppError(text, file=out, hint=hint, kind="conflict")


def job_folder(out: Path) -> RunDir:
    """Return a fresh run folder inside a gallery; one of an earlier generation is replaced."""
    folder = out / JOB
    if (folder / "spec.json").is_file() and run_state(RunDir(folder)) == "running":
        hint = "wait, or stop that run"
        raise AppError("is being generated already", file=out, hint=hint, kind="conflict")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        return RunDir(folder).create()
    except OSError as error:
        raise AppError(f"cannot be written: {error.strerror}", file=out) from error


def missing_images(gallery: Gallery) -> int:
    """Return how many images of a gallery generated here were never made; 0 for others."""
    if gallery.protocol is None or gallery.info.declared or not gallery.info.epochs:
        return 0
    wanted = {
        (epoch, prompt.name, seed)
        for epoch in (LORA_OFF, *gallery.info.epochs)
        for prompt in gallery.protocol.prompts
        for seed in gallery.protocol.seeds
    }
    return len(wanted - set(gallery.cells))


def run_of(gallery: Gallery) -> Path:
    """Return the run whose LoRA files made a gallery; raises AppError where it is not there."""
    project = find_project(gallery.folder)
    run = project.runs_dir / gallery.info.run if project and gallery.info.run else None
    if run is None or not (run / "spec.json").is_file():
        hint = "choose its LoRA files"
        raise AppError("the run that made it is not there", file=gallery.folder, hint=hint)
    return run
