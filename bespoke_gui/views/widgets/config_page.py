"""Config page: the configs, the open one as form, text or changes, and what the doctor expects."""

from __future__ import annotations

from functools import cached_property

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QKeySequence, QShowEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QPushButton, QStackedWidget, QWidget

from bespoke_gui.core.config.fixes import Fix, fix_for
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.config_comparison import ConfigComparison
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.qtmodels.train_work import Preflight
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.config_changes import ConfigChanges
from bespoke_gui.views.widgets.config_editors import UndoKeys
from bespoke_gui.views.widgets.config_export import ConfigExportDialog
from bespoke_gui.views.widgets.config_form import ConfigForm
from bespoke_gui.views.widgets.config_list import ConfigList
from bespoke_gui.views.widgets.config_text import ConfigText
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    muted,
    row,
    scrolling,
    splitter,
    tool,
)
from bespoke_gui.views.widgets.train_briefing import TrainBriefing

WATCH_MS = 2000
VIEWS = (("form", "Form", "rows"), ("text", "TOML", "terminal"), ("changes", "Changes", "compare"))


class ConfigPage(QWidget):
    """Form and text are two views of one document, with one undo.

    `judged` carries the findings about options.
    """

    judged = Signal(object)

    def __init__(self, desk: ConfigDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.desk = desk
        self.comparison = ConfigComparison(desk, self)
        keys = UndoKeys(self.undo, self.redo, self)
        self.configs = ConfigList(desk)
        self.form = ConfigForm(desk, keys)
        self._view = "form"
        self._about: list[Problem] = []
        self.briefing = TrainBriefing(lambda key: True, self._fix_for, narrow=True)
        self._watch = QTimer(self, interval=WATCH_MS)
        self._watch.timeout.connect(desk.look)
        self._build()
        self._connect()
        self._on_opened()
        # After the first paint: findings are many small widgets.
        QTimer.singleShot(0, self, self._show_judged)

    @cached_property
    def text(self) -> ConfigText:
        """The config as it is written; made when it is first wanted."""
        made = ConfigText(self.desk)
        made.show_problems(self._about)
        self._stack.addWidget(made)
        self.judged.connect(made.show_problems)
        return made

    @cached_property
    def changes(self) -> ConfigChanges:
        """What differs from the saved file or from another config; made when first wanted."""
        made = ConfigChanges(self.comparison)
        made.chosen.connect(self.go_to)
        self._stack.addWidget(made)
        return made

    def show_view(self, name: str) -> None:
        """Open the form, the text or the changes; the place in the config stays."""
        self.form.commit()
        self._stack.setCurrentWidget(getattr(self, name))
        self._view = name
        self.views[name].setChecked(True)

    def go_to(self, key: str) -> None:
        """Show an option: in the text where that is open and names it, else in the form."""
        if self._view == "text" and self.text.go_to(key):
            return
        self.show_view("form")
        self.form.go_to(key)

    def save(self) -> None:
        """Write the config, with what is typed and not taken yet."""
        self.form.commit()
        self.desk.save(self.comparison.read_sides)

    def undo(self) -> None:
        """Take the last edit of the open config back."""
        self.desk.attempt(lambda document: document.undo())

    def redo(self) -> None:
        """Do the edit again that was taken back."""
        self.desk.attempt(lambda document: document.redo())

    def export(self) -> None:
        """Show what the config becomes for another trainer, and what does not go along."""
        config, result = self.desk.config, self.desk.preflight.result
        if config is not None:
            data = result.data if result else None
            ConfigExportDialog(self.desk.session, config, data, self).open()

    # -- events ---------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.desk.look()
        self._watch.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.form.commit()
        self._watch.stop()

    def event(self, event: QEvent) -> bool:
        """Take undo and redo before the window's own, which is that of the captions."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            keys = QKeySequence.StandardKey
            if event.matches(keys.Undo) or event.matches(keys.Redo):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Undo):
            self.undo()
        elif event.matches(QKeySequence.StandardKey.Redo):
            self.redo()
        else:
            super().keyPressEvent(event)

    # -- inside ---------------------------------------------------------------------------------

    def _fix_for(self, problem: Problem) -> Fix | None:
        config = self.desk.config
        return fix_for(problem, config) if config else None

    def _on_opened(self) -> None:
        document = self.desk.document
        self._about = []
        self._middle.setVisible(document is not None)
        self.title.setText(document.name if document else "No config")
        self._on_state()

    def _on_state(self) -> None:
        document = self.desk.document
        is_unsaved = document is not None and document.unsaved
        self.state.setText("not saved" if is_unsaved else "saved")
        theme.set_kind(self.state, "badge-warning" if is_unsaved else "badge-good")
        self.title.setText(document.name if document else "No config")
        self.save_button.setEnabled(is_unsaved)
        self.revert.setEnabled(is_unsaved)
        self.undo_button.setEnabled(document is not None and document.can_undo)
        self.redo_button.setEnabled(document is not None and document.can_redo)
        self.theirs.setVisible(document is not None and document.disk_changed)

    def _on_compared(self) -> None:
        count = len(self.comparison.since_saved.changes)
        self.views["changes"].setText(f"Changes ({count})" if count else "Changes")
        words = self.comparison.since_saved.words
        self.since.setText(f"{words} since saved" if count else "")

    def _on_judged(self, result: Preflight) -> None:
        self._about = [one for one in result.problems if one.where]
        self.form.show_problems(self._about)
        self.judged.emit(self._about)
        self.briefing.show_preflight(result)

    def _show_judged(self) -> None:
        if self.desk.preflight.result is not None:
            self._on_judged(self.desk.preflight.result)

    # -- building -------------------------------------------------------------------------------

    def _build(self) -> None:
        right = QWidget()
        inner = column(self.briefing, None)
        inner.setContentsMargins(0, 0, 8, 8)
        right.setLayout(inner)
        scroller = scrolling(right)
        self._middle = self._editing()
        middle = QWidget()
        middle.setLayout(column(self._middle))
        self.configs.setMinimumWidth(176)
        middle.setMinimumWidth(350)
        scroller.setMinimumWidth(304)
        whole = splitter(Qt.Orientation.Horizontal, (self.configs, middle, scroller), (1, 3, 2))
        whole.setSizes([226, 700, 408])
        layout = column(whole)
        layout.setContentsMargins(12, 8, 12, 12)
        self.setLayout(layout)

    def _editing(self) -> QFrame:
        self.title = elided("", 1.25, bold=True, kind="title")
        self.title.mode = Qt.TextElideMode.ElideMiddle  # names of configs often differ at the end
        self.state = badge()
        self.since = elided(kind="muted")
        self.since.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.undo_button = tool("undo", "Undo in this config", "Ctrl+Z")
        self.redo_button = tool("redo", "Redo in this config", "Ctrl+Shift+Z")
        self.revert = tool("revert", "Go back to the saved file; undo brings the edits back")
        self.save_button = button(
            "Save", "Write the config; its older texts stay in the history (Ctrl+S)", icon="save"
        )
        tools = (self.undo_button, self.redo_button, self.revert, self.save_button)
        head = row(self.title, self.state, None, *tools, spacing=4)
        group = QButtonGroup(self)
        self.views: dict[str, QPushButton] = {}
        for name, words, icon in VIEWS:
            choice = button(words, f"The config as {words.lower()}", "ghost", icon)
            choice.setCheckable(True)
            choice.clicked.connect(lambda _=False, name=name: self.show_view(name))
            group.addButton(choice)
            self.views[name] = choice
        self._stack = QStackedWidget()
        self._stack.addWidget(self.form)
        self.views["form"].setChecked(True)
        bar = row(*self.views.values(), self.since, spacing=4)
        bar.setStretch(len(self.views), 1)
        whole = column(head, self._theirs_bar(), bar, self._stack, spacing=8)
        whole.setStretch(3, 1)
        return card(whole, 12)

    def _theirs_bar(self) -> QFrame:
        words = muted("Another program changed this file. Nothing is written before you choose.")
        load = button("Load theirs", "Show what it wrote; undo brings yours back")
        keep = button(
            "Keep mine", "Your text is written over it when you save; theirs stays in the history"
        )
        load.clicked.connect(self.desk.load_theirs)
        keep.clicked.connect(self.desk.keep_mine)
        self.theirs = QFrame()
        theme.set_kind(self.theirs, "notice-warning")
        inner = row(words, load, keep)
        inner.setContentsMargins(10, 6, 10, 6)
        inner.setStretch(0, 1)
        self.theirs.setLayout(inner)
        self.theirs.hide()
        return self.theirs

    def _connect(self) -> None:
        desk = self.desk
        desk.opened.connect(self._on_opened)
        desk.listed.connect(self._on_state)
        desk.key_wanted.connect(self.go_to)
        desk.preflight.judged.connect(self._on_judged)
        desk.preflight.checking.connect(lambda: self.briefing.show_preflight(None))
        self.comparison.updated.connect(self._on_compared)
        self.configs.export_wanted.connect(self.export)
        self.briefing.chosen.connect(self.go_to)
        self.briefing.fix_wanted.connect(desk.fix)
        self.briefing.fix_all_wanted.connect(desk.fix_all)
        self.briefing.machine_chosen.connect(desk.preflight.set_gpu)
        self.form.line_wanted.connect(self._show_bad_line)
        self.undo_button.clicked.connect(self.undo)
        self.redo_button.clicked.connect(self.redo)
        self.revert.clicked.connect(desk.revert)
        self.save_button.clicked.connect(self.save)
        for keys, words, run in (
            ("Ctrl+S", "Save the config", self.save),
            ("Ctrl+F", "Search options", self._search),
            ("Ctrl+D", "Duplicate the config", desk.duplicate),
            ("F2", "Rename the config", self.configs.ask_for_name),
            ("Ctrl+E", "The config as form or as TOML", self._other_view),
        ):
            add_shortcut(self, keys, words, run)

    def _search(self) -> None:
        self.show_view("form")
        self.form.search.setFocus()
        self.form.search.selectAll()

    def _show_bad_line(self) -> None:
        document = self.desk.document
        if document is not None and document.bad_line is not None:
            self.show_view("text")
            self.text.editor.go_to_line(document.bad_line.line)

    def _other_view(self) -> None:
        self.show_view("text" if self._view == "form" else "form")
