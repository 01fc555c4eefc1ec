"""Captions of the open project: texts on disk, texts as edited, undo, saving, journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from bespoke_gui.core import captions as files
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.caption_journal import Entry, Journal
from bespoke_gui.qtmodels.caption_undo import EditCommand
from bespoke_gui.qtmodels.tasks import run_task

JOURNAL_DELAY_MS = 600


@dataclass
class SaveReport:
    """What became of a save; `conflicts` were changed by another program meanwhile."""

    saved: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    failed: dict[str, AppError] = field(default_factory=dict)

    @property
    def is_complete(self) -> bool:
        """Whether everything that was to be saved is saved."""
        return not self.conflicts and not self.failed


class CaptionStore(QObject):
    """The one place where captions are edited. Names are those of the dataset's items."""

    changed = Signal(list)
    saved = Signal(list)
    unsaved_changed = Signal()
    loaded = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._disk: dict[str, Caption] = {}
        self._texts: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._unsaved: set[str] = set()
        self._journal: Journal | None = None
        self._journal_number = 0
        self.left_over: dict[str, Entry] = {}
        self._timer = QTimer(self, singleShot=True, interval=JOURNAL_DELAY_MS)
        self._timer.timeout.connect(self._write_journal)

    def load(self, captions: Mapping[str, Caption], journal: Journal | None = None) -> None:
        """Take over the captions read from disk; `left_over` is what the journal still holds."""
        self._timer.stop()
        self._disk = dict(captions)
        self._texts = {name: caption.text for name, caption in captions.items()}
        self._written, self._unsaved = {}, set()
        self._journal = journal
        self.left_over = self._worth_restoring(journal.read() if journal else {})
        self.undo_stack.clear()
        self.loaded.emit()
        self.unsaved_changed.emit()

    def names(self) -> list[str]:
        """Return the names of all captions in the dataset's order."""
        return list(self._texts)

    def text(self, name: str) -> str:
        """Return the caption as it is now in the window; empty for a missing one."""
        return self._texts.get(name, "")

    def texts(self) -> dict[str, str | None]:
        """Return every readable text as edited, None where there is neither file nor text."""
        return {
            name: None if self._disk[name].missing and not text else text
            for name, text in self._texts.items()
            if not self._disk[name].unreadable
        }

    def on_disk(self, name: str) -> Caption:
        """Return the caption as it was last read or written."""
        return self._disk[name]

    def saved_texts(self) -> dict[str, str]:
        """Return every text as it is on disk."""
        return {name: caption.text for name, caption in self._disk.items() if not caption.missing}

    def is_unsaved(self, name: str) -> bool:
        """Whether the text differs from the file."""
        return name in self._unsaved

    def unsaved(self) -> list[str]:
        """Return the names of all captions that differ from their file, in order."""
        return [name for name in self._texts if name in self._unsaved]

    def edit(self, name: str, text: str, label: str = "edit caption", typing: bool = False) -> None:
        """Change one caption as a step that can be undone; `typing` merges with the last step."""
        self.edit_many({name: text}, label, typing)

    def edit_many(self, texts: Mapping[str, str], label: str, typing: bool = False) -> None:
        """Change several captions as one step that can be undone."""
        after = {name: text for name, text in texts.items() if self.text(name) != text}
        if not after:
            return
        before = {name: self.text(name) for name in after}
        self.undo_stack.push(EditCommand(self._apply, before, after, label, typing))

    def restore_left_over(self) -> list[str]:
        """Put the journal's texts back as unsaved edits and return their names."""
        texts = {name: entry.text for name, entry in self.left_over.items()}
        self.left_over = {}
        self.edit_many(texts, "restore unsaved captions")
        return list(texts)

    def discard_left_over(self) -> None:
        """Forget what the journal held."""
        self.left_over = {}
        self._write_journal()

    def save(self, names: Iterable[str], done: Callable[[SaveReport], object]) -> None:
        """Write captions in the background; `done` gets what became of each."""
        work = [(name, self._disk[name], self._texts[name]) for name in names]
        work = [job for job in work if job[0] in self._unsaved]

        def finish(result: tuple[SaveReport, dict[str, tuple[Caption, str]]]) -> None:
            report, written = result
            self._take_written(written)
            done(report)

        run_task(lambda: _write_all(work), finish, parent=self)

    def discard_edits(self) -> None:
        """Forget every unsaved edit, also in the journal."""
        self._texts.update({name: self._disk[name].text for name in self._unsaved})
        self._unsaved, self.left_over = set(), {}
        self.undo_stack.clear()
        self.flush_journal()
        self.unsaved_changed.emit()

    def flush_journal(self) -> None:
        """Write the journal now, on this thread: the window is about to close."""
        self._timer.stop()
        if self._journal is not None:
            self._journal_number += 1
            self._journal.write(self._journal_entries(), self._journal_number)

    def overwrite(self, names: Iterable[str], done: Callable[[SaveReport], object]) -> None:
        """Save although the files changed: what is on disk now is read again and replaced."""
        chosen = list(names)
        for name in chosen:
            self._disk[name] = files.read_safely(self._disk[name].path)
            self._refresh_unsaved([name])
        self.save(chosen, done)

    def reload(self, names: Iterable[str]) -> None:
        """Take the texts on disk in place of the edits (which undo brings back)."""
        texts = {}
        for name in names:
            self._disk[name] = files.read_safely(self._disk[name].path)
            texts[name] = self._disk[name].text
        self.edit_many(texts, "read caption again from disk")
        self._refresh_unsaved(texts)

    def take_changes_from_disk(self, done: Callable[[list[str]], object] | None = None) -> None:
        """Look in the background for files changed by other programs; take those not edited."""
        known = dict(self._disk)

        def finish(found: dict[str, Caption]) -> None:
            names = [n for n in found if self._disk.get(n) is known[n] and n not in self._unsaved]
            for name in names:
                self._disk[name] = found[name]
            self.edit_many({n: found[n].text for n in names}, "changed by another program")
            self._refresh_unsaved(names)
            if names and done is not None:
                done(names)

        run_task(lambda: _changed_on_disk(known), finish, parent=self)

    def _apply(self, texts: Mapping[str, str]) -> None:
        known = {name: text for name, text in texts.items() if name in self._texts}
        self._texts.update(known)
        self._refresh_unsaved(known)
        self.changed.emit(list(known))

    def _refresh_unsaved(self, names: Iterable[str]) -> None:
        for name in names:
            text = self._texts[name]
            # The file may hold a last line end less than what was typed and written.
            same = text == self._disk[name].text or text == self._written.get(name)
            (self._unsaved.discard if same else self._unsaved.add)(name)
        self._timer.start()
        self.unsaved_changed.emit()

    def _take_written(self, written: Mapping[str, tuple[Caption, str]]) -> None:
        for name, (caption, text) in written.items():
            self._disk[name] = caption
            self._written[name] = text
        self._refresh_unsaved(written)
        if written:
            self.saved.emit(list(written))

    def _worth_restoring(self, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        return {n: e for n, e in entries.items() if n in self._texts and e.text != self._texts[n]}

    def _write_journal(self) -> None:
        """Write the unsaved texts and those not yet restored, in the background."""
        if self._journal is None:
            return
        journal, entries = self._journal, self._journal_entries()
        self._journal_number += 1
        number = self._journal_number
        run_task(lambda: journal.write(entries, number), parent=self)

    def _journal_entries(self) -> dict[str, Entry]:
        entries = dict(self.left_over)
        for name in self._unsaved:
            entries[name] = Entry(self._texts[name], self._disk[name].digest)
        return entries


def _write_all(
    work: Iterable[tuple[str, Caption, str]],
) -> tuple[SaveReport, dict[str, tuple[Caption, str]]]:
    report, written = SaveReport(), {}
    for name, caption, text in work:
        try:
            written[name] = (files.write(caption, text), text)
            report.saved.append(name)
        except AppError as error:
            if error.kind == "conflict":
                report.conflicts.append(name)
            else:
                report.failed[name] = error
    return report, written


def _changed_on_disk(known: Mapping[str, Caption]) -> dict[str, Caption]:
    found = {}
    for name, caption in known.items():
        now = files.read_safely(caption.path)
        if now.digest != caption.digest and not now.unreadable:
            found[name] = now
    return found
