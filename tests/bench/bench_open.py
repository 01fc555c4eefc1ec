"""Figures of opening large sets: from the request to the first painted row, and to all captions.

Makes pairs of drawn portraits with captions, opens them in a window that shows a small project's
captions, and prints one JSON object a line, beside the obvious alternative: Pillow and pathlib on
every pair. "cold" has no index of file names yet, "warm" has; each is a window of its own. cpu_s is
what the process worked until the row, blocked_ms how long the window's thread was held at most
until all captions were there. Run: python tests/bench/bench_open.py [COUNT ...]
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil  # noqa: E402
from PIL import Image  # noqa: E402
from PySide6.QtCore import QEventLoop, QTimer  # noqa: E402

from bespoke_gui.core.portraits.demo_set import write_demo_set  # noqa: E402

TAGGUI = "TagGUI 141801d: 2.2 s for 10,000 pairs, 462 MB (measured on the same kind of machine)"


def make_project(folder: Path, count: int) -> Path:
    """Write `count` pairs: copies of the demo's, under names of their own."""
    source, dataset = folder / "source", folder / "dataset"
    for place in (source, dataset):
        place.mkdir(parents=True)
    write_demo_set(source)
    pairs = [(p.read_bytes(), p.with_suffix(".txt").read_bytes()) for p in source.glob("*.png")]
    for number in range(count):
        image, caption = pairs[number % len(pairs)]
        (dataset / f"portrait_{number:06d}.png").write_bytes(image)
        (dataset / f"portrait_{number:06d}.txt").write_bytes(caption)
    text = 'schema = 1\nname = "many"\nnative_size = 24\n\n[[dataset]]\nfolder = "dataset"\n'
    (folder / "bespoke.toml").write_text(text)
    return folder


def plain_open(dataset: Path) -> float:
    """Do what many tools do: each image's size and each caption before anything is shown."""
    began = time.perf_counter()
    for path in sorted(dataset.glob("*.png")):
        with Image.open(path) as image:
            _ = image.size
        path.with_suffix(".txt").read_text(encoding="utf-8")
    return time.perf_counter() - began


def turn(application) -> None:
    """Let the window work once; it sleeps while nothing happens, as windows do."""
    if application.findChild(QTimer, "waker") is None:
        QTimer(application, objectName="waker", interval=10).start()
    application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def wait(application, seconds: float) -> None:
    """Let the window work for a while."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        turn(application)


def wait_for(application, session, folder: Path) -> None:
    """Open a project and let everything that follows from it come to rest."""
    opened: list[bool] = []
    session.open_project(folder, lambda: opened.append(True))
    while not opened:
        turn(application)
    wait(application, 1.0)


def open_once(application, session, window, folder: Path) -> dict[str, float]:
    """Open the project; seconds to the first painted row and to the captions."""
    found: dict[str, float] = {}
    began, worked = time.perf_counter(), time.process_time()
    session.open_project(folder, lambda: found.setdefault("captions", time.perf_counter() - began))
    longest = 0.0
    while "captions" not in found or "row" not in found:
        last, own = time.perf_counter(), time.thread_time()
        turn(application)
        if "row" not in found and session.project.folder == folder:
            window.panel("captions").images.list.viewport().repaint()
            found["row"] = time.perf_counter() - began
            found["cpu_s"] = time.process_time() - worked
        if time.thread_time() - own > 0.001:  # not one of those in which it only slept
            longest = max(longest, time.perf_counter() - last)
    found["blocked_ms"] = longest * 1000
    return found


def open_in_window(folder: Path, small: Path) -> dict[str, float]:
    """Open the project in a new window that shows another one."""
    from bespoke_gui import app

    application, session, window = app.build()
    window.show()
    wait_for(application, session, small)
    window.show_panel("captions")
    wait(application, 1.0)
    found = open_once(application, session, window, folder)
    wait(application, 1.0)
    found["mb"] = psutil.Process().memory_info().rss / 1e6
    window.close()
    app.shut_down(session, window, 0)
    return {name: round(value, 3) for name, value in found.items()}


def in_a_process(folder: Path, small: Path) -> dict[str, float]:
    """Do that in a process of its own, as a person's start of the window is."""
    command = [sys.executable, __file__, "--once", str(folder), str(small)]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


def main(counts: list[int]) -> None:
    for count in counts:
        with tempfile.TemporaryDirectory() as temporary:
            os.environ["BESPOKE_HOME"] = str(Path(temporary) / "home")
            folder = make_project(Path(temporary) / "project", count)
            small = make_project(Path(temporary) / "small", 40)
            for kind in ("cold", "warm"):
                plain = plain_open(folder / "dataset")
                figures = in_a_process(folder, small)
                ratio = {"plain": round(plain, 3), "plain_to_row": round(plain / figures["row"], 1)}
                print(json.dumps({"pairs": count, "index": kind, **figures, **ratio}), flush=True)
    print(json.dumps({"for_scale": TAGGUI}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--once"]:
        print(json.dumps(open_in_window(*map(Path, sys.argv[2:]))))
    else:
        main([int(word) for word in sys.argv[1:]] or [10_000, 100_000])
