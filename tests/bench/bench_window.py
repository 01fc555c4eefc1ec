"""Start of the window, opening of the punks, and memory, as JSON lines: `bench_window.py [PUNKS]`.

Each start is a fresh process; "start_s" counts from before the interpreter to the first paint.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS = 5
CHILD = """
import json, sys, time
from bespoke_gui import app
application, session, window = app.build()
from PySide6.QtCore import QEvent, QObject, QTimer
import psutil

class FirstPaint(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and "painted" not in found:
            found["painted"] = time.time()
        return False

found = {}
spy = FirstPaint()
window.centralWidget().installEventFilter(spy)
window.rail.installEventFilter(spy)
window.show()

def opened():
    found["open_s"] = time.perf_counter() - found["began"]
    for index, name in enumerate(("captions", "prepare", "home"), start=1):
        QTimer.singleShot(1500 * index, lambda name=name: show(name))
    QTimer.singleShot(6000, application.quit)

def show(name):
    began = time.perf_counter()
    window.show_panel(name)
    found[f"{name}_ms"] = round((time.perf_counter() - began) * 1000)

def begin():
    found["began"] = time.perf_counter()
    session.project_changed.connect(opened)
    app.start(session, [sys.argv[1]])

lag = []
last = [time.perf_counter()]
def beat():
    now = time.perf_counter()
    lag.append(now - last[0] - 0.005)
    last[0] = now
timer = QTimer(interval=5)
timer.timeout.connect(beat)
timer.start()
QTimer.singleShot(100, begin)
application.exec()
found["rss_mb"] = psutil.Process().memory_info().rss / 1e6
found["torch"] = "torch" in sys.modules
found["longest_block_ms"] = max(lag[5:]) * 1000
print(json.dumps(found))
app.shut_down(session, window, 0)
"""


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(ROOT))
    from bespoke_gui.core import project

    default = ROOT.parent / "shared" / "data" / "punks"
    punks = Path(sys.argv[1]) if len(sys.argv) > 1 else default
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "punks"
        project.create_project(folder, punks / "train_512px", punks / "captions_after")
        environ = {**os.environ, "BESPOKE_HOME": str(Path(temporary) / "home")}
        if not os.environ.get("DISPLAY"):
            environ["QT_QPA_PLATFORM"] = "offscreen"
        for number in range(STARTS):
            began = time.time()
            command = [sys.executable, "-c", CHILD, str(folder)]
            done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True)
            found = json.loads(done.stdout)
            print(
                json.dumps(
                    {
                        "start": number,
                        "start_s": round(found["painted"] - began, 3),
                        "open_203_s": round(found["open_s"], 3),
                        "captions_ms": found["captions_ms"],
                        "prepare_ms": found["prepare_ms"],
                        "rss_mb": round(found["rss_mb"], 1),
                        "longest_block_ms": round(found["longest_block_ms"], 1),
                        "torch": found["torch"],
                    }
                )
            )


if __name__ == "__main__":
    main()
