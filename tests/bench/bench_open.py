"""Figures of opening large sets: from the request to the first painted row, and to all captions.

Makes pairs of drawn portraits with captions, opens them in a window that shows a small project's
captions, and prints one JSON object a line, beside the obvious alternative: Pillow and pathlib on
every pair. Run: python tests/bench/bench_open.py [COUNT ...]
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import psutil  # noqa: E402
from PIL import Image  # noqa: E402

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


def wait(application, seconds: float) -> None:
    """Let the window work for a while."""
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        application.processEvents()


def wait_for(application, session, folder: Path) -> None:
    """Open a project and let everything that follows from it come to rest."""
    opened: list[bool] = []
    session.open_project(folder, lambda: opened.append(True))
    while not opened:
        application.processEvents()
    wait(application, 1.0)


def open_in_window(folder: Path, small: Path) -> dict[str, float]:
    """Open the project in a new window; seconds to the first painted row and to the captions."""
    from bespoke_gui import app

    application, session, window = app.build()
    window.show()
    wait_for(application, session, small)
    window.show_panel("captions")
    wait(application, 1.0)
    found: dict[str, float] = {}
    began = time.perf_counter()
    session.open_project(folder, lambda: found.setdefault("captions", time.perf_counter() - began))
    while "captions" not in found or "row" not in found:
        application.processEvents()
        if "row" not in found and session.project.folder == folder:
            window.panel("captions").images.list.viewport().repaint()
            found["row"] = time.perf_counter() - began
    window.close()
    app.shut_down(session, window, 0)
    return found


def main(counts: list[int]) -> None:
    for count in counts:
        with tempfile.TemporaryDirectory() as temporary:
            os.environ["BESPOKE_HOME"] = str(Path(temporary) / "home")
            folder = make_project(Path(temporary) / "project", count)
            small = make_project(Path(temporary) / "small", 40)
            seconds = {"plain": plain_open(folder / "dataset"), **open_in_window(folder, small)}
            memory = psutil.Process().memory_info().rss / 1e6
            rounded = {name: round(value, 3) for name, value in seconds.items()}
            ratio = round(seconds["plain"] / seconds["row"], 1)
            told = {"pairs": count, **rounded, "plain_to_row": ratio, "mb": round(memory)}
            print(json.dumps({**told, "for_scale": TAGGUI}), flush=True)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10_000])
