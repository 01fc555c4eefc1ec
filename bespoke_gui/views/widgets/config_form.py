"""Config form: every option of the trainer in groups, found by words, with findings in place."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QPushButton, QToolButton, QVBoxLayout, QWidget

from bespoke_gui.core.config.fixes import Fix, fix_for
from bespoke_gui.core.config.option_words import Described, described_options, option_groups
from bespoke_gui.core.config.options import Option, option_table
from bespoke_gui.core.config.values import kind_of
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.config_document import ConfigDocument
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.config_editors import NOT_SET
from bespoke_gui.views.widgets.config_row import OptionRow
from bespoke_gui.views.widgets.parts import badge, button, column, muted, row, scrolling
from bespoke_gui.views.widgets.search_edit import SearchEdit

UNKNOWN = "Not options of the trainer"
UNKNOWN_WORDS = "The trainer does not know these names and ignores them without a word."
OPEN_AT_FIRST = 6
BUDGET_S = 0.008  # rows are built for so long before the window may paint
FILTERS = (
    ("set", "Set", "Only options that this config sets"),
    ("changed", "Changed", "Only options that differ from the saved file"),
    ("findings", "Findings", "Only options with findings of the doctor"),
)

Found = list[tuple[Problem, Fix | None]]


class ConfigForm(QWidget):
    """Edits the open config of a desk, option by option; comments and order stay.

    `line_wanted`: the text is no TOML, show the line where it ends to be.
    """

    line_wanted = Signal()

    def __init__(
        self, desk: ConfigDesk, keys: QObject | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._desk, self._keys = desk, keys
        self._values: dict[str, Any] = {}
        self._saved: dict[str, Any] = {}
        self._found: dict[str, Found] = {}
        self.sections: list[Section] = []
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._build_next)
        self._build()
        desk.opened.connect(self._on_opened)
        desk.edited.connect(self.refresh)
        desk.listed.connect(self._on_state)
        self._on_opened()

    # -- what is shown --------------------------------------------------------------------------

    def refresh(self) -> None:
        """Show the values that the config has now."""
        document = self._desk.document
        self._values = document.values if document else {}
        self._saved = document.saved_values() if document else {}
        self._show_unknown()
        for option_row in self.rows():
            self._fill(option_row)
        self.broken_bar.setVisible(document is not None and document.bad_line is not None)
        self._page.setEnabled(document is not None and document.bad_line is None)
        if document and document.bad_line:
            line = f"Line {document.bad_line.line}" if document.bad_line.line else "The text"
            self.broken.setText(f"{line} is no TOML yet: the form waits until it is.")
        self._filter()

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show the findings about options at their fields."""
        config = self._desk.config
        self._found = {}
        for problem in problems:
            if problem.where:
                fix = fix_for(problem, config) if config else None
                self._found.setdefault(problem.where, []).append((problem, fix))
        for option_row in self.rows():
            option_row.show_problems(self._found.get(option_row.key, []))
        self._filter()

    def rows(self) -> Iterator[OptionRow]:
        """Return the rows that are built so far."""
        for section in self.sections:
            yield from section.rows.values()

    def row(self, key: str) -> OptionRow | None:
        """Return the row of an option, built if need be."""
        for section in self.sections:
            if key in section.keys:
                self._ensure(section)
                return section.rows[key]
        return None

    def go_to(self, key: str) -> bool:
        """Show the field of an option and put the cursor into it; False if there is none."""
        option_row = self.row(key)
        if option_row is None:
            return False
        section = next(one for one in self.sections if key in one.keys)
        if option_row.isHidden() or section.isHidden():
            self.clear_filter()
        section.open(True)
        for above in self.sections[: self.sections.index(section)]:
            if above.is_open:
                # Built later, they would push the row out of sight again.
                self._ensure(above)
        self._inner.activate()
        option_row.editor.widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.scroller.ensureWidgetVisible(option_row, 0, 120)
        # Again when rows that are new have found their places.
        QTimer.singleShot(0, self, lambda: self._reveal(key))
        return True

    def _reveal(self, key: str) -> None:
        option_row = self.row(key)
        if option_row is not None:
            self.scroller.ensureWidgetVisible(option_row, 0, 120)

    def clear_filter(self) -> None:
        """Show all options again."""
        self.search.clear()
        for chip in self.chips.values():
            chip.setChecked(False)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.scroller.widget() is None:
            # Only now: at every step of its way into a window Qt styles all of it anew.
            self.scroller.setWidget(self._page)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        for option_row in self.rows():
            option_row.fit(self.width())

    def commit(self) -> None:
        """Take what is typed in a field and not taken yet."""
        for option_row in self.rows():
            if option_row.editor.widget.hasFocus():
                option_row.editor.commit()

    # -- edits ----------------------------------------------------------------------------------

    def _set(self, key: str, value: Any) -> None:
        self._attempt(key, lambda document: document.set_value(key, value))

    def _unset(self, key: str) -> None:
        self._attempt(key, lambda document: document.unset(key))

    def _attempt(self, key: str, work: Callable[[ConfigDocument], object]) -> None:
        if not self._desk.attempt(work) and (option_row := self.row(key)) is not None:
            option_row.forget()
            self._fill(option_row)

    def _refused(self, error: AppError) -> None:
        self._desk.session.show_error(error)

    # -- filtering ------------------------------------------------------------------------------

    def _filter(self) -> None:
        words = self.search.text().strip()
        wanted = {name for name, chip in self.chips.items() if chip.isChecked()}
        is_filtered = bool(words or wanted)
        shown = 0
        for section in self.sections:
            keys = {one.key for one in section.options if self._passes(one, words, wanted)}
            if is_filtered and keys:
                self._ensure(section)
            section.show_only(keys, is_filtered)
            found = [self._found.get(key, []) for key in section.keys]
            section.show_counts(
                sum(map(len, found)), sum(key in self._values for key in section.keys)
            )
            shown += len(keys)
        self.count.setText(f"{shown} of {len(described_options())}" if is_filtered else "")
        self.nothing.setVisible(is_filtered and not shown)

    def _passes(self, one: Described, words: str, wanted: set[str]) -> bool:
        key = one.key
        if words and not one.matches(words):
            return False
        if "set" in wanted and key not in self._values:
            return False
        if "changed" in wanted and not self._differs(key):
            return False
        return "findings" not in wanted or key in self._found

    def _differs(self, key: str) -> bool:
        value, saved = self._values.get(key, NOT_SET), self._saved.get(key, NOT_SET)
        return type(value) is not type(saved) or value != saved

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        self.search = SearchEdit("Search options")
        self.search.setToolTip("By name, or by words of the explanation (Ctrl+F)")
        self.search.textChanged.connect(self._filter)
        self.search.left_down.connect(lambda: self._page.focusNextChild())
        self.chips: dict[str, QPushButton] = {}
        for name, words, tip in FILTERS:
            chip = button(words, tip, "chip")
            chip.setCheckable(True)
            chip.toggled.connect(lambda _: self._filter())
            self.chips[name] = chip
        self.count = muted(wrap=False)
        self.broken = badge("", "badge-danger")
        show = button("Show", "Go to that line of the text", "link")
        show.clicked.connect(self.line_wanted)
        self.broken_bar = QWidget()
        self.broken_bar.setLayout(row(self.broken, show, None))
        self.broken_bar.hide()
        self.nothing = muted("No option is like that.")
        self._page = QWidget()
        theme.set_kind(self._page, "page")
        self._unknown = Section(UNKNOWN, UNKNOWN_WORDS, ())
        self.sections = [self._unknown] + [
            Section(group.name, group.about, group.options) for group in option_groups()
        ]
        self._inner = column(self.nothing, *self.sections, None, spacing=2)
        self._inner.setContentsMargins(0, 0, 8, 12)
        self._page.setLayout(self._inner)
        for index, section in enumerate(self.sections):
            section.open(index <= OPEN_AT_FIRST)
            section.opened.connect(lambda section=section: self._ensure(section))
        self.scroller = scrolling()
        head = row(self.search, *self.chips.values(), self.count, spacing=6)
        head.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addLayout(head)
        layout.addWidget(self.broken_bar)
        layout.addWidget(self.scroller, 1)
        self._later.start()

    def _build_next(self) -> None:
        """Build a few more rows of the open groups, so that the window stays quick."""
        end = time.perf_counter() + BUDGET_S
        for section in self.sections:
            while section.is_open and (left := section.left()):
                section.add(self._new_row(left[0]))
                if time.perf_counter() > end:
                    self._later.start()
                    return

    def _ensure(self, section: Section) -> None:
        for described in section.left():
            section.add(self._new_row(described))

    def _new_row(self, described: Described) -> OptionRow:
        option_row = OptionRow(described, self._values.get(described.key, NOT_SET))
        option_row.set_wanted.connect(self._set)
        option_row.unset_wanted.connect(self._unset)
        option_row.fix_wanted.connect(self._desk.fix)
        option_row.refused.connect(self._refused)
        if self._keys is not None:
            option_row.editor.widget.installEventFilter(self._keys)
        option_row.fit(self.width())
        self._fill(option_row)
        option_row.show_problems(self._found.get(option_row.key, []))
        return option_row

    def _fill(self, option_row: OptionRow) -> None:
        key = option_row.key
        option_row.show_value(self._values.get(key, NOT_SET), self._saved.get(key, NOT_SET))

    def _show_unknown(self) -> None:
        """Build the rows of names that are no options: those of this config."""
        keys = [key for key in self._values if key not in option_table()]
        if keys == self._unknown.keys:
            return
        self._unknown.clear([_unknown(key, self._values[key]) for key in keys])
        self._ensure(self._unknown)

    def _on_opened(self) -> None:
        self._found = {}
        self.refresh()
        for option_row in self.rows():
            option_row.show_problems([])

    def _on_state(self) -> None:
        document = self._desk.document
        saved = document.saved_values() if document else {}
        if saved != self._saved:
            self.refresh()


class Section(QWidget):
    """A group of options that opens and closes; its rows come when they are first needed."""

    opened = Signal()

    def __init__(self, title: str, about: str, options: Sequence[Described]) -> None:
        super().__init__()
        self.options = list(options)
        self.rows: dict[str, OptionRow] = {}
        self.is_open = False
        self._is_filtered = False
        self.head = QToolButton()
        self.head.setText(title)
        self.head.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.head.setFont(theme.font(1.1, bold=True))
        self.head.setToolTip("Open or close this group")
        self.head.clicked.connect(lambda: self.open(not self.is_open))
        self.findings = badge("", "badge-warning")
        self.findings.hide()
        self.set_words = muted(wrap=False)
        self._about = muted(about)
        self._body = QWidget()
        self._inner = column(self._about, spacing=0)
        self._inner.setContentsMargins(16, 0, 0, 12)
        self._body.setLayout(self._inner)
        whole = column(row(self.head, self.findings, None, self.set_words), self._body, spacing=0)
        self.setLayout(whole)
        self.open(False)

    @property
    def keys(self) -> list[str]:
        """The names of the options, built or not."""
        return [one.key for one in self.options]

    def open(self, is_open: bool) -> None:
        """Show or hide the rows."""
        self.is_open = is_open
        self._show_body()
        if is_open:
            self.opened.emit()

    def left(self) -> list[Described]:
        """Return the options whose rows are not built yet."""
        return self.options[len(self.rows) :]

    @property
    def is_built(self) -> bool:
        """Whether all rows are there."""
        return len(self.rows) == len(self.options)

    def add(self, option_row: OptionRow) -> None:
        """Put a row below the others."""
        self.rows[option_row.key] = option_row
        self._inner.addWidget(option_row)
        if self.is_built:
            self._show_body()

    def clear(self, options: list[Described]) -> None:
        """Take the rows away, for other options."""
        for option_row in self.rows.values():
            option_row.hide()
            option_row.deleteLater()
        self.rows.clear()
        self.options = options

    def show_only(self, keys: set[str], is_filtered: bool) -> None:
        """Show the rows of these options; while something is searched the group is open."""
        self._is_filtered = is_filtered
        for key, option_row in self.rows.items():
            option_row.setVisible(key in keys)
        self.setVisible(bool(keys))
        self._show_body()

    def show_counts(self, findings: int, is_set: int) -> None:
        """Say how many findings there are in this group, and how many options are set."""
        self.findings.setVisible(findings > 0)
        self.findings.setText(wording.count(findings, "finding"))
        self.set_words.setText(f"{is_set} of {len(self.options)} set")

    def _show_body(self) -> None:
        is_shown = self.is_open or self._is_filtered
        arrow = Qt.ArrowType.DownArrow if is_shown else Qt.ArrowType.RightArrow
        self.head.setArrowType(arrow)
        # All rows at once: laid out one by one they would take twice as long.
        self._body.setVisible(is_shown and self.is_built)
        self._about.setVisible(not self._is_filtered)


def _unknown(key: str, value: Any) -> Described:
    first = value[0] if isinstance(value, list) and value else value
    option = Option(key, kind_of(first), many=isinstance(value, list))
    return Described(option, "", "", UNKNOWN)
