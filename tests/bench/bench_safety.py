"""Figures of saving: one caption, 203, and what a keystroke costs with 20,000 captions open.

Prints one JSON object a line. Run: python tests/bench/bench_safety.py [HOW MANY]
"""

import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QCoreApplication  # noqa: E402

from bespoke_gui.core import captions  # noqa: E402
from bespoke_gui.core.atomic import write_json  # noqa: E402
from bespoke_gui.core.bulk import write_all  # noqa: E402
from bespoke_gui.core.caption_merge import merge  # noqa: E402
from bespoke_gui.core.caption_watch import DiskWatch  # noqa: E402
from bespoke_gui.core.history import History  # noqa: E402
from bespoke_gui.qtmodels import tasks  # noqa: E402
from bespoke_gui.qtmodels.caption_journal import Journal  # noqa: E402
from bespoke_gui.qtmodels.caption_model import CaptionStore  # noqa: E402

TEXT = "pixel art, 24x24, portrait of bespoke punk lad, brown hair, wearing a gray hat, " * 4
KEYS = 200


def timed(work: Callable[[], object]) -> float:
    """Return the milliseconds of one run."""
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1000


def say(what: str, milliseconds: float, **more: object) -> None:
    print(json.dumps({"what": what, "ms": round(milliseconds, 3), **more}), flush=True)


def made(folder: Path, count: int) -> dict[str, captions.Caption]:
    """Write captions and read them."""
    folder.mkdir(exist_ok=True)
    for number in range(count):
        (folder / f"{number}.txt").write_text(f"{TEXT}{number}", encoding="utf-8")
    return {f"{n}.png": captions.read(folder / f"{n}.txt") for n in range(count)}


def save_one(folder: Path) -> None:
    """An atomic, synced save against plain write_text, which loses the file in a power cut."""
    caption = made(folder, 1)["0.png"]
    took = []
    for number in range(50):
        began = time.perf_counter()
        caption = captions.write(caption, f"{TEXT}{number} new")
        took.append(1000 * (time.perf_counter() - began))
    plain = [timed(lambda: caption.path.write_text(TEXT, encoding="utf-8")) for _ in range(50)]
    ratio = statistics.median(took) / statistics.median(plain)
    say("save one caption", statistics.median(took), plain_ratio=round(ratio, 1))


def save_many(folder: Path, count: int) -> None:
    read = made(folder, count)
    texts = {name: f"{caption.text}, more" for name, caption in read.items()}
    with History(folder) as history:
        say("bulk edit with snapshot", timed(lambda: write_all(read, texts, history, "bench")),
            captions=count)  # fmt: skip


def keystrokes(folder: Path, count: int) -> float:
    """Return the median milliseconds of a keystroke: edit, undo step, journal."""
    read = made(folder, min(count, 50))
    some = list(read.values())
    store = CaptionStore()
    store.load({f"{n}.png": some[n % len(some)] for n in range(count)}, Journal(folder / "j"))
    took = []
    for number in range(KEYS):
        text = f"{TEXT}{'x' * number}"
        took.append(timed(lambda text=text: store.edit("7.png", text, typing=True)))
    worst = max(took)
    say("keystroke", statistics.median(took), captions=count, worst_ms=round(worst, 2))
    whole = {name: {"text": store.text(name)} for name in store.names()}
    if count >= 1000:
        rewritten = timed(lambda: write_json(folder / "whole.json", whole))
        ratio = rewritten / statistics.median(took)
        say("writing all texts anew, the obvious journal", rewritten, ratio=round(ratio))
    store.deleteLater()
    return statistics.median(took)


def look(folder: Path, count: int) -> None:
    """Looking for changes of other programs: the first look, and the ones after it."""
    read = made(folder, count)
    watch = DiskWatch()
    say("first look at the disk", timed(lambda: watch.changed(read)), captions=count)
    say("later look at the disk", timed(lambda: watch.changed(read)), captions=count)
    whole = timed(lambda: [captions.read(caption.path) for caption in read.values()])
    say("reading all instead", whole, captions=count)


def main(count: int) -> None:
    application = QCoreApplication([])
    tasks.use(tasks.SynchronousPool())
    with TemporaryDirectory() as place:
        folder = Path(place)
        save_one(folder / "one")
        save_many(folder / "many", 203)
        few, many = (keystrokes(folder / f"keys{n}", n) for n in (203, count))
        say("keystroke, many against few", many, ratio=round(many / few, 2))
        look(folder / "look", count)
    theirs = TEXT.replace("brown hair", "red hair")
    say("merge of one caption", timed(lambda: merge(TEXT, f"{TEXT}, more", theirs)))
    application.quit()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
