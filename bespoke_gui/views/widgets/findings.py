"""Findings of a check as a list: sign of severity, what is wrong, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from bespoke_gui.core.config.fixes import Fix
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.place_steps import Step
from bespoke_gui.views import icons, theme
from bespoke_gui.views.widgets.parts import button, elide_path, muted, plain_label, row

FIRST = 5
LONGEST_BUTTON = 28
BESIDE = 2
_RANK = {"error": 0, "warning": 1, "info": 2}
SIGNS = {
    "error": ("error", "danger"),
    "warning": ("warning", "warning"),
    "info": ("info", "muted"),
}


class Findings(QWidget):
    """Shows problems, worst first. `chosen` names the option a finding is about.

    `fix_wanted` carries the Fix of a finding, `step_wanted` a Step, where `offer` was given a way
    to find them.
    """

    chosen = Signal(str)
    fix_wanted = Signal(object)
    step_wanted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.problems: list[Problem] = []
        self._is_open = False
        self._can_show: Callable[[str], bool] = lambda _: False
        self._fix_for: Callable[[Problem], Fix | None] = lambda _: None
        self._steps_for: Callable[[Problem], Sequence[Step]] = lambda _: ()
        self._steps: list[tuple[Step, ...]] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(8)
        self.setAccessibleName("Findings")

    def offer(
        self,
        can_show: Callable[[str], bool],
        fix_for: Callable[[Problem], Fix | None] = lambda _: None,
        steps_for: Callable[[Problem], Sequence[Step]] = lambda _: (),
    ) -> None:
        """Offer a way to the option of a finding where there is one, and to mend it at once."""
        self._can_show, self._fix_for, self._steps_for = can_show, fix_for, steps_for

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Show these findings; the same ones again change nothing."""
        steps = [tuple(self._steps_for(problem)) for problem in problems]
        if list(problems) == self.problems and steps == self._steps and self._column.count():
            return
        self.problems, self._steps = list(problems), steps
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        rows = grouped(self.problems)
        # What can be done here and now comes first among what weighs as much.
        rows.sort(key=lambda row: (_RANK.get(row[0].severity, 2), not self._steps_for(row[0])))
        errors = sum(problem.severity == "error" for problem, _ in rows)
        shown = max(FIRST, errors)
        for problem, count in rows[:shown]:
            self._column.addWidget(self._row(problem, count))
        if len(rows) > shown:
            self._column.addWidget(self._rest(rows[shown:]))
        self.setAccessibleDescription(summary(self.problems))

    def _rest(self, rows: list[tuple[Problem, int]]) -> QWidget:
        """Return the less pressing findings behind a button that opens them."""
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(8)
        for problem, count in rows:
            inner.addWidget(self._row(problem, count))
        body.setVisible(self._is_open)
        words = (f"Show {wording.count(len(rows), 'more', 'more')}", "Show fewer")
        more = button(words[self._is_open], "", "link")

        def toggle() -> None:
            self._is_open = not self._is_open
            body.setVisible(self._is_open)
            more.setText(words[self._is_open])

        more.clicked.connect(toggle)
        holder = QWidget()
        outer = QVBoxLayout(holder)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(body)
        outer.addWidget(more, 0, Qt.AlignmentFlag.AlignLeft)
        return holder

    def _row(self, problem: Problem, count: int) -> QWidget:
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(8)
        line.addWidget(Sign(problem.severity), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        about_option = bool(problem.where) and self._can_show(problem.where)
        text = plain_label(elide_path(_message(problem, about_option)))
        text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        text.setToolTip(problem.file)
        words.addWidget(text)
        more = f"{count - 1} more like this" if count > 1 else ""
        fix = self._fix_for(problem)
        hint = wording.sentence(problem.hint, problem.where)
        if hint or more:
            words.addWidget(muted(" · ".join(part for part in (hint, more) if part)))
        line.addLayout(words, 1)
        ways = [self._step_button(step) for step in self._steps_for(problem)]
        if fix is not None:
            mend = fix_button(fix)
            mend.clicked.connect(lambda: self.fix_wanted.emit(fix))
            ways.insert(0, mend)
        if ways:
            ways += [self._go_button(problem, "link-line")] if about_option else []
            for first in range(0, len(ways), BESIDE):
                words.addLayout(row(*ways[first : first + BESIDE], None, spacing=16))
        elif about_option:
            line.addWidget(self._go_button(problem, "link"), 0, Qt.AlignmentFlag.AlignTop)
        return holder

    def _step_button(self, step: Step) -> QPushButton:
        result = button(step.words, step.tip, "link-line")
        result.clicked.connect(lambda: self.step_wanted.emit(step))
        return result

    def _go_button(self, problem: Problem, kind: str) -> QPushButton:
        go = button("Show", f"Go to {problem.where}", kind)
        go.clicked.connect(lambda: self.chosen.emit(problem.where))
        return go


def _message(problem: Problem, about_option: bool) -> str:
    """Return what is wrong, after the name of the image or caption that it is about."""
    name = problem.file.rsplit("/", 1)[-1]
    if name and not about_option and not name.endswith(".toml"):
        return f"{name}: {problem.message}"
    return wording.sentence(problem.message, problem.where)


def fix_button(fix: Fix) -> QPushButton:
    """Return the button that mends a finding."""
    words = fix.words
    short = words if len(words) <= LONGEST_BUTTON else f"{words[: LONGEST_BUTTON - 1]}…"
    return button(short, f"{words}; undo brings it back", "link-line")


class Sign(QWidget):
    """The sign of a severity, in its colour."""

    def __init__(self, severity: str) -> None:
        super().__init__()
        self._severity = severity if severity in SIGNS else "info"
        self.setFixedSize(18, 20)
        self.setAccessibleName(self._severity)

    def paintEvent(self, event: QPaintEvent) -> None:
        name, token = SIGNS[self._severity]
        painter = QPainter(self)
        icons.paint(painter, name, QRectF(0, 1, 17, 17), getattr(theme.tokens(), token))
        painter.end()


def grouped(problems: Sequence[Problem]) -> list[tuple[Problem, int]]:
    """Return one finding of each kind with how many there are of it, worst first.

    Findings about options stay apart, and come before those about images and captions of the
    same severity: each is mended in another place.
    """
    first: dict[object, Problem] = {}
    counts: dict[object, int] = {}
    for problem in problems:
        about_image = problem.file and not problem.file.endswith(".toml")
        kind: object = (problem.code, problem.severity) if about_image else problem
        first.setdefault(kind, problem)
        counts[kind] = counts.get(kind, 0) + 1
    found = [(problem, counts[kind]) for kind, problem in first.items()]
    return sorted(found, key=lambda pair: (_RANK.get(pair[0].severity, 2), not pair[0].where))


def kinds(problems: Sequence[Problem]) -> str:
    """Return the summary with findings of one kind counted once, as they are listed."""
    return summary([problem for problem, _ in grouped(problems)])


def summary(problems: Sequence[Problem]) -> str:
    """Return "2 errors, 3 warnings", or that nothing was found."""
    counts = [
        wording.count(sum(p.severity == severity for p in problems), word)
        for severity, word in (("error", "error"), ("warning", "warning"), ("info", "note"))
        if any(p.severity == severity for p in problems)
    ]
    return ", ".join(counts) or "nothing to mend"
