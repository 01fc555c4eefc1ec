"""Note actions: why a note is there, its nearest fix, and a menu of everything else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QMenu, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.caption_lints import LintModel, place
from bespoke_gui.qtmodels.lint_fixes import LintFixes
from bespoke_gui.views.widgets.parts import button, line, muted, row

Action = tuple[str, Callable[[], object]]


class NoteActions(QWidget):
    """What to do about one note, with buttons; why it is there, on demand. Hidden without one."""

    def __init__(self, lints: LintModel, fixes: LintFixes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lints, self._fixes = lints, fixes
        self._run: list[Callable[[], object]] = []
        self.hint = muted()
        self.first = ElidedButton()
        self.second = button("", "", "ghost")
        self.why = button("Why?", "Why this is a note", "ghost")
        self.why.setCheckable(True)
        self.more = button("More", "Other ways, ignoring, all of this kind", "ghost")
        self.more.setMenu(QMenu(self))
        self.first.clicked.connect(lambda: self._run[0]())
        self.second.clicked.connect(lambda: self._run[-1]())
        self.why.toggled.connect(self._tell_why)
        self._code = ""
        self._hint = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(line())
        layout.addWidget(self.hint)
        layout.addWidget(self.first)
        layout.addLayout(row(self.second, None, self.why, self.more, spacing=2))

    def show_problem(self, problem: Problem | None) -> None:
        """Show what can be done about a note."""
        self.setVisible(problem is not None)
        if problem is None:
            return
        self._code = problem.code
        self._hint = f"{wording.sentence(problem.hint)}." if problem.hint else ""
        self._tell_why()
        fixing, leaving = ways(problem, self._fixes)[:1], left_alone(problem, self._fixes)
        self._run = [run for _, run in (*fixing, *leaving)]
        self.first.setVisible(bool(fixing))
        self.first.set_words(fixing[0][0] if fixing else "")
        self.second.setVisible(bool(leaving))
        self.second.setText(leaving[0][0] if leaving else "")
        menu = self.more.menu()
        menu.clear()
        fill_menu(menu, problem, self._lints, self._fixes)

    def _tell_why(self) -> None:
        explanation = self._lints.explanation(self._code)
        self.why.setVisible(bool(explanation))
        text = f"{explanation} {self._hint}" if self.why.isChecked() else self._hint
        self.hint.setText(text.strip())
        self.hint.setToolTip(explanation)
        self.hint.setVisible(bool(text.strip()))


class ElidedButton(QPushButton):
    """A button whose words end in "…" where the column is narrow; its tooltip says them whole."""

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def set_words(self, words: str) -> None:
        """Show these words, or as many as fit."""
        self._words = words
        self.setToolTip(f"{words} (Ctrl+.)")
        self.setAccessibleName(words)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        room = self.width() - 32
        words = self.fontMetrics().elidedText(self._words, Qt.TextElideMode.ElideRight, room)
        self.setText(words.replace("&", "&&"))


def left_alone(problem: Problem, fixes: LintFixes) -> list[Action]:
    """Return the nearest way to leave a caption as it is and be rid of the note."""
    if problem.code == "spelling":
        return [("Add to dictionary", lambda: fixes.add_to_dictionary(problem))]
    if problem.file and place(problem) is not None:
        return [("Ignore here", lambda: fixes.ignore_here(problem))]
    return []


def ways(problem: Problem, fixes: LintFixes) -> list[Action]:
    """Return the fixes of a note: the safe one, then what may be chosen."""
    safe = getattr(problem, "fix", None)
    found = [*([safe] if safe else []), *getattr(problem, "suggestions", ())]
    return [(fix.label, lambda fix=fix: fixes.apply(problem, fix)) for fix in found]


def fill_menu(menu: QMenu, problem: Problem, lints: LintModel, fixes: LintFixes) -> None:
    """Put everything that can be done about a note in a menu."""
    _add(menu, ways(problem, fixes))
    title = lints.title(problem.code)
    rest: list[Action] = []
    if problem.code in ("spelling", "glued_words"):
        rest.append(("Add to dictionary", lambda: fixes.add_to_dictionary(problem)))
    if problem.file and place(problem) is not None:
        rest.append(("Ignore here", lambda: fixes.ignore_here(problem)))
        if fixes.words(problem):
            rest.append(("Ignore in all captions", lambda: fixes.ignore_everywhere(problem)))
    _add(menu, rest)
    kind: list[Action] = []
    if lints.is_fixable(problem.code):
        kind.append((f"Fix all: {title}…", lambda: fixes.fix_all(problem.code)))
    if lints.explanation(problem.code):
        kind.append((f"Switch off: {title}", lambda: fixes.switch_off(problem.code)))
    _add(menu, kind)


def _add(menu: QMenu, actions: list[Action]) -> None:
    if actions and menu.actions():
        menu.addSeparator()
    for words, run in actions:
        # A wrapper: `triggered` carries whether it is checked.
        menu.addAction(words.replace("&", "&&")).triggered.connect(lambda _, run=run: run())
