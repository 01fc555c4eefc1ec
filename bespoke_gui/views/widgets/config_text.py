"""Config as text: the TOML editor, and below it the finding of the line the cursor is in."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from bespoke_gui.core.config.fixes import fix_for
from bespoke_gui.core.config.places import key_lines
from bespoke_gui.core.errors import Problem
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.config_finding import FindingLine
from bespoke_gui.views.widgets.parts import column, muted
from bespoke_gui.views.widgets.toml_editor import TomlEditor

CALM = "Findings are marked at their line. Everything else stays as it is written."


class ConfigText(QWidget):
    """Shows and edits the open config's text; what is typed is at once in the form too."""

    def __init__(self, desk: ConfigDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._problems: Sequence[Problem] = ()
        self._place: dict[str, int] = {}
        self.editor = TomlEditor()
        self.findings: list[FindingLine] = []
        self._below = column(spacing=6)
        self._below.setContentsMargins(12, 8, 12, 8)
        foot = QFrame()
        theme.set_kind(foot, "well")
        foot.setLayout(self._below)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.editor, 1)
        layout.addWidget(foot)
        self.editor.edited.connect(self._on_typed)
        self.editor.undo_wanted.connect(lambda: desk.attempt(lambda document: document.undo()))
        self.editor.redo_wanted.connect(lambda: desk.attempt(lambda document: document.redo()))
        self.editor.line_changed.connect(lambda _: self._show_line())
        desk.opened.connect(lambda: self._show(True))
        desk.edited.connect(lambda: self._show(False))
        self._show(True)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Mark the findings about this config at their lines."""
        self._problems = problems
        self._mark()

    def go_to(self, key: str) -> bool:
        """Put the cursor at the line of an option; False where it is not written."""
        line = self._place.get(key)
        if line is not None:
            self.editor.go_to_line(line)
        return line is not None

    def _on_typed(self, text: str) -> None:
        self._desk.attempt(lambda document: document.set_text(text, merge="typing"))

    def _show(self, is_other: bool) -> None:
        document = self._desk.document
        self.editor.setEnabled(document is not None)
        self.editor.set_text(document.text if document else "", is_other)
        if is_other:
            self._problems = ()
        self._mark()

    def _mark(self) -> None:
        document = self._desk.document
        text = document.text if document else ""
        self._place = {key: lines[-1] for key, lines in key_lines(text).items()}
        marks: dict[int, list[Problem]] = {}
        if document and document.bad_line is not None:
            bad = document.bad_line
            problem = Problem("unreadable", "error", bad.message)
            marks[max(1, bad.line)] = [problem]
        else:
            for problem in self._problems:
                if problem.where in self._place:
                    marks.setdefault(self._place[problem.where], []).append(problem)
        self.editor.show_marks(marks)
        self._show_line()

    def _show_line(self) -> None:
        """Show the findings of the cursor's line below the text."""
        found = self.editor.marks.get(self.editor.line(), [])
        if self.findings and [line.problem for line in self.findings] == found:
            return
        while (item := self._below.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.findings = [self._finding(problem) for problem in found]
        for line in self.findings:
            self._below.addWidget(line)
        if not found:
            count = len(self.editor.marks)
            self._below.addWidget(
                muted(CALM if count else "The doctor found nothing to mark here.")
            )

    def _finding(self, problem: Problem) -> FindingLine:
        config = self._desk.config
        line = FindingLine(problem, fix_for(problem, config) if config else None)
        line.fix_wanted.connect(self._desk.fix)
        return line
