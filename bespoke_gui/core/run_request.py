"""Run request: what a new run is asked, from configs, folders, runs and LoRA files."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.dataset import TRAINER_SUFFIXES, folder_repeats, scan
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import file_hash, inspect
from bespoke_gui.core.models.store import resolve_base
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import held_out_losses, read_run, whole_epochs
from bespoke_gui.core.runspec import DataFolder, LoraFile, RunSpec, load_spec

if TYPE_CHECKING:
    from bespoke_gui.core.config.trainer_config import TrainingConfig


def new_run_id(name: str) -> str:
    """A folder name for a new run: date, time and the name in safe letters."""
    stamp = datetime.datetime.now().strftime("%Y%m%d-%H%M%S-%f")[:19]
    safe = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60]
    return f"{stamp}-{safe}" if safe else stamp


def require_new(folder: Path) -> None:
    """Raise AppError kind "conflict" when a new run in `folder` would meet other files."""
    if (folder / "spec.json").exists():
        hint = "choose another, or --resume"
        raise AppError("there is already a run", file=folder, hint=hint, kind="conflict")
    if folder.is_dir() and any(folder.iterdir()):
        raise AppError(
            "holds other files", file=folder, hint="choose a new folder", kind="conflict"
        )


def write_run(
    folder: Path, spec: RunSpec, config_text: str = "", package: Path | None = None
) -> RunDir:
    """Make a run folder with spec.json and config.toml; the run is named after it. AppError.

    Of a training the images and captions it starts from are recorded, and what was expected of
    the next run is handed to it. package: the file that the data came from.
    """
    try:
        run_dir = RunDir(folder).create()
    except OSError as error:
        hint = "check your rights to the folder and the free space"
        raise AppError(f"cannot be written: {error.strerror}", file=folder, hint=hint) from error
    if config_text:
        write_text(run_dir.folder / "config.toml", config_text)
    spec.run = run_dir.run
    if spec.data:
        _for_the_ledger(run_dir.folder, spec, package)
    spec.save(run_dir.spec_path)
    return run_dir


def _for_the_ledger(folder: Path, spec: RunSpec, package: Path | None) -> None:
    from bespoke_gui.core.ledger.expected import hand_over
    from bespoke_gui.core.ledger.inputs import record_inputs
    from bespoke_gui.core.project import find_project

    record_inputs(folder, spec.data, package)
    project = find_project(folder)
    if project:
        hand_over(project.folder, folder)


def resumed(run_dir: RunDir, place: dict[str, Any] | None = None) -> RunDir:
    """Tell a run that ended early to go on from its last state, elsewhere with another `place`.

    Raises AppError.
    """
    spec = load_spec(run_dir.spec_path)
    spec.resume = True
    if place is not None:
        spec.place = place
    spec.save(run_dir.spec_path)
    return run_dir


def data_folders(folder: Path, times: int = 1) -> list[DataFolder]:
    """The folders to train on below `folder`, absolute.

    `<N>_<name>` folders as sd-scripts reads them; without one, every folder that holds images,
    once each. `times` multiplies all repeats. Excluded images are named, for the engine to leave
    out. Raises AppError kind "no_data" when there is no image at all.
    """
    folder = Path(folder).absolute()
    children = [path for path in sorted(folder.glob("*")) if _has_images(path)]
    found = [
        DataFolder(str(path), *repeats)
        for path in children
        if (repeats := folder_repeats(path.name)) is not None
    ]
    if not found:
        found = [DataFolder(str(path)) for path in _image_folders(folder)]
    if not found:
        raise AppError(
            "holds no images", file=folder, hint="give the folder with --data", kind="no_data"
        )
    left_out = _excluded(folder)
    return [
        replace(item, repeats=item.repeats * times, excluded=left_out.get(item.folder, []))
        for item in found
    ]


def _excluded(folder: Path) -> dict[str, list[str]]:
    """Return the file names of excluded images by their folder."""
    found: dict[str, list[str]] = {}
    for item in scan(folder).items:
        if item.excluded:
            found.setdefault(str(item.image.parent), []).append(item.image.name)
    return found


def _image_folders(folder: Path) -> list[Path]:
    below = (path for path in sorted(folder.rglob("*")) if not path.name.startswith("."))
    return [path for path in (folder, *below) if _has_images(path)]


def _has_images(folder: Path) -> bool:
    return folder.is_dir() and any(
        path.suffix.lower() in TRAINER_SUFFIXES for path in folder.iterdir()
    )


def project_data(folder: Path) -> list[DataFolder]:
    """The dataset of the project around `folder`, and its regularisation images; else nothing."""
    from bespoke_gui.core.project import find_project

    project = find_project(folder)
    folders = project.dataset_dirs if project else []
    taught = [item for path, repeats in folders for item in data_folders(path, repeats)]
    return taught + regularisation_data(folder)


def regularisation_data(folder: Path) -> list[DataFolder]:
    """The regularisation images of the project that `folder` lies in, its class word from its name.

    Raises AppError when a folder holds no images.
    """
    from bespoke_gui.core.project import find_project

    project = find_project(folder)
    return [
        replace(item, is_reg=True, class_word=item.class_word or path.name)
        for path, repeats in (project.reg_dirs if project else [])
        for item in data_folders(path, repeats)
    ]


def train_spec(
    config: TrainingConfig,
    data: Sequence[DataFolder],
    *,
    engine: str = "lora",
    base: str = "",
    name: str = "",
    options: Mapping[str, Any] | None = None,
) -> RunSpec:
    """The request for a training. The base is `base`, else what the config names.

    A name of a base model on this computer (`core.models.store`) becomes its folder or file.
    """
    values = dict(config.values)
    title = name or str(values.get("output_name") or "lora")
    named = base or str(values.get("pretrained_model_name_or_path") or "embedded")
    chosen = resolve_base(named)
    return RunSpec(
        run=new_run_id(title), engine=engine, base=chosen, config=values, data=list(data),
        output="outputs", options=dict(options or {}),
    )  # fmt: skip


def sample_spec(
    sources: Sequence[Path],
    protocol: Mapping[str, Any],
    out: Path,
    *,
    base: str = "",
    engine: str = "sample",
    options: Mapping[str, Any] | None = None,
) -> RunSpec:
    """The request for a gallery of runs or LoRA files; epoch 0 (LoRA off) comes first."""
    loras = [LoraFile(0, held_out_loss=_before_training(sources)), *lora_files(sources)]
    chosen = resolve_base(base or str(protocol.get("base") or "embedded"))
    return RunSpec(
        run=new_run_id(Path(out).name), engine=engine, base=chosen, protocol=dict(protocol),
        loras=loras, output=str(Path(out).absolute()), options=dict(options or {}),
    )  # fmt: skip


def _before_training(sources: Sequence[Path]) -> float | None:
    """The held-out loss of the base alone, as the first run measured it."""
    return held_out_losses(sources[0]).get(0) if sources else None


def lora_files(sources: Sequence[Path]) -> list[LoraFile]:
    """The epochs of runs and LoRA files; a file without a recorded epoch takes the next number.

    Raises AppError when a source is neither, or a run has no checkpoint yet.
    """
    found: dict[int, LoraFile] = {}
    for source in sources:
        files = _run_loras(source) if Path(source).is_dir() else [_single_lora(source)]
        for item in files:
            if item.epoch in found or item.epoch < 1:
                item.epoch = max(found, default=0) + 1
            found[item.epoch] = item
    return [found[epoch] for epoch in sorted(found)]


def _run_loras(folder: Path) -> list[LoraFile]:
    if not (Path(folder) / "spec.json").is_file():
        return _folder_loras(Path(folder))
    run = read_run(folder)
    found = [
        LoraFile(item.epoch, str(item.path), item.sha256 or file_hash(item.path),
                 item.learning_rate, held_out_loss=item.held_out_loss)
        for item in whole_epochs(run)
    ]  # fmt: skip
    if not found:
        raise AppError("has no checkpoint yet", file=folder, hint="wait for the first epoch")
    return found


def _folder_loras(folder: Path) -> list[LoraFile]:
    found = [_single_lora(path) for path in sorted(folder.glob("*.safetensors"))]
    if not found:
        raise AppError("is neither a run nor a folder of LoRA files", file=folder)
    return found


def _single_lora(path: Path) -> LoraFile:
    info = inspect(path)
    return LoraFile(info.epoch or 0, str(Path(path).absolute()), file_hash(path))
