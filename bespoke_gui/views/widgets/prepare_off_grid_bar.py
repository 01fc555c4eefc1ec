"""Off-grid bar: pixels an artist drew off the grid, shown, and what is to become of them."""

from __future__ import annotations

from pathlib import PurePosixPath

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QButtonGroup, QPushButton, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.prepare_decisions import Case, OffGridDecisions
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, card, column, elided, muted, row
from bespoke_gui.views.widgets.pixel_view import PixelView

SHOWN = 88
WIDE = 640  # px; a narrower bar leaves the first picture out
CHOICES = {
    "keep": ("Keep as drawn", "The pixels stay where the artist put them", "Alt+Shift+K"),
    "flatten": ("Flatten", "Each cell gets its main colour", "Alt+Shift+F"),
    "leave_out": ("Leave out", "This image does not come into prepared sets", "Alt+Shift+L"),
}


class PrepareOffGridBar(QWidget):
    """Asks about one image: the one looked at if it has such pixels, else the first undecided.

    `image_wanted` asks to look at it.
    """

    image_wanted = Signal(str)

    def __init__(self, decisions: OffGridDecisions, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._decisions = decisions
        self.name = ""
        self.setAccessibleName("Pixels off the grid")
        self._views = {words: PixelView() for words in ("As drawn", "Off the grid", "Flattened")}
        self._parts = {words: _captioned(words, view) for words, view in self._views.items()}
        self._title = elided("", 1.0, bold=True)
        self._words = muted(wrap=True)
        self._rest = muted(wrap=False)
        self.next = button("Next", "Show the next image that nobody has decided about", "ghost")
        self.next.clicked.connect(self._go_on)
        self.all = button("Same for the others", "Decide alike for all that wait", "ghost")
        self.all.clicked.connect(self._decide_all)
        self.choices: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for action, (text, tip, keys) in CHOICES.items():
            choice = button(text, f"{tip} ({keys})")
            choice.setCheckable(True)
            choice.clicked.connect(lambda _=False, action=action: self._decide(action))
            group.addButton(choice)
            self.choices[action] = choice
        self._group = group
        head = row(self._title, self._rest, self.next)
        head.setStretch(0, 1)
        text = column(head, self._words, row(*self.choices.values(), self.all, None), spacing=4)
        whole = row(*self._parts.values(), spacing=8)
        whole.addLayout(text, 1)
        frame = card(whole, 8)
        theme.set_kind(frame, "well")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(frame)
        self.hide()
        decisions.shown.connect(self._show_case)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._parts["As drawn"].setVisible(self.width() >= WIDE)

    def show_name(self, name: str) -> None:
        """Show an image with pixels off the grid; nothing for the empty name."""
        self.name = name
        self.setVisible(bool(name))
        waiting = self._decisions.undecided()
        total = len(self._decisions.asking())
        self._rest.setText(f"{total - len(waiting)} of {total} decided")
        self.next.setVisible(any(other != name for other in waiting))
        action = self._decisions.action(name)
        self.all.setVisible(action != "ask" and bool(waiting))
        self._group.setExclusive(False)
        for key, choice in self.choices.items():
            choice.setChecked(key == action)
        self._group.setExclusive(True)

    def _show_case(self, case: Case) -> None:
        if case.name != self.name:
            return
        stem = PurePosixPath(case.name).stem
        pixels = "1 pixel" if case.pixels == 1 else f"{case.pixels} pixels"
        cells = "1 cell" if case.cells == 1 else f"{case.cells} cells"
        self._title.setText(f"{pixels} off the grid in {cells}: {stem}")
        undecided = self._decisions.action(case.name) == "ask"
        self._words.setText(
            "Until you decide, prepared sets flatten it and say so."
            if undecided
            else "Remembered in off_grid.toml of the project."
        )
        images = (case.drawn, case.marked, case.flat)
        for view, image in zip(self._views.values(), images, strict=True):
            view.set_image(image)

    def _decide(self, action: str) -> None:
        if not self.name:
            return  # the key was pressed while nothing is asked
        again = self._decisions.action(self.name) == action
        self._decisions.decide({self.name: "ask" if again else action})

    def _decide_all(self) -> None:
        action = self._decisions.action(self.name)
        self._decisions.decide(dict.fromkeys(self._decisions.undecided(), action))

    def _go_on(self) -> None:
        waiting = [name for name in self._decisions.undecided() if name != self.name]
        if waiting:
            self.image_wanted.emit(waiting[0])


def _captioned(words: str, view: PixelView) -> QWidget:
    """Return a picture with its words below."""
    view.setFixedSize(SHOWN, SHOWN)
    view.setAccessibleName(words)
    part = QWidget()
    below = muted(words, wrap=False)
    below.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    part.setLayout(column(view, below, spacing=2))
    return part
