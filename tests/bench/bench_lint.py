"""Figures of the linter: 203 real captions, one keystroke, 20,000 and 100,000 made ones.

Prints one JSON object a line. Run: python tests/bench/bench_lint.py [--window] [PUNKS]
With --window also the longest gap between two frames while 100,000 captions are linted.
"""

import json
import os
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

PUNKS = ROOT.parent / "shared" / "data" / "punks"
MANY = 20_000
CROWD = 100_000


def say(what: str, milliseconds: float, **more: object) -> None:
    print(json.dumps({"what": what, "ms": round(milliseconds, 2), **more}), flush=True)


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Return wall and processor time of a function in milliseconds."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - wall) * 1000, (time.process_time() - own) * 1000


def best(work: Callable[[], object], times: int = 5) -> float:
    return min(timed(work)[0] for _ in range(times))


def read(punks: Path) -> dict[str, str]:
    from bespoke_gui.core import captions

    found = captions.texts(captions.read_folder(punks / "captions_before"))
    return {name: text for name, text in found.items() if text is not None}


def made(texts: dict[str, str], count: int) -> dict[str, str]:
    """Return captions put together from the phrases of others."""
    chance = random.Random(7)
    parts = [phrase for text in texts.values() for phrase in text.split(", ")]
    return {f"{n}.png": ", ".join(chance.sample(parts, 10)) for n in range(count)}


def small(texts: dict[str, str]) -> None:
    """203 captions: cold with all imports and the word list, warm anew, warm remembered."""
    began = time.perf_counter()
    from bespoke_gui.core.lints import Linter, lint_with

    lint_with(Linter(), texts)
    say("203: all, cold (imports, word list, corrections)", (time.perf_counter() - began) * 1000)
    say("203: all, warm, every text looked at again", best(lambda: lint_with(Linter(), texts)))
    kept = Linter()
    lint_with(kept, texts)
    say("203: all, warm, texts remembered", best(lambda: lint_with(kept, texts)))
    name, text = next(iter(texts.items()))
    counter = iter(range(100_000))
    key = best(lambda: kept.of_text(name, f"{text}, {next(counter)} hat"), 200)
    say("one keystroke: its caption", key)
    say(
        "one keystroke: its caption, worst of 200",
        max(
            timed(lambda: kept.of_text(name, f"{text}, {next(counter)} tie"))[0] for _ in range(200)
        ),
    )


def large(texts: dict[str, str]) -> None:
    from bespoke_gui.core.lints import LINTS, Linter, lint_with
    from bespoke_gui.core.lints.base import Each

    for count in (MANY // 4, MANY):
        crowd = made(texts, count)
        wall, own = timed(lambda crowd=crowd: lint_with(Linter(), crowd))
        say(f"{count:,}: all", wall, processor_ms=round(own))
        codes = [check.code for check in LINTS.values() if not isinstance(check.run, Each)]
        for code in codes:
            wall, own = timed(
                lambda crowd=crowd, code=code: list(Linter(None, [code]).of_set(crowd))
            )
            say(f"{count:,}: {code}", wall, processor_ms=round(own))


class Frames:
    """A window's heartbeat: a timer that should fire every 16 ms, and how late it did."""

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gaps: list[float] = []
        self._last = time.perf_counter()
        self._timer = QTimer(interval=16)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now = time.perf_counter()
        self.gaps.append((now - self._last) * 1000)
        self._last = now
        sum(range(20_000))  # what painting a frame costs in Python, about half a millisecond

    def summary(self) -> dict[str, object]:
        gaps = sorted(self.gaps[5:])
        return {
            "frames": len(gaps),
            "p95_ms": round(gaps[int(0.95 * len(gaps))], 1),
            "p99_ms": round(gaps[int(0.99 * len(gaps))], 1),
            "over_33_ms": sum(gap > 33 for gap in gaps),
        }


def window(texts: dict[str, str]) -> None:
    """Lint 100,000 captions behind a window that should paint 60 times a second."""
    from types import SimpleNamespace

    from PySide6.QtWidgets import QApplication

    from bespoke_gui.core.captions import Caption
    from bespoke_gui.core.project import Project
    from bespoke_gui.core.settings import Settings
    from bespoke_gui.qtmodels import tasks
    from bespoke_gui.qtmodels.caption_lints import LintModel
    from bespoke_gui.qtmodels.session import Session

    app = QApplication([])
    session = Session(Settings())
    crowd = made(texts, CROWD)
    session.captions.load({n: Caption(Path(n), t, "x") for n, t in crowd.items()})
    session.dataset = SimpleNamespace(items=[], problems=[])
    session.project = Project(Path("/nonexistent"), "crowd")
    for label, busy in (("nothing else", False), ("100,000 linted", True)):
        frames = Frames()
        began = time.perf_counter()
        lints = LintModel(session) if busy else None
        while lints.is_busy if lints else time.perf_counter() - began < 3:
            app.processEvents()
            time.sleep(0.001)
        say(
            f"frames beside {label}",
            max(frames.gaps),
            **frames.summary(),
            seconds=round(time.perf_counter() - began, 1),
        )
    tasks.shutdown()


def main() -> None:
    args = [arg for arg in sys.argv[1:] if arg != "--window"]
    texts = read(Path(args[0]) if args else PUNKS)
    if "--window" in sys.argv:
        window(texts)
        return
    small(texts)
    large(texts)


if __name__ == "__main__":
    main()
