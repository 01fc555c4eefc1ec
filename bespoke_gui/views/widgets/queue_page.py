"""Queue page: trainings in line; another order by drag or keys, pause, resume, remove and undo."""

from __future__ import annotations

from itertools import dropwhile

from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.queue.entry import ENDED, PENDING, Entry
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.queue_desk import queue_of
from bespoke_gui.qtmodels.queue_rows import STATE_COLUMN, QueueRows, summary
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.empty_note import EmptyNote
from bespoke_gui.views.widgets.parts import button, elided, heading, row, tool
from bespoke_gui.views.widgets.queue_state import StateDelegate
from bespoke_gui.views.widgets.sweep_dialog import SweepDialog
from bespoke_gui.views.widgets.tables import table_view

PAUSE, RESUME = "Pause queue", "Resume queue"
WIDTHS = (36, 260, 92, 130, 136, 0)
EMPTY = (
    "Put trainings in line and they run one after the other, one at a time on each machine. "
    "They start while this window is open."
)


class QueuePage(QWidget):
    """Shows the line of the desk and passes on what the person wants of it."""

    def __init__(self, configs: ConfigDesk) -> None:
        super().__init__()
        self._configs = configs
        self.desk = queue_of(configs.session)
        self._build()
        self._connect()
        self._on_changed()

    def chosen(self) -> list[Entry]:
        """Return the entries of the selected rows, in order."""
        rows = sorted({index.row() for index in self.table.selectionModel().selectedRows()})
        return [self.rows.rows[place] for place in rows]

    def add(self) -> None:
        """Put the training that is set up in line."""
        entry = self.desk.offer()
        if entry is not None and self.desk.agreed():
            self.desk.add([entry])

    def sweep(self) -> None:
        """Ask for values of options, show what comes of them, and put that in line."""
        entry = self.desk.offer()
        if entry is not None:
            SweepDialog(self.desk, entry, self._configs.preflight, self).open()

    def pause_or_resume(self) -> None:
        """Pause the chosen entries; where none of them waits, let them start."""
        chosen = self.chosen()
        numbers = [entry.id for entry in chosen]
        if any(entry.state == "waiting" for entry in chosen):
            self.desk.pause(numbers)
        elif chosen:
            self.desk.resume(numbers)

    def remove(self) -> None:
        """Take the chosen entries out."""
        self.desk.remove([entry.id for entry in self.chosen()])

    def move_chosen(self, by: int) -> None:
        """Move the chosen entries up (-1) or down (1); those at the end already stay together."""
        pending = [entry.id for entry in self.rows.rows if entry.state in PENDING]
        line = pending if by < 0 else pending[::-1]
        chosen = {entry.id for entry in self.chosen()}
        for number in dropwhile(lambda one: one in chosen, line):
            if number in chosen:
                self.desk.move(number, by)

    def show_run(self) -> None:
        """Show the run of the chosen entry on the Run page."""
        run = next((entry.run for entry in self.chosen() if entry.run), "")
        if run:
            self.desk.run_wanted.emit(run)

    def _on_changed(self) -> None:
        kept = [entry.id for entry in self.chosen()]
        entries = self.desk.entries
        self.rows.show(list(entries))
        self.rows.show_progress(self.desk.progress)
        self._select(kept)
        self.words.setText(summary(entries, self.desk.queue.paused))
        self.stack.setCurrentIndex(int(bool(entries)))
        self.whole.setText(RESUME if self.desk.queue.paused else PAUSE)
        self._show_buttons()

    def _select(self, numbers: list[int]) -> None:
        """Keep the same entries chosen wherever they stand now."""
        selection = self.table.selectionModel()
        selection.clearSelection()
        flags = QItemSelectionModel.SelectionFlag
        places = [place for number in numbers if (place := self.rows.row_of(number)) >= 0]
        for number, place in enumerate(places):
            index = self.rows.index(place, 0)
            if number == 0:
                selection.setCurrentIndex(index, flags.NoUpdate)
            selection.select(index, flags.Select | flags.Rows)

    def _show_buttons(self) -> None:
        chosen, entries = self.chosen(), self.desk.entries
        pending = [entry for entry in chosen if entry.state in PENDING]
        for one in (self.up, self.down):
            one.setEnabled(bool(pending))
        waits = any(entry.state == "waiting" for entry in chosen)
        rests = any(entry.state in ("paused", "failed", "cancelled") for entry in chosen)
        self.pause.setVisible(waits or not rests)
        self.resume.setVisible(rests and not waits)
        self.pause.setEnabled(waits)
        self.out.setEnabled(any(entry.state != "running" for entry in chosen))
        self.run.setEnabled(any(entry.run for entry in chosen))
        self.back.setEnabled(self.desk.can_undo)
        self.clear.setEnabled(any(entry.state in ENDED for entry in entries))

    # -- building -------------------------------------------------------------------------------

    def _connect(self) -> None:
        desk = self.desk
        desk.changed.connect(self._on_changed)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_buttons())
        self.table.doubleClicked.connect(lambda _: self.show_run())
        self.rows.dropped.connect(desk.move_to)
        self.plus.clicked.connect(self.add)
        self.many.clicked.connect(self.sweep)
        self.whole.clicked.connect(lambda: desk.pause_all(not desk.queue.paused))
        self.up.clicked.connect(lambda: self.move_chosen(-1))
        self.down.clicked.connect(lambda: self.move_chosen(1))
        self.pause.clicked.connect(self.pause_or_resume)
        self.resume.clicked.connect(self.pause_or_resume)
        self.out.clicked.connect(self.remove)
        self.back.clicked.connect(desk.undo)
        self.run.clicked.connect(self.show_run)
        self.clear.clicked.connect(
            lambda: desk.remove([one.id for one in desk.entries if one.state in ENDED])
        )
        add_shortcut(self.table, "Alt+Up", "Earlier in the queue", self.up.click)
        add_shortcut(self.table, "Alt+Down", "Later in the queue", self.down.click)
        add_shortcut(self.table, "Space", "Pause or resume in the queue", self.pause_or_resume)
        add_shortcut(self.table, "Del", "Take out of the queue", self.out.click)
        add_shortcut(self.table, "Return", "Show the run of an entry", self.show_run)
        add_shortcut(self, "Ctrl+Z", "Undo in the queue", desk.undo, over_window=True)

    def _build(self) -> None:
        self.rows = QueueRows(self)
        self.table = self._table()
        self.words = elided(kind="muted")
        self.whole = button(PAUSE, "Start nothing new; what runs goes on", "ghost")
        self.many = button("Sweep…", "Several values for some options, each a training")
        self.plus = button("Add to queue", "The training set up on the page Run", "primary", "add")
        head = row(heading("Queue", 1.15), self.words, self.whole, self.many, self.plus, spacing=12)
        head.setStretch(1, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(EmptyNote("Nothing is in line", EMPTY, "sort"))
        self.stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addLayout(self._tools())
        layout.addWidget(self.stack, 1)

    def _tools(self) -> QHBoxLayout:
        self.up = tool("up", "Earlier", "Alt+Up")
        self.down = tool("down", "Later", "Alt+Down")
        self.pause = tool("pause", "Pause: stay in line without starting", "Space")
        self.resume = tool("play", "Let it start; a failed one goes on with its run", "Space")
        self.out = tool("trash", "Take out; run and config stay", "Del")
        self.back = tool("undo", "Undo", "Ctrl+Z")
        self.run = button("Show run", "On the page Run (Return)", "ghost", "open")
        self.clear = button("Clear ended", "Take out what is finished, failed or stopped", "ghost")
        return row(
            self.up, self.down, self.pause, self.resume, self.out, self.back, None, self.run,
            self.clear, spacing=4,
        )  # fmt: skip

    def _table(self) -> QTableView:
        table = table_view(self.rows, "Trainings in line", WIDTHS)
        table.setItemDelegateForColumn(STATE_COLUMN, StateDelegate(table))
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        table.setDragDropOverwriteMode(False)
        table.setDropIndicatorShown(True)
        table.setDefaultDropAction(Qt.DropAction.MoveAction)
        table.setWordWrap(False)
        return table
