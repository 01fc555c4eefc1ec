"""Start of the window, opening of the punks, and memory: `bench_window.py [IMAGES [CAPTIONS]]`.

Each start is a fresh process and a JSON line. painted_s counts from before the interpreter to the
first paint of the application started with the project. The first start, "cold", compiles Bespoke
anew; the others find its bytecode, as on a user's machine, whatever PYTHONDONTWRITEBYTECODE says
here. ROOM_ms is the first opening of a room; rooms_cpu_ms what of it the GUI thread worked.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
STARTS = 4
STEP_MS = 1500
CHILD = """
import json, sys, time
from bespoke_gui import app

ROOMS = ("captions", "prepare", "train", "gallery", "home")
found = {"rooms": {}, "rooms_cpu": {}}

def memory():
    import psutil
    return psutil.Process().memory_info().rss / 1e6

def spied():
    from PySide6.QtCore import QEvent, QObject, QTimer

    class FirstPaint(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint and "painted" not in found:
                found["painted"] = time.time()
            return False

    def busy(opening):
        if opening:
            found["began"] = time.perf_counter()

    def opened():
        if "open_s" in found or session.project is None:
            return
        found["open_s"] = time.perf_counter() - found["began"]
        QTimer.singleShot(STEP_MS - 100, lambda: found.update(rss_mb=memory()))
        for index, name in enumerate(ROOMS, start=1):
            QTimer.singleShot(STEP_MS * index, lambda name=name: show(name))
        QTimer.singleShot(STEP_MS * (len(ROOMS) + 1), leave)

    def show(name):
        wall, cpu = time.perf_counter(), time.thread_time()
        window.show_panel(name)
        found["rooms"][name] = round((time.perf_counter() - wall) * 1000)
        found["rooms_cpu"][name] = round((time.thread_time() - cpu) * 1000)

    def leave():
        found["all_rooms_rss_mb"] = memory()
        found["torch"] = "torch" in sys.modules
        application.quit()

    application, session, window = parts = build()
    spied.spy = FirstPaint()
    for widget in (window.centralWidget(), window.rail):
        widget.installEventFilter(spied.spy)
    session.busy_changed.connect(busy)
    session.project_changed.connect(opened)
    return parts

build, app.build = app.build, spied
app.main([sys.argv[1]])
print(json.dumps(found))
""".replace("STEP_MS", str(STEP_MS))


def measure(folder: Path, environ: dict[str, str]) -> dict:
    """Start the window once on a project; return its figures."""
    began = time.time()
    command = [sys.executable, "-c", CHILD, str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True)
    found = json.loads(done.stdout)
    return {
        "painted_s": round(found["painted"] - began, 3),
        "open_pairs_s": round(found["open_s"], 3),
        **{f"{name}_ms": ms for name, ms in found["rooms"].items()},
        "rooms_cpu_ms": list(found["rooms_cpu"].values()),
        "rss_mb": round(found["rss_mb"], 1),
        "all_rooms_rss_mb": round(found["all_rooms_rss_mb"], 1),
        "torch": found["torch"],
    }


def environment(temporary: Path) -> dict[str, str]:
    """Return an environment with settings and bytecode of its own."""
    environ = {**os.environ, "BESPOKE_HOME": str(temporary / "home")}
    environ.pop("PYTHONDONTWRITEBYTECODE", None)
    environ["PYTHONPYCACHEPREFIX"] = str(temporary / "bytecode")
    if not os.environ.get("DISPLAY"):
        environ["QT_QPA_PLATFORM"] = "offscreen"
    return environ


def main() -> None:
    """Measure and print."""
    sys.path.insert(0, str(ROOT))
    from bespoke_gui.core import project

    punks = ROOT.parent / "shared" / "data" / "punks"
    given = [Path(argument) for argument in sys.argv[1:3]]
    given = given or [punks / "train_512px", punks / "captions_after"]
    images, captions = given[0], given[1] if len(given) > 1 else None
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "punks"
        project.create_project(folder, images, captions)
        environ = environment(Path(temporary))
        for number in range(STARTS):
            kind = "warm" if number else "cold"
            print(json.dumps({"start": kind, **measure(folder, environ)}), flush=True)


if __name__ == "__main__":
    main()
