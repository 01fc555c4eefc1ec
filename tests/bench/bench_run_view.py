"""Live run: from an event's writing to the screen, and a flood of events, one JSON object a line.

Latency: another process writes an event every 50 to 90 ms and notes when; the window notes when
it has painted that step. Flood: another process writes 10,000 events a second for some seconds
while a timer of 5 ms shows for how long the window cannot do anything else (deaf: on the clock;
busy: the work of the window's own thread in that time, which other programs do not lengthen). The
obvious alternative, in the same run: a view that redraws at every event. Over SSH: the fake engine
behind a real sshd on this computer, from its event to the screen, through the courier. Re-attach:
a view opened on a run of 20,000 events until it shows the last of them.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

LONGEST_S = 240
ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

WRITER = """
import random, sys, time
from pathlib import Path
from bespoke_gui.core.events import encode
from bespoke_gui.core.rundir import RunDir
run_dir, kind, count = RunDir(Path(sys.argv[1])), sys.argv[2], int(sys.argv[3])
draw = random.Random(1)
file = run_dir.events_path.open("ab", buffering=0)
def line(step):
    if step % 10 == 5:
        return encode("log", level="info", text=f"a line of the engine, number {step}")
    return encode("progress", step=step, total=count, epoch=1 + 8 * step // count, epochs=8,
                  loss=draw.random(), lr=1e-4, images_per_s=6.2, eta_s=10.0)
if kind == "single":
    for step in range(1, count + 1):
        file.write((encode("progress", step=step, total=count, epoch=1, epochs=8,
                           loss=draw.random(), lr=1e-4, written=time.time()) + "\\n").encode())
        time.sleep(draw.uniform(0.05, 0.09))
else:
    begin = time.perf_counter()
    for burst in range(count // 100):
        while time.perf_counter() - begin < burst / 100:
            time.sleep(0.001)
        steps = range(burst * 100 + 1, burst * 100 + 101)
        file.write("".join(line(step) + "\\n" for step in steps).encode())
    took = time.perf_counter() - begin
    print(count / took)
"""


def percentile(values: list[float], share: float) -> float:
    """Return the value that so large a share of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def figures(written: dict[int, float], painted: dict[int, float]) -> dict:
    """Return how long events were on their way; those painted together count as the last."""
    took = [1000 * (painted[n] - written[n]) for n in written if n in painted and n > 1]
    return {
        "events": len(written), "painted": len(took), "median_ms": round(percentile(took, 0.5), 1),
        "p95_ms": round(percentile(took, 0.95), 1), "max_ms": round(max(took), 1),
    }  # fmt: skip


class Bench:
    """One window's run view over run folders that other processes write."""

    def __init__(self, folder: Path) -> None:
        from PySide6.QtWidgets import QApplication

        from bespoke_gui.core.settings import Settings
        from bespoke_gui.qtmodels.session import Session
        from bespoke_gui.views import theme

        self.application = QApplication.instance() or QApplication([])
        theme.apply(self.application, "light")
        self.application.setStyleSheet(theme.style_sheet())
        self.folder = folder
        self.session = Session(Settings())

    def run_dir(self, name: str):
        from bespoke_gui.core.rundir import RunDir

        run_dir = RunDir(self.folder / name).create()
        run_dir.spec_path.write_text("{}", encoding="utf-8")
        run_dir.beat()
        return run_dir

    def view(self, run_dir, tab: int = 0):
        from bespoke_gui.views.widgets.run_view import RunView

        view = RunView(self.session)
        view.resize(1000, 820)
        view.show()
        view.attach(run_dir, "bench", False)
        view.tabs.setCurrentIndex(tab)
        return view

    def writer(self, run_dir, kind: str, count: int) -> subprocess.Popen:
        command = [sys.executable, "-c", WRITER, str(run_dir.folder), kind, str(count)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)

    def latency(self, count: int) -> dict:
        """Return milliseconds from the writing of an event to the end of its painting."""
        run_dir, written = self.run_dir("latency"), {}
        view = self.view(run_dir)
        painted, eye = self.watch(view)
        process = self.writer(run_dir, "single", count)
        while process.poll() is None or view.story.step < count:
            self.beat()
        time.sleep(0.1)
        self.application.processEvents()
        for text in run_dir.events_path.read_text(encoding="utf-8").splitlines():
            event = json.loads(text)
            written[event["step"]] = event["written"]
        view.detach()
        view.deleteLater()
        del eye
        return {"bench": "latency", **figures(written, painted)}

    def over_ssh(self, count: int) -> dict:
        """Return milliseconds from an event of an engine behind sshd to the end of its painting."""
        from bespoke_gui.core.events import decode
        from bespoke_gui.core.runspec import RunSpec
        from bespoke_gui.launch.base import BACKENDS
        from tests.launch.remote_kit import courier_of
        from tests.launch.sshd import Sshd

        with Sshd(self.folder) as sshd:
            run_dir = self.run_dir("ssh")
            place = {"machine": sshd.machine().as_dict()}
            options = {"seconds_per_step": 0.07, "epochs": 1, "steps_per_epoch": count}
            RunSpec("ssh", "fake", options=options, place=place).save(run_dir.spec_path)
            BACKENDS["ssh"].start(run_dir)
            view = self.view(run_dir)
            painted, eye = self.watch(view)
            end = time.monotonic() + LONGEST_S
            while view.state in ("", "running") and time.monotonic() < end:
                self.beat()
            courier = courier_of(run_dir)
            if courier is not None:
                courier.kill()
        written = {}
        for text in run_dir.events_path.read_text(encoding="utf-8").splitlines():
            event = decode(text)
            if event.event == "progress":
                written[event.get("step")] = event.time
        view.detach()
        view.deleteLater()
        del eye
        return {"bench": "latency over ssh", **figures(written, painted)}

    def reattach(self, count: int) -> dict:
        """Return milliseconds until a view shows the last event of a long run."""
        run_dir = self.run_dir("past")
        self.writer(run_dir, "flood", count).wait()
        began, worked = time.perf_counter(), time.process_time()
        view = self.view(run_dir)
        while view.story.step < count:
            self.beat()
        view.plot.grab()
        took, worked = time.perf_counter() - began, time.process_time() - worked
        view.detach()
        view.deleteLater()
        return {
            "bench": "re-attach", "events": count, "ms": round(1000 * took),
            "cpu_ms": round(1000 * worked),
        }  # fmt: skip

    def watch(self, view) -> tuple[dict, object]:
        """Return when each step was first painted, as it fills, and what must be kept alive."""
        from PySide6.QtCore import QEvent, QObject

        painted: dict[int, float] = {}

        class Eye(QObject):
            def eventFilter(self, watched, event):
                if event.type() == QEvent.Type.Paint:
                    watched.paintEvent(event)
                    painted.setdefault(view.story.step, time.time())
                    return True
                return False

        eye = Eye()
        view.plot.installEventFilter(eye)
        return painted, eye

    def beat(self) -> None:
        """Let the window work, and wait as an event loop does when there is nothing to do."""
        self.application.processEvents()
        time.sleep(0.001)

    def flood(self, count: int, tab: int, name: str) -> dict:
        """Return for how long the window was deaf while 10,000 events a second came."""
        from PySide6.QtCore import QTimer

        run_dir = self.run_dir(name)
        view, beats = self.view(run_dir, tab), []
        timer = QTimer(interval=5)
        timer.timeout.connect(lambda: beats.append((time.perf_counter(), time.thread_time())))
        timer.start()
        process, worked = self.writer(run_dir, "flood", count), time.process_time()
        began = time.perf_counter()
        while process.poll() is None or view.story.step < count:
            self.application.processEvents()
            time.sleep(0.0005)
        took, worked = time.perf_counter() - began, time.process_time() - worked
        timer.stop()
        gaps, work = ([1000 * (b[i] - a[i]) for a, b in pairwise(beats)] for i in (0, 1))
        rate = float(process.communicate()[0])
        per_event = self.each_event(view, run_dir)
        view.detach()
        view.deleteLater()
        return {
            "bench": f"flood, {name} in view", "events": count, "written_per_s": round(rate),
            "seconds": round(took, 1), "deaf_median_ms": round(percentile(gaps, 0.5), 1),
            "deaf_p99_ms": round(percentile(gaps, 0.99), 1), "deaf_max_ms": round(max(gaps), 1),
            "busy_p99_ms": round(percentile(work, 0.99), 1), "busy_max_ms": round(max(work), 1),
            "cpu_share": round(worked / took, 2), "cpu_us_per_event": round(1e6 * worked / count),
            "redraw_at_every_event_us": round(per_event),
            "times_cheaper": round(per_event / (1e6 * worked / count), 1),
        }  # fmt: skip

    def each_event(self, view, run_dir) -> float:
        """Return microseconds for one event in a view that redraws at every one of them."""
        from bespoke_gui.core.events import decode

        lines = run_dir.events_path.read_text(encoding="utf-8").splitlines()[:200]
        began = time.process_time()
        for line in lines:
            view.story.apply([decode(line)])
            view.refresh()
            view.plot.grab()
        return 1e6 * (time.process_time() - began) / len(lines)


def main() -> None:
    """Print the figures."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 6
    with tempfile.TemporaryDirectory() as temporary:
        os.environ["BESPOKE_HOME"] = temporary
        bench = Bench(Path(temporary))
        print(json.dumps(bench.latency(150)), flush=True)
        print(json.dumps(bench.over_ssh(150)), flush=True)
        print(json.dumps(bench.reattach(20_000)), flush=True)
        print(json.dumps(bench.flood(10_000 * seconds, 0, "curve")), flush=True)
        print(json.dumps(bench.flood(10_000 * seconds, 2, "log")), flush=True)


if __name__ == "__main__":
    main()
