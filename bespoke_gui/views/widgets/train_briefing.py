"""Training briefing: the course a training would take, and what stands in its way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from bespoke_gui.core.config.fixes import Fix
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.place_steps import Step
from bespoke_gui.qtmodels.train_work import Preflight
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.findings import Findings, kinds
from bespoke_gui.views.widgets.forecast_card import ForecastCard
from bespoke_gui.views.widgets.parts import badge, button, card, column, heading, row


class TrainBriefing(QWidget):
    """Shows a Preflight. `chosen` names the option that a finding is about.

    `fix_wanted` carries the Fix that mends one, `step_wanted` a Step about one, where `fix_for`
    and `steps_for` know it; `machine_chosen` the
    card that time and cost are told for. A `narrow` one stands at the side of a page.
    """

    chosen = Signal(str)
    machine_chosen = Signal(str)
    fix_wanted = Signal(object)
    step_wanted = Signal(object)
    fix_all_wanted = Signal()

    def __init__(
        self,
        can_show: Callable[[str], bool],
        fix_for: Callable[[Problem], Fix | None] = lambda _: None,
        steps_for: Callable[[Problem], Sequence[Step]] = lambda _: (),
        narrow: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._fix_for, self._is_narrow = fix_for, narrow
        self.state = badge("checking")
        self.findings = Findings()
        self.findings.offer(can_show, fix_for, steps_for)
        self.findings.chosen.connect(self.chosen)
        self.findings.fix_wanted.connect(self.fix_wanted)
        self.findings.step_wanted.connect(self.step_wanted)
        title = heading("Before you start")
        self.all = button("", "Make every fix that is plain; one undo brings all back", "link-line")
        self.all.clicked.connect(self.fix_all_wanted)
        self.all.hide()
        below = row(self.state, self.all, None)
        head = column(title, below) if narrow else row(title, None, self.state)
        checks = card(column(head, self.findings, spacing=10), 14)
        self.forecast = ForecastCard()
        self.forecast.hide()
        self.forecast.machine_chosen.connect(self.machine_chosen)
        self.setLayout(column(self.forecast, checks, None, spacing=12))

    def show_preflight(self, result: Preflight | None) -> None:
        """Show what was found; None while it is being looked at."""
        if result is None:
            self.state.setText("checking")
            theme.set_kind(self.state, "badge")
            return
        self.findings.show_problems(result.problems)
        self.state.setText(kinds(result.problems))
        fixes = [fix for fix in map(self._fix_for, result.problems) if fix and fix.plain]
        self.all.setVisible(self._is_narrow and len(fixes) > 1)
        self.all.setText(f"Fix {len(fixes)} at once")
        warnings = any(problem.severity == "warning" for problem in result.problems)
        kind = "danger" if result.errors else "warning" if warnings else "good"
        theme.set_kind(self.state, f"badge-{kind}")
        self.forecast.show_forecast(result)
