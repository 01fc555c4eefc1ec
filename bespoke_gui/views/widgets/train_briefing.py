"""Training briefing: the course a training would take, and what stands in its way."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from bespoke_gui.core.config.fixes import Fix
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.train_work import Preflight
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.findings import Findings, kinds
from bespoke_gui.views.widgets.parts import badge, card, column, heading, muted, row
from bespoke_gui.views.widgets.rate_plot import RatePlot

if TYPE_CHECKING:
    from bespoke_gui.core.config.schedule import Plan


class TrainBriefing(QWidget):
    """Shows a Preflight. `chosen` names the option that a finding is about.

    `fix_wanted` carries the Fix that mends one, where `fix_for` knows it.
    """

    chosen = Signal(str)
    fix_wanted = Signal(object)

    def __init__(
        self,
        can_show: Callable[[str], bool],
        fix_for: Callable[[Problem], Fix | None] = lambda _: None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.state = badge("checking")
        self.findings = Findings()
        self.findings.offer(can_show, fix_for)
        self.findings.chosen.connect(self.chosen)
        self.findings.fix_wanted.connect(self.fix_wanted)
        head = row(heading("Before you start"), None, self.state)
        checks = card(column(head, self.findings, spacing=10), 14)
        self.setLayout(column(self._plan_card(), checks, None, spacing=12))

    def show_preflight(self, result: Preflight | None) -> None:
        """Show what was found; None while it is being looked at."""
        if result is None:
            self.state.setText("checking")
            theme.set_kind(self.state, "badge")
            return
        self.findings.show_problems(result.problems)
        self.state.setText(kinds(result.problems))
        warnings = any(problem.severity == "warning" for problem in result.problems)
        kind = "danger" if result.errors else "warning" if warnings else "good"
        theme.set_kind(self.state, f"badge-{kind}")
        self.plan_card.setVisible(result.plan is not None)
        if result.plan is not None:
            self._show_plan(result.plan)

    def _show_plan(self, plan: Plan) -> None:
        parts = (
            wording.count(plan.images, "image") + " an epoch",
            wording.count(plan.steps_per_epoch, "step") + " an epoch",
            wording.count(plan.epochs, "epoch"),
            wording.count(plan.total_steps, "step"),
        )
        self.plan_words.setText(" · ".join(parts))
        self.rate.show_plan(plan.lr_curve(), plan.lr_at_epoch, plan.total_steps)
        self.rate.setVisible(plan.predicted)

    def _plan_card(self) -> QFrame:
        self.plan_words = muted()
        self.plan_words.setFont(theme.font(1.0, tabular=True))
        self.rate = RatePlot()
        note = muted("Filled dots: epochs that end annealed. Rings: saved while the rate is up.")
        body = column(heading("Course of the training"), self.plan_words, self.rate, note)
        self.plan_card = card(body, 14)
        self.plan_card.hide()
        return self.plan_card
