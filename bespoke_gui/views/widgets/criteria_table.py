"""Criteria table: what each criterion asks for, beside its figure now; and the run before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QHBoxLayout,
    QMenu,
    QWidget,
)

from bespoke_gui.core.criteria import LEVELS
from bespoke_gui.core.criteria_edit import WORDS, key_of
from bespoke_gui.core.judgement.outcomes import SHARES
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.criteria_document import CriteriaDocument
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.level_box import EntryBox, LevelBox
from bespoke_gui.views.widgets.parts import (
    button,
    column,
    elided,
    figure,
    heading,
    line,
    muted,
    plain_label,
    row,
    tool,
)

if TYPE_CHECKING:
    from bespoke_gui.core.criteria import Criterion
    from bespoke_gui.core.judgement.lines import Line
    from bespoke_gui.core.judgement.verdict import Baseline, GalleryVerdict

HEADS = ("", "Criterion", "Now", "Minimum", "Target", "Best case")
BASE_HEADS = ("", "Counted by you", "In the gallery compared with")
TITLES = {
    "pixel_defects": "Images with a pixel defect", "clean": "Clean images",
    "messy": "Messy images", "accessories": "Accessories rendered",
}  # fmt: skip
SENSES = {
    "reduction": "How much less than in the run before",
    "improvement": "How much more than in the run before",
    "better": "How many epochs beat the best one of the run before",
}
MOST = {"better": 1000.0, "improvement": 10.0}


CALLED = (
    ("clean_score", "Clean: no defect, and a score from"),
    ("messy_score", "Messy: a score up to"),
    ("messy_defects", "or defects from"),
)


class CriteriaTable(QWidget):
    """Every change is kept at once in the project's criteria.toml, and can be undone."""

    def __init__(self, document: CriteriaDocument) -> None:
        super().__init__()
        self.document = document
        self._verdict: GalleryVerdict | None = None
        self._shape: Sequence[object] = ()
        self.boxes: dict[tuple[int, str], LevelBox] = {}
        self.switches: list[QCheckBox] = []
        self.now: list[QWidget] = []
        self.word_boxes: dict[str, EntryBox] = {}
        self.base_boxes: dict[str, LevelBox] = {}
        self._build()
        document.changed.connect(self._show)
        self._show()

    def show_verdict(self, verdict: GalleryVerdict | None) -> None:
        """Show the figures of a verdict beside what is asked."""
        self._verdict = verdict
        self._show_figures()

    # -- what is shown ----------------------------------------------------------------------

    def _show(self) -> None:
        lines = self.document.criteria.lines
        if self._shape != (shape := [key_of(one) for one in lines]):
            self._shape = shape
            self._lay_out(lines)
        for place, one in enumerate(lines):
            self._show_line(place, one)
        for name, box in self.word_boxes.items():
            box.blockSignals(True)
            box.setValue(getattr(self.document.criteria.words, name))
            box.blockSignals(False)
        for name, box in self.base_boxes.items():
            box.show_level(self.document.criteria.baseline.get(name))
        self.trouble.setText(self.document.trouble and f"Not kept: {self.document.trouble}")
        self.trouble.setVisible(bool(self.document.trouble))
        self.undo.setEnabled(self.document.can_undo)
        self.redo.setEnabled(self.document.can_redo)
        self.add.setEnabled(bool(self.document.addable()))
        self._show_figures()

    def _show_line(self, place: int, one: Criterion) -> None:
        switch = self.switches[place]
        switch.blockSignals(True)
        switch.setChecked(not one.off)
        switch.blockSignals(False)
        for level in LEVELS:
            box = self.boxes[place, level]
            box.show_level(getattr(one, level))
            box.setEnabled(not one.off)

    def _show_figures(self) -> None:
        found = {(one.name, one.kind): one for one in self._verdict.lines} if self._verdict else {}
        for place, one in enumerate(self.document.criteria.lines):
            known = found.get(key_of(one))
            self.now[place].setText(_now(known))  # pyright: ignore[reportAttributeAccessIssue]
            self.now[place].setToolTip(f"{known.text}  ·  {known.basis}" if known else "Not judged")
        base = self._verdict.baseline if self._verdict else None
        for name, label in self.base_words.items():
            label.setText(_counted(base, name))

    # -- what is done -----------------------------------------------------------------------

    def _set_level(self, place: int, level: str, to: float | None) -> None:
        self.document.set_line(place, **{level: to})

    def _offer(self) -> None:
        self.menu.clear()
        for one in self.document.addable():
            action = self.menu.addAction(one.title)
            action.setToolTip(SENSES.get(one.kind, ""))
            action.triggered.connect(lambda _=False, one=one: self.document.add(one))

    # -- building ---------------------------------------------------------------------------

    def _lay_out(self, lines: Sequence[Criterion]) -> None:
        """Put a line of boxes for every criterion; the old ones go."""
        _clear(self._grid)
        self.boxes, self.switches, self.now = {}, [], []
        for place, words in enumerate(HEADS):
            self._grid.addWidget(muted(words, wrap=False), 0, place)
        for place, one in enumerate(lines):
            self._add(place, one)

    def _add(self, place: int, one: Criterion) -> None:
        switch, title = QCheckBox(), plain_label(_title(one))
        switch.setAccessibleName(title.text())
        switch.setToolTip(f"{SENSES.get(one.kind, 'The share itself')}; unticked it is not judged")
        switch.toggled.connect(lambda on, at=place: self.document.set_line(at, off=not on))
        now = figure(wording.DASH)
        self.switches.append(switch)
        self.now.append(now)
        self._grid.addWidget(switch, place + 1, 0)
        self._grid.addWidget(title, place + 1, 1)
        self._grid.addWidget(now, place + 1, 2)
        for number, level in enumerate(LEVELS, 3):
            name = f"{one.title}, {HEADS[number].lower()}"
            box = LevelBox(name, one.kind == "better", MOST.get(one.kind, 1.0))
            box.entered.connect(
                lambda to, at=place, of=level: self.document.set_line(at, **{of: to})
            )
            self.boxes[place, level] = box
            self._grid.addWidget(box, place + 1, number)

    def _baseline_grid(self) -> QGridLayout:
        grid = _grid(2)
        self.base_words = {name: muted(wrap=False) for name in SHARES}
        for place, words in enumerate(BASE_HEADS):
            grid.addWidget(muted(words, wrap=False), 0, place)
        for place, name in enumerate(SHARES, 1):
            box = LevelBox(f"{TITLES[name]}, counted in the run before")
            box.entered.connect(lambda to, of=name: self.document.set_baseline(of, to))
            self.base_boxes[name] = box
            grid.addWidget(elided(TITLES[name]), place, 0)
            grid.addWidget(box, place, 1)
            grid.addWidget(self.base_words[name], place, 2)
        return grid

    def _words_row(self) -> QHBoxLayout:
        """Return boxes for when an image is called clean or messy."""
        layout = row(spacing=8)
        for name, words in CALLED:
            box = EntryBox()
            box.setRange(*WORDS[name])
            box.setDecimals(0 if name == "messy_defects" else 1)
            box.setKeyboardTracking(False)
            box.setAccessibleName(words)
            box.setFixedWidth(72)
            box.valueChanged.connect(partial(self.document.set_word, name))
            self.word_boxes[name] = box
            layout.addWidget(muted(words))
            layout.addWidget(box)
        return layout

    def _build(self) -> None:
        self._grid = _grid(1)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._offer)
        self.add = button("Add a criterion", "Judge by something more")
        self.add.setMenu(self.menu)
        reset = button("Reference criteria", "Those of the reference run; can be undone", "link")
        reset.clicked.connect(self.document.use_reference)
        self.undo = tool("undo", "Take the last change back", "Ctrl+Z")
        self.undo.clicked.connect(self.document.undo)
        self.redo = tool("redo", "Make it again", "Ctrl+Shift+Z")
        self.redo.clicked.connect(self.document.redo)
        self.trouble = plain_label()
        theme.set_kind(self.trouble, "warning")
        add_shortcut(self, "Ctrl+Z", "Take the last change of the criteria back",
                     self.document.undo, over_window=True)  # fmt: skip
        add_shortcut(self, "Ctrl+Shift+Z", "Make a change of the criteria again",
                     self.document.redo, over_window=True)  # fmt: skip
        words = muted(
            "Figures you counted yourself stand for the run before only while no gallery is "
            "compared with; they are called declared, not proven."
        )
        layout = column(
            self._grid, self._words_row(), self.trouble,
            row(self.add, reset, None, self.undo, self.redo), line(),
            heading("The run before", 1.0), self._baseline_grid(), words, spacing=8,
        )  # fmt: skip
        self.setLayout(layout)


def _grid(wide: int) -> QGridLayout:
    grid = QGridLayout()
    grid.setContentsMargins(0, 0, 0, 0)
    grid.setHorizontalSpacing(10)
    grid.setVerticalSpacing(6)
    grid.setColumnStretch(wide, 1)
    return grid


def _clear(grid: QGridLayout) -> None:
    while (item := grid.takeAt(0)) is not None:
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _title(one: Criterion) -> str:
    sign = {"lower": " (at most)", "higher": " (at least)"}[one.better]
    return one.title + (sign if one.kind == "share" else "")


def _now(found: Line | None) -> str:
    if found is None or found.value is None:
        return wording.DASH
    return f"{found.value:.0f}" if found.kind == "better" else f"{found.value:.0%}"


def _counted(base: Baseline | None, name: str) -> str:
    """The same figure of a gallery that was made alike, where one is compared with."""
    figures: Mapping[str, float] = base.figures if base and base.kind == "gallery" else {}
    if base is None or name not in figures:
        return wording.DASH
    return f"{figures[name]:.0%}, {wording.epoch(base.epoch or 0)} of {base.name}"
