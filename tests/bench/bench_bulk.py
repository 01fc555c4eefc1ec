"""Bulk edits of 20,000 captions: how long they hold the window's thread: `bench_bulk.py [COUNT]`.

Opens a generated project in the Captions room; adds a phrase to every caption as one step, takes
it back, makes it again, and reverts all captions on the page Before and after. Prints one JSON
object a line: held_ms is the longest time between two looks at the event queue, held_cpu_ms what
the thread worked in it (other programs left out), seconds until everything has come to rest.
"""

import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "bench")]
if not os.environ.get("DISPLAY"):
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


def held(application, begin: Callable[[], object], is_done: Callable[[], bool]) -> dict[str, float]:
    """Begin something and let the window work until it is done and nothing more happens."""
    from bench_open import turn

    from bespoke_gui.qtmodels import tasks

    longest = longest_cpu = 0.0
    began = time.perf_counter()
    step: Callable[[], object] = begin
    while True:
        wall, cpu = time.perf_counter(), time.thread_time()
        step()
        used = time.thread_time() - cpu
        longest_cpu = max(longest_cpu, used)
        if used > 0.002:
            longest = max(longest, time.perf_counter() - wall)
        if step is not begin and is_done() and not tasks.running():
            break
        step = lambda: turn(application)  # noqa: E731
    return {
        "held_ms": round(longest * 1000, 1),
        "held_cpu_ms": round(longest_cpu * 1000, 1),
        "seconds": round(time.perf_counter() - began, 2),
    }


def main(count: int) -> None:
    from bench_frames import write_captions
    from bench_open import make_project, wait, wait_for

    from bespoke_gui import app
    from bespoke_gui.core.history import History

    with tempfile.TemporaryDirectory() as temporary:
        os.environ["BESPOKE_HOME"] = str(Path(temporary) / "home")
        folder = make_project(Path(temporary) / "project", count)
        write_captions(folder / "dataset")
        application, session, window = app.build()
        session.settings.autosave = False
        window.show()
        window.show_panel("captions")
        wait_for(application, session, folder)
        panel, store = window.panel("captions"), session.captions
        with History(folder) as history:
            history.snapshot("start", store.texts())
        session.snapshots_changed.emit()
        wait(application, 2.0)

        def rest() -> bool:
            return not panel.desk.lints.is_busy

        held(application, lambda: None, rest)
        longer = {name: f"{store.text(name)}, sharp" for name in store.names()}
        steps: list[tuple[str, Callable[[], object]]] = [
            ("edit", lambda: store.edit_many(longer, "add a phrase")),
            ("undo", store.undo_stack.undo),
            ("redo", store.undo_stack.redo),
            ("save", lambda: store.save(store.unsaved(), lambda report: None)),
            ("undo after saving", store.undo_stack.undo),
        ]
        for what, begin in steps:
            figures = held(application, begin, rest)
            print(json.dumps({"captions": count, "what": what, **figures}), flush=True)
        assert store.undo_stack.count() == 1
        store.discard_edits()  # else the window asks about them
        window.close()
        app.shut_down(session, window, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
