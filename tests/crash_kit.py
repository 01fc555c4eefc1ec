"""Kills a real process at a chosen write, sync, replace or database step of real caption work.

Run as `python -m tests.crash_kit` it is the forge: it imports everything once, then forks a child
for every request, so that 500 kills take seconds. Nothing of this is in the product: the child
wraps the calls of `os` and the database before it begins.
"""

from __future__ import annotations

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parent.parent
SEEN = "seen.jsonl"
KEYS = "portrait of a lad, red hat"


class Boundaries:
    """Counts the steps of the child; at the chosen one the process kills itself."""

    def __init__(self, kill_at: int) -> None:
        self.count = 0
        self.kill_at = kill_at

    def step(self, _what: str = "") -> None:
        """One boundary: before or after something that reaches the disk."""
        self.count += 1
        if self.count == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Wrap what writes, in this process only."""
        for name in ("fsync", "replace", "unlink", "rename"):
            setattr(os, name, self._around(getattr(os, name)))
        os.fdopen = self._fdopen  # pyright: ignore[reportAttributeAccessIssue]
        from bespoke_gui.core.history_db import HistoryDatabase

        connect = HistoryDatabase._connect

        def traced(database: HistoryDatabase, target: str):
            connection = connect(database, target)
            connection.set_trace_callback(self.step)
            return connection

        HistoryDatabase._connect = traced  # pyright: ignore[reportAttributeAccessIssue]

    def _around(self, call: Callable) -> Callable:
        def wrapped(*args, **kwargs):
            self.step()
            result = call(*args, **kwargs)
            self.step()
            return result

        return wrapped

    def _fdopen(self, handle: int, mode: str = "r", buffering: int = -1, **_more):
        raw = HalfWriter(handle, mode.replace("b", ""), self.step)
        if buffering == 0:
            return raw
        return io.BufferedRandom(raw) if "+" in mode else io.BufferedWriter(raw)


class HalfWriter(io.FileIO):
    """A file whose writes have three boundaries: before, after half of the bytes, and after all."""

    def __init__(self, handle: int, mode: str, step: Callable[[], None]) -> None:
        super().__init__(handle, mode)
        self._step = step

    def write(self, data) -> int:
        data = bytes(data)
        half = len(data) // 2
        self._step()
        super().write(data[:half])
        self._step()
        super().write(data[half:])
        self._step()
        return len(data)


class Witness:
    """Writes down every state the user saw, before it can reach any other file."""

    def __init__(self, folder: Path) -> None:
        self._write = os.write
        self._handle = os.open(folder / SEEN, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def saw(self, name: str, text: str) -> None:
        """The window shows `text` now."""
        self._write(self._handle, (json.dumps([name, text]) + "\n").encode())

    def unsure(self) -> None:
        """What the window shows next is an earlier state, and told only when it is known which."""
        self._write(self._handle, b"null\n")


def single(folder: Path, witness: Witness) -> None:
    """Save captions of every kind, one after the other."""
    from bespoke_gui.core import captions

    for path in sorted((folder / "dataset").glob("*.txt")):
        caption = captions.read(path)
        for text in (
            caption.text.replace("hat", "big hat"),
            f"short, {caption.text}",
            caption.text + ", tie",
        ):
            witness.saw(path.name, text)
            caption = captions.write(caption, text)


def bulk(folder: Path, witness: Witness) -> None:
    """Give all captions new texts by `core.bulk`."""
    from bespoke_gui.core.bulk import write_all
    from bespoke_gui.core.caption_set import open_captions

    found = open_captions(folder / "dataset")
    texts = {name: f"{text}, in bulk" for name, text in found.texts.items()}
    for name, text in texts.items():
        witness.saw(name, text)
    with found.history() as history:
        write_all(found.captions, texts, history, "test")


def rules(folder: Path, witness: Witness) -> None:
    """Run a rule set over all captions, as `bespoke captions apply` does."""
    from bespoke_gui.core.caption_set import open_captions
    from bespoke_gui.core.captions import texts
    from bespoke_gui.core.rules.apply import write_results
    from bespoke_gui.core.rules.ruleset import load_rules, preview

    ruleset = load_rules(folder / "rules.toml")
    found = open_captions(folder / "dataset")
    results = preview(ruleset, texts(found.captions), ",")
    for name, result in results.items():
        witness.saw(name, result.after)
    with found.history() as history:
        write_results(ruleset.name, found.captions, results, history, lambda *_: True)


def restore(folder: Path, witness: Witness) -> None:
    """Bring a snapshot back, as `bespoke captions restore` does."""
    from bespoke_gui.core.caption_set import open_captions

    found = open_captions(folder / "dataset")
    with found.history() as history:
        for name, text in history.load("old", found.captions).items():
            witness.saw(name, text)
        found.restore(history, "old")


def autosave(folder: Path, witness: Witness) -> None:
    """Type, undo, redo and edit in bulk in the window's store while it saves by itself."""
    from PySide6.QtCore import QCoreApplication

    from bespoke_gui.core import captions
    from bespoke_gui.qtmodels import caption_keeper, tasks
    from bespoke_gui.qtmodels.caption_journal import Journal
    from bespoke_gui.qtmodels.caption_model import CaptionStore

    application = QCoreApplication([])
    tasks.use(tasks.SynchronousPool())
    caption_keeper.PAUSE_MS = 0
    store = CaptionStore()
    session = SimpleNamespace(settings=SimpleNamespace(autosave=True), captions=store)
    keeper = caption_keeper.Autosave(session)  # pyright: ignore[reportArgumentType]
    paths = {path.name: path for path in sorted((folder / "dataset").glob("*.txt"))}
    read = {name: captions.read(path) for name, path in paths.items()}
    store.load(read, Journal(folder / "journal"))
    first, second, third = list(paths)[:3]

    def edit(texts: dict[str, str], typing: bool = False) -> None:
        for name, text in texts.items():
            witness.saw(name, text)
        store.edit_many(texts, "typing", typing)

    for end in range(1, len(KEYS) + 1):
        edit({first: KEYS[:end]}, typing=True)
        if end % 9 == 0:
            application.processEvents()  # the pause: all that is unsaved is saved
    edit({name: f"{store.text(name)}, bulk" for name in paths})
    for step in ("undo", "undo", "redo"):
        witness.unsure()
        getattr(store.undo_stack, step)()
        for name in paths:
            witness.saw(name, store.text(name))
    application.processEvents()
    # Another program writes while this window has an edit of its own: joined, then saved.
    theirs = store.text(second) + ", theirs"
    witness.saw(second, theirs)
    paths[second].write_text(theirs, encoding="utf-8", newline="")
    witness.saw(second, f"mine, {theirs}")
    edit({second: "mine, " + store.text(second), third: "the last words"})
    application.processEvents()
    keeper.now()


def live(folder: Path, witness: Witness) -> None:
    """Type without end while saving, journal and looking at the disk run on threads."""
    from PySide6.QtCore import QCoreApplication

    from bespoke_gui.core import captions
    from bespoke_gui.qtmodels import caption_keeper
    from bespoke_gui.qtmodels.caption_journal import Journal
    from bespoke_gui.qtmodels.caption_model import CaptionStore

    application = QCoreApplication([])
    caption_keeper.PAUSE_MS, caption_keeper.LONGEST_MS = 3, 20
    store = CaptionStore()
    session = SimpleNamespace(settings=SimpleNamespace(autosave=True), captions=store)
    caption_keeper.Autosave(session, store)  # pyright: ignore[reportArgumentType]
    paths = {path.name: path for path in sorted((folder / "dataset").glob("*.txt"))}
    store.load(
        {name: captions.read(path) for name, path in paths.items()}, Journal(folder / "journal")
    )
    for number in range(100_000):
        name = list(paths)[number // 7 % len(paths)]
        text = f"{KEYS}, {number}"
        witness.saw(name, text)
        store.edit(name, text, typing=True)
        application.processEvents()
        if number % 5 == 0:
            store.take_changes_from_disk()
            time.sleep(0.004)


SCENARIOS = {work.__name__: work for work in (single, bulk, rules, restore, autosave)}
LIVE = live.__name__


def _child(request: dict) -> int:
    """Do the work in a forked process; report the number of boundaries when nothing killed it."""
    folder = Path(request["folder"])
    boundaries = Boundaries(request["kill_at"])
    witness = Witness(folder)
    boundaries.install()
    {**SCENARIOS, LIVE: live}[request["scenario"]](folder, witness)
    return boundaries.count


def _forge() -> None:
    import bespoke_gui.core.caption_set
    import bespoke_gui.core.rules.apply
    import bespoke_gui.qtmodels.caption_keeper  # noqa: F401

    for line in sys.stdin:
        reading, writing = os.pipe()
        pid = os.fork()
        if pid == 0:
            count = -1
            try:
                count = _child(json.loads(line))
            except BaseException:  # noqa: BLE001 - the parent fails the test on any other end
                import traceback

                traceback.print_exc()
            os.write(writing, str(count).encode())
            os._exit(0 if count >= 0 else 1)
        os.close(writing)
        if after := json.loads(line).get("kill_after"):
            time.sleep(after)
            os.kill(pid, signal.SIGKILL)
        status = os.waitpid(pid, 0)[1]
        with os.fdopen(reading, "rb") as pipe:
            count = int(pipe.read() or 0)
        print(json.dumps({"killed": os.WIFSIGNALED(status), "count": count}), flush=True)


class Forge:
    """Starts the forge and asks it for children."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash_kit"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )  # fmt: skip

    def run(self, scenario: str, folder: Path, kill_at: int = 0, kill_after: float = 0.0) -> dict:
        """Run a scenario on a folder, killed at that boundary or after some seconds, if any."""
        request = {"scenario": scenario, "folder": str(folder), "kill_at": kill_at}
        request["kill_after"] = kill_after
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        assert answer["count"] >= 0, "the scenario itself failed"
        return answer

    def close(self) -> None:
        """End the forge."""
        self._process.communicate()


if __name__ == "__main__":
    _forge()
