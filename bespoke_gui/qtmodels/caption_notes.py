"""Caption notes: unsaved texts on their way to the journal, without holding up the window."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.qtmodels.caption_journal import Entry, Journal
from bespoke_gui.qtmodels.tasks import run_task

SYNC_DELAY_MS = 500
AT_ONCE = 100_000  # characters: a larger piece of the journal is written in the background
PIECE = 500  # captions that are noted before the window may paint

Entries = Callable[[Iterable[str]], Mapping[str, Entry | None]]
"""Names to what is unsaved of them: None where nothing is, or where the caption is gone."""


class CaptionNotes(QObject):
    """Writes a journal as texts change; without a journal it does nothing.

    failed: why nothing can be noted, once until it works again.
    """

    failed = Signal(str)

    def __init__(self, entries: Entries, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._entries = entries
        self._journal: Journal | None = None
        self._works = True
        self._waiting: dict[str, None] = {}
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self._note_some)
        self._sync = QTimer(self, singleShot=True, interval=SYNC_DELAY_MS)
        self._sync.timeout.connect(self._sync_journal)

    def begin(self, journal: Journal | None, texts: Mapping[str, str]) -> dict[str, Entry]:
        """Write to another journal from now on; return what it holds beside these texts."""
        self._sync.stop()
        self._waiting = {}
        self._journal, self._works = journal, True
        if journal is None:
            return {}
        entries = journal.read()
        left = {n: e for n, e in entries.items() if n in texts and e.text != texts[n]}
        gone = {n: e for n, e in entries.items() if n not in texts}  # image not there now
        self._guarded(lambda: journal.begin(left, gone))
        return left

    def leave(self) -> None:
        """Write what waits and the journal no more: another window has it now."""
        self._note_all()
        self._sync.stop()
        self._journal = None

    def note(self, names: Iterable[str]) -> None:
        """Write what changed to the journal: a little at once, more in pieces a moment later."""
        names = list(names)
        if self._journal is not None and len(names) > PIECE:
            self._waiting |= dict.fromkeys(names)
            self._soon.start()
        else:
            self._note_now(names)

    def flush(self) -> None:
        """Have the journal survive a power cut, on this thread."""
        self._sync.stop()
        self._note_all()
        if self._journal is not None:
            self._journal.sync()

    def decided(self, discarded: Mapping[str, Entry | None]) -> None:
        """Forget what was left over; what is discarded of it is kept aside for a while."""
        journal, entries = self._journal, {n: e for n, e in discarded.items() if e is not None}
        if journal is not None:
            self._guarded(lambda: journal.decided(entries))

    def keep_aside(self, gone: Iterable[str]) -> None:
        """Keep unsaved texts of captions that leave the set: the journal forgets them now."""
        entries = {name: entry for name, entry in self._entries(gone).items() if entry}
        if self._journal is not None:
            self._journal.keep_aside(entries)

    def _note_all(self) -> None:
        while self._waiting:
            self._note_some()

    def _note_some(self) -> None:
        names = list(islice(self._waiting, PIECE))
        for name in names:
            del self._waiting[name]
        self._note_now(names)
        if self._waiting:
            self._soon.start()

    def _note_now(self, names: Iterable[str]) -> None:
        journal = self._journal
        if journal is None:
            return
        records = journal.note(self._entries(names))
        if sum(len(r.entry.text) for r in records if r.entry) <= AT_ONCE:
            self._guarded(lambda: journal.write(records))
        else:
            run_task(lambda: journal.write(records), None, self._on_failed, parent=self)
        if not self._sync.isActive():
            self._sync.start()

    def _sync_journal(self) -> None:
        if self._journal is not None:
            run_task(self._journal.sync, parent=self)

    def _guarded(self, work: Callable[[], object]) -> None:
        try:
            work()
            self._works = True
        except (OSError, AppError) as error:
            self._on_failed(error)

    def _on_failed(self, error: Exception) -> None:
        """Tell it once; the next thing written well makes it news again."""
        if self._works:
            self._works = False
            self.failed.emit(str(error))
