"""Rule form: what one rule looks for and does, and in red what it takes out of captions."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from bespoke_gui.core.rules.base import ACTIONS, Option
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.rules_editor import RuleSetEditor
from bespoke_gui.qtmodels.rules_list_model import RuleList
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.clamped_label import ClampedLabel
from bespoke_gui.views.widgets.parts import field, muted, plain_label, row
from bespoke_gui.views.widgets.rules_fields import (
    LinesField,
    field_for,
    label_of,
    narrow_choice,
    pairs_of,
    text_of,
)

LOSING = ("replace", "remove", "rename")


class RuleForm(QWidget):
    """Edits the rule of one row as it is typed; -1 shows the whole set's name and synonyms."""

    def __init__(
        self, editor: RuleSetEditor, rules: RuleList, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor, self._rules = editor, rules
        self._row = -1
        self.fields: dict[str, QWidget] = {}
        self.error = plain_label()
        theme.set_kind(self.error, "danger")
        self.loses = ClampedLabel(4)
        theme.set_kind(self.loses, "danger")
        self._does = muted()
        self._body = QWidget()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 10, 0)
        self._column.setSpacing(8)
        for part in (self.error, self.loses, self._does, self._body):
            self._column.addWidget(part)
        self._column.addStretch(1)
        rules.dataChanged.connect(self.refresh)
        self.show_rule(-1)

    def row(self) -> int:
        """Return the row that is shown."""
        return self._row

    def show_rule(self, row: int) -> None:
        """Show the fields of a rule, or of the whole set."""
        self._row = row if self._rules.rule(row) is not None else -1
        self.fields = {}
        old, self._body = self._body, QWidget()
        self._column.replaceWidget(old, self._body)
        old.hide()
        old.deleteLater()
        layout = QVBoxLayout(self._body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        if self._row < 0:
            self._fill_set(layout)
        else:
            self._fill_rule(layout)
        self.refresh()

    def refresh(self) -> None:
        """Say anew what is wrong with the rule and what it does."""
        error, tally = self._rules.error(self._row), self._rules.tally(self._row)
        words = f"{error.message}. {error.hint}".strip() if error is not None else ""
        self.error.setText(words)
        self.error.setVisible(bool(words))
        lost = tally.lost.most_common() if tally is not None else []
        self.loses.setVisible(bool(lost))
        if tally is not None and lost:
            said = ", ".join(f"{word} ×{count}" for word, count in lost[:60])
            more = f" and {len(lost) - 60} more" if len(lost) > 60 else ""
            where = wording.count(tally.lossy, "caption")
            self.loses.setText(f"Takes words out of {where}: {said}{more}")
        self._does.setVisible(tally is not None)
        if tally is not None:
            over = f", {tally.crossing} over a separator" if tally.crossing else ""
            places = wording.count(tally.matches, "place")
            done = f"Changes {wording.count(tally.captions, 'caption')} in {places}{over}."
            self._does.setText(done if tally.captions else "Matches nothing in these captions.")

    def _fill_rule(self, layout: QVBoxLayout) -> None:
        rule = self._rules.rule(self._row)
        assert rule is not None
        self._add_line(layout, "name", "Name", str(rule.table.get("name", "")))
        actions = narrow_choice()
        for name in ACTIONS:
            actions.addItem(ACTIONS[name].title, name)
        actions.setCurrentIndex(actions.findData(rule.action))
        actions.currentIndexChanged.connect(lambda _: self._on_action(actions.currentData()))
        hint = ACTIONS[rule.action].hint if rule.action in ACTIONS else ""
        actions.setToolTip(hint[:1].upper() + hint[1:])
        self.fields["action"] = actions
        layout.addLayout(field("Action", actions))
        if rule.action in ACTIONS:
            self._add_options(layout, ACTIONS[rule.action].options, dict(rule.table))
        if rule.action in LOSING:
            self._add_synonyms(layout, rule.table.get("synonyms"), "Synonyms: lost = what stands")
        self._add_line(layout, "note", "Note", str(rule.table.get("note", "")))

    def _add_options(
        self, layout: QVBoxLayout, options: tuple[Option, ...], table: dict[str, Any]
    ) -> None:
        """Add a field for each option; choices and flags share lines."""
        grid = QGridLayout()
        grid.setSpacing(8)
        small = [option for option in options if option.kind == "choice"]
        is_regex = table.get("match") == "regex"
        for option in sorted(options, key=_place):
            fixed = option.name in ("where", "unless") or (is_regex and option.name != "text")
            value = table.get(option.name, option.default)
            widget = field_for(option, value, self._setter(option.name), fixed)
            widget.setToolTip(option.hint[:1].upper() + option.hint[1:])
            self.fields[option.name] = widget
            if option in small:
                grid.addLayout(field(label_of(option), widget), 0, small.index(option))
                if option is small[-1]:
                    layout.addLayout(grid)
            elif option.kind == "flag":
                layout.addWidget(widget)
            else:
                layout.addLayout(field(label_of(option), widget))

    def _fill_set(self, layout: QVBoxLayout) -> None:
        document = self._editor.document
        top = self._editor.set_top
        for key, label in (("name", "Name of the set"), ("description", "What it is for")):
            edit = QLineEdit(str(document.top(key, "")))
            edit.setCursorPosition(0)
            edit.textEdited.connect(lambda text, key=key: top(key, text))
            self.fields[key] = edit
            layout.addLayout(field(label, edit))
        pairs = document.top("synonyms", {})
        label = "Synonyms for all rules: lost = what stands"
        self._add_synonyms(layout, pairs, label)

    def _add_synonyms(self, layout: QVBoxLayout, pairs: Any, label: str) -> None:
        known = pairs if isinstance(pairs, dict) else {}
        edit = LinesField(label, text_of(known), self._on_synonyms)
        edit.setPlaceholderText("shades = sunglasses")
        edit.setToolTip("One pair a line. A lost word is no loss where its synonym came instead.")
        self.fields["synonyms"] = edit
        layout.addLayout(field(label, edit))

    def _add_line(self, layout: QVBoxLayout, key: str, label: str, value: str) -> None:
        edit = QLineEdit(value)
        edit.setCursorPosition(0)
        edit.textEdited.connect(self._setter(key))
        self.fields[key] = edit
        name = plain_label(label, wrap=False)
        name.setFixedWidth(48)
        edit.setAccessibleName(label)
        layout.addLayout(row(name, edit))

    def _setter(self, key: str) -> Any:
        return lambda value: self._editor.set(self._row, key, value)

    def _on_synonyms(self, text: str) -> None:
        if self._row < 0:
            self._editor.set_top("synonyms", pairs_of(text))
        else:
            self._editor.set(self._row, "synonyms", pairs_of(text))

    def _on_action(self, action: str) -> None:
        self._editor.set(self._row, "action", action)


def _place(option: Option) -> int:
    """Return where a field stands: what is found and put there first, conditions last."""
    if option.name in ("where", "unless"):
        return 3
    return {"choice": 1, "flag": 2}.get(option.kind, 0)
