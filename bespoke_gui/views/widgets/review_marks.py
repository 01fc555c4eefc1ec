"""Review marks: the row of scores, the chips of defect tags, accessories with yes and no."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from bespoke_gui.core.judgement.tags import TAGS, is_defect
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, column, heading, muted

ACROSS = 3


def chip(text: str, tip: str, key: str = "") -> QPushButton:
    """Return a checkable button that is set from outside: a press only asks."""
    result = button(text, f"{tip} ({key})" if key else tip, "chip")
    result.setCheckable(True)
    result.setAccessibleName(text)
    # A click leaves the focus where the keys judge; Tab still comes by.
    result.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return result


class ScoreRow(QWidget):
    """0 to 10; `given` carries the score that was pressed."""

    given = Signal(int)

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__()
        self.buttons = []
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        for score, key in enumerate(keys):
            one = chip(str(score), f"Score {score} of 10", key)
            one.setMinimumWidth(28)
            one.setAccessibleName(f"Score {score}")
            one.clicked.connect(partial(self._press, score))
            layout.addWidget(one, 0, score)
            self.buttons.append(one)
        self._shown: float | None = None

    def show_score(self, score: float | None) -> None:
        """Mark a score, or none."""
        self._shown = score
        for number, one in enumerate(self.buttons):
            one.setChecked(score is not None and number == round(score))

    def _press(self, score: int) -> None:
        self.show_score(self._shown)
        self.given.emit(score)


class TagChips(QWidget):
    """The defect tags with their keys, and a line for own ones; `toggled` carries the tag."""

    toggled = Signal(str)

    def __init__(self, keys: Mapping[str, str]) -> None:
        super().__init__()
        self._keys = keys
        self._tags: tuple[str, ...] = ()
        self.chips: dict[str, QPushButton] = {}
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(4)
        self.own = QLineEdit(placeholderText="Own tag, Enter")
        self.own.setAccessibleName("Own tag")
        self.own.returnPressed.connect(self._add_own)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(self._grid)
        layout.addWidget(self.own)
        for name in TAGS:
            self._add(name)

    def show_tags(self, tags: Sequence[str]) -> None:
        """Mark the tags of an image; own ones get a chip as well."""
        self._tags = tuple(tags)
        for name in tags:
            if name not in self.chips:
                self._add(name)
        for name, one in self.chips.items():
            one.setChecked(name in tags)

    def _add(self, name: str) -> None:
        key = self._keys.get(name, "")
        why = TAGS[name].explanation if name in TAGS else "own tag"
        tip = f"{why}; counts as a pixel defect" if is_defect(name) else why
        one = chip(f"{name}  {key}" if key else name, tip, key)
        one.setAccessibleName(f"Tag {name}")
        one.clicked.connect(partial(self._press, name))
        self._grid.addWidget(one, *divmod(len(self.chips), ACROSS))
        self.chips[name] = one

    def _press(self, name: str) -> None:
        self.chips[name].setChecked(name in self._tags)
        self.toggled.emit(name)

    def _add_own(self) -> None:
        name = " ".join(self.own.text().casefold().split())
        self.own.clear()
        if name and name not in self._tags:
            self.toggled.emit(name)


class AccessoryRows(QWidget):
    """Accessories that the prompt names: rendered or not? `answered` carries name and answer.

    Keys answer one after the other: the first without an answer, in bold, else the last.
    """

    answered = Signal(str, object)

    def __init__(self, keys: tuple[str, str]) -> None:
        super().__init__()
        self._keys = keys
        self._rows: dict[str, tuple[QPushButton, QPushButton]] = {}
        self._names: dict[str, QLabel] = {}
        self._answers: Mapping[str, bool] = {}
        self._grid = QGridLayout()
        self._grid.setColumnStretch(0, 1)
        self._grid.setSpacing(4)
        self.setLayout(column(heading("Accessories of the prompt", 1.0), self._grid, spacing=6))
        self.show_names(())

    def show_names(self, names: Sequence[str]) -> None:
        """Ask for these accessories."""
        if tuple(names) != tuple(self._rows):
            self._names = {}
            while (item := self._grid.takeAt(0)) is not None:
                widget = item.widget()
                if widget is not None:
                    # Deleted only when events come round: not to be seen until then.
                    widget.hide()
                    widget.deleteLater()
            self._rows = {name: self._row(place, name) for place, name in enumerate(names)}
        self.setVisible(bool(names))

    def show_answers(self, answers: Mapping[str, bool]) -> None:
        """Mark what was answered."""
        self._answers = answers
        for name, (yes, no) in self._rows.items():
            yes.setChecked(answers.get(name) is True)
            no.setChecked(answers.get(name) is False)
            asked = name == self.asked
            self._names[name].setFont(theme.font(bold=asked and len(self._rows) > 1))

    @property
    def asked(self) -> str:
        """The accessory that a key answers; "" where the prompt names none."""
        names = list(self._rows)
        return next((one for one in names if one not in self._answers), names[-1] if names else "")

    def answer(self, rendered: bool) -> None:
        """Answer for the accessory that is asked for."""
        if self.asked:
            self.answered.emit(self.asked, rendered)

    def _row(self, place: int, name: str) -> tuple[QPushButton, QPushButton]:
        yes = chip("rendered", f"{name} is to be seen", self._keys[0])
        no = chip("missing", f"{name} is not there", self._keys[1])
        for one, said in ((yes, True), (no, False)):
            one.setAccessibleName(f"{name} {one.text()}")
            one.clicked.connect(partial(self._press, name, said))
        self._names[name] = muted(name, wrap=False)
        self._grid.addWidget(self._names[name], place, 0)
        self._grid.addWidget(yes, place, 1)
        self._grid.addWidget(no, place, 2)
        return yes, no

    def _press(self, name: str, said: bool) -> None:
        taken = self._answers.get(name) is said
        self.show_answers(self._answers)
        self.answered.emit(name, None if taken else said)
