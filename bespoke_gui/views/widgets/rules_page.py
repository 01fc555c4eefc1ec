"""Rules page: a rule set on the left, and on the right what it would do to every caption."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.rules_apply import Applied, apply_results
from bespoke_gui.qtmodels.rules_editor import RuleSetEditor
from bespoke_gui.qtmodels.rules_list_model import RuleList
from bespoke_gui.qtmodels.rules_preview import RulePreview
from bespoke_gui.qtmodels.rules_rows import RuleRows
from bespoke_gui.qtmodels.rules_trial import RuleTrial
from bespoke_gui.views.widgets.parts import splitter
from bespoke_gui.views.widgets.rules_apply_bar import AppliedBar, ApplyBar
from bespoke_gui.views.widgets.rules_set_pane import RuleSetPane
from bespoke_gui.views.widgets.rules_summary import RulesSummary
from bespoke_gui.views.widgets.rules_table import PreviewTable
from bespoke_gui.views.widgets.rules_try_pane import TryPane


class RulesPage(QWidget):
    """Previews while it is typed; nothing changes before "Apply"."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self._scope, self._is_stale, self._undo_index = "all", True, -1
        self.editor = RuleSetEditor(desk.session, self)
        self.preview = RulePreview(desk.session, self)
        self.trial = RuleTrial(desk.session, self)
        self.rules = RuleList(self.editor, self.preview, self)
        self.rows = RuleRows(desk.session, self.preview, self)
        self.set_pane = RuleSetPane(desk.session, self.editor, self.rules)
        self.trying = TryPane(desk.session, self.trial)
        self.summary = RulesSummary(self.preview)
        self.table = PreviewTable(self.rows)
        self.bar = ApplyBar(self.preview)
        self.applied = AppliedBar()
        self._lay_out()
        self._connect()

    def look(self) -> None:
        """Preview anew; while the page is hidden this waits until it is shown."""
        self._is_stale = not self.isVisible()
        if not self._is_stale:
            self.preview.ask(self.editor.ruleset(), self._names())
            self._try()

    def apply(self) -> None:
        """Write what is ticked: snapshot and log first, then one step of undo."""
        self.bar.apply.setEnabled(False)
        apply_results(
            self._session,
            self.editor.name,
            self.preview.chosen(),
            self._on_applied,
            self.bar.refresh,
        )

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._is_stale:
            self.look()

    def _lay_out(self) -> None:
        lower = QWidget()
        column = QVBoxLayout(lower)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for part in (self.applied, self.summary, self.table, self.bar):
            column.addWidget(part, 1 if part is self.table else 0)
        right = splitter(Qt.Orientation.Vertical, (self.trying, lower), (0, 1))
        right.setSizes([172, 620])
        whole = splitter(Qt.Orientation.Horizontal, (self.set_pane, right), (0, 1))
        whole.setSizes([380, 900])
        self.set_pane.setMinimumWidth(310)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(whole)

    def _connect(self) -> None:
        desk, session = self._desk, self._session
        self.editor.changed.connect(self.look)
        session.captions.changed.connect(self.look)
        session.captions.loaded.connect(self.look)
        desk.current_changed.connect(self._on_current)
        desk.shown_changed.connect(lambda: self._on_list_changed("shown"))
        desk.selection_changed.connect(lambda _: self._on_list_changed("selected"))
        self.trying.text.textChanged.connect(self._try)
        self.preview.updated.connect(self._try)
        self.summary.filter_asked.connect(self.rows.show_only)
        self.set_pane.rule_chosen.connect(self.rows.narrow)
        self.table.chosen.connect(self._show_in_trial)
        self.table.opened.connect(self._open)
        self.bar.scope_changed.connect(self._on_scope)
        self.bar.everything.triggered.connect(lambda: self._tick(True))
        self.bar.nothing.triggered.connect(lambda: self._tick(False))
        self.bar.apply_asked.connect(self.apply)
        self.applied.undo_asked.connect(self._on_undo)
        session.captions.undo_stack.indexChanged.connect(self._on_undo_index)
        self._on_current(desk.current())

    def _names(self) -> list[str] | None:
        if self._scope == "all":
            return None
        return self._desk.shown() if self._scope == "shown" else self._desk.selected()

    def _try(self) -> None:
        if self.isVisible():
            failed = set(self.preview.shown.live.errors)
            self.trial.ask(self.editor.ruleset(), self.trying.text.text(), failed)

    def _tick(self, on: bool) -> None:
        self.preview.set_ticks(self.rows.names(), on)

    def _show_in_trial(self, name: str) -> None:
        self.trying.show_caption(name, self._session.captions.text(name))

    def _open(self, name: str) -> None:
        self._desk.show(name)
        self._desk.show_page("edit")

    def _on_current(self, name: str) -> None:
        self._show_in_trial(name)

    def _on_scope(self, scope: str) -> None:
        self._scope = scope
        self.look()

    def _on_list_changed(self, scope: str) -> None:
        if self._scope == scope:
            self.look()

    def _on_applied(self, applied: Applied) -> None:
        self._undo_index = self._session.captions.undo_stack.index()
        self.applied.show_applied(applied)

    def _on_undo(self) -> None:
        self._session.captions.undo_stack.undo()
        self.applied.hide()

    def _on_undo_index(self, index: int) -> None:
        """Offer Undo only while it would take back the rules and nothing else."""
        self.applied.undo.setEnabled(index == self._undo_index)
