"""Rule set pane: which set is open, its rules in order, and the form of the chosen one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from bespoke_gui.core.rules.base import ACTIONS
from bespoke_gui.qtmodels.rules_editor import RuleSetEditor
from bespoke_gui.qtmodels.rules_list_model import RuleList
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.choice_box import ChoiceBox
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    heading,
    muted,
    row,
    scrolling,
    splitter,
    tool,
)
from bespoke_gui.views.widgets.rules_form import RuleForm
from bespoke_gui.views.widgets.rules_list import RuleListView

PATTERN = "Rule sets (*.toml)"
OPEN = "open"


class RuleSetPane(QWidget):
    """Edits the rule set. `rule_chosen`: the preview shall show only what this rule changes."""

    rule_chosen = Signal(str)

    def __init__(
        self,
        session: Session,
        editor: RuleSetEditor,
        rules: RuleList,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._editor, self._rules = session, editor, rules
        self.choose = ChoiceBox()
        self.choose.setAccessibleName("Rule set")
        self.choose.setToolTip("Rule sets of this project, and those that come with Bespoke")
        self.choose.activated.connect(self._on_chosen)
        self.state = badge()
        self.list = RuleListView(rules)
        self.form = RuleForm(editor, rules)
        self._make_tools()
        self._lay_out()
        self._connect()
        self._on_rebuilt()

    def open(self, path: Path) -> None:
        """Open a rule set, after asking what becomes of unsaved edits."""
        if self.may_leave():
            self._editor.open(path)
        self._fill_choices()

    def may_leave(self) -> bool:
        """Ask what becomes of unsaved edits; False to stay."""
        if not self._editor.unsaved:
            return True
        choices = [("save", "Save"), ("drop", "Discard the edits"), ("stay", "Stay")]
        text = f"The rule set “{self._editor.name}” has edits that are not saved."
        answer = self._session.ask.choose("Rules not saved", text, choices)
        return self.save() if answer == "save" else answer == "drop"

    def save(self) -> bool:
        """Save the set; where another program wrote the file meanwhile, ask."""
        if self._editor.changed_on_disk():
            choices = [("copy", "Save as another file"), ("over", "Write over it"), ("", "Cancel")]
            text = "Another program changed this file since it was opened."
            answer = self._session.ask.choose("File changed", text, choices)
            if answer != "over":
                return answer == "copy" and self.save_as()
        done = self._editor.save()
        self._fill_choices()
        return done

    def save_as(self) -> bool:
        """Ask for a file and write the set there."""
        proposal = str(self._editor.proposal())
        path = self._session.ask.save_file("Save the rule set as", PATTERN, proposal)
        if path is None:
            return False
        done = self._editor.save_as(path if path.suffix else path.with_suffix(".toml"))
        self._fill_choices()
        return done

    def _make_tools(self) -> None:
        self.new = tool("add", "New rule set")
        self.save_button = tool("save", "Save the rule set", "Ctrl+Alt+S")
        self.undo = tool("undo", "Undo in this rule set", "Ctrl+Alt+Z")
        self.redo = tool("redo", "Redo in this rule set", "Ctrl+Alt+Y")
        self.copy_as = tool("copy", "Save as another file")
        self.add = button("Add", "Put a new rule behind the chosen one", icon="add")
        menu = QMenu(self.add)
        for name in ACTIONS:
            action = ACTIONS[name]
            entry = menu.addAction(f"{action.title}: {action.hint}")
            entry.triggered.connect(lambda _=False, name=name: self._on_add(name))
        self.add.setMenu(menu)
        self.up = tool("up", "Run earlier", "Alt+Up")
        self.down = tool("down", "Run later", "Alt+Down")
        self.duplicate = tool("copy", "Duplicate the rule", "Ctrl+D")
        self.delete = tool("trash", "Delete the rule", "Del")
        self.only = tool("eye", "Show only the captions that this rule changes")
        self.only.setCheckable(True)
        self.whole = button("Set", "Name, purpose and synonyms of the whole set", "ghost")
        self.whole.setCheckable(True)

    def _lay_out(self) -> None:
        top = row(heading("Rules", 1.0), self.choose)
        top.setStretch(1, 1)
        files = row(self.state, None, self.undo, self.redo, self.new, self.copy_as, spacing=2)
        files.addWidget(self.save_button)
        moving = (self.up, self.down, self.duplicate, self.delete)
        tools = row(self.add, self.whole, None, self.only, *moving, spacing=2)
        upper = QWidget()
        column = QVBoxLayout(upper)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.list, 1)
        column.addLayout(tools)
        parts = splitter(Qt.Orientation.Vertical, (upper, scrolling(self.form)), (4, 5))
        parts.setSizes([360, 350])
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addLayout(top)
        inner.addLayout(files)
        inner.addWidget(parts, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))
        self.empty = muted("No rules yet. Add one.")
        column.insertWidget(0, self.empty)

    def _connect(self) -> None:
        editor = self._editor
        editor.rebuilt.connect(self._on_rebuilt)
        editor.file_changed.connect(self._on_file_changed)
        self.list.chosen.connect(self._on_rule)
        self.list.delete_asked.connect(self._on_delete)
        self.new.clicked.connect(lambda: self.may_leave() and editor.start_new())
        self.save_button.clicked.connect(self.save)
        self.copy_as.clicked.connect(self.save_as)
        self.undo.clicked.connect(editor.undo)
        self.redo.clicked.connect(editor.redo)
        self.up.clicked.connect(lambda: self._on_move(-1))
        self.down.clicked.connect(lambda: self._on_move(1))
        self.duplicate.clicked.connect(self._on_duplicate)
        self.delete.clicked.connect(self._on_delete)
        self.only.toggled.connect(self._tell_rule)
        self.whole.toggled.connect(lambda on: self._on_rule(-1 if on else self._row()))
        for keys, words, run in (
            ("Ctrl+Alt+S", "Save the rule set", self.save),
            ("Ctrl+Alt+Z", "Undo in the rule set", editor.undo),
            ("Ctrl+Alt+Y", "Redo in the rule set", editor.redo),
            ("Alt+Up", "Run the rule earlier", lambda: self._on_move(-1)),
            ("Alt+Down", "Run the rule later", lambda: self._on_move(1)),
            ("Ctrl+D", "Duplicate the rule", self._on_duplicate),
        ):
            add_shortcut(self, keys, words, run)

    def _tell_rule(self) -> None:
        """Say which rule the preview is narrowed to, if it is."""
        rule = self._rules.rule(self._row()) if self.only.isChecked() else None
        self.rule_chosen.emit(rule.name if rule is not None else "")

    def _row(self) -> int:
        return self.list.currentIndex().row()

    def _on_rule(self, row: int) -> None:
        if row >= 0 and self.whole.isChecked():
            self.whole.setChecked(False)
            return
        self.form.show_rule(row)
        self._tell_rule()
        for part in (self.up, self.down, self.duplicate, self.delete):
            part.setEnabled(self._row() >= 0)

    def _on_rebuilt(self) -> None:
        """The list was reset: stay at the row that was chosen."""
        row = max(0, self.form.row())
        self.empty.setVisible(self._rules.rowCount() == 0)
        if self._rules.rowCount() == 0:
            self._on_rule(-1)
        else:
            self.list.choose(row)
            self._on_rule(self._row())
        self._fill_choices()
        self._on_file_changed()

    def _on_add(self, action: str) -> None:
        row = self._editor.add(action, self._row())
        self.list.choose(row)
        field = self.form.fields.get("find") or self.form.fields.get("text")
        if field is not None:
            field.setFocus()

    def _on_move(self, step: int) -> None:
        row = self._row()
        if row >= 0:
            self.list.choose(self._editor.move(row, row + step))

    def _on_duplicate(self) -> None:
        if self._row() >= 0:
            self.list.choose(self._editor.duplicate(self._row()))

    def _on_delete(self) -> None:
        if self._row() >= 0:
            self._editor.delete(self._row())

    def _on_file_changed(self) -> None:
        editor = self._editor
        words, kind = ("Not saved", "badge-warning") if editor.unsaved else ("Saved", "badge-good")
        if editor.is_shipped and not editor.unsaved:
            words, kind = "Comes with Bespoke", "badge"
        self.state.setText(words)
        theme.set_kind(self.state, kind)
        self.undo.setEnabled(editor.can_undo())
        self.redo.setEnabled(editor.can_redo())

    def _fill_choices(self) -> None:
        self.choose.clear()
        groups = {"project": "this project", "shipped": "Bespoke", "file": "file"}
        for choice in self._editor.choices():
            self.choose.addItem(f"{choice.label} ({groups[choice.kind]})", choice.path)
        if self._editor.path is None:
            self.choose.insertItem(0, "New rules", None)
        self.choose.addItem("Open another file…", OPEN)
        paths = [self.choose.itemData(i) for i in range(self.choose.count())]
        place = paths.index(self._editor.path) if self._editor.path in paths else 0
        self.choose.setCurrentIndex(place)

    def _on_chosen(self, index: int) -> None:
        data = self.choose.itemData(index)
        if data == OPEN:
            data = self._session.ask.open_file("Open a rule set", PATTERN)
        if isinstance(data, Path) and data != self._editor.path:
            self.open(data)
        else:
            self._fill_choices()
