"""Preflight model: judges config and training set together, in the background, soon after edits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.config.disk import disk_needed
from bespoke_gui.core.config.fixes import fix_all
from bespoke_gui.core.config.prices import Price
from bespoke_gui.core.config.speeds import Speed
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels import train_work as work
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.qtmodels.trainer_check import Trainer, trainer_problems

CHECK_MS = 250
NO_CONFIG = Problem(
    "no_config", "error", "there is no training config",
    hint="put a training_config.toml into the project's folder configs",
)  # fmt: skip


class PreflightModel(QObject):
    """What stands in the way of a training, and its course.

    `ask` wants a judgement; of several in a row only the last is made. `checking` follows at once
    and `judged` with a Preflight later.
    """

    checking = Signal()
    judged = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._config: TrainingConfig | None = None
        self._chosen: work.TrainingSet | None = None
        self._broken: Problem | None = None
        self._facts: dict[work.TrainingSet, work.SetFacts] = {}
        self._past: Sequence[Speed] = ()
        self.gpu = ""
        self._price: Price | None = None
        self._place: list[Problem] = []
        self._trainer: Trainer | None = None
        self.result: work.Preflight | None = None
        self._timer = QTimer(self, singleShot=True, interval=CHECK_MS)
        self._timer.timeout.connect(self._check)

    @property
    def past(self) -> Sequence[Speed]:
        """How fast earlier trainings of the project went."""
        return self._past

    def forget(self) -> None:
        """Forget what is known of the sets: they may have changed."""
        self._facts.clear()
        self._past, self.result = (), None

    def forget_runs(self) -> None:
        """Read again how fast earlier trainings went: there may be one more."""
        project = self._session.project
        if project is None:
            return

        def known(past: Sequence[Speed]) -> None:
            if project is self._session.project and list(past) != list(self._past):
                self._past = past
                self._timer.start()

        run_task(lambda: work.past_speeds(project), known, self._session.show_error, parent=self)

    def set_gpu(self, gpu: str) -> None:
        """Tell time and cost for a card, "" for this computer."""
        if gpu != self.gpu:
            self.gpu, self._price = gpu, None
            self._timer.start()

    def set_place(self, gpu: str, price: Price | None, problems: Sequence[Problem]) -> None:
        """Judge for the place that was chosen: its card, its price, what stands in its way."""
        place = (gpu, price, list(problems))
        if place != (self.gpu, self._price, self._place):
            self.gpu, self._price, self._place = place
            self._timer.start()

    def set_trainer(self, trainer: Trainer) -> None:
        """Judge for this trainer and base model as well."""
        if trainer != self._trainer:
            self._trainer = trainer
            self._timer.start()

    def ask(
        self,
        config: TrainingConfig | None,
        chosen: work.TrainingSet | None,
        broken: Problem | None = None,
    ) -> None:
        """Judge config and set soon; `broken` says why there is no config."""
        self._config, self._chosen, self._broken = config, chosen, broken
        self.checking.emit()
        self._timer.start()

    def mend(self, done: Callable[[str, str, int], object]) -> None:
        """Make every plain fix of the config in the background.

        `done` is given the text before, the text after and how many fixes were made.
        """
        config, chosen, past, gpu = self._config, self._chosen, self._past, self.gpu
        facts = self._facts.get(chosen) if chosen else None
        if config is None:
            return
        text, path = config.text(), config.path

        def judge(one: TrainingConfig) -> list[Problem]:
            return work.preflight(one, chosen, facts, past, gpu).problems

        run_task(
            lambda: fix_all(TrainingConfig(text, path), judge),
            lambda found: done(text, found[0], len(found[1])),
            self._session.show_error, parent=self,
        )  # fmt: skip

    def first_error(self) -> Problem | None:
        """Return the first finding that stands in the way."""
        problems = self.result.problems if self.result else []
        return next((problem for problem in problems if problem.severity == "error"), None)

    def _check(self) -> None:
        config, chosen = self._config, self._chosen
        if config is None:
            self._take(work.Preflight([self._broken or NO_CONFIG]))
        elif chosen is None or chosen in self._facts:
            self._judge(config, chosen)
        else:
            self._read(chosen)

    def _read(self, chosen: work.TrainingSet) -> None:
        project = self._session.project
        if project is None:
            return

        def known(facts: work.SetFacts) -> None:
            self._facts[chosen] = facts
            self._check()

        run_task(
            lambda: work.read_set(chosen, project), known, self._session.show_error, parent=self
        )

    def _judge(self, config: TrainingConfig, chosen: work.TrainingSet | None) -> None:
        facts = self._facts.get(chosen) if chosen else None
        text, path, past, gpu = config.text(), config.path, self._past, self.gpu
        price, trainer = self._price, self._trainer

        def judge() -> work.Preflight:
            copy = TrainingConfig(text, path)
            found = work.preflight(copy, chosen, facts, past, gpu, price)
            return _with_trainer(found, copy, trainer) if trainer else found

        def judged(result: work.Preflight) -> None:
            if config is self._config and gpu == self.gpu and trainer == self._trainer:
                self._take(result)

        run_task(judge, judged, self._session.show_error, parent=self)

    def _take(self, result: work.Preflight) -> None:
        _put_first(result, self._place)
        self.result = result
        self.judged.emit(result)


def _with_trainer(
    found: work.Preflight, config: TrainingConfig, trainer: Trainer
) -> work.Preflight:
    needed = disk_needed(config.values, found.plan).total if found.plan else 0
    _put_first(found, trainer_problems(config, trainer, needed))
    return found


def _put_first(result: work.Preflight, problems: Sequence[Problem]) -> None:
    """Put problems before the others of the same weight; errors stay first."""
    errors = [one for one in problems if one.severity == "error"]
    others = [one for one in problems if one.severity != "error"]
    result.problems[:0] = errors
    result.problems[result.errors : result.errors] = others
