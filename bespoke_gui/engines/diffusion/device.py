"""Device: where to compute, in which precision, and with how many threads."""

from __future__ import annotations

import contextlib
import os

import torch

from bespoke_gui.core.errors import AppError

LOOK_S = 0.3
MOST_AT_ONCE = 16
GIB_AN_IMAGE = 1.5
"""Of 512 px, with guidance, the decoder included."""


def pick_device(wanted: str) -> torch.device:
    """Return the device for "auto", "cpu", "cuda" or "mps"; AppError when it is not there."""
    if wanted in ("", "auto"):
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    there = {
        "cpu": True,
        "cuda": torch.cuda.is_available(),
        "mps": torch.backends.mps.is_available(),
    }
    if not there.get(wanted.split(":")[0], False):
        raise AppError(f"there is no device {wanted!r} here", hint="use auto", kind="bad_config")
    return torch.device(wanted)


def device_name(device: torch.device) -> str:
    """Return the card's name as its driver gives it, or "cpu" or "mps"."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else device.type


def inference_dtype(device: torch.device) -> torch.dtype:
    """Half precision on a CUDA card, full elsewhere (half on a CPU is slow or unsupported)."""
    return torch.float16 if device.type == "cuda" else torch.float32


def images_at_once(device: torch.device, width: int, height: int) -> int:
    """How many images of that size to generate together: what free memory allows, at most 16.

    A small batch leaves a fast card waiting for the processor (512 px on an H200: 0.7 images a
    second one by one, 1.5 by fours, 2.2 by sevens).
    """
    if device.type != "cuda":
        return 8 if device.type == "cpu" else 2
    free, _all = torch.cuda.mem_get_info(device)
    each = GIB_AN_IMAGE * 2**30 * max(0.25, width * height / 512**2)
    return max(1, min(MOST_AT_ONCE, int(free * 0.8 / each)))


def use_threads(wanted: int | None = None) -> int:
    """Set how many CPU threads torch uses and return it.

    OMP_NUM_THREADS or `wanted` decide. Else the cores that nobody uses at present, at least one:
    threads that wait for a busy core made a step 2 to 25 times slower than one thread alone.
    """
    count = wanted or _whole(os.environ.get("OMP_NUM_THREADS", "")) or _free_cores()
    torch.set_num_threads(max(1, count))
    return torch.get_num_threads()


def _whole(text: str) -> int:
    return int(text) if text.isdigit() else 0


def _free_cores() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return max(1, (cores or 1) - round(_busy(cores or 1)))


def _busy(cores: int) -> float:
    """How many cores are in use now; the load of the last minute where psutil is missing."""
    try:
        import psutil

        return psutil.cpu_percent(interval=LOOK_S) / 100 * cores
    except ImportError:
        with contextlib.suppress(OSError, AttributeError):
            return os.getloadavg()[0]
        return 0.0
