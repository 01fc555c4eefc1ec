"""Wish: what to rent for a run: cards in order, cloud, disks, image, and what it may cost."""

from __future__ import annotations

import math
import re
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from bespoke_gui.core import settings
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rundir import RunDir, read_json
from bespoke_gui.launch.runpod.catalog import CLOUDS, Offer

IMAGE = "runpod/pytorch:1.0.2-cu1281-torch280-ubuntu2404"
"""The image RunPod recommends: CUDA 12.8 drives every card from Volta to Blackwell."""
OLDEST_FOR = (("5060", "5070", "5080", "5090", "B200", "B300", "PRO 6000", "PRO 5000"), (12, 8))
"""Cards of the generation Blackwell, and the first CUDA that drives them."""
WORKDIR = "/workspace"
SPARE, BESIDE_GB = 1.2, 25
_KEYS = ("image", "disk", "storage", "workdir", "python", "sd_scripts")


@dataclass(frozen=True)
class Wish:
    """What a person asked for. gpus: names in order of preference.

    max_usd, max_hours: None for no cap. volume: id of a network volume, "" for a disk of the pod.
    keep_pod: only stop it at the end. disk, storage: GB of the container and of the disk at
    `workdir`, which survives a stop. python, sd_scripts: of the image, as of any machine.
    """

    gpus: tuple[str, ...]
    cloud: str = "secure"
    count: int = 1
    max_usd: float | None = None
    max_hours: float | None = None
    volume: str = ""
    keep_pod: bool = False
    image: str = IMAGE
    disk: int = 30
    storage: int = 30
    workdir: str = WORKDIR
    python: str = ""
    sd_scripts: str = ""

    def as_place(self) -> dict[str, Any]:
        """Return what spec.json keeps of it; there is no secret in it."""
        return {**asdict(self), "gpus": list(self.gpus)}


def wish_from(place: dict[str, Any]) -> Wish:
    """Read and check a wish; what it leaves out comes from the settings, then the defaults.

    Raises AppError kind "usage" for what cannot be rented.
    """
    usual = {key: value for key, value in settings.load().runpod.items() if key in _KEYS}
    known = {item.name for item in fields(Wish)}
    given = {key: value for key, value in {**usual, **place}.items() if key in known}
    given["gpus"] = tuple(
        str(name).strip() for name in given.get("gpus") or () if str(name).strip()
    )
    wish = Wish(**given)
    _check(wish)
    return wish


def sized(wish: Wish, written: int) -> Wish:
    """Return the wish with room for what a run writes (bytes), its environment and base model."""
    return replace(wish, storage=max(wish.storage, math.ceil(written * SPARE / 1e9) + BESIDE_GB))


def wish_of(run_dir: RunDir) -> Wish:
    """Return the wish that a run's spec.json holds."""
    spec = read_json(run_dir.spec_path) or {}
    place = spec.get("place")
    return wish_from(place if isinstance(place, dict) else {})


def cuda_of(image: str) -> tuple[int, int] | None:
    """Return the CUDA version that an image's name tells, as (12, 8), or None."""
    short = re.search(r"cu(\d\d)(\d)\d?(?!\d)", image)
    long = re.search(r"cuda-?(\d\d)\.(\d)", image)
    found = short or long
    return (int(found[1]), int(found[2])) if found else None


def body_for(
    wish: Wish, offer: Offer, name: str, env: dict[str, str], center: str
) -> dict[str, Any]:
    """Return the request that creates a pod. center: data center of a network volume, or ""."""
    # Without a count every creation fails with "no instances", whatever the description says.
    gpu: dict[str, Any] = {"id": offer.id, "count": wish.count}
    cuda = cuda_of(wish.image)
    if cuda:
        gpu["minCudaVersion"] = f"{cuda[0]}.{cuda[1]}"
    body: dict[str, Any] = {
        "name": name, "image": wish.image, "gpu": gpu, "cloud": wish.cloud.upper(),
        "disk": wish.disk, "ports": ["22/tcp"], "env": env,
    }  # fmt: skip
    if wish.volume:
        body["mounts"] = {"network": [{"volumeId": wish.volume, "path": wish.workdir}]}
        body["dataCenterIds"] = [center]
    else:
        body["mounts"] = {"persistent": {"size": wish.storage, "path": wish.workdir}}
    return body


def image_problem(image: str, gpu: str) -> str:
    """Say why an image cannot drive a card, or ""."""
    names, oldest = OLDEST_FOR
    cuda = cuda_of(image)
    if cuda is None or cuda >= oldest or not any(name in gpu for name in names):
        return ""
    has, needs = (".".join(map(str, version)) for version in (cuda, oldest))
    return f"CUDA {has} of {image} cannot drive {gpu}, which needs {needs}"


def _check(wish: Wish) -> None:
    if not wish.gpus:
        raise AppError("no card is named", hint='name one or more: --gpu "A100,4090"', kind="usage")
    if wish.cloud not in CLOUDS:
        raise AppError(
            f"there is no cloud {wish.cloud!r}", hint="secure or community", kind="usage"
        )
    for name in ("max_usd", "max_hours"):
        cap = getattr(wish, name)
        is_number = isinstance(cap, (int, float)) and math.isfinite(cap) and cap > 0
        if cap is not None and not is_number:
            raise AppError(f"{name} must be more than 0", kind="usage")
    if not wish.workdir.startswith("/") or wish.disk < 1 or wish.storage < 10 or wish.count < 1:
        hint = "workdir begins with /, storage is 10 GB or more"
        raise AppError("the settings of rented machines make no sense", hint=hint, kind="usage")
