"""Note actions: why a note is there, its nearest fix, and a menu of everything else."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMenu, QSizePolicy, QVBoxLayout, QWidget

from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.caption_lints import LintModel, place
from bespoke_gui.qtmodels.lint_fixes import LintFixes
from bespoke_gui.views.widgets.parts import button, line, muted, row

Action = tuple[str, Callable[[], object]]


class NoteActions(QWidget):
    """The hint and explanation of one note, with buttons; hidden without a note."""

    def __init__(self, lints: LintModel, fixes: LintFixes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lints, self._fixes = lints, fixes
        self._run: list[Callable[[], object]] = []
        self._why = muted()
        self.first = button("", "", "")
        self.second = button("", "", "ghost")
        self.more = button("More", "Other ways, ignoring, all of this kind", "ghost")
        self.more.setMenu(QMenu(self))
        self.first.clicked.connect(lambda: self._run[0]())
        self.second.clicked.connect(lambda: self._run[1]())
        for push in (self.first, self.second):
            # A long correction gives way to the column, its tooltip says it whole.
            push.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            push.setMinimumWidth(0)
        buttons = row(self.first, self.second, self.more, spacing=6)
        buttons.setStretch(0, 3)
        buttons.setStretch(1, 2)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(line())
        layout.addWidget(self._why)
        layout.addLayout(buttons)

    def show_problem(self, problem: Problem | None) -> None:
        """Show what can be done about a note."""
        self.setVisible(problem is not None)
        if problem is None:
            return
        hint = f"{problem.hint[:1].upper()}{problem.hint[1:]}." if problem.hint else ""
        self._why.setText(f"{self._lints.explanation(problem.code)} {hint}".strip())
        actions = nearest(problem, self._fixes)
        self._run = [run for _, run in actions]
        for push, action in zip((self.first, self.second), [*actions, None, None], strict=False):
            push.setVisible(action is not None)
            if action is not None:
                push.setText(action[0].replace("&", "&&"))
                push.setToolTip(action[0])
        menu = self.more.menu()
        menu.clear()
        fill_menu(menu, problem, self._lints, self._fixes)


def nearest(problem: Problem, fixes: LintFixes) -> list[Action]:
    """Return the one or two things that are mostly done about a note."""
    found = ways(problem, fixes)[:1]
    if problem.code == "spelling":
        found.append(("Add to dictionary", lambda: fixes.add_to_dictionary(problem)))
    elif place(problem) is not None:
        found.append(("Ignore here", lambda: fixes.ignore_here(problem)))
    return found


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
    if place(problem) is not None:
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
