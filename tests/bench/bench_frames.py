"""Frames of the window while 100,000 captions are linted: `bench_frames.py [COUNT]`.

Opens a generated project in the Captions room, then scrolls its list sixty times a second: beside
nothing else, while all captions are linted by a process of their own, and, the obvious
alternative, while a thread lints them. Prints one JSON object a line. gap: from one frame to the
next, 17 ms when none is late; over_33_ms: frames that were dropped. On a crowded machine other
programs make frames late too; Bespoke's own part is own, what the window's thread worked for a
frame, and others, what its other threads worked meanwhile, for which the window may have waited.
"""

import json
import os
import random
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

FRAME_MS = 16
QUIET_S = 5.0


def write_captions(dataset: Path) -> None:
    """Give every image a caption of its own, of the phrases that there are."""
    chance = random.Random(7)
    paths = sorted(dataset.glob("*.txt"))
    phrases = sorted({p for path in paths[:200] for p in path.read_text().strip().split(", ")})
    for number, path in enumerate(paths):
        path.write_text(", ".join([f"number {number}", *chance.sample(phrases, 8)]))


class Scroller:
    """Scrolls a list with every beat and notes how late each beat came."""

    def __init__(self, view) -> None:
        from PySide6.QtCore import Qt, QTimer

        self._bar = view.verticalScrollBar()
        self._marks: list[tuple[float, float, float]] = []
        self._timer = QTimer(interval=FRAME_MS, timerType=Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        self._bar.setValue((self._bar.value() + 48) % max(1, self._bar.maximum()))
        self._marks.append((time.perf_counter(), time.thread_time(), time.process_time()))

    def stop(self) -> dict[str, float]:
        self._timer.stop()
        pairs = list(zip(self._marks[3:], self._marks[4:], strict=False))
        gaps = [(after[0] - before[0]) * 1000 for before, after in pairs]
        own = [(after[1] - before[1]) * 1000 for before, after in pairs]
        whole = [(after[2] - before[2]) * 1000 for before, after in pairs]
        others = [max(0.0, both - mine) for both, mine in zip(whole, own, strict=True)]
        return {
            "frames": len(gaps),
            **spread("gap", gaps),
            "over_33_ms": sum(gap > 33 for gap in gaps),
            **spread("own", own),
            **spread("others", others),
            "own_and_others_over_33_ms": sum(both > 33 for both in whole),
        }


def spread(name: str, values: list[float]) -> dict[str, float]:
    """Return the 95th percentile and the largest."""
    ordered = sorted(values)
    p95 = ordered[int(0.95 * len(ordered))]
    return {f"{name}_p95_ms": round(p95, 1), f"{name}_max_ms": round(ordered[-1], 1)}


def measure(application, panel, kind: str, lint: bool) -> None:
    """Scroll for a while, or as long as the lint takes, and print the figures."""
    import psutil
    from bench_open import turn

    lints = panel.desk.lints
    scroller, began = Scroller(panel.images.list), time.perf_counter()
    if lint:
        lints.run()
    while lints.is_busy if lint else time.perf_counter() - began < QUIET_S:
        turn(application)
    found = scroller.stop()
    workers = psutil.Process().children(recursive=True)
    print(
        json.dumps(
            {
                "beside": kind,
                "captions": len(panel.images.names_shown()),
                "seconds": round(time.perf_counter() - began, 1),
                **found,
                "mb": round(psutil.Process().memory_info().rss / 1e6),
                "mb_process": round(sum(each.memory_info().rss for each in workers) / 1e6),
            }
        ),
        flush=True,
    )


def main(count: int) -> None:
    from bench_open import make_project, turn, wait

    from bespoke_gui import app
    from bespoke_gui.qtmodels import lint_work

    with tempfile.TemporaryDirectory() as temporary:
        os.environ["BESPOKE_HOME"] = str(Path(temporary) / "home")
        folder = make_project(Path(temporary) / "project", count)
        write_captions(folder / "dataset")
        application, session, window = app.build()
        window.show()
        window.show_panel("captions")
        opened: list[bool] = []
        session.open_project(folder, lambda: opened.append(True))
        while not opened:
            turn(application)
        panel = window.panel("captions")
        wait(application, 2.0)
        while panel.desk.lints.is_busy:
            turn(application)
        wait(application, 2.0)
        measure(application, panel, "nothing else", lint=False)
        for kind, above in (("lint", 0), ("lint in a thread", 1 << 40)):
            lint_work.PROCESS_ABOVE = above
            measure(application, panel, kind, lint=True)
        window.close()
        app.shut_down(session, window, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
