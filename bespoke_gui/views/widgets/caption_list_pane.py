"""List pane: query, order and view of the images, with counts and the progress of the review."""

from __future__ import annotations

from itertools import islice
from pathlib import Path, PurePosixPath

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut
from PySide6.QtWidgets import QMenu, QToolButton, QVBoxLayout, QWidget

from bespoke_gui.core.caption_query import QueryError, chosen_quick, with_quick
from bespoke_gui.core.dataset import Item
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_query_model import LARGEST_FIRST, SORTS, Sort
from bespoke_gui.qtmodels.image_list_model import ImageListModel
from bespoke_gui.qtmodels.state_counts import QUICK, TERMS, StateCounts
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.image_list import ImageList
from bespoke_gui.views.widgets.parts import muted, row, tool
from bespoke_gui.views.widgets.query_edit import QueryEdit
from bespoke_gui.views.widgets.query_help import QueryHelp
from bespoke_gui.views.widgets.review_foot import ACCEPT, FLAG, NEXT, ReviewFoot

TYPING_MS = 150
VALUES = 40  # so many phrases are offered for completion


class CaptionListPane(QWidget):
    """The images of the set. `chosen` carries the name of the current one."""

    chosen = Signal(str)
    shown_changed = Signal()

    def __init__(self, desk: CaptionDesk, cell: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self.model = ImageListModel(desk.session.thumbnails, desk.state_of, self)
        self.counts = StateCounts(desk.state_of, self)
        self.list = ImageList(self.model, cell, desk.session.captions.text)
        self.search = QueryEdit("Search, or tokens:>75", self._values)
        self.search.setToolTip("Words, or fields such as lossy:yes or phrase:hat (Ctrl+F)")
        self.help = tool("help", "How to filter")
        self.kinds = ChoiceBox()
        self.kinds.setAccessibleName("Which images")
        self.kinds.setPlaceholderText("As filtered above")
        self.order = tool("sort", "Order of the list")
        self.rows = tool("rows", "Rows instead of thumbnails")
        self.rows.setCheckable(True)
        self.foot = ReviewFoot()
        self._popover: QueryHelp | None = None
        self._kept = ""
        self._folder: Path | None = None
        self._is_stale = False
        self._keeps_current = False
        self._mistake = muted()
        theme.set_kind(self._mistake, "danger")
        self._mistake.hide()
        self._counts = muted(wrap=False)
        self._timer = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._again = QTimer(self, singleShot=True, interval=0)
        for term, (words, _) in QUICK.items():
            self.kinds.addItem(words, term)
        self.kinds.setCurrentIndex(0)  # with a placeholder Qt chooses none
        self._build_order_menu()
        self._lay_out()
        self._connect()
        self._add_review_keys()

    def set_items(self, items: dict[str, Item], look: bool = True) -> None:
        """Show these images; the current one stays current if it is still there.

        look: count their states, which are known.
        """
        self._kept = self.list.current_name()
        self._keeps_current = False
        self._restore_view()
        self.model.set_named(items)
        names = self.model.all_names()
        self.counts.set_names(names, look)
        self._desk.query.set_names(names)

    def _restore_view(self) -> None:
        """Take over order and view that this project was last shown with."""
        project, view = self._session.project, self._session.view
        folder = project.folder if project else None
        if folder == self._folder:
            return
        self._folder = folder
        key = view.get("list_order", Sort().key)
        for action in self._orders.actions():
            action.setChecked(action.data() == (key if key in SORTS else Sort().key))
        self.descending.blockSignals(True)
        self.descending.setChecked(view.get("list_descending", False))
        self.descending.blockSignals(False)
        self.rows.setChecked(view.get("list_rows", False))
        self._sort()

    def filter(self, expression: str) -> None:
        """Show only the images that fit the expression; an empty one shows all."""
        self.search.set_query(expression)
        self._ask()

    def names_shown(self) -> list[str]:
        """Return the names of the images that the filter lets through, in their order."""
        return self.model.names()

    def names_selected(self) -> list[str]:
        """Return the names of the chosen images, in their order."""
        return self.list.selected_names()

    def select(self, name: str) -> None:
        """Make an image current, taking the filter away if that hides it."""
        if not self.list.select(name):
            self.filter("")
            self.list.select(name)

    def refresh(self, names: list[str]) -> None:
        """Draw the states of these images anew, and the counts."""
        self.model.refresh(names)
        self.counts.refresh(names)

    def accept_and_go_on(self) -> None:
        """Accept the current caption and show the next one to review."""
        current = self.list.current_name()
        if current:
            self._desk.reviews.set([current], "accepted")
            self.go_to_todo()

    def accept_selection(self) -> None:
        """Accept all chosen captions as one step."""
        self._desk.reviews.set(self.names_selected(), "accepted")

    def go_to_todo(self) -> None:
        """Show the next caption to review among those shown."""
        found = self._desk.reviews.next_todo(self.model.names(), self.list.current_name())
        if found:
            self.list.select(found)
        elif self._desk.reviews.state(self.list.current_name()) != "todo":
            self._session.notify("good", "Every caption that is shown has been reviewed.")

    def flag(self) -> None:
        """Let a note be typed with which the chosen captions need work."""
        names = self.names_selected()
        if names:
            one = PurePosixPath(names[0]).stem
            what = one if len(names) == 1 else f"these {len(names)} captions"
            self.foot.ask_note(what, self._desk.reviews.note(names[0]))

    def back_to_todo(self) -> None:
        """Let the chosen captions be reviewed again."""
        self._desk.reviews.set(self.names_selected(), "todo")

    def _build_order_menu(self) -> None:
        menu, group = QMenu(self.order), QActionGroup(self)
        for key, words in SORTS.items():
            self._choice(menu, group, words, key)
        menu.addSeparator()
        self.descending = QAction("Descending", menu, checkable=True)
        menu.addAction(self.descending)
        self.descending.toggled.connect(self._sort)
        self._orders = group
        group.triggered.connect(self._on_order)
        self.order.setMenu(menu)
        self.order.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def _choice(self, menu: QMenu, group: QActionGroup, words: str, key: str) -> None:
        action = QAction(words, menu, checkable=True, checked=key == Sort().key)
        action.setData(key)
        group.addAction(action)
        menu.addAction(action)

    def _lay_out(self) -> None:
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(row(self.search, self.help, spacing=4))
        layout.addWidget(self._mistake)
        self.kinds.setMinimumWidth(72)
        choices = row(self.kinds, self.order, self.rows, spacing=4)
        choices.setStretch(0, 1)
        layout.addLayout(choices)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._counts)
        layout.addWidget(self.foot)

    def _connect(self) -> None:
        desk = self._desk
        self.search.textChanged.connect(self._on_typed)
        self.search.returnPressed.connect(self._ask)
        self.search.left_down.connect(self.list.setFocus)
        self._timer.timeout.connect(self._ask)
        self.help.clicked.connect(self._show_help)
        self.kinds.activated.connect(self._on_kind)
        self.rows.toggled.connect(self.list.show_rows)
        self.rows.toggled.connect(lambda rows: self._session.view.set("list_rows", rows))
        self.list.chosen.connect(self._on_chosen)
        self.list.counted.connect(self._tell_counts)
        self.counts.changed.connect(self._tell_states)
        desk.query.found.connect(self._on_found)
        desk.query.failed.connect(self._on_mistake)
        desk.query.too_long.connect(self._say)
        desk.reviews.changed.connect(self._on_reviews)
        desk.reviews.revisited.connect(self.list.select)
        desk.comparison.updated.connect(self._on_compared)
        desk.lints.passed.connect(self._on_linted)
        desk.session.captions.changed.connect(self._on_states)
        self._again.timeout.connect(self._filter_again)
        self.foot.accept_asked.connect(self.accept_and_go_on)
        self.foot.next_asked.connect(self.go_to_todo)
        self.foot.flag_asked.connect(self.flag)
        self.foot.todo_asked.connect(self.back_to_todo)
        self.foot.note_kept.connect(self._on_note)

    def _add_review_keys(self) -> None:
        for keys, words, run in (
            (ACCEPT, "Accept and go to the next to review", self.accept_and_go_on),
            ("Ctrl+Shift+Return", "Accept all chosen captions", self.accept_selection),
            (NEXT, "Go to the next to review", self.go_to_todo),
            (FLAG, "Needs work, with a note", self.flag),
        ):
            # Of the whole window: they decide about the caption that the editor shows.
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setWhatsThis(words)
            shortcut.activated.connect(run)

    def _on_typed(self) -> None:
        self.search.unmark()
        self._timer.start()

    def _ask(self) -> None:
        self._timer.stop()
        self._is_stale = self._keeps_current = False
        text = self.search.text()
        if self._desk.query.set_text(text):
            self._mistake.hide()
        term = chosen_quick(text, TERMS)
        # Nothing is chosen when the query is one of the person's own.
        own = not term and bool(text.strip())
        self.kinds.setCurrentIndex(-1 if own else self.kinds.findData(term))

    def _on_mistake(self, error: QueryError) -> None:
        self.search.mark(error.start, error.length)
        self._say(error.message)

    def _say(self, words: str) -> None:
        self._mistake.setText(words)
        self._mistake.show()

    def _on_kind(self) -> None:
        term = str(self.kinds.currentData() or "")
        self.filter(with_quick(self.search.text(), term, TERMS))

    def _on_order(self, chosen: QAction) -> None:
        down = chosen.data() in LARGEST_FIRST
        if self.descending.isChecked() == down:
            self._sort()
        self.descending.setChecked(down)  # sorts, where it is a change

    def _sort(self) -> None:
        key = str(self._orders.checkedAction().data())
        self._keeps_current = False
        self._session.view.set("list_order", key)
        self._session.view.set("list_descending", self.descending.isChecked())
        self._desk.query.set_sort(Sort(key, self.descending.isChecked()))
        self.order.setToolTip(f"Order of the list: {SORTS[key]}")

    def _on_found(self, names: list[str]) -> None:
        current, chosen = self.list.current_name() or self._kept, self.names_selected()
        if self._keeps_current:
            self._keeps_current = False
            names = self._refiltered(names, current)
        self.model.show_names(names)
        if len(chosen) > 1:
            self.list.select_names(chosen, current)
        self._keep_current(current)
        self.shown_changed.emit()

    def _on_states(self) -> None:
        """States changed under the hand: what no longer fits goes when the person moves on."""
        if not self._desk.query.query.is_empty:
            self._is_stale = True

    def _filter_again(self) -> None:
        """Ask once more; the row that is being worked on stays, and so do order and place."""
        self._is_stale = False
        self._keeps_current = True
        self._desk.query.run()

    def _refiltered(self, names: list[str], current: str) -> list[str]:
        """Return what is found now, with the current row; in an order other than the dataset's
        rows keep their places, as values change while they are worked on."""
        found, shown = set(names), self.model.names()
        if self._desk.query.sort != Sort():
            before = set(shown)
            kept = [name for name in shown if name in found or name == current]
            return kept + [name for name in names if name not in before]
        if not current or current in found or self.model.row_of(current) < 0:
            return names
        ahead = reversed(shown[: self.model.row_of(current)])
        neighbour = next((name for name in ahead if name in found), None)
        place = names.index(neighbour) + 1 if neighbour is not None else 0
        return [*names[:place], current, *names[place:]]

    def _keep_current(self, current: str) -> None:
        is_there = current != "" and current == self.list.current_name()
        if not is_there and not self.list.select(current):
            self.list.step(0)
        self._tell_counts()

    def _on_chosen(self, name: str) -> None:
        self.foot.end_note()
        self.foot.show_note(self._desk.reviews.note(name))
        self.chosen.emit(name)
        if self._is_stale:
            self._again.start()  # not from within the list's own signal

    def _on_reviews(self, names: list[str]) -> None:
        self.refresh(names)
        if names:
            self._on_states()
        self.foot.show_note(self._desk.reviews.note(self.list.current_name()))
        self._tell_states()

    def _on_compared(self, names: list[str]) -> None:
        if not names and self._desk.query.query.fields & {"changed", "lossy", "lost", "gained"}:
            self._filter_again()

    def _on_linted(self) -> None:
        if "lint" in self._desk.query.query.fields:
            self._filter_again()

    def _on_note(self, note: str) -> None:
        self._desk.reviews.set(self.names_selected(), "needs_work", note)
        self.list.setFocus()

    def _tell_counts(self) -> None:
        shown, total = self.model.rowCount(), self.model.total()
        chosen = self.list.selected_count()
        words = f"{total:,} images" if shown == total else f"{shown:,} of {total:,}"
        self._counts.setText(f"{words} · {chosen:,} selected" if chosen > 1 else words)

    def _tell_states(self) -> None:
        for place, (term, (words, _)) in enumerate(QUICK.items()):
            self.kinds.setItemText(place, f"{words}  {self.counts.count(term):,}")
        self.foot.show_progress(self._desk.reviews.accepted(), self.model.total())

    def _show_help(self) -> None:
        if self._popover is None:
            self._popover = QueryHelp(self)
            self._popover.asked.connect(self.filter)
        below = self.help.mapToGlobal(QPoint(0, self.help.height() + 4))
        self._popover.move(below)
        self._popover.show()
        self._popover.setFocus(Qt.FocusReason.PopupFocusReason)

    def _values(self, field: str, typed: str) -> list[str]:
        """Return values for completion: the phrases of the captions, the commonest first."""
        if field not in ("phrase", "caption"):
            return []
        fits = (phrase for phrase, _ in self._desk.phrases.counts() if typed in phrase.casefold())
        return list(islice(fits, VALUES))
