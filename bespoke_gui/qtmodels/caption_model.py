"""Captions of the open project: texts on disk, texts as edited, undo, saving, journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QUndoStack

from bespoke_gui.core.caption_merge import Merge, merge
from bespoke_gui.core.caption_watch import DiskWatch
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.textcodec import Form
from bespoke_gui.qtmodels.caption_journal import Entry, Journal
from bespoke_gui.qtmodels.caption_moment import CaptionMoment
from bespoke_gui.qtmodels.caption_notes import CaptionNotes
from bespoke_gui.qtmodels.caption_saving import Job, Outcome, SaveReport, write_jobs
from bespoke_gui.qtmodels.caption_twins import CaptionTwins
from bespoke_gui.qtmodels.caption_undo import EditCommand, WholeTexts
from bespoke_gui.qtmodels.tasks import run_task

__all__ = ["CaptionStore", "Clash", "SaveReport"]

UNDO_STEPS = 2000
SAVED_PIECE = 4_000  # captions that are told as saved before the window may paint
MOST_TRIES = 3

Done = Callable[[SaveReport], object]


@dataclass(frozen=True)
class Clash:
    """A caption edited here and in another program, in ways that only a person can join."""

    name: str
    base: str
    mine: str
    theirs: Caption
    merged: Merge


class CaptionStore(QObject):
    """The one place where captions are edited. Names are those of the dataset's items.

    `read_only` says why nothing can be edited; empty where everything can. `clashes` wait for
    `settle`; until then they are not saved. `separator` is the project's. `is_taking`: the
    texts that change now are another program's work, so the person's cursor stays where it is.
    """

    # Lists of names, as objects: Qt would copy every one of 100,000 for each receiver.
    changed = Signal(object)
    saved = Signal(object)
    unsaved_changed = Signal()
    loaded = Signal()
    clashes_changed = Signal()
    taken_from_disk = Signal(object, object)  # names of texts taken, names of texts merged
    refused = Signal(str)
    journal_failed = Signal(str)
    looked = Signal()
    pause = Signal()  # the person goes on to something else: a good moment to save

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self.undo_stack.setUndoLimit(UNDO_STEPS)
        self.separator = ","
        self.read_only = ""
        self.is_taking = False
        self.may_write: Callable[[], object] | None = None
        self.clashes: dict[str, Clash] = {}
        self.left_over: dict[str, Entry] = {}
        self._disk: dict[str, Caption] = {}
        self._texts: dict[str, str] = {}
        self._written: dict[str, str] = {}
        self._unsaved: set[str] = set()
        self._twins = CaptionTwins(self._disk)
        self._notes = CaptionNotes(self._entries, self)
        self._notes.failed.connect(self.journal_failed)
        self._saves: list[tuple[list[str], Done, int]] = []
        self._is_saving = False
        self._is_looking = False
        self._watch = DiskWatch()
        self._generation = 0
        self._whole = WholeTexts()

    def load(
        self,
        captions: Mapping[str, Caption],
        journal: Journal | None = None,
        read_at: float = 0.0,
        read_only: str = "",
    ) -> None:
        """Take over captions read since `read_at`; `left_over` is what the journal still holds."""
        self._whole.clear()
        self._generation += 1
        self._saves, self._is_saving, self._is_looking = [], False, False
        self._disk = dict(captions)
        self._twins = CaptionTwins(self._disk)
        self._texts = {name: caption.text for name, caption in captions.items()}
        self._written, self._unsaved, self.clashes = {}, set(), {}
        self._watch = DiskWatch(read_at)
        self.read_only = read_only
        self.left_over = self._notes.begin(None if read_only else journal, self._texts)
        self.undo_stack.clear()
        self.loaded.emit()
        self.unsaved_changed.emit()
        self.clashes_changed.emit()

    def hold(self) -> None:
        """Read and write no files until `reconcile` or `release`: names are about to change."""
        self._generation += 1
        self._is_saving, self._is_looking = True, True

    def release(self) -> None:
        """End a `hold`; what was to be saved meanwhile is saved now."""
        self._is_saving, self._is_looking = False, False
        self._save_next()

    def reconcile(
        self, captions: Mapping[str, Caption], moved: Mapping[str, str] | None = None
    ) -> None:
        """Take over which captions there are now; edits and steps of those that stay are kept.

        moved: old names and the new ones, whose texts come along.
        """
        old_texts, old_disk, unsaved = self._texts, self._disk, self._unsaved
        origin = {new: old for old, new in (moved or {}).items() if old in old_texts}
        self._notes.keep_aside(unsaved - captions.keys() - set(origin.values()))
        self._disk, self._texts, self._unsaved = {}, {}, set()
        self._twins = CaptionTwins(self._disk)
        for name, caption in captions.items():
            source = origin.get(name, name)
            known = old_disk.get(source)
            stays = source in unsaved or (known is not None and known.digest == caption.digest)
            self._disk[name] = replace(known, path=caption.path) if known and stays else caption
            self._texts[name] = old_texts[source] if known and stays else caption.text
            if source in unsaved:
                self._unsaved.add(name)
        written = {name: self._written.get(origin.get(name, name)) for name in self._texts}
        self._written = {name: text for name, text in written.items() if text is not None}
        self.clashes = {n: c for n, c in self.clashes.items() if n in self._texts}
        if unsaved != self._unsaved:
            self._notes.note(unsaved | self._unsaved)
        self.release()
        self.unsaved_changed.emit()

    def use_forms(self, forms: Mapping[str, Form]) -> None:
        """Write captions that are not there yet in these encodings and line ends."""
        for name, form in forms.items():
            if name in self._disk and self._disk[name].missing:
                self._disk[name] = replace(self._disk[name], form=form)

    def names(self) -> list[str]:
        """Return the names of all captions in the dataset's order."""
        return list(self._texts)

    def knows(self, name: str) -> bool:
        """Whether there is such a caption (it may be empty or missing on disk)."""
        return name in self._texts

    def text(self, name: str) -> str:
        """Return the caption as it is now in the window; empty for a missing one."""
        return self._texts.get(name, "")

    def texts(self) -> dict[str, str | None]:
        """Return every readable text as edited, None where there is neither file nor text."""
        return self.moment().now

    def moment(self) -> CaptionMoment:
        """Return all captions as they are now, for a background task."""
        return CaptionMoment(self._texts, self._disk)

    def all_texts(self) -> dict[str, str]:
        """Return a copy of every text as edited, empty where there is none."""
        return dict(self._texts)

    def on_disk(self, name: str) -> Caption:
        """Return the caption as it was last read or written."""
        return self._disk[name]

    def is_unsaved(self, name: str) -> bool:
        """Whether the text differs from the file."""
        return name in self._unsaved

    def unsaved_count(self) -> int:
        """Return how many captions differ from their file."""
        return len(self._unsaved)

    def unsaved(self) -> list[str]:
        """Return the names of all captions that differ from their file, in order."""
        if len(self._unsaved) < 2:
            return list(self._unsaved)
        return [name for name in self._texts if name in self._unsaved]

    def edit(self, name: str, text: str, label: str = "edit caption", typing: bool = False) -> None:
        """Change one caption as a step that can be undone; `typing` merges with the last step."""
        self.edit_many({name: text}, label, typing)

    def edit_many(self, texts: Mapping[str, str], label: str, typing: bool = False) -> None:
        """Change several captions as one step that can be undone; refused where read-only."""
        known = self._texts
        after = {n: text for n, text in texts.items() if n in known and known[n] != text}
        if not after:
            return
        if self.read_only:
            self.refused.emit(self.read_only)
            return
        for name, twins in self._twins.among(after).items():
            after |= dict.fromkeys(twins, after[name])
        command = EditCommand(self._apply, self.text, after, label, typing)
        self.undo_stack.push(command)
        for changes in self._whole.add(command.changes):
            run_task(changes.packed, changes.settle, parent=self)

    def restore_left_over(self) -> list[str]:
        """Put the journal's texts back as unsaved edits and return their names."""
        entries, self.left_over = self.left_over, {}
        self.edit_many({n: entry.text for n, entry in entries.items()}, "restore unsaved captions")
        self._notes.decided({})
        return list(entries)

    def discard_left_over(self) -> None:
        """Forget what the journal held."""
        entries, self.left_over = self.left_over, {}
        self._notes.decided(entries)

    def save(self, names: Iterable[str], done: Done) -> None:
        """Write captions in the background; `done` gets what became of each.

        What another program wrote meanwhile is merged and the result saved; where that needs a
        person it is a conflict, and waits in `clashes`.
        """
        self._saves.append((list(names), done, MOST_TRIES))
        self._save_next()

    def discard_edits(self) -> None:
        """Forget every unsaved edit, also in the journal (which keeps them aside for a while)."""
        names, entries = list(self._unsaved), self._entries(self._unsaved)
        for clash in self.clashes.values():
            self._take_disk(clash.name, clash.theirs)
        self._texts.update({name: self._disk[name].text for name in names})
        self._unsaved, self.left_over, self.clashes = set(), {}, {}
        self.undo_stack.clear()
        self._notes.note(names)
        self._notes.decided(entries)
        self.changed.emit(names)
        self.unsaved_changed.emit()
        self.clashes_changed.emit()

    def flush_journal(self) -> None:
        """Have the journal survive a power cut, on this thread: the window is about to close."""
        self._notes.flush()

    def settle(self, name: str, text: str) -> None:
        """End a clash: `text` takes the place of both (undo brings back what was here)."""
        clash = self.clashes.pop(name, None)
        if clash is None:
            return
        names = self._take_disk(name, clash.theirs)
        self.edit_many({name: text}, "decide between two texts")
        self._refresh_unsaved(names)
        self.clashes_changed.emit()

    def take_changes_from_disk(self, done: Callable[[list[str]], object] | None = None) -> None:
        """Look in the background for files changed by other programs and take what they wrote.

        Unedited captions take the new text, edited ones are merged, both as one step that can be
        undone; the rest waits in `clashes`. `done` gets the names of those taken or merged. While
        a save or another look is under way nothing is done: the next look finds the same.
        """
        if self._is_saving or self._is_looking:
            return
        known, watch, generation = dict(self._disk), self._watch, self._generation
        self._is_looking = True

        def finish(found: dict[str, Caption]) -> None:
            if generation != self._generation:
                return
            self._is_looking = False
            self.looked.emit()
            if self._is_saving:  # what was found may be our own half-done work
                return
            names = self._meet({n: c for n, c in found.items() if self._disk[n] is known[n]})
            if names and done is not None:
                done(names)

        run_task(lambda: watch.changed(known), finish, self._look_failed, parent=self)

    @property
    def is_saving(self) -> bool:
        """Whether files are being written."""
        return self._is_saving

    @property
    def is_unsure_of_disk(self) -> bool:
        """Whether the last look found files that may be half written: look again soon."""
        return self._watch.is_unsure

    def make_read_only(self, why: str) -> None:
        """Allow no more edits, for example because another window took the project over.

        The journal stays as it is: the other window has it now and offers what was unsaved here.
        """
        self._notes.leave()
        self.read_only = why
        self._saves, self._unsaved, self.clashes = [], set(), {}
        self.undo_stack.clear()
        self.unsaved_changed.emit()
        self.clashes_changed.emit()
        self.loaded.emit()
        self.changed.emit(self.names())

    def _apply(self, texts: Mapping[str, str]) -> None:
        known = self._texts
        texts = {name: text for name, text in texts.items() if name in known}
        known.update(texts)
        self._refresh_unsaved(texts)
        if self.clashes:
            self._refresh_clashes(texts)
        self.changed.emit(list(texts))

    def _take_disk(self, name: str, caption: Caption) -> list[str]:
        """Take over what the file holds now; return all names of that file."""
        names = [name, *self._twins.of(name)]
        self._disk.update(dict.fromkeys(names, caption))
        return names

    def _refresh_unsaved(self, names: Iterable[str]) -> None:
        names = list(names)
        texts, disk, written = self._texts, self._disk, self._written
        # The file may hold a last line end less than what was typed and written.
        same = {n for n in names if texts[n] == disk[n].text or texts[n] == written.get(n)}
        self._unsaved.update(names)
        self._unsaved.difference_update(same)
        self._notes.note(names)
        self.unsaved_changed.emit()

    def _save_next(self) -> None:
        if self._is_saving or not self._saves:
            return
        names, done, tries = self._saves.pop(0)
        jobs, waiting = self._jobs(names)
        generation, may_write = self._generation, self.may_write
        self._is_saving = True

        def finish(outcome: Outcome) -> None:
            if generation != self._generation:
                return
            for name in self._take_written(outcome.written):
                outcome.written.pop(name)
            if outcome.written:
                # The rest when the window had time to paint.
                QTimer.singleShot(0, self, lambda: finish(outcome))
                return
            self._is_saving = False
            outcome.report.conflicts += waiting
            self._finish_save(outcome, done, tries)
            self._save_next()

        def failed(error: Exception) -> None:
            # Not a file that cannot be written: something nobody thought of.
            told = AppError(f"could not be saved: {type(error).__name__}: {error}")
            finish(Outcome(SaveReport(failed={job.name: told for job in jobs})))

        run_task(lambda: write_jobs(jobs, may_write), finish, failed, parent=self)

    def _jobs(self, names: Iterable[str]) -> tuple[list[Job], list[str]]:
        """Return what is to be written, each file once, and what waits for a person."""
        unsaved = [name for name in names if name in self._unsaved and name not in self.clashes]
        shared: set[str] = set()
        for name, twins in self._twins.among(unsaved).items():
            if name not in shared:
                shared.update(twins)
        jobs = [Job(n, self._disk[n], self._texts[n]) for n in unsaved if n not in shared]
        return jobs, [name for name in names if name in self.clashes]

    def _finish_save(self, outcome: Outcome, done: Done, tries: int) -> None:
        report = outcome.report
        settled = self._meet(outcome.found)
        report.conflicts = [name for name in report.conflicts if name not in settled]
        again = [name for name in settled if name in self._unsaved]
        if again and tries > 1:
            self._saves.insert(0, (again, lambda more: done(_joined(report, more)), tries - 1))
            return
        report.conflicts += again
        done(report)

    def _take_written(self, outcome: Mapping[str, tuple[Caption, str]]) -> list[str]:
        """Take over what was written, of many only a piece; return the names of that."""
        written = dict(islice(outcome.items(), SAVED_PIECE))
        self._disk.update({name: caption for name, (caption, _) in written.items()})
        self._written.update({name: text for name, (_, text) in written.items()})
        names = list(written)
        for name, twins in self._twins.among(written).items():
            caption, text = written[name]
            self._disk.update(dict.fromkeys(twins, caption))
            self._written.update(dict.fromkeys(twins, text))
            names += twins
        if names:
            self._refresh_unsaved(names)
            self.saved.emit(names)
        return list(written)

    def _meet(self, found: Mapping[str, Caption]) -> list[str]:
        """Take what other programs wrote; return the names whose text here is settled by that."""
        texts: dict[str, str] = {}
        merged: list[str] = []
        clashes = dict(self.clashes)
        for name, now in found.items():
            clash = self._clash(name, now)
            if clash is not None:
                self.clashes[name] = clash
                continue
            if name in self._unsaved and self._texts[name] != now.text:
                merged.append(name)
            texts[name] = self._joined(name, now)
            self.clashes.pop(name, None)
        names = [each for name in texts for each in self._take_disk(name, found[name])]
        if clashes != self.clashes:
            self.clashes_changed.emit()
        if texts:
            self.is_taking = True
            if self.read_only:
                self._apply(texts)
            self.edit_many(texts, "changed by another program")
            self.is_taking = False
            self._refresh_unsaved(names)
            self.taken_from_disk.emit([name for name in texts if name not in merged], merged)
        return list(texts)

    def _joined(self, name: str, now: Caption) -> str:
        if name not in self._unsaved:
            return now.text
        base = self._disk[name].text
        return merge(base, self._texts[name], now.text, self.separator).text

    def _clash(self, name: str, now: Caption) -> Clash | None:
        """Return what a person must decide, if anything."""
        base, mine = self._disk[name].text, self._texts[name]
        known = self.clashes.get(name)
        if known is not None and (known.theirs.digest, known.mine) == (now.digest, mine):
            return known
        if name not in self._unsaved:
            return None
        merged = merge(base, mine, now.text, self.separator)
        return None if merged.is_clean else Clash(name, base, mine, now, merged)

    def _refresh_clashes(self, names: Iterable[str]) -> None:
        """Typing goes on while a clash waits: it is about the text as it is now."""
        waiting = [name for name in names if name in self.clashes]
        for name in waiting:
            now = self.clashes.pop(name)
            clash = self._clash(name, now.theirs)
            if clash is not None:
                self.clashes[name] = clash
        if waiting:
            self.clashes_changed.emit()

    def _look_failed(self, error: Exception) -> None:
        self._is_looking = False
        raise error

    def _entries(self, names: Iterable[str]) -> dict[str, Entry | None]:
        return {
            name: Entry(self._texts[name], self._disk[name].digest)
            if name in self._unsaved
            else None
            for name in names
        }


def _joined(first: SaveReport, second: SaveReport) -> SaveReport:
    return SaveReport(
        [*first.saved, *second.saved],
        [*first.conflicts, *second.conflicts],
        {**first.failed, **second.failed},
    )
