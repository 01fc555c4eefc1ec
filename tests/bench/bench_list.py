"""Figures of the image list: opening, scrolling, counting, filtering: `bench_list.py [COUNT...]`.

Prints one JSON object a line, for 10,000 and 100,000 images unless told otherwise. A frame is one
step of the wheel with everything it paints, thumbnails and signs included; cpu_ms is what the GUI
thread worked for it, which a busy machine does not lengthen; gui_ms is how long the thread is held
at most. The alternative is QListView in icon mode with the same cells.
"""

import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PIL import Image  # noqa: E402
from PySide6.QtCore import QEventLoop, QSize  # noqa: E402
from PySide6.QtWidgets import QApplication, QListView  # noqa: E402

from bespoke_gui.core.dataset import Item  # noqa: E402
from bespoke_gui.qtmodels.image_list_model import ImageListModel, RowState  # noqa: E402
from bespoke_gui.qtmodels.state_counts import StateCounts  # noqa: E402
from bespoke_gui.qtmodels.thumbnails import ThumbnailCache  # noqa: E402
from bespoke_gui.views import theme  # noqa: E402
from bespoke_gui.views.widgets.image_list import ImageList  # noqa: E402

COUNTS = (10_000, 100_000)
FILES = 400
FRAMES = 300
SIZE = QSize(364, 760)
STATES = [
    RowState(unsaved=n % 7 == 0, lossy=n % 3 == 0, notes=n % 4, changed=True, review=review)
    for n, review in enumerate(["todo", "accepted", "needs_work", "todo", "accepted"] * 5)
]


def items(folder: Path, count: int) -> list[Item]:
    """Return items that share a few hundred image files of noise."""
    chance = random.Random(5)
    paths = []
    for number in range(FILES):
        path = folder / f"{number}.png"
        Image.frombytes("RGB", (24, 24), chance.randbytes(24 * 24 * 3)).save(path)
        paths.append(path)
    return [Item(f"lad_{n:06}.png", paths[n % FILES], paths[0], True) for n in range(count)]


def timed(work: Callable[[], object]) -> float:
    """Return how long something takes, in milliseconds."""
    began = time.perf_counter()
    work()
    return round((time.perf_counter() - began) * 1000, 2)


def settle(app: QApplication, seconds: float = 0.3) -> None:
    """Let the window work."""
    end = time.monotonic() + seconds
    app.processEvents()
    while time.monotonic() < end:
        app.processEvents()


def frames(app: QApplication, view: QListView | ImageList, step: int) -> dict[str, float]:
    """Scroll and return the middle and the 95th percentile of a frame, in milliseconds."""
    bar, found, worked = view.verticalScrollBar(), [], []
    bar.setValue(0)
    for number in range(FRAMES):
        value = (number + 1) * step % max(1, bar.maximum())

        def frame(value: int = value) -> None:
            bar.setValue(value)
            app.processEvents(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)

        cpu = time.thread_time()
        found.append(timed(frame))
        worked.append((time.thread_time() - cpu) * 1000)
    found.sort()
    worked.sort()
    return {
        "frame_ms": found[FRAMES // 2],
        "p95_ms": found[FRAMES * 95 // 100],
        "cpu_ms": round(worked[FRAMES // 2], 2),
        "cpu_p95_ms": round(worked[FRAMES * 95 // 100], 2),
    }


def measure(app: QApplication, folder: Path, count: int) -> None:
    """Print the figures of one size of set."""
    thumbnails = ThumbnailCache()
    thumbnails.use(None, 24)
    everything = items(folder, count)
    states = {item.name: STATES[n % len(STATES)] for n, item in enumerate(everything)}
    model = ImageListModel(thumbnails, states.__getitem__)
    view = ImageList(model, 96, lambda name: "pixel art, portrait of a punk, brown hair, a red hat")
    view.resize(SIZE)
    view.show()
    settle(app)

    def opened() -> None:
        model.set_items(everything)
        view.select(everything[0].name)
        app.processEvents()

    def say(what: str, **figures: object) -> None:
        print(json.dumps({"images": count, "what": what, **figures}), flush=True)

    say("open to first paint", ms=timed(opened))
    for item in everything[:FILES]:
        thumbnails.image(item.image)
    settle(app, 2)
    say("wall, wheel", **frames(app, view, 48))
    say("wall, page", **frames(app, view, SIZE.height() * 3))
    view.show_rows(True)
    settle(app)
    say("rows, wheel", **frames(app, view, 48))
    view.show_rows(False)
    say("jump to the last", ms=timed(lambda: (view.select(everything[-1].name), settle(app, 0))))
    say("choose all", ms=timed(lambda: (view.selectAll(), view.selected_count(), settle(app, 0))))
    half = [item.name for item in everything[::2]]
    say("take what a filter found", ms=timed(lambda: (model.show_names(half), settle(app, 0))))
    counts = StateCounts(states.__getitem__)
    counts.set_names(list(states))
    settle(app, 2)
    say("count after one edit", ms=timed(lambda: counts.refresh([everything[7].name])))
    counts.refresh([])
    longest = max(timed(app.processEvents) for _ in range(400))
    say("count all again", gui_ms=longest)
    view.close()
    measure_plain_view(app, view, model, list(states), say)


def measure_plain_view(
    app: QApplication,
    view: ImageList,
    model: ImageListModel,
    names: list[str],
    say: Callable[..., None],
) -> None:
    """Print the figures of the alternative, with the same cells."""
    icons = QListView()
    icons.setViewMode(QListView.ViewMode.IconMode)
    icons.setUniformItemSizes(True)
    icons.setGridSize(QSize(112, 132))
    icons.setItemDelegate(view.itemDelegate())
    icons.resize(SIZE)
    icons.show()
    model.show_names([])

    def plainly() -> None:
        model.show_names(names)
        icons.setModel(model)
        app.processEvents()

    say("QListView, open to first paint", ms=timed(plainly))
    settle(app, 1)
    say("QListView, wheel", **frames(app, icons, 48))
    icons.close()


def main(counts: list[int]) -> None:
    app = QApplication([])
    theme.apply(app, "light")
    app.setStyleSheet(theme.style_sheet())
    with tempfile.TemporaryDirectory() as folder:
        for count in counts:
            measure(app, Path(folder), count)


if __name__ == "__main__":
    main([int(argument) for argument in sys.argv[1:]] or list(COUNTS))
