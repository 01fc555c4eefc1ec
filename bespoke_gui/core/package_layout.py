"""Layout of a package: what lies where in the zip, and where it will be on the rented machine."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from pathlib import PurePosixPath

from bespoke_gui.core.config.train_data import is_trainer_image
from bespoke_gui.core.dataset import folder_repeats

WORKSPACE = "/workspace"
CONFIG_NAME = "training_config.toml"
DATA_NAME = "training_data"
REG_NAME = "reg"
MANIFEST_NAME = "manifest.json"
SCRIPT_NAME = "run.sh"
README_NAME = "README.md"
MODELS = "/workspace/models"
LAYOUTS = {"runpod": "runpod_package"}
JUNK_SUFFIXES = (".npz", ".bak", ".tmp", ".orig", ".pyc")
JUNK_NAMES = (".ds_store", "thumbs.db", "desktop.ini")
_UNSAFE = re.compile(r'[\x00-\x1f\x7f\\:*?"<>|]+')
_RESERVED = {"CON", "PRN", "AUX", "NUL"} | {f"{d}{n}" for d in ("COM", "LPT") for n in range(1, 10)}
LONGEST_NAME = 200  # bytes; file systems stop at 255, and a number or suffix may be added
_LONGEST_SUFFIX = 12
_NO_WORD = re.compile(r"[^A-Za-z0-9-]+")


@dataclass(frozen=True)
class Found:
    """Where config and data lie in a package, relative to its root; "" where there is none."""

    config: str
    data: str
    other_configs: tuple[str, ...] = ()


def class_name(text: str) -> str:
    """Return a word for a folder name: letters, digits, `-` and `_` only."""
    return _NO_WORD.sub("_", text).strip("_") or "images"


def safe_name(name: str) -> str:
    """Return one file name that every system can extract, the same wherever it was read.

    Composed (NFC): macOS hands out names taken apart. Cut where file systems would refuse it.
    """
    name = _UNSAFE.sub("_", unicodedata.normalize("NFC", name)).strip(" .") or "_"
    if name.split(".")[0].upper() in _RESERVED:
        name = f"_{name}"
    stem, dot, suffix = name.rpartition(".")
    if not dot or len(suffix) > _LONGEST_SUFFIX:
        stem, dot, suffix = name, "", ""
    while len(f"{stem}{dot}{suffix}".encode()) > LONGEST_NAME:
        stem = stem[: len(stem) * 3 // 4]
    return f"{stem}{dot}{suffix}"


def locate(names: list[str], train_data_dir: str = "") -> Found:
    """Find config and data of a package among its file names.

    `train_data_dir` of the config decides where the data is when it points into the package;
    else the folder with most images does, so that a wrong path can be told apart from no data.
    """
    configs = _configs(names)
    wanted = _relative(train_data_dir)
    if not wanted or not any(name.startswith(f"{wanted}/") for name in names):
        wanted = _fullest(names)
    return Found(configs[0] if configs else "", wanted, tuple(configs[1:]))


def is_junk(name: str) -> bool:
    """Whether a file has no place in a package (caches, backups, leftovers of a desktop)."""
    # Plain text work: this is asked of every file of large sets.
    last = name.rpartition("/")[2].lower()
    if last.startswith("._") or "__MACOSX" in name.split("/"):
        return True
    return last in JUNK_NAMES or last.endswith(JUNK_SUFFIXES)


def _configs(names: list[str]) -> list[str]:
    """Return training configs, the likeliest first: by name, then the least deep."""
    tomls = [n for n in names if n.lower().endswith(".toml") and not is_junk(n)]
    proper = [n for n in tomls if PurePosixPath(n).name == CONFIG_NAME]
    return sorted(proper or tomls, key=lambda n: (n.count("/"), n))


def _relative(path: str) -> str:
    parts = PurePosixPath(path).parts
    return "/".join(parts[2:]) if parts[:2] == ("/", "workspace") else ""


def _fullest(names: list[str]) -> str:
    counts: dict[str, int] = {}
    for name in names:
        if is_trainer_image(name) and not is_junk(name):
            folder = PurePosixPath(name).parent
            parent = folder.parent if folder_repeats(folder.name) else folder
            key = "" if str(parent) == "." else str(parent)
            counts[key] = counts.get(key, 0) + 1
    return max(sorted(counts), key=lambda key: counts[key], default="")
