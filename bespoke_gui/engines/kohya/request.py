"""Request: the folders, config file, command and environment of one sd-scripts training."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.held_out import RECORD, held_out, held_out_share, record_held_out
from bespoke_gui.core.runspec import EMBEDDED, DataFolder
from bespoke_gui.engines.checkpoints import DEFAULT_NAME
from bespoke_gui.engines.context import RunContext

CONFIG = "trainer_config.toml"
PLACED = "trainer_data"  # not data/: there lie the images that were sent to this machine
PLACES = ("venv/bin/python", ".venv/bin/python", "venv/Scripts/python.exe",
          ".venv/Scripts/python.exe")  # fmt: skip
IMAGES = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
CAPTIONS = (".txt", ".caption", ".npz")
ENVIRONMENT = {
    # rich wraps its log at 80 columns where there is no terminal, in the middle of paths.
    "COLUMNS": "300", "PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "PYTHONIOENCODING": "utf-8",
    "HF_HUB_DISABLE_TELEMETRY": "1", "TF_CPP_MIN_LOG_LEVEL": "3",
}  # fmt: skip


def checkout_of(context: RunContext) -> Path:
    """The sd-scripts folder; AppError kind "missing_package" when it is not there."""
    given = str(context.spec.options.get("sd_scripts") or os.environ.get("BESPOKE_SD_SCRIPTS", ""))
    folder = Path(given).expanduser()
    if not given:
        raise AppError("no sd-scripts checkout is named", hint="give its folder with --sd-scripts",
                       kind="missing_package")  # fmt: skip
    if not (folder / script_of(context)).is_file():
        raise AppError(f"holds no {script_of(context)}", file=folder,
                       hint="give the folder of a kohya-ss/sd-scripts checkout",
                       kind="missing_package")  # fmt: skip
    return folder.absolute()


def script_of(context: RunContext) -> str:
    """Which of sd-scripts' programs trains: options["script"], else the one for SD 1.x and 2.x."""
    return str(context.spec.options.get("script") or "train_network.py")


def command(context: RunContext, checkout: Path, config: Path) -> list[str]:
    """The command line, run in the checkout; accelerate starts it unless options say "python"."""
    python = str(context.spec.options.get("python") or _python(checkout))
    start = [python]
    if context.spec.options.get("launcher") != "python":
        start += ["-m", "accelerate.commands.launch", "--num_cpu_threads_per_process=2"]
        start += several_gpus(int(context.spec.options.get("gpus") or 1))
    return [*start, script_of(context), f"--config_file={config}"]


def several_gpus(count: int) -> list[str]:
    """accelerate's words for one process a card; on one card it decides by itself."""
    if count < 2:
        return []
    # Without the number of machines accelerate asks for it, or takes that of an old config file.
    return ["--multi_gpu", f"--num_processes={count}", "--num_machines=1", "--dynamo_backend=no"]


def _python(checkout: Path) -> Path:
    """The checkout's own Python where it has one, also beside it (as kohya_ss lays it out)."""
    for folder in (checkout, checkout.parent):
        for place in PLACES:
            if (folder / place).is_file():
                return folder / place
    return Path(sys.executable)


def prepare(context: RunContext) -> Path:
    """Lay out images and config in the run folder; return the config the trainer is given."""
    values = dict(context.spec.config)
    spec = context.spec
    if spec.base == EMBEDDED:
        raise AppError("sd-scripts cannot train the embedded base", kind="bad_config",
                       hint="use the engine lora, or name a Stable Diffusion 1.5")  # fmt: skip
    values["pretrained_model_name_or_path"] = spec.base
    values["output_dir"] = str(context.run_dir.outputs)
    values.setdefault("output_name", DEFAULT_NAME)
    values["save_model_as"] = "safetensors"
    _seed_of_validation(context, values)
    if values.get("logging_dir"):
        values["logging_dir"] = str(context.folder / "tensorboard")
    _place_data(context, values)
    _tell_held_out(context, values)
    _place_prompts(context, values)
    if spec.resume:
        values["resume"] = str(last_state(context.run_dir.outputs))
    path = context.folder / CONFIG
    write_text(path, as_toml(values))
    return path


def _seed_of_validation(context: RunContext, values: dict[str, Any]) -> None:
    """Without validation_seed sd-scripts shuffles once for the images to teach and once more for
    those to measure on (train_util.py:170), so that most of the latter are taught as well."""
    if held_out_share(values) and values.get("validation_seed") is None:
        values["validation_seed"] = seed = int(values.get("seed") or 0)
        context.info(f"validation_seed = {seed}: without one the images held out would be taught")


def _place_data(context: RunContext, values: dict[str, Any]) -> None:
    taught = [item for item in context.spec.data if not item.is_reg]
    reg = [item for item in context.spec.data if item.is_reg]
    if not taught:
        return  # The config names its own folder.
    # Links and copies of an earlier start of this run: they would be trained on as well.
    shutil.rmtree(context.folder / PLACED, ignore_errors=True)
    for name, items in (("train_data_dir", taught), ("reg_data_dir", reg)):
        values.pop(name, None)
        if items:
            place = context.folder / PLACED / name.split("_")[0]
            values[name] = str(place)
            for item in items:
                _link(context, item, place)


def _tell_held_out(context: RunContext, values: dict[str, Any]) -> None:
    """Name the images that sd-scripts will measure on: each folder's, shuffled as it does."""
    share, place = held_out_share(values), context.folder / PLACED / "train"
    if not share or not place.is_dir():
        return
    seed, found = int(values["validation_seed"]), []
    for folder in sorted(place.iterdir()):
        images = [path for path in sorted(folder.iterdir()) if path.suffix.lower() in IMAGES]
        places = held_out(len(images), share, seed)
        found += [path for number, path in enumerate(images) if number in places]
    record_held_out(context.folder, share, seed, found)
    context.info(f"{len(found)} images are not taught but measured on ({RECORD})")


def _link(context: RunContext, item: DataFolder, place: Path) -> None:
    """Give a folder the name that sd-scripts reads, its files linked, excluded images left out."""
    source = context.resolve(item.folder)
    word = item.class_word or re.sub(r"^\d+_", "", source.name) or "images"
    target = _free(place, f"{item.repeats}_{word}")
    target.mkdir(parents=True)
    excluded = set(item.excluded)
    stems = {Path(name).stem for name in excluded}
    for path in sorted(source.iterdir()):
        beside = path.suffix.lower() in CAPTIONS and path.stem in stems
        if path.is_file() and path.name not in excluded and not beside:
            _copy(path, target / path.name)


def _free(place: Path, name: str) -> Path:
    """A folder name that no other dataset folder has taken."""
    number = 1
    target = place / name
    while target.exists():
        number += 1
        target = place / f"{name}_{number}"
    return target


def _copy(source: Path, target: Path) -> None:
    # Captions are copied: the trainer shall read what was there when the run began.
    if source.suffix.lower() not in CAPTIONS:
        with contextlib.suppress(OSError):
            os.link(source, target)
            return
    shutil.copyfile(source, target)


def _place_prompts(context: RunContext, values: dict[str, Any]) -> None:
    """A file of sample prompts is found beside the config or not at all; a missing one stops
    sd-scripts at the first sample, after an epoch that was paid for."""
    given = values.get("sample_prompts")
    if given is None:
        return
    found = context.resolve(str(Path(str(given)).expanduser()))
    values["sample_prompts"] = str(found)
    if not found.is_file():
        values.pop("sample_prompts")
        context.warn("sample_prompts is no file on this machine: no samples are made")


def last_state(outputs: Path) -> Path:
    """The newest complete state folder; AppError kind "bad_config" when there is none."""
    states = [path.parent for path in outputs.glob("*-state/train_state.json")]
    if not states:
        raise AppError("has no saved state to go on from", file=outputs,
                       hint="save_state = true keeps one each epoch; start a new run",
                       kind="bad_config")  # fmt: skip
    return max(states, key=lambda path: (path / "train_state.json").stat().st_mtime)


def as_toml(values: Mapping[str, Any]) -> str:
    """The flat config as TOML. JSON's texts, numbers, switches and lists are TOML's as well."""
    lines = []
    for key, value in values.items():
        plain = value if not isinstance(value, (list, tuple)) else [v for v in value if _plain(v)]
        if _plain(value) or isinstance(value, (list, tuple)):
            # The only character that JSON leaves as it is and TOML forbids.
            text = json.dumps(plain, ensure_ascii=False).replace("\x7f", "\\u007f")
            lines.append(f"{key} = {text}")
    return "\n".join(lines) + "\n"


def _plain(value: Any) -> bool:
    return isinstance(value, (str, bool, int, float))
