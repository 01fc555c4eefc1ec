"""Probe: what another machine has, and in one line each what a run would miss there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core.config.disk import disk_needed
from bespoke_gui.core.config.schedule import plan
from bespoke_gui.core.config.speeds import memory_measured, shape_of
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.machines import Machine
from bespoke_gui.core.runspec import EMBEDDED, RunSpec
from bespoke_gui.launch.engine_env import WITHOUT_TORCH

Version = tuple[int, ...]
NEEDED = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors", "PIL")
# The torch that the pinned transformers and diffusers ask for in their own metadata.
TORCH = (2, 6)
# The oldest CUDA that PyPI's builds of such a torch run on.
CUDA = (12, 0)
BF16 = (8, 0)
ENV_BYTES, ENV_BYTES_WITH_TORCH, HUB_BYTES = 9_000_000_000, 1_500_000_000, 6_000_000_000
ENV_BYTES_WITHOUT_GPU = 2_500_000_000
STATES_KEPT = 2  # of engine lora; it removes older ones
SPARE = 500_000_000
LONGEST = 200


@dataclass(frozen=True)
class Python:
    """One interpreter there: torch's version or "", the packages of NEEDED it has, venv or not."""

    path: str
    version: Version
    torch: str = ""
    packages: tuple[str, ...] = ()
    venv: bool = True
    named: bool = False

    @property
    def new_torch(self) -> bool:
        """Whether its torch is new enough for the engine."""
        return numbers(self.torch) >= TORCH


@dataclass(frozen=True)
class Gpu:
    """One card; capability: NVIDIA's compute capability, () where the driver does not say."""

    name: str
    memory_gb: float
    driver: str = ""
    capability: Version = ()


@dataclass(frozen=True)
class Probe:
    """What a machine has. Sizes in bytes; cuda: the newest its driver can run, "" without one.

    clock: how many seconds its clock is ahead of ours.
    """

    root: str
    gpus: tuple[Gpu, ...] = ()
    nvidia_smi: bool = False
    cuda: str = ""
    disk_free: int = 0
    disk_total: int = 0
    memory: int = 0
    cpus: int = 1
    pythons: tuple[Python, ...] = ()
    clock: float = 0.0

    def as_dict(self) -> dict[str, Any]:
        """Return what the command line prints."""
        return asdict(self)


def numbers(text: str) -> Version:
    """Return the leading numbers of a version: "2.8.0+cu128" is (2, 8, 0)."""
    found = []
    for part in text.split("+")[0].split("."):
        if not part.isdigit():
            break
        found.append(int(part))
    return tuple(found)


def read_probe(data: Mapping[str, Any], now: float) -> Probe:
    """Take what a machine says of itself; whatever has another type is left out.

    now: our clock when it was asked. Raises AppError when it makes no sense at all.
    """
    try:
        return Probe(
            _text(data["root"]), tuple(_gpu(item) for item in data["gpus"]),
            bool(data["nvidia_smi"]), _text(data["cuda"]), int(data["disk_free"]),
            int(data["disk_total"]), int(data["memory"]), int(data["cpus"]),
            tuple(_python(item) for item in data["pythons"]), float(data["now"]) - now,
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise AppError("the machine said nothing sensible of itself", kind="network") from error


def _gpu(data: Mapping[str, Any]) -> Gpu:
    memory = int(data["memory_mb"]) / 1024
    capability = numbers(_text(data.get("capability", "")))
    return Gpu(_text(data["name"]), round(memory, 1), _text(data["driver"]), capability)


def _python(data: Mapping[str, Any]) -> Python:
    version = tuple(int(part) for part in data["version"])
    packages = tuple(name for name in NEEDED if name in data["packages"])
    return Python(
        _text(data["path"]), version, _text(data["torch"]), packages, bool(data["venv"]),
        bool(data["named"]),
    )  # fmt: skip


def _text(value: Any) -> str:
    """A text that may be shown: no control characters, not endless."""
    return "".join(c for c in str(value)[:LONGEST] if c.isprintable())


# -- what is missing --------------------------------------------------------------------------


def problems(probe: Probe, spec: RunSpec, machine: Machine) -> list[Problem]:
    """Return what stands in the way of a run there (error) or may (warning), one line each."""
    found = [
        *_cards(probe, spec, machine), *_memory(probe, spec), *_driver(probe, spec, machine),
        *_interpreter(probe, spec, machine), *_disk(probe, spec, machine),
    ]  # fmt: skip
    return [Problem(p.code, p.severity, p.message, machine.name, p.hint) for p in found]


def _cards(probe: Probe, spec: RunSpec, machine: Machine) -> Iterator[Problem]:
    if spec.engine == "fake":
        return
    if not probe.gpus:
        why = "nvidia-smi shows no card" if probe.nvidia_smi else "there is no nvidia-smi"
        severity = "warning" if spec.base == EMBEDDED and spec.engine != "kohya" else "error"
        hint = "the embedded base trains on the processor too, slowly"
        other = "take another machine; a rented one that lost its card must be made anew"
        yield Problem("no_gpu", severity, f"no GPU: {why}",
                      hint=hint if severity == "warning" else other)  # fmt: skip
    elif machine.gpus > len(probe.gpus):
        message = f"{machine.gpus} GPUs are asked for, there are {len(probe.gpus)}"
        yield Problem("few_gpus", "error", message, hint="change the machine's number of GPUs")
    if machine.gpus > 1 and spec.engine != "kohya":
        message = f"the engine {spec.engine} uses one of the {machine.gpus} GPUs"
        hint = "several GPUs are not supported by it; the engine kohya uses them all"
        yield Problem("one_gpu_used", "warning", message, hint=hint)


def _memory(probe: Probe, spec: RunSpec) -> Iterator[Problem]:
    if spec.engine == "fake" or not probe.gpus:
        return
    smallest = min(probe.gpus, key=lambda gpu: gpu.memory_gb)
    needed = memory_measured(shape_of({**spec.config, "pretrained_model_name_or_path": spec.base}))
    if needed > smallest.memory_gb:
        message = (
            f"{smallest.name} has {smallest.memory_gb:g} GB of memory; a training of this size "
            f"took {needed:.1f} GB where it was measured"
        )
        hint = "lower train_batch_size, or set gradient_checkpointing = true"
        yield Problem("little_gpu_memory", "warning", message, hint=hint)
    old = smallest.capability and smallest.capability < BF16
    if spec.config.get("mixed_precision") == "bf16" and old:
        message = f'{smallest.name} cannot compute in "bf16"'
        yield Problem("no_bf16", "error", message, hint='set mixed_precision = "fp16"')


def _driver(probe: Probe, spec: RunSpec, machine: Machine) -> Iterator[Problem]:
    known = numbers(probe.cuda)
    if spec.engine == "fake" or machine.python or not known or known >= CUDA:
        return
    message = f"its NVIDIA driver is too old: CUDA {probe.cuda}, torch needs {CUDA[0]}.{CUDA[1]}"
    yield Problem("old_driver", "error", message, hint="update the driver there, or take another")


def _interpreter(probe: Probe, spec: RunSpec, machine: Machine) -> Iterator[Problem]:
    if machine.python:
        named = next((one for one in probe.pythons if one.named), None)
        yield from _named(named, spec, machine.python)
    elif spec.engine not in WITHOUT_TORCH and not any(one.venv for one in probe.pythons):
        message = "no Python there can make an environment (the module venv is missing)"
        hint = "install python3-venv there, or name a Python that has the engine's packages"
        yield Problem("no_venv", "error", message, hint=hint)


def _named(named: Python | None, spec: RunSpec, path: str) -> Iterator[Problem]:
    if named is None:
        message = f"{path} is no Python 3.10 or newer"
        yield Problem("no_python", "error", message, hint="name another one, or none")
    elif spec.engine not in WITHOUT_TORCH and set(NEEDED) - set(named.packages):
        lacking = ", ".join(name for name in NEEDED if name not in named.packages)
        hint = "install them there, or name no Python: an environment is made"
        yield Problem("missing_packages", "error", f"{path} lacks {lacking}", hint=hint)


def _disk(probe: Probe, spec: RunSpec, machine: Machine) -> Iterator[Problem]:
    needed = room_needed(spec, probe, machine)
    if probe.disk_free >= needed:
        return
    message = (
        f"{probe.disk_free / 1e9:.1f} GB of disk are free; the run needs about "
        f"{needed / 1e9:.1f} GB (images, base model, environment, checkpoints, states)"
    )
    hint = "free some, or save fewer states (save_last_n_epochs_state = 1)"
    yield Problem("little_disk", "error", message, hint=hint)


def room_needed(spec: RunSpec, probe: Probe, machine: Machine) -> int:
    """Return about how many bytes a run needs there, all that has to be fetched included."""
    sizes = [sum(f.stat().st_size for f in _files(item.folder)) for item in spec.data]
    needed = 2 * sum(sizes) + SPARE // (50 if spec.engine == "fake" else 1) + written(spec)
    local = Path(spec.base).expanduser()
    if local.is_file():
        needed += local.stat().st_size
    elif spec.base != EMBEDDED and spec.engine != "fake":
        needed += HUB_BYTES
    if not machine.python and spec.engine not in WITHOUT_TORCH:
        torch = any(one.new_torch and one.venv for one in probe.pythons)
        alone = ENV_BYTES if probe.gpus else ENV_BYTES_WITHOUT_GPU
        needed += ENV_BYTES_WITH_TORCH if torch else alone
    return needed


def written(spec: RunSpec) -> int:
    """Return the bytes of all checkpoints and states a training leaves."""
    images = sum(len(_images(item.folder)) * item.repeats for item in spec.data if not item.is_reg)
    try:
        disk = disk_needed(spec.config, plan(spec.config, max(1, images)))
    except AppError:
        return 0  # the engine names the value that does not fit
    states = disk.states if spec.engine == "kohya" else STATES_KEPT * disk.each_state
    small = spec.engine == "fake" or spec.base == EMBEDDED
    return 0 if small else disk.checkpoints + states


def _files(folder: str) -> list[Path]:
    return [path for path in Path(folder).glob("*") if path.is_file()]


def _images(folder: str) -> list[Path]:
    from bespoke_gui.core.dataset import TRAINER_SUFFIXES

    return [path for path in _files(folder) if path.suffix.lower() in TRAINER_SUFFIXES]
