"""Blind page: two images of unknown epochs beside each other, and a key for the better one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.blind_test import BlindTest
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.judge_line import JudgeLine
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    heading,
    muted,
    row,
    scrolling,
    tool,
)
from bespoke_gui.views.widgets.pixel_view import PixelView
from bespoke_gui.views.widgets.standing_plot import StandingPlot, strength_bars

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.standing import Standing

PICTURES = 492
CHOICES = (
    ("left", "Left is better", "Left"),
    ("tie", "No difference", "Down"),
    ("right", "Right is better", "Right"),
)


class BlindPage(QWidget):
    """One pair at a time; the standing of the epochs is shown only when asked for."""

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__()
        self._desk = desk
        self.test = BlindTest(desk, desk.judging)
        self._build()
        self._add_keys()
        self.test.paired.connect(self._show_pair)
        self.test.pictures.connect(self._show_pictures)
        self.test.broken.connect(self.left.set_message)
        self.test.stood.connect(self._show_standing)
        self.test.steadied.connect(lambda lines: self.judges.setText("   ·   ".join(lines)))
        self.test.begin()

    def _show_pair(self) -> None:
        pair, opened = self.test.pair, self._desk.opened
        votes = self.test.votes
        goal = 6 * len([one for one in opened.gallery.epochs if one > 0]) if opened else 1
        self.line.show_progress(min(votes, goal), goal, wording.count(votes, "vote"))
        for choice in self.choices.values():
            choice.setEnabled(pair is not None)
        self.undo.setEnabled(votes > 0)
        prompt = (
            opened.expected.prompt(pair.prompt) if pair and opened and opened.expected else None
        )
        self.prompt.setText(prompt.text if prompt else (pair.prompt if pair else ""))
        if pair is None:
            self.right.set_image(None)
            self.left.set_message(self.test.ended)

    def _show_pictures(self, left: QImage, right: QImage) -> None:
        self.left.set_image(left)
        self.right.set_image(right)

    def _show_standing(self, standing: Standing) -> None:
        self.hint.setText(standing.hint[:1].upper() + standing.hint[1:])
        self.plot.show_bars(strength_bars(standing))
        self._share_room()

    def _reveal(self, shown: bool) -> None:
        self.stand.setVisible(shown)
        self._share_room()
        if shown:
            self.test.ask_standing()

    def _share_room(self) -> None:
        """Leave the pictures their room: in a low window the standing scrolls."""
        page = self.stand.widget()
        wanted = page.heightForWidth(self.stand.viewport().width()) if page else 0
        self.stand.setFixedHeight(max(64, min(wanted, self.height() - PICTURES)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._share_room()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Else the judge's name has the focus, and the arrow keys move its cursor.
        self.setFocus()

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.line = JudgeLine(self._desk.judging, "Votes of about six an epoch")
        self.left, self.right = PixelView(), PixelView()
        self.line.named.connect(self.setFocus)
        self.left.setAccessibleName("Left image")
        self.right.setAccessibleName("Right image")
        for view in (self.left, self.right):
            view.setMinimumSize(200, 200)
        self.prompt = muted()
        self.prompt.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.choices = {}
        for winner, words, key in CHOICES:
            kind = "" if winner == "tie" else "primary"
            self.choices[winner] = button(words, f"{words} ({key})", kind)
            self.choices[winner].clicked.connect(partial(self.test.choose, winner))
        self.undo = tool("undo", "Take the last vote back", "Backspace")
        self.undo.clicked.connect(self.test.undo)
        pictures = QHBoxLayout()
        pictures.setSpacing(16)
        pictures.addWidget(self.left, 1)
        pictures.addWidget(self.right, 1)
        balance = QWidget()  # as wide as the undo button: the choices stand under the middle
        balance.setFixedWidth(self.undo.sizeHint().width())
        middle = column(
            heading("Which one is better?", 1.15), self.prompt, pictures,
            row(self.undo, None, *self.choices.values(), None, balance), spacing=10,
        )  # fmt: skip
        middle.setStretch(2, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.line)
        layout.addWidget(card(middle, 14), 1)
        layout.addWidget(self._standing())

    def _standing(self) -> QWidget:
        self.reveal = QCheckBox("Show how the epochs stand")
        self.reveal.setToolTip("Knowing who leads may sway your choice: look at the end")
        self.reveal.toggled.connect(self._reveal)
        self.hint, self.judges, self.plot = muted(), muted(), StandingPlot()
        page = QWidget()
        inner = column(self.hint, self.plot, self.judges, spacing=6)
        inner.setContentsMargins(0, 0, 6, 0)
        page.setLayout(inner)
        self.stand = scrolling(page)
        self.stand.hide()
        return card(column(self.reveal, self.stand, spacing=6), 12)

    def _add_keys(self) -> None:
        for winner, words, key in CHOICES:
            add_shortcut(self, key, words, self.choices[winner].click)
        add_shortcut(self, "Backspace", "Take the last vote back", self.undo.click)
