"""Engine environment: which Python has torch, and installing one of our own where none has."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bespoke_gui.core import settings
from bespoke_gui.core.atomic import write_text
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource

NEEDED = ("torch", "diffusers", "transformers", "peft", "accelerate", "safetensors")
WITHOUT_TORCH = ("fake", "kohya")
# PyPI's torch is for CUDA 13 on Linux and for processors on Windows; the others lie there
# (github.com/pytorch/pytorch/pull/187075: 2.13 is built for CUDA 12.6 and 13.0).
WHEELS = "https://download.pytorch.org/whl"
TURING = (7, 5)  # the oldest cards that builds for CUDA 13 know
MARKER = "state.txt"
INCOMPLETE = "incomplete"
Progress = Callable[[str], None]
Version = tuple[int, ...]


def _has_nvidia() -> bool:
    return shutil.which("nvidia-smi") is not None or Path("/proc/driver/nvidia").exists()


# About what an installation takes on disk; torch for NVIDIA cards brings their libraries.
INSTALL_BYTES = 7_000_000_000 if _has_nvidia() else 1_300_000_000


@dataclass(frozen=True)
class EngineStatus:
    """source: setting, own, managed, or "" when no Python with the engine was found."""

    source: str
    python: str
    folder: str
    complete: bool
    bytes: int
    install_bytes: int

    @property
    def ready(self) -> bool:
        return bool(self.python)


def folder() -> Path:
    """Where our own engine environment lives."""
    return settings.home() / "engine"


def engine_python() -> Path | None:
    """The Python that has the engine's packages: the setting, our own, the managed one, or None."""
    return _found()[1]


def python_for(engine: str) -> Path:
    """The Python to run `engine` with; those without torch of ours run with any.

    Raises AppError kind "missing_package" when the engine is not installed anywhere.
    """
    if engine in WITHOUT_TORCH and not getattr(sys, "frozen", False):
        return Path(sys.executable)
    python = engine_python()
    if python is None:
        raise AppError(
            "the training engine is not installed",
            hint=f"`bespoke engine install` fetches about {INSTALL_BYTES / 1e9:.1f} GB",
            kind="missing_package",
        )
    return python


def status() -> EngineStatus:
    """Say which Python would be used and what our own environment holds."""
    source, python = _found()
    where = folder()
    return EngineStatus(
        source,
        str(python or ""),
        str(where),
        _marker(where) == _wanted(),
        _size(where),
        INSTALL_BYTES,
    )


def environment(python: Path) -> dict[str, str]:
    """Variables for the engine: unbuffered UTF-8, and where to find bespoke_gui."""
    found = {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1", "HF_HUB_DISABLE_TELEMETRY": "1"}
    root = Path(__file__).resolve().parents[2]
    if (root / "pyproject.toml").is_file() or not _same(python, Path(sys.executable)):
        old = os.environ.get("PYTHONPATH", "")
        code = root if (root / "pyproject.toml").is_file() else _staged(root)
        found["PYTHONPATH"] = os.pathsep.join([str(code), old] if old else [str(code)])
    return found


def install(
    progress: Progress, cancelled: Callable[[], bool] = lambda: False, source: str = ""
) -> Path:
    """Make our own environment; returns its Python. `source` is extra words for pip.

    An installation that was cut short is marked "incomplete" and made anew. Raises AppError
    kind "network" or "disk_full" in one line, "cancelled" when `cancelled` says so.
    """
    where = folder()
    _check_room(where)
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    write_text(where / MARKER, INCOMPLETE)
    progress(f"making an environment in {where}")
    _run([base_python(), "-m", "venv", str(where / "venv")], progress, cancelled)
    python = _venv_python(where)
    _run([str(python), "-m", "pip", *_pip_words(source)], progress, cancelled)
    _run([str(python), "-c", _CHECK], progress, cancelled)
    write_text(where / MARKER, _wanted())
    progress("the engine is installed")
    return python


def base_python() -> str:
    """The Python to make an environment with: our own, or in the packed app one of the system.

    Raises AppError kind "missing_package" when the packed app finds none.
    """
    if not getattr(sys, "frozen", False):
        return sys.executable
    for name in ("python3.13", "python3.12", "python3.11", "python3", "python"):
        found = shutil.which(name)
        if found and _version_of(found) >= (3, 10):
            return found
    raise AppError(
        "no Python to install the training engine with was found",
        hint="install Python 3.11 or newer, or name one in the settings",
        kind="missing_package",
    )


def _version_of(python: str) -> tuple[int, ...]:
    code = "import sys; print(*sys.version_info[:2])"
    done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False)
    return tuple(int(part) for part in done.stdout.split()) or (0,)


def remove() -> int:
    """Delete our own environment; returns the bytes freed. Models and runs stay."""
    size = _size(folder())
    shutil.rmtree(folder(), ignore_errors=True)
    return size


_CHECK = f"import {', '.join(NEEDED)}"


def _found() -> tuple[str, Path | None]:
    chosen = settings.load().engine_python
    if chosen and Path(chosen).is_file():
        return "setting", Path(chosen)
    if not getattr(sys, "frozen", False) and has_packages():
        return "own", Path(sys.executable)
    where = folder()
    if _marker(where) == _wanted() and _venv_python(where).is_file():
        return "managed", _venv_python(where)
    return "", None


def has_packages() -> bool:
    """Whether this Python has everything the engine needs; nothing is imported."""
    return all(importlib.util.find_spec(name) is not None for name in NEEDED)


def _requirements() -> Path:
    return resource("engine_requirements.txt")


def _wanted() -> str:
    return _requirements().read_text(encoding="utf-8")


def _pip_words(source: str) -> list[str]:
    words = ["install", "--no-input", "--disable-pip-version-check", "--progress-bar", "off"]
    build = torch_build(sys.platform, *_card()) if sys.platform != "darwin" else ""
    if build:
        words += ["--extra-index-url", f"{WHEELS}/{build}"]
    return [*words, *source.split(), "-r", str(_requirements())]


def torch_build(system: str, capability: Version | None, cuda: Version) -> str:
    """Return which build of torch fits a card, "" for the one on PyPI.

    capability: NVIDIA's compute capability, () where it is not known, None without a card; cuda:
    the newest that the driver can run. Drivers from 580 on run CUDA 13, from 525 on CUDA 12.
    """
    if capability is None:
        # The processor's build is a tenth of the size of the one for NVIDIA cards.
        return "cpu" if system == "linux" else ""
    if (capability and capability < TURING) or (cuda and cuda < (13,)):
        return "cu126"
    return "cu130" if system == "win32" else ""


def _card() -> tuple[Version | None, Version]:
    """The oldest card's compute capability and the driver's CUDA, as nvidia-smi tells them."""
    if not _has_nvidia():
        return None, ()
    head = re.search(r"CUDA (?:UMD )?Version:\s*([0-9.]+)", _smi())
    cards = [_numbers(line) for line in _smi("--query-gpu=compute_cap", "--format=csv,noheader")
             .splitlines()]  # fmt: skip
    return min(filter(None, cards), default=()), _numbers(head.group(1) if head else "")


def _smi(*words: str) -> str:
    try:
        done = subprocess.run(["nvidia-smi", *words], capture_output=True, check=False, timeout=30)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace") if done.returncode == 0 else ""


def _numbers(text: str) -> Version:
    return tuple(int(part) for part in re.findall(r"\d+", text)[:2])


def _run(command: list[str], progress: Progress, cancelled: Callable[[], bool]) -> None:
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
        errors="replace", env=_clean_env(),
    )  # fmt: skip
    lines: list[str] = []
    with process:
        ended = threading.Event()
        watcher = threading.Thread(target=_end_when, args=(process, cancelled, ended), daemon=True)
        watcher.start()
        for line in process.stdout or ():
            lines.append(line.rstrip())
            progress(line.rstrip())
        process.wait()
        ended.set()
        watcher.join()
    if cancelled():
        raise AppError("the installation was cancelled", kind="cancelled")
    if process.returncode:
        raise explained(lines)


def _end_when(
    process: subprocess.Popen[str], cancelled: Callable[[], bool], ended: threading.Event
) -> None:
    while not ended.wait(0.2):
        if cancelled():
            with contextlib.suppress(OSError):
                process.kill()
            return


def _clean_env() -> Mapping[str, str]:
    drop = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {key: value for key, value in os.environ.items() if key not in drop}


def explained(lines: list[str]) -> AppError:
    """Return what to tell about an installation that failed, from what pip printed."""
    text = "\n".join(lines).lower()
    reasons: tuple[tuple[tuple[str, ...], str, str, str], ...] = (
        (("no space left",), "disk_full", "the disk is full", "free some space and try again"),
        (
            ("connection", "timed out", "name resolution", "no matching distribution"),
            "network", "the packages could not be fetched", "check the connection and try again",
        ),
    )  # fmt: skip
    for words, kind, message, hint in reasons:
        if any(word in text for word in words):
            return AppError(message, hint=hint, kind=kind)
    last = next((line for line in reversed(lines) if line.strip()), "no reason given")
    return AppError(f"the installation failed: {last}", hint="try again", kind="missing_package")


def _check_room(where: Path) -> None:
    where.parent.mkdir(parents=True, exist_ok=True)
    free = shutil.disk_usage(where.parent).free
    needed = INSTALL_BYTES * 3 // 2
    if free < needed:
        raise AppError(
            f"needs {needed / 1e9:.1f} GB of disk, {free / 1e9:.1f} GB are free",
            file=where, hint="free some space", kind="disk_full",
        )  # fmt: skip


def _venv_python(where: Path) -> Path:
    if sys.platform == "win32":
        return where / "venv" / "Scripts" / "python.exe"
    return where / "venv" / "bin" / "python"


def _marker(where: Path) -> str:
    try:
        return (where / MARKER).read_text(encoding="utf-8")
    except OSError:
        return ""


def _size(where: Path) -> int:
    total = 0
    for path in where.rglob("*") if where.is_dir() else ():
        with contextlib.suppress(OSError):
            total += path.lstat().st_size if path.is_file() else 0
    return total


def _same(one: Path, other: Path) -> bool:
    return os.path.normcase(one) == os.path.normcase(other)


def source_root() -> Path:
    """The folder that holds the sources of bespoke_gui; the packed app carries them."""
    root = Path(__file__).resolve().parents[2]
    packed = root / "engine_source"
    return packed if packed.is_dir() else root


def _staged(root: Path) -> Path:
    """A copy of the package alone: another Python must not see this one's site-packages.

    The packed app carries its sources for this, a wheel is its own source.
    """
    target = settings.home() / "engine_code"
    shutil.rmtree(target, ignore_errors=True)
    skip = shutil.ignore_patterns("__pycache__", "views", "qtmodels", "demo")
    shutil.copytree(source_root() / "bespoke_gui", target / "bespoke_gui", ignore=skip)
    if source_root() != root:
        resources = target / "bespoke_gui" / "resources"
        shutil.copytree(resource("protocol.toml").parent, resources, ignore=skip)
    return target


def facts() -> dict[str, Any]:
    """The status as the command line prints it."""
    now = status()
    return {
        "ready": now.ready, "source": now.source, "python": now.python, "folder": now.folder,
        "complete": now.complete, "bytes": now.bytes, "install_bytes": now.install_bytes,
    }  # fmt: skip
