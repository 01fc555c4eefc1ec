"""Helpers of the package tests: small real datasets, configs, and a reader of its own."""

from __future__ import annotations

import zipfile
from pathlib import Path

import toml
from PIL import Image

CONFIG = """\
# my notes on this run
[model_arguments]
pretrained_model_name_or_path = "stable-diffusion-v1-5/stable-diffusion-v1-5"

[network_arguments]
network_module = "networks.lora"
network_dim = 8               # KEEP
network_alpha = 4

[training_arguments]
output_dir = "/somewhere/output"
output_name = "tiny"
logging_dir = "/somewhere/logs"
train_data_dir = "/somewhere/training_data"
resolution = "64,64"
max_train_epochs = 2
save_every_n_epochs = 1
train_batch_size = 2
learning_rate = 1e-4
lr_scheduler = "constant_with_warmup"
lr_warmup_steps = 1
mixed_precision = "no"
sdpa = true
caption_extension = ".txt"
seed = 42
"""


def write_image(path: Path, size=(64, 64), colour=(200, 30, 60)) -> Path:
    """Write a real image; its suffix decides the format."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path)
    return path


def write_pairs(folder: Path, names=("a", "b", "c"), size=(64, 64)) -> Path:
    """Write PNG images with captions."""
    for index, name in enumerate(names):
        write_image(folder / f"{name}.png", size, (index * 40 % 256, 90, 10))
        (folder / f"{name}.txt").write_text(f"pixel art, red hat, portrait {name}", "utf-8")
    return folder


def write_config(folder: Path, text: str = CONFIG) -> Path:
    """Write a training config that has nothing wrong in it."""
    path = folder / "training_config.toml"
    path.write_text(text, "utf-8")
    return path


def write_zip(path: Path, files: dict[str, bytes | str]) -> Path:
    """Write a zip as a person would make it by hand."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in files.items():
            target.writestr(name, data)
    return path


def as_trainer(zip_path: Path, workspace: Path) -> dict[str, tuple[int, dict[str, str]]]:
    """Read a package by the trainer's documented rules, with none of the writer's code.

    Extracts into `workspace`, flattens the config, looks only into `<int>_<name>` folders of
    train_data_dir and returns {folder: (repeats, {image: first line of its caption})}.
    """
    with zipfile.ZipFile(zip_path) as source:
        source.extractall(workspace)
    (config,) = workspace.glob("*/training_config.toml")
    args: dict[str, str] = {}
    for name, section in toml.load(config).items():
        args.update(section if isinstance(section, dict) else {name: section})
    root = Path(args["train_data_dir"].replace("/workspace", str(workspace), 1))
    found = {}
    for folder in root.iterdir() if root.is_dir() else ():
        number, _, _name = folder.name.partition("_")
        if folder.is_dir() and number.isdecimal() and int(number) > 0:
            extension = args.get("caption_extension", ".caption")
            images = sorted(folder.glob("*.png")) + sorted(folder.glob("*.jpg"))
            found[folder.name] = (int(number), {i.name: _line(i, extension) for i in images})
    return found


def _line(image: Path, extension: str) -> str:
    return image.with_suffix(extension).read_text("utf-8").splitlines()[0].strip()
