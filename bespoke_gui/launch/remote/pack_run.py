"""Pack: a run for another machine: its spec made to fit there, its images in one zip."""

from __future__ import annotations

import copy
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import replacing
from bespoke_gui.core.dataset import TRAINER_SUFFIXES
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import file_hash
from bespoke_gui.core.package_secrets import is_secret
from bespoke_gui.core.package_zip import CanonicalZip, order
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import EMBEDDED, DataFolder, RunSpec, load_spec

CAPTIONS = (".txt", ".caption")
PROMPTS = "data/sample_prompts.txt"
# What a diffusers folder needs; weights only as safetensors, never a pickle.
MODEL_FILES = (".safetensors", ".json", ".txt", ".model")
# Options that name a file or folder of this computer, beside the base model.
FILE_KEYS = ("vae", "network_weights")
# Folders of this computer that mean nothing elsewhere: the engine lays out its own.
HERE_ONLY = ("train_data_dir", "reg_data_dir", "output_dir", "logging_dir", "resume", "in_json",
             "dataset_config", "tokenizer_cache_dir", "log_tracker_config")  # fmt: skip


@dataclass(frozen=True)
class Model:
    """A file or folder of weights that must be there; kept under models/SHA256 for later runs.

    files: names below that folder, with the files of this computer and their own SHA-256. name:
    what of it the spec refers to, "" for the whole folder.
    """

    sha256: str
    name: str
    size: int
    files: dict[str, tuple[Path, str]] = field(default_factory=dict)

    @property
    def place(self) -> str:
        """Where it lies below the root of Bespoke there."""
        return f"models/{self.sha256[:16]}" + (f"/{self.name}" if self.name else "")


@dataclass(frozen=True)
class Packed:
    """A run ready to be sent. models: by the config key that names each, "" for the base.

    notes: what was left out, in words.
    """

    zip_path: Path
    sha256: str
    spec: RunSpec
    models: dict[str, Model] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Bytes to upload when nothing is there yet."""
        return self.zip_path.stat().st_size + sum(m.size for m in self.models.values())


def pack_run(run_dir: RunDir, scratch: Path) -> Packed:
    """Pack the run of `run_dir` into `scratch`; the run folder itself is not changed.

    Excluded images, secrets and folders of this computer stay here. Raises AppError for a run that
    is no training, an image that cannot be read, a pickled base model, or a full disk.
    """
    spec = copy.deepcopy(load_spec(run_dir.spec_path))
    if spec.loras:
        raise AppError("only trainings run on another machine", file=run_dir.folder,
                       hint="make the gallery on this computer", kind="usage")  # fmt: skip
    files: dict[str, Path] = {}
    extensions = {*CAPTIONS, str(spec.config.get("caption_extension") or CAPTIONS[0])}
    spec.data = [_take(run_dir, item, n, extensions, files) for n, item in enumerate(spec.data)]
    notes = _clean(spec, run_dir, files)
    models = dict(_models(spec))
    files.update(_state(run_dir) if spec.resume else {})
    path, digest = _write(files, scratch)
    return Packed(path, digest, spec, models, notes)


# -- images and captions ----------------------------------------------------------------------


def _take(
    run_dir: RunDir, item: DataFolder, number: int, extensions: set[str], files: dict[str, Path]
) -> DataFolder:
    """Note the files of one folder under their names there; return the folder as it will be."""
    source = Path(item.folder)
    source = source if source.is_absolute() else run_dir.folder / source
    place = f"data/{number}/{_safe(source.name)}"
    try:
        there = sorted(path for path in source.iterdir() if path.is_file())
    except OSError as error:
        raise AppError(f"cannot be read: {(error.strerror or str(error)).lower()}", file=source,
                       kind="no_data") from error  # fmt: skip
    excluded = set(item.excluded)
    images = [path for path in there if path.suffix.lower() in TRAINER_SUFFIXES]
    images = [path for path in images if path.name not in excluded]
    stems = {path.stem for path in images}
    captions = [p for p in there if p.suffix.lower() in extensions and p.stem in stems]
    for path in (*images, *captions):
        files[f"{place}/{path.name}"] = path
    if not images:
        raise AppError("holds no images to train on", file=source, kind="no_data")
    return replace(item, folder=place, excluded=[])


def _safe(name: str) -> str:
    """The name of a folder: sd-scripts reads the class word of regularisation images from it."""
    return re.sub(r"[^\w .-]+", "_", name).strip(" .") or "images"


def _state(run_dir: RunDir) -> Iterator[tuple[str, Path]]:
    """The newest saved state, for a run that goes on: of our own engines, and of sd-scripts."""
    steps = sorted(run_dir.folder.glob("state/step_*"))[-1:]
    own = [*run_dir.folder.glob("state/*.json")]
    trainer = sorted(
        run_dir.outputs.glob("*-state/train_state.json"), key=lambda path: path.stat().st_mtime
    )[-1:]
    for folder in (*steps, *(path.parent for path in trainer)):
        own += [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in own:
        yield path.relative_to(run_dir.folder).as_posix(), path


def _write(files: dict[str, Path], scratch: Path) -> tuple[Path, str]:
    scratch.mkdir(parents=True, exist_ok=True)
    path = scratch / "data.zip"
    with replacing(path, flush=False) as file:
        packed = CanonicalZip(file)
        for name, source in sorted(files.items(), key=lambda item: order(item[0])):
            try:
                packed.add(name, source.read_bytes())
            except OSError as error:
                raise AppError("cannot be read", file=source, kind="no_data") from error
        packed.close()
    return path, packed.sha256


# -- spec -------------------------------------------------------------------------------------


def _clean(spec: RunSpec, run_dir: RunDir, files: dict[str, Path]) -> list[str]:
    """Take out of a spec what must stay here or means nothing there; say so in words."""
    notes = []
    for values in (spec.config, spec.options):
        for key in [key for key, value in values.items() if is_secret(key, value)]:
            del values[key]
            notes.append(f"{key} is a secret and was left out")
    for key in HERE_ONLY:
        spec.config.pop(key, None)
    for key in ("sd_scripts", "python"):
        spec.options.pop(key, None)
    prompts = spec.config.get("sample_prompts")
    if isinstance(prompts, str):
        path = run_dir.folder / Path(prompts).expanduser()
        if path.is_file():
            files[PROMPTS] = path
            spec.config["sample_prompts"] = PROMPTS
    spec.device = "auto" if spec.device != "cpu" else spec.device
    return notes


def _models(spec: RunSpec) -> Iterator[tuple[str, Model]]:
    """The weights of this computer that the run names; a hub id is fetched there."""
    base = Path(spec.base).expanduser()
    if spec.base != EMBEDDED and base.exists():
        yield "", model_of(base)
    for key in FILE_KEYS:
        given = spec.config.get(key)
        path = Path(given).expanduser() if isinstance(given, str) and given else None
        if path is not None and path.exists():
            yield key, model_of(path)


def model_of(path: Path) -> Model:
    """Return a file or a diffusers folder of weights with its hashes; AppError for a pickle."""
    if path.is_file():
        if path.suffix.lower() != ".safetensors":
            raise AppError("is no .safetensors file; others are never sent", file=path,
                           hint="get the .safetensors version", kind="missing_model")  # fmt: skip
        name = _safe(path.name)
        files = {name: path, **{f"{path.stem}/{n}": p for n, p in _configs_beside(path)}}
    else:
        name, files = "", dict(_folder_files(path))
        if "model_index.json" not in files:
            raise AppError("is no base model in diffusers' layout", file=path,
                           hint="it needs a model_index.json", kind="missing_model")  # fmt: skip
    hashes = {key: file_hash(file) for key, file in files.items()}
    text = "\n".join(f"{hashes[key]} {key}" for key in sorted(files))
    size = sum(file.stat().st_size for file in files.values())
    known = {key: (file, hashes[key]) for key, file in files.items()}
    return Model(hashlib.sha256(text.encode()).hexdigest(), name, size, known)


def _configs_beside(path: Path) -> Iterator[tuple[str, Path]]:
    """Small files that let a single file of weights be read without the network."""
    for folder in (path.with_suffix(""), path.parent):
        if (folder / "model_index.json").is_file() and (folder / "tokenizer").is_dir():
            for name, file in _folder_files(folder):
                if file.suffix != ".safetensors":
                    yield name, file
            return


def _folder_files(folder: Path) -> Iterator[tuple[str, Path]]:
    """The files of a diffusers folder; of two precisions the full one, which is what is read."""
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        wanted = path.suffix in MODEL_FILES and path.is_file() and not name.startswith(".")
        whole = path.suffix == ".safetensors" and "/" not in name
        half = ".fp16." in path.name and path.with_name(path.name.replace(".fp16", "")).exists()
        if wanted and not whole and not half:
            yield name, path


def remote_spec(packed: Packed, root: str, machine_options: dict[str, Any]) -> RunSpec:
    """Return the spec as it is written there. root: Bespoke's folder; machine_options: of it."""
    spec = copy.deepcopy(packed.spec)
    for key, model in packed.models.items():
        if key:
            spec.config[key] = f"{root}/{model.place}"
        else:
            spec.base = f"{root}/{model.place}"
    if "pretrained_model_name_or_path" in spec.config:
        spec.config["pretrained_model_name_or_path"] = spec.base
    spec.options.update(machine_options)
    return spec
