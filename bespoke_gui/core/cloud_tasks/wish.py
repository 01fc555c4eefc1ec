"""Wish: one package and the machines it is to be trained on, checked before anything is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from bespoke_gui.core.config.trainer_config import TrainingConfig, decode
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package_layout import SCRIPT_NAME, locate
from bespoke_gui.core.package_script import BASE_GB, TRAINER_GB, checkpoint_name
from bespoke_gui.core.package_tree import ZipTree, open_tree
from bespoke_gui.core.runspec import EMBEDDED

SYSTEM_GB = 30
"""What an image with torch and CUDA takes of a machine's disk."""
_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]+")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{2,62}")


@dataclass(frozen=True)
class TaskWish:
    """What a task is made of.

    package: the zip here; inside: its folder in the zip; config: its training config. gpus: cards
    as people name them, in order of preference; count: how many of one card train together.
    max_hours: when the machine is given up, None for never. usd_per_hour: the most a machine may
    cost. bucket: where checkpoints are kept, "" for the machine's own disk. nodes, main_host:
    machines that train together, and the address of the first.
    """

    package: Path
    inside: str
    name: str
    config: TrainingConfig
    gpus: tuple[str, ...]
    count: int = 1
    max_hours: float | None = None
    usd_per_hour: float | None = None
    bucket: str = ""
    nodes: int = 1
    main_host: str = ""

    @property
    def disk_gb(self) -> int:
        """Disk for image, package, trainer, base model and checkpoints, rounded up to 10 GB."""
        own = self.package.stat().st_size * 2 / 1e9
        return -(-int(SYSTEM_GB + BASE_GB + TRAINER_GB + own + 11) // 10) * 10

    @property
    def checkpoint(self) -> str:
        """The name of the final checkpoint."""
        return checkpoint_name(self.config.values)


def wish_for(
    package: Path,
    gpus: Sequence[str],
    *,
    count: int = 1,
    max_hours: float | None = None,
    usd_per_hour: float | None = None,
    bucket: str = "",
    nodes: int = 1,
    main_host: str = "",
) -> TaskWish:
    """Read a package and return the wish.

    Raises AppError for a package that is none of Bespoke's zips or trains on the embedded base,
    and kind "usage" for machines that cannot be meant.
    """
    inside, config = _read(Path(package))
    cards = tuple(name.strip() for name in gpus if name.strip())
    _check(cards, count, max_hours, usd_per_hour, bucket, nodes, main_host)
    slug = re.sub(r"[^a-z0-9]+", "-", Path(package).stem.lower()).strip("-")[:40]
    return TaskWish(
        Path(package).absolute(), inside, f"bespoke-{slug or 'lora'}", config, cards, count,
        max_hours, usd_per_hour, bucket, nodes, main_host,
    )  # fmt: skip


def _read(package: Path) -> tuple[str, TrainingConfig]:
    tree = open_tree(package)
    if not isinstance(tree, ZipTree):
        hint = "name the zip that `bespoke package` wrote"
        raise AppError("is a folder", file=package, hint=hint)
    with tree:
        names = tree.names()
        found = locate(names)
        folder = PurePosixPath(found.config).parent.as_posix() if found.config else ""
        if not found.config or f"{folder}/{SCRIPT_NAME}" not in names:
            hint = "make it with `bespoke package`"
            raise AppError(f"has no {SCRIPT_NAME} beside its config", file=package, hint=hint)
        config = TrainingConfig(decode(tree.read(found.config), Path(found.config)))
    if config.get("pretrained_model_name_or_path") == EMBEDDED:
        hint = "name a Stable Diffusion 1.5 model in the config, or use `bespoke train`"
        raise AppError("trains on Bespoke's own base", file=package, hint=hint, kind="bad_config")
    return folder, config


def _check(
    gpus: tuple[str, ...], count: int, max_hours: float | None, usd: float | None, bucket: str,
    nodes: int, main_host: str,
) -> None:  # fmt: skip
    wrong = ""
    if not gpus:
        wrong = "no card is named"
    elif not 1 <= count <= 64 or not 1 <= nodes <= 64:
        wrong = "cards and machines are 1 to 64"
    elif any(one is not None and not 0 < one < 1e6 for one in (max_hours, usd)):
        wrong = "a limit must be more than 0"
    elif bucket and not _BUCKET.fullmatch(bucket):
        wrong = f"{bucket!r} is no name of a bucket"
    elif main_host and not _HOST.fullmatch(main_host):
        wrong = f"{main_host!r} is no address"
    if wrong:
        raise AppError(wrong, hint='for example --gpu "A100,H100"', kind="usage")
