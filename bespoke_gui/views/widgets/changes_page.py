"""Changes page: two states of all captions, by distinct change or by caption, with the way back."""

from __future__ import annotations

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QMenu,
    QProgressBar,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.caption_changes import ChangeSet
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_sides import Side, now_side, snapshot_side
from bespoke_gui.qtmodels.rule_undo import RuleUndo
from bespoke_gui.qtmodels.snapshots import SnapshotDesk
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.changes_captions import CaptionsView
from bespoke_gui.views.widgets.changes_distinct import DistinctView
from bespoke_gui.views.widgets.parts import badge, button, card, muted, row, tool
from bespoke_gui.views.widgets.side_picker import SidePicker
from bespoke_gui.views.widgets.snapshot_manager import SnapshotManager

DISTINCT, CAPTIONS = "distinct", "captions"


class ChangesPage(QWidget):
    """The whole set before and after. It compares when it is first shown."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self.changes = ChangeSet(desk.session, self)
        self.snapshots = SnapshotDesk(desk.session, self)
        self.rules = RuleUndo(desk.session, self)
        self._baseline: Side | None = None
        session = desk.session
        self.before = SidePicker(session, "Before", "The earlier state of all captions")
        self.after = SidePicker(session, "After", "The later state of all captions")
        self.swap = tool("swap", "Swap before and after")
        self.manage = button(
            "Snapshots…", "Make, compare, restore or delete snapshots", "", "clock"
        )
        self.more = button("Revert", "Take back a rule, or every change")
        self.more.setMenu(self._menu())
        self.distinct = DistinctView(desk, self.changes)
        self.captions = CaptionsView(desk, self.changes)
        self._stack = QStackedWidget()
        self._stack.addWidget(self.distinct)
        self._stack.addWidget(self.captions)
        self._choices = {
            DISTINCT: self._choice(
                "Distinct changes", "Each replacement once, with its count (Ctrl+Alt+1)"
            ),
            CAPTIONS: self._choice("By caption", "Every caption that changed (Ctrl+Alt+2)"),
        }
        self._badges = {name: badge() for name in ("changed", "lossy", "moved", "equal")}
        self._progress, self._counted = QProgressBar(), muted(wrap=False)
        self.stop = button("Cancel", "Keep what was compared before", "ghost")
        self._lay_out()
        self._connect()
        self.show_view(DISTINCT)
        self._fill_sides()
        self._on_updated()

    def show_view(self, name: str) -> None:
        """Show the distinct changes (DISTINCT) or the captions (CAPTIONS)."""
        self._choices[name].setChecked(True)
        self._stack.setCurrentWidget(self.distinct if name == DISTINCT else self.captions)

    def compare(self, before: Side, after: Side) -> None:
        """Compare these two states."""
        self.changes.compare(before, after)

    def open_snapshots(self) -> SnapshotManager:
        """Open the snapshot manager over the page."""
        manager = SnapshotManager(self._session, self)
        manager.compare_wanted.connect(lambda name: self.compare(snapshot_side(name), now_side()))
        manager.open()
        return manager

    def revert_everything(self) -> None:
        """Put all earlier texts back, after asking; one step that can be undone."""
        names = self.changes.changed_names()
        if not names or not self.changes.can_revert:
            return
        text = (
            f"{len(names)} captions go back to “{self.changes.before.label}”. "
            "A snapshot of today is kept first, and Undo brings it back at once."
        )
        if self._session.ask.choose("Revert every change?", text, [("revert", "Revert all")]):
            self.changes.revert_captions(names)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.rules.read()
        self._follow_baseline()
        self.changes.set_active(True)

    def hideEvent(self, event: QHideEvent) -> None:
        self.changes.set_active(False)
        super().hideEvent(event)

    def _choice(self, words: str, tip: str) -> QPushButton:
        result = button(words, tip, "ghost")
        result.setCheckable(True)
        return result

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        self._rules_menu = menu.addMenu("What a rule did")
        menu.addSeparator()
        self._all_action = menu.addAction("Every change…")
        self._all_action.triggered.connect(self.revert_everything)
        return menu

    def _lay_out(self) -> None:
        group = QButtonGroup(self)
        for choice in self._choices.values():
            group.addButton(choice)
        before, after = muted("Before", wrap=False), muted("After", wrap=False)
        top = row(before, self.before, self.swap, after, self.after, self.manage, self.more)
        top.setStretch(1, 1)
        top.setStretch(4, 1)
        below = row(*self._choices.values(), None, *self._badges.values())
        self._busy = QWidget()
        self._busy.setLayout(row(self._counted, self._progress, self.stop))
        inner = QVBoxLayout()
        inner.setSpacing(8)
        inner.addLayout(top)
        inner.addLayout(below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(card(inner, 10))
        layout.addWidget(self._busy)
        layout.addWidget(self._stack, 1)
        self._busy.hide()

    def _connect(self) -> None:
        changes = self.changes
        self.before.chosen.connect(lambda side: self.compare(side, changes.after))
        self.after.chosen.connect(lambda side: self.compare(changes.before, side))
        self.swap.clicked.connect(lambda: self.compare(changes.after, changes.before))
        self.manage.clicked.connect(self.open_snapshots)
        self.stop.clicked.connect(changes.cancel)
        for name, choice in self._choices.items():
            choice.clicked.connect(lambda _=False, name=name: self.show_view(name))
        changes.updated.connect(self._on_updated)
        changes.edited.connect(self._tell_totals)
        changes.busy_changed.connect(self._on_busy)
        changes.progressed.connect(self._on_progress)
        self.snapshots.changed.connect(self._fill_sides)
        self.rules.changed.connect(self._fill_rules)
        self._session.project_changed.connect(self._on_project_changed)
        self._desk.comparison.baselines_changed.connect(self._follow_baseline)
        add_shortcut(self, "Ctrl+Alt+1", "Distinct changes", lambda: self.show_view(DISTINCT))
        add_shortcut(self, "Ctrl+Alt+2", "Changes by caption", lambda: self.show_view(CAPTIONS))

    def _on_project_changed(self) -> None:
        self._baseline = None
        self._follow_baseline()

    def _follow_baseline(self) -> None:
        """Take over the state that the edit page compares with, whenever another is chosen."""
        baseline = self._desk.comparison.baseline
        if self.isVisible() and baseline != self._baseline:
            self._baseline = baseline
            self.compare(baseline, now_side())

    def _fill_sides(self) -> None:
        self.before.fill(self.snapshots.snapshots, self.changes.before)
        self.after.fill(self.snapshots.snapshots, self.changes.after)

    def _fill_rules(self) -> None:
        self._rules_menu.clear()
        for run in self.rules.runs[:20]:
            menu = self._rules_menu.addMenu(f"{run.title}, {run.when:%d %b %H:%M}")
            whole = menu.addAction(f"All of its rules ({len(run.captions)})")
            whole.triggered.connect(lambda _=False, run=run: self.rules.undo(run))
            menu.addSeparator()
            for rule, count in run.rules.items():
                action = menu.addAction(f"{rule} ({count})")
                action.triggered.connect(
                    lambda _=False, run=run, rule=rule: self.rules.undo(run, rule)
                )
        self._rules_menu.setEnabled(bool(self.rules.runs))

    def _on_updated(self) -> None:
        self._fill_sides()
        self._tell_totals()

    def _tell_totals(self, _names: object = None) -> None:
        totals = self.changes.totals()
        for name, count, words, kind in (
            ("changed", totals.changed, "changed", "badge"),
            ("lossy", totals.lossy, "lost words", "badge-danger"),
            ("moved", totals.moved, "with moved phrases", "badge-accent"),
            ("equal", totals.equal, "equal", "badge"),
        ):
            self._badges[name].setText(f"{count} {words}")
            self._badges[name].setVisible(count > 0 or name in ("changed", "equal"))
            theme.set_kind(self._badges[name], kind)
        self._badges["lossy"].setToolTip(f"{_words(totals.words)} lost in all")
        self._all_action.setEnabled(self.changes.can_revert and totals.changed > 0)

    def _on_busy(self, busy: bool) -> None:
        self._busy.setVisible(busy)
        self._on_progress(0, 0)

    def _on_progress(self, count: int, total: int) -> None:
        self._progress.setMaximum(total)
        self._progress.setValue(count)
        self._counted.setText(f"Comparing {count} of {total}" if total else "Reading captions")


def _words(count: int) -> str:
    return "1 word" if count == 1 else f"{count} words"
