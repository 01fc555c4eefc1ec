"""Figures of the linter: 203 real captions, one keystroke, 20,000 and 100,000 made ones.

Prints one JSON object a line. Run: python tests/bench/bench_lint.py [--window [COUNT]]
With --window the gaps between two frames while COUNT (100,000) captions are linted, with the
rests of core.breathing and, the obvious alternative, without.
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
    anew = [timed(lambda: lint_with(Linter(), texts)) for _ in range(8)]
    own = min(used for _, used in anew)
    say("203: all, warm, every text looked at again", min(anew)[0], processor_ms=round(own, 1))
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
    """A window's heartbeat: a timer that should fire every 16 ms, and how late it did.

    own: processor time that this process used between two beats. On a crowded machine it tells
    what the work itself held up from what other programs did.
    """

    def __init__(self) -> None:
        from PySide6.QtCore import Qt, QTimer

        self.gaps: list[float] = []
        self.own: list[float] = []
        self._last, self._used = time.perf_counter(), time.process_time()
        self._timer = QTimer(interval=16)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now, used = time.perf_counter(), time.process_time()
        self.gaps.append((now - self._last) * 1000)
        self.own.append((used - self._used) * 1000)
        self._last, self._used = now, used
        sum(range(20_000))  # what painting a frame costs in Python, about half a millisecond

    def stop(self) -> None:
        self._timer.stop()

    def summary(self) -> dict[str, object]:
        gaps, own = sorted(self.gaps[5:]), sorted(self.own[5:])
        return {
            "frames": len(gaps),
            "p95_ms": round(gaps[int(0.95 * len(gaps))], 1),
            "p99_ms": round(gaps[int(0.99 * len(gaps))], 1),
            "over_33_ms": sum(gap > 33 for gap in gaps),
            "own_p99_ms": round(own[int(0.99 * len(own))], 1),
            "own_max_ms": round(own[-1], 1),
            "own_over_33_ms": sum(used > 33 for used in own),
        }


def window(texts: dict[str, str], count: int) -> None:
    """Lint many captions behind a window that should paint 60 times a second."""
    from types import SimpleNamespace

    from PySide6.QtWidgets import QApplication

    from bespoke_gui.core import breathing
    from bespoke_gui.core.captions import Caption
    from bespoke_gui.core.project import Project
    from bespoke_gui.core.settings import Settings
    from bespoke_gui.qtmodels import tasks
    from bespoke_gui.qtmodels.caption_lints import LintModel
    from bespoke_gui.qtmodels.session import Session

    app = QApplication([])
    session = Session(Settings())
    crowd = made(texts, count)
    session.captions.load({n: Caption(Path(n), t, "x") for n, t in crowd.items()})
    session.dataset = SimpleNamespace(items=[], problems=[])
    session.project = Project(Path("/nonexistent"), "crowd")
    for label, work in (("nothing else", None), ("lint", breathing.WORK), ("lint, no rests", 9e9)):
        breathing.WORK = work or breathing.WORK
        frames = Frames()
        began, own = time.perf_counter(), time.process_time()
        lints = LintModel(session) if work else None
        while lints.is_busy if lints else time.perf_counter() - began < 3:
            app.processEvents()
            time.sleep(0.001)
        say(
            f"frames beside {label}",
            max(frames.gaps),
            captions=count,
            **frames.summary(),
            seconds=round(time.perf_counter() - began, 1),
            processor_s=round(time.process_time() - own, 1),
        )
        frames.stop()
    tasks.shutdown()


def main() -> None:
    texts = read(PUNKS)
    if "--window" in sys.argv:
        window(texts, int(sys.argv[2]) if len(sys.argv) > 2 else CROWD)
        return
    small(texts)
    large(texts)


if __name__ == "__main__":
    main()
