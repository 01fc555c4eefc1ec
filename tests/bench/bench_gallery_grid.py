"""Prints how long a gallery of 100 epochs x 20 prompts x 4 seeds takes to open and to scroll."""

import json
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image
from PySide6.QtWidgets import QApplication

from bespoke_gui.core.downsample import DOWNSAMPLERS
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.picture_marks import PictureMarks
from bespoke_gui.core.reference import Reference
from bespoke_gui.qtmodels.gallery_facts import Training, native_reader
from bespoke_gui.qtmodels.gallery_model import GalleryModel
from bespoke_gui.qtmodels.native_loader import Native
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.gallery_grid import ZOOMS, GalleryGrid

EPOCHS, PROMPTS, SEEDS = 100, 20, 4


def write(folder: Path) -> None:
    """Write 8,000 pictures of 24x24."""
    rng = np.random.default_rng(1)
    for epoch in range(1, EPOCHS + 1):
        target = folder / f"epoch_{epoch:03d}"
        target.mkdir(parents=True)
        for prompt in range(PROMPTS):
            for seed in range(SEEDS):
                cells = rng.integers(0, 256, (24, 24, 3), np.uint8)
                Image.fromarray(cells).save(target / f"prompt_{prompt:02d}x_{40 + seed}.png")


def wait(app: QApplication, model: GalleryModel) -> None:
    """Let the background loader finish what is on screen."""
    while not (model.loader.is_idle and model.marks.is_idle):
        app.processEvents()
        time.sleep(0.001)


def scroll(
    app: QApplication, grid: GalleryGrid, model: GalleryModel, warm: bool
) -> list[tuple[float, float]]:
    """Scroll through the grid and return the milliseconds of each frame, by clock and of CPU."""
    frames = []
    bar = grid.verticalScrollBar()
    for value in range(0, bar.maximum(), max(1, bar.maximum() // 200)):
        start, busy = time.perf_counter(), time.thread_time()
        bar.setValue(value)
        grid.horizontalScrollBar().setValue(value % max(1, grid.horizontalScrollBar().maximum()))
        grid.viewport().repaint()
        clock, cpu = time.perf_counter() - start, time.thread_time() - busy
        frames.append((1000 * clock, 1000 * cpu))
        app.processEvents()
        if warm:
            wait(app, model)
    return frames


def noise(_: Path) -> Native:
    """Return marks of both kinds on nearly every cell: more than any picture ever has."""
    return Native(None, marks=PictureMarks(*(np.random.default_rng().random((2, 24, 24)) < 0.95)))


def show_marks(model: GalleryModel, grid: GalleryGrid, kinds: frozenset[str]) -> None:
    """Show these kinds of marks over every picture, as the boxes below the grid do."""
    model.show_marks(kinds)
    grid.set_marks(kinds)


def switch(folder: Path) -> None:
    """Print how long 560 pictures of 192 px take by each downsampler, decoding included."""
    rng = np.random.default_rng(2)
    folder.mkdir()
    for number in range(560):
        cells = rng.integers(0, 256, (24, 24, 3), np.uint8).repeat(8, 0).repeat(8, 1).astype(int)
        noisy = (cells + rng.integers(-4, 5, cells.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(noisy).save(folder / f"{number}.png")
    paths = sorted(folder.iterdir())
    reference = Reference([rng.integers(0, 256, (24, 24, 3), np.uint8) for _ in range(7)])
    for method in DOWNSAMPLERS.values():
        read = native_reader(24, method.name, Training(lambda: reference))
        read(paths[0])
        start, busy = time.perf_counter(), time.process_time()
        for path in paths:
            read(path)
        clock, cpu = time.perf_counter() - start, time.process_time() - busy
        print(json.dumps({
            "what": f"switch to {method.name}", "images": len(paths),
            "clock_s": round(clock, 2), "cpu_s": round(cpu, 2),
        }))  # fmt: skip


def figures(name: str, frames: list[tuple[float, float]]) -> dict:
    """Return the median and the 95th percentile, by the clock and of the thread's own work."""
    result: dict = {"what": name, "frames": len(frames)}
    for kind, values in zip(("clock", "cpu"), zip(*frames, strict=True), strict=True):
        ordered = sorted(values)
        result[f"{kind}_p50_ms"] = round(statistics.median(ordered), 2)
        result[f"{kind}_p95_ms"] = round(ordered[int(0.95 * len(ordered))], 2)
    return result


def scroll_marked(app: QApplication, grid: GalleryGrid, model: GalleryModel) -> None:
    """Print what marks over every cell cost at this zoom, beside the same frames without any.

    They are laid out anew all the time: far more cells pass by than are remembered.
    """
    show_marks(model, grid, frozenset({"off_palette", "strays"}))
    scroll(app, grid, model, True)
    marked = figures(f"scroll at {grid.zoom} px, marked", scroll(app, grid, model, False))
    show_marks(model, grid, frozenset())
    plain = figures(f"scroll at {grid.zoom} px, plain", scroll(app, grid, model, False))
    marked["cpu_p95_to_plain"] = round(marked["cpu_p95_ms"] / plain["cpu_p95_ms"], 2)
    print(json.dumps(plain), json.dumps(marked), sep="\n")


def main() -> None:
    """Print one JSON line for each figure."""
    app = QApplication([])
    theme.apply(app, "light")
    app.setStyleSheet(theme.style_sheet())
    with tempfile.TemporaryDirectory() as holder:
        folder = Path(holder) / "g"
        write(folder)
        switch(Path(holder) / "large")
        start, busy = time.perf_counter(), time.process_time()
        gallery = open_gallery(folder)
        opened = time.perf_counter()
        model, grid = GalleryModel(), GalleryGrid()
        grid.set_model(model)
        grid.resize(1240, 760)
        grid.show()
        model.show(gallery, native_reader(24, "median"))
        model.show_seed(None, all_seeds=True)
        grid.repaint()
        shown, cpu = time.perf_counter(), time.process_time() - busy
        wait(app, model)
        painted = time.perf_counter()
        print(json.dumps({
            "what": "open", "cells": len(gallery.cells), "read_s": round(opened - start, 3),
            "open_cpu_s": round(cpu, 3),
            "show_s": round(shown - opened, 3), "visible_loaded_s": round(painted - shown, 3),
        }))  # fmt: skip
        print(json.dumps(figures("scroll while loading", scroll(app, grid, model, False))))
        scroll(app, grid, model, True)
        print(json.dumps(figures("scroll, loaded", scroll(app, grid, model, False))))
        model.mark_with(noise)
        for zoom in ZOOMS:
            grid.set_zoom(zoom)
            scroll_marked(app, grid, model)


if __name__ == "__main__":
    main()
