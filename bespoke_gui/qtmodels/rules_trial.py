"""Rule trial: the rule set on one text that a person types or picks."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.ruleset import RuleResult, RuleSet, run
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task


class RuleTrial(QObject):
    """Runs rules over one text in the background; only the newest answer is told."""

    done = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._number = 0

    def ask(self, ruleset: RuleSet, text: str, without: set[str] | None = None) -> None:
        """Run the rules, leaving out those named; `done` carries a RuleResult or None."""
        self._number += 1
        number, project = self._number, self._session.project
        separator = project.separator if project is not None else ","
        rules = [rule for rule in ruleset.rules if rule.name not in (without or ())]
        right = RuleSet(ruleset.name, rules, ruleset.synonyms)

        def tell(result: RuleResult | None) -> None:
            if number == self._number:
                self.done.emit(result)

        run_task(lambda: _result(right, text, separator), tell, parent=self)


def _result(ruleset: RuleSet, text: str, separator: str) -> RuleResult | None:
    ruleset.start()
    try:
        return run(ruleset, text, separator)
    except AppError:
        # The rule that failed is named beside it, by the preview of the whole set.
        return None
