"""Must show: text on disk is always one of the states the user saw, whatever happens in between.

A state machine of random edits, undo, redo, revert, saves, changes by another program, decisions,
crashes (also in the middle of a save) and reloads, on real files with the real journal.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bespoke_gui.core import captions
from bespoke_gui.qtmodels.caption_journal import Journal
from bespoke_gui.qtmodels.caption_model import CaptionStore

NAMES = ("a.png", "a.jpg", "b.png", "c.png")  # two images share one caption; c has none yet
FIRST = {
    "a.txt": "\ufeffone, two words, drei\r\nline two\r\n".encode(),
    "b.txt": "café eyes, hat".encode("cp1252"),
}
WORDS = st.sampled_from(["one", "two words", "drei", "red hat", "hat", "café eyes", "a\nb", "tie"])
TEXT = st.lists(WORDS, max_size=4).map(", ".join) | st.text("ab, \né", max_size=12)
NAME = st.sampled_from(NAMES)
FILE = st.sampled_from(["a.txt", "b.txt", "c.txt"])
CALLS = ("fsync", "replace", "chmod", "unlink")


class Crash(BaseException):
    """The program was killed here."""


class Workbench(RuleBasedStateMachine):
    """One person, one window, another program, and a power switch."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="bespoke-safety-"))
        self.store = None
        self.seen = {name: set() for name in NAMES}
        self.theirs = {}  # what another program wrote and this window does not know yet

    def teardown(self):
        if self.store is not None:
            self.store.deleteLater()
        shutil.rmtree(self.folder)

    def path(self, name):
        return self.folder / f"{name.split('.', maxsplit=1)[0]}.txt"

    @initialize()
    def begin(self):
        for name, data in FIRST.items():
            (self.folder / name).write_bytes(data)
        self.open()

    def open(self):
        if self.store is not None:
            self.store.deleteLater()
        self.store = CaptionStore()
        read = {name: captions.read(self.path(name)) for name in NAMES}
        self.store.load(read, Journal(self.folder / "journal"))
        self.theirs = {}
        self.look()

    def look(self):
        """The person sees every text of the window, and both texts of a clash."""
        for name in NAMES:
            self.seen[name].add(self.store.text(name))
        for path in list(self.theirs):
            name = next(n for n in NAMES if self.path(n) == path)
            clash = self.store.clashes.get(name)
            digest = clash.theirs.digest if clash else self.store.on_disk(name).digest
            if digest == captions.read(path).digest:
                del self.theirs[path]

    @rule(name=NAME, text=TEXT, typing=st.booleans())
    def edit(self, name, text, typing):
        self.store.edit(name, text, typing=typing)
        self.look()

    @rule(texts=st.dictionaries(NAME, TEXT, min_size=2))
    def edit_many(self, texts):
        self.store.edit_many(texts, "rule")
        self.look()

    @rule(name=NAME, index=st.integers(0, 5), word=WORDS)
    def change_a_phrase(self, name, index, word):
        """A small edit, so that merges are often clean."""
        phrases = self.store.text(name).split(", ")
        phrases[index % len(phrases)] = word
        self.edit(name, ", ".join(phrases), False)

    @rule(times=st.integers(1, 3))
    def undo(self, times):
        for _ in range(times):
            self.store.undo_stack.undo()
        self.look()

    @rule(times=st.integers(1, 3))
    def redo(self, times):
        for _ in range(times):
            self.store.undo_stack.redo()
        self.look()

    @rule(name=NAME)
    def revert(self, name):
        self.store.edit(name, self.store.on_disk(name).text, "revert")
        self.look()

    @rule(names=st.sets(NAME))
    def save(self, names):
        self.store.save(names or self.store.unsaved(), lambda _report: None)
        self.look()

    @rule()
    def discard(self):
        self.store.discard_edits()
        self.look()

    @rule(file=FILE, text=TEXT)
    def another_program_writes(self, file, text):
        self.write_elsewhere(self.folder / file, text.encode())

    @rule(file=FILE, index=st.integers(0, 5), word=WORDS)
    def another_program_changes_a_phrase(self, file, index, word):
        phrases = captions.read(self.folder / file).text.split(", ")
        phrases[index % len(phrases)] = word
        self.write_elsewhere(self.folder / file, ", ".join(phrases).encode())

    @rule(file=FILE)
    def another_program_deletes(self, file):
        self.write_elsewhere(self.folder / file, None)

    def write_elsewhere(self, path, data):
        if data is None:
            path.unlink(missing_ok=True)
        else:
            path.write_bytes(data)
        self.theirs[path] = data
        for name in NAMES:
            if self.path(name) == path:
                self.seen[name].add(captions.read(path).text)

    @rule()
    def notice(self):
        for _ in range(2):  # a file that is suddenly empty is believed at the second look
            self.store.take_changes_from_disk()
        self.look()

    @precondition(lambda self: self.store and self.store.clashes)
    @rule(choice=st.sampled_from(["mine", "theirs", "both"]))
    def decide(self, choice):
        clash = next(iter(self.store.clashes.values()))
        texts = {"mine": clash.mine, "theirs": clash.theirs.text, "both": clash.merged.text}
        self.store.settle(clash.name, texts[choice])
        self.look()

    @rule()
    def crash(self):
        self.crash_now({name: self.store.text(name) for name in self.store.unsaved()})

    @rule(at=st.integers(1, 14))
    def crash_while_saving(self, at):
        typed = {name: self.store.text(name) for name in self.store.unsaved()}
        with killed_at(at):
            self.store.save(list(typed), lambda _report: None)
        self.crash_now(typed, {name: self.store.text(name) for name in typed})

    @rule(name=NAME, text=TEXT, at=st.integers(1, 6))
    def crash_while_typing(self, name, text, at):
        typed = {name: self.store.text(name) for name in self.store.unsaved()}
        self.seen[name].add(text)
        for twin in ("a.png", "a.jpg"):
            self.seen[twin] |= {text} if name.startswith("a.") else set()
        with killed_at(at):
            self.store.edit(name, text)
        self.crash_now({n: t for n, t in typed.items() if self.path(n) != self.path(name)})

    def crash_now(self, typed, joined=None):
        """The next start offers exactly what was typed and is not in the file.

        `joined` is what a save under way had made of it with another program's change.
        """
        for name, text in (joined or {}).items():
            self.seen[name].add(text)
        self.store.undo_stack.clear()
        self.open()
        for name, text in typed.items():
            entry = self.store.left_over.get(name)
            found = {entry.text if entry else None, self.store.text(name)}
            wanted = {text, text.removesuffix("\n"), (joined or typed)[name]}
            assert found & wanted, (name, found, wanted)
        for name, entry in self.store.left_over.items():
            assert entry.text in self.seen[name]

    @precondition(lambda self: self.store and self.store.left_over)
    @rule(wanted=st.booleans())
    def left_over(self, wanted):
        (self.store.restore_left_over if wanted else self.store.discard_left_over)()
        self.look()

    @invariant()
    def disk_holds_what_somebody_saw(self):
        if self.store is None:
            return
        for name in NAMES:
            data = self.path(name).read_bytes() if self.path(name).exists() else None
            text = captions.read(self.path(name)).text
            # The last line end is kept as the file had it, so it is no part of the text.
            assert text in self.seen[name] or text + "\n" in self.seen[name], (name, text)
            if self.path(name) in self.theirs:
                assert data == self.theirs[self.path(name)], "overwritten unseen"

    @invariant()
    def forms_are_kept(self):
        """What was written last has the byte order mark that the window knows of."""
        path = self.folder / "a.txt"
        known = self.store.on_disk("a.png") if self.store else None
        if known and path.exists() and known.digest == captions.read(path).digest:
            assert path.read_bytes().startswith(b"\xef\xbb\xbf") == known.bom

    @invariant()
    def unsaved_is_what_differs(self):
        for name in NAMES if self.store else ():
            differs = self.store.text(name) != self.store.on_disk(name).text
            written = self.store.text(name) in self.seen[name]
            assert self.store.is_unsaved(name) <= differs
            assert written


class killed_at:
    """Kill the program at the n-th call that touches a file; what follows does not happen."""

    def __init__(self, at):
        self.left = at
        self.real = {}

    def __enter__(self):
        for call in CALLS:
            self.real[call] = getattr(os, call)
            setattr(os, call, self.counted(self.real[call]))

    def counted(self, real):
        def call(*args, **kwargs):
            if self.left <= 0:
                raise Crash
            self.left -= 1
            if self.left == 0:
                raise Crash
            return real(*args, **kwargs)

        return call

    def __exit__(self, kind, *_):
        for call, real in self.real.items():
            setattr(os, call, real)
        return kind is Crash


def run(examples, steps):
    run_state_machine_as_test(
        Workbench,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.fixture
def crashes_are_quiet(qapp, monkeypatch):
    """A crash inside a call from Qt ends up in the exception hook: nobody has to hear of it."""

    def hook(kind, error, trace):
        if kind is not Crash:
            real(kind, error, trace)

    real = sys.excepthook
    monkeypatch.setattr(sys, "excepthook", hook)


@pytest.mark.qt_no_exception_capture
def test_disk_holds_only_what_somebody_saw(crashes_are_quiet):
    run(30, 25)


@pytest.mark.full
@pytest.mark.qt_no_exception_capture
def test_disk_holds_only_what_somebody_saw_for_long(crashes_are_quiet):
    run(600, 40)
