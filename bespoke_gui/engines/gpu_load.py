"""GPU load: how busy the cards are and how full their memory is, told while an engine works."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
from collections.abc import Iterator

from bespoke_gui.core.rundir import RunDir

EVERY_S = 5
QUERY = "index,utilization.gpu,memory.used,memory.total"


@contextlib.contextmanager
def gpu_load(run_dir: RunDir) -> Iterator[None]:
    """Emit metric(name="gpu", value=percent, memory, memory_total in MiB, gpu=index) every EVERY_S.

    One nvidia-smi is asked once and goes on by itself; without it nothing is said.
    """
    program = shutil.which("nvidia-smi")
    process = _start(program) if program else None
    if process is None:
        yield
        return
    reader = threading.Thread(target=_tell, args=(process, run_dir), name="gpu-load", daemon=True)
    reader.start()
    try:
        yield
    finally:
        process.kill()
        process.wait()
        reader.join(timeout=5)


def _start(program: str) -> subprocess.Popen[str] | None:
    words = [program, f"--query-gpu={QUERY}", "--format=csv,noheader,nounits", f"--loop={EVERY_S}"]
    with contextlib.suppress(OSError):
        return subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            text=True, errors="replace",
        )  # fmt: skip
    return None


def _tell(process: subprocess.Popen[str], run_dir: RunDir) -> None:
    with process.stdout or contextlib.nullcontext() as lines:
        for line in lines or ():
            with contextlib.suppress(OSError):
                _emit(line, run_dir)


def _emit(line: str, run_dir: RunDir) -> None:
    """One line of numbers; a card that does not say one ("[N/A]") is left out."""
    try:
        index, busy, used, total = (int(part) for part in line.split(","))
    except ValueError:
        return
    run_dir.emit("metric", name="gpu", value=busy, memory=used, memory_total=total, gpu=index)
