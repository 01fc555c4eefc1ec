"""Trial: any prompt on any epochs, strengths and seeds at once, kept with its settings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_json
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import LORA_OFF
from bespoke_gui.core.gallery_info import record
from bespoke_gui.core.gallery_names import prompt_name
from bespoke_gui.core.generation import epochs_of, job_folder, require_own, run_name
from bespoke_gui.core.protocol import Prompt, Protocol, generation_id, load_protocol, new_prompt
from bespoke_gui.core.run_request import lora_files, new_run_id
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import LoraFile, RunSpec

RECORD = "try.json"
OFF = "strength_0"


@dataclass(frozen=True)
class TrialImage:
    """One image of a trial: `path` relative to its folder; strength 0 is the LoRA off."""

    path: str
    prompt: str
    epoch: int
    strength: float
    seed: int


@dataclass(frozen=True)
class Trial:
    """A trial about to be generated, and the run that does it."""

    out: Path
    protocol: Protocol
    spec: RunSpec
    run_dir: RunDir
    wanted: list[TrialImage]

    def images(self) -> list[TrialImage]:
        """Return the images that are there."""
        return [image for image in self.wanted if (self.out / image.path).is_file()]


def new_trial(
    sources: Sequence[Path],
    texts: Sequence[str],
    settings: Protocol,
    out: Path,
    *,
    epochs: Sequence[int] = (),
    strengths: Sequence[float] = (),
    seeds: Sequence[int] = (),
    engine: str = "sample",
    options: Mapping[str, Any] | None = None,
) -> Trial:
    """Write the run folder that makes every epoch x strength x prompt x seed, and LoRA off once.

    settings: base, sampler and sizes; its prompts are not asked. Nothing given means all epochs,
    the settings' own strength and seeds. With one strength `out` is a gallery; with several, each
    strength is a gallery of its own below it (`strength_0.8`), the LoRA off is `strength_0`.
    What is there already of the same settings and files is kept. Raises AppError for an epoch
    that does not exist, for no text, and where `out` holds anything else.
    """
    out = Path(out).absolute()
    asked = replace(settings, prompts=_prompts(texts), seeds=tuple(seeds) or settings.seeds)
    chosen = _chosen(lora_files(sources), epochs)
    levels = [level for level in dict.fromkeys(strengths or (settings.lora_scale,)) if level]
    if not levels:
        hint = "strength 0 is the LoRA off, which is made anyway"
        raise AppError("there is no strength to try", hint=hint, kind="usage")
    parts = _parts(asked, levels)
    _require_free(out, parts, chosen)
    run_dir = job_folder(out)
    loras = [lora for folder, part in parts.items() for lora in _loras(folder, part, chosen)]
    spec = RunSpec(
        run=new_run_id(out.name), engine=engine, base=asked.base, protocol=asked.as_dict(),
        loras=loras, output=str(out), options=dict(options or {}),
    )  # fmt: skip
    for folder, part in parts.items():
        epochs_here = epochs_of([lora for lora in loras if lora.folder == folder])
        record(out / folder, part, run=run_name(sources), epochs=epochs_here)
    trial = Trial(out, asked, spec, run_dir, _wanted(asked, loras))
    write_json(out / RECORD, _record(trial, levels, sources))
    spec.save(run_dir.spec_path)
    return trial


def keep_prompt(protocol_path: Path, text: str, name: str = "", negative: str = "") -> Prompt:
    """Add a tried prompt to protocol.toml under a free name; one that is there stays as it is.

    negative: what it was tried with; "" or the protocol's own means the protocol's. Galleries made
    before then no longer agree with the protocol: they were asked less. Raises AppError when the
    file cannot be read or written, or holds no protocol.
    """
    protocol = load_protocol(protocol_path)
    own = "" if negative == protocol.negative else negative
    for prompt in protocol.prompts:
        same = prompt.negative in (own, own or protocol.negative)
        if prompt.text.strip() == text.strip() and same:
            return prompt
    taken = {prompt.name for prompt in protocol.prompts}
    wanted = name or prompt_name(text)
    names = (wanted, *(f"{wanted}-{number}" for number in range(2, len(taken) + 3)))
    added = new_prompt(next(one for one in names if one not in taken), text, own)
    replace(protocol, prompts=(*protocol.prompts, added)).save(protocol_path)
    return added


def _prompts(texts: Sequence[str]) -> tuple:
    if not texts or not all(text.strip() for text in texts):
        raise AppError("there is no prompt to try", hint="give --prompt TEXT", kind="usage")
    names: list[str] = []
    for text in texts:
        name = prompt_name(text)
        same = sum(other == name or other.startswith(f"{name}-") for other in names)
        names.append(f"{name}-{same + 1}" if same else name)
    return tuple(new_prompt(name, text) for name, text in zip(names, texts, strict=True))


def _chosen(loras: Sequence[LoraFile], epochs: Sequence[int]) -> list[LoraFile]:
    known = {lora.epoch: lora for lora in loras}
    missing = [epoch for epoch in epochs if epoch not in known and epoch != LORA_OFF]
    if missing:
        there = ", ".join(map(str, known))
        raise AppError(f"there is no epoch {missing[0]}", hint=f"choose {there}", kind="usage")
    return [lora for lora in loras if not epochs or lora.epoch in epochs]


def _parts(asked: Protocol, levels: Sequence[float]) -> dict[str, Protocol]:
    """Return the folder of each strength and what it is asked."""
    if len(levels) == 1:
        return {"": replace(asked, lora_scale=levels[0])}
    parts = {f"strength_{level:g}": replace(asked, lora_scale=level) for level in levels}
    return {OFF: replace(asked, lora_scale=0.0), **parts}


def _loras(folder: str, part: Protocol, chosen: Sequence[LoraFile]) -> list[LoraFile]:
    """Return what is made in one folder: the LoRA off in the first only."""
    common = {"strength": part.lora_scale, "folder": folder, "generation_id": generation_id(part)}
    off = [LoraFile(LORA_OFF, **common)] if folder in ("", OFF) else []
    if folder == OFF:
        return off
    return off + [replace(lora, **common) for lora in chosen]


def _wanted(asked: Protocol, loras: Sequence[LoraFile]) -> list[TrialImage]:
    several = len(asked.seeds) > 1
    return [
        TrialImage(
            f"{lora.folder + '/' if lora.folder else ''}epoch_{lora.epoch:02d}/{prompt.name}"
            f"{f'_{seed}' if several else ''}.png",
            prompt.name, lora.epoch, (lora.strength or 0.0) if lora.path else 0.0, seed,
        )
        for lora in loras
        for prompt in asked.prompts
        for seed in asked.seeds
    ]  # fmt: skip


def _require_free(out: Path, parts: Mapping[str, Protocol], chosen: Sequence[LoraFile]) -> None:
    """Refuse a folder in which images of something else would be mixed or lost."""
    ours = (out / RECORD).is_file()
    if out.is_dir() and any(out.iterdir()) and not ours:
        raise AppError("holds other files", file=out, hint="name a new folder", kind="conflict")
    if ours and (out / "gallery.json").is_file() != ("" in parts):
        hint = "name a new folder"
        raise AppError("holds a trial of other strengths", file=out, hint=hint, kind="conflict")
    for folder, part in parts.items():
        require_own(out / folder, generation_id(part), epochs_of(chosen) if folder != OFF else {})


def _record(trial: Trial, levels: Sequence[float], sources: Sequence[Path]) -> dict[str, Any]:
    """Return try.json: everything needed to ask the same again."""
    asked = trial.protocol
    return {
        "schema": 1, "prompts": [prompt.text for prompt in asked.prompts],
        "negative": asked.negative, "sources": [str(Path(one).absolute()) for one in sources],
        "native_size": asked.native_size, "downsampler": asked.downsampler,
        "epochs": sorted({image.epoch for image in trial.wanted} - {LORA_OFF}),
        "strengths": list(levels), "seeds": list(trial.protocol.seeds),
        "base": trial.protocol.base, "images": [asdict(image) for image in trial.wanted],
    }  # fmt: skip
