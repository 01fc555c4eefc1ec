"""Compare page: one prompt and seed of two epochs or runs, looked at in four ways."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.gallery import GalleryImage
from bespoke_gui.qtmodels import gallery_work as work
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.qtmodels.gallery_pair import Compared, GalleryPair
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.compare_view import BLINK, HEAT, SLIDER, CompareView, PaletteStrip
from bespoke_gui.views.widgets.compared_view import ComparedView, SharedScale
from bespoke_gui.views.widgets.gallery_bar import fill, labelled_box, seed_words
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    heading,
    muted,
    plain_label,
    row,
)

BLINK_MS = 600
SIDE = "side"
WAYS = (
    (SIDE, "Side by side", "1"), (BLINK, "Blink", "B"), (SLIDER, "Slider", "S"),
    (HEAT, "Difference", "D"),
)  # fmt: skip


class ComparePage(QWidget):
    """Left: an epoch of the open gallery; right: another epoch, of it or of another gallery."""

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__()
        self._desk = desk
        self.pair = GalleryPair(desk, self)
        self._blinking = QTimer(self, interval=BLINK_MS)
        self._build()
        self._add_keys()
        self._connect()
        self._offer()

    # -- what is chosen ---------------------------------------------------------------------

    def _offer(self) -> None:
        """Offer the prompts, seeds and epochs there are; the last two epochs to begin with."""
        mine, theirs = self._desk.opened, self.pair.right
        self.setEnabled(mine is not None)
        if mine is None or theirs is None:
            return
        keep = self.prompts.currentData(), self.left.currentData(), self.right.currentData()
        gallery = mine.gallery
        fill(self.prompts, [(name, name) for name in gallery.prompts], keep[0])
        fill(self.seeds, [(seed_words(seed), seed) for seed in gallery.seeds], None)
        self.seeds.setVisible(len(gallery.seeds) > 1)
        known = gallery.epochs
        before = known[-2] if len(known) > 1 else known[-1:]
        _fill_epochs(self.left, mine, keep[1] if keep[1] in known else before)
        others = theirs.gallery.epochs
        _fill_epochs(self.right, theirs, keep[2] if keep[2] in others else others[-1:])
        self._offer_galleries()
        self._show_unlike()
        self.refresh()

    def _offer_galleries(self) -> None:
        mine = self._desk.opened
        own = mine.gallery.folder if mine else None
        entries = [("This gallery", None)]
        entries += [(one.name, one) for one in self._desk.folders if one != own]
        other = self.pair.other.gallery.folder if self.pair.other else None
        fill(self.galleries, entries, other)
        self.galleries.setVisible(len(entries) > 1)

    def refresh(self) -> None:
        """Read the chosen pictures."""
        self.pair.show(*self.images())

    def images(self) -> tuple[GalleryImage | None, GalleryImage | None]:
        """The chosen pictures, None where there is none."""
        mine, theirs = self._desk.opened, self.pair.right
        prompt, seed = self.prompts.currentData(), self.seeds.currentData()
        if mine is None or theirs is None or prompt is None:
            return None, None
        left, right = self.left.currentData(), self.right.currentData()
        found = mine.gallery.find(left, prompt, seed) if left is not None else None
        other = theirs.gallery.find(right, prompt, seed) if right is not None else None
        return found, other

    def show_way(self, way: str) -> None:
        """Side by side, blink, slider or difference."""
        self._ways[way].setChecked(True)
        self.stack.setCurrentIndex(0 if way == SIDE else 1)
        self.one.set_way(way)
        self._blinking.stop()
        if way == BLINK:
            self._blinking.start()
        self._show_title()

    # -- what is shown ----------------------------------------------------------------------

    def _show(self, found: Compared) -> None:
        self.scale.show_sizes(found.left.size(), found.left.size())
        self.first.set_image(found.left, keep_view=True)
        self.second.set_image(found.right, keep_view=True)
        self.one.show_pair(found)
        self.words.setText(found.words)
        self.left_palette.show_swatches(found.left_palette)
        self.right_palette.show_swatches(found.right_palette)
        self._show_title()

    def _show_failure(self, words: str) -> None:
        for view in (self.first, self.second, self.one):
            view.set_message(words)
        self.words.setText("")

    def _show_title(self) -> None:
        left, right = self.left.currentText(), self.right.currentText()
        other = self.pair.other
        self.first_title.setText(left)
        self.second_title.setText(f"{right} · {other.gallery.folder.name}" if other else right)
        if self._ways[BLINK].isChecked():
            self.one_title.setText(self.second_title.text() if self.one.shows_second else left)
        else:
            self.one_title.setText(f"{left}  |  {self.second_title.text()}")

    def _blink(self) -> None:
        self.one.blink()
        self._show_title()

    def _show_unlike(self) -> None:
        unlike = self.pair.unlike
        self.banner.setVisible(bool(unlike))
        lines = "\n".join(f"–  {line}" for line in unlike)
        self.banner.setText(f"Made differently, so nothing is ranked:\n{lines}")

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.prompts = labelled_box("Prompt", "Prompt (Left, Right)", 190)
        self.seeds = labelled_box("Seed", "Seed", 110)
        self.left = labelled_box("Left epoch", "Epoch at the left (Shift+Up, Shift+Down)", 136)
        self.right = labelled_box("Right epoch", "Epoch at the right (Up, Down)", 136)
        self.galleries = labelled_box("Right gallery", "Gallery of the right picture", 160)
        self._ways: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for way, words, key in WAYS:
            choice = button(words, f"{words} ({key})", "ghost")
            choice.setCheckable(True)
            choice.clicked.connect(partial(self.show_way, way))
            group.addButton(choice)
            self._ways[way] = choice
        bar = row(self.prompts, self.seeds, self.left, muted("and", wrap=False), self.right,
                  self.galleries, None, spacing=6)  # fmt: skip
        ways = row(*self._ways.values(), None, spacing=4)
        self.banner = plain_label()
        theme.set_kind(self.banner, "warning")
        self.banner.hide()
        self.words = elided(bold=True)
        self.left_palette, self.right_palette = PaletteStrip(), PaletteStrip()
        self.stack = QStackedWidget()
        self.stack.addWidget(self._sides())
        self.stack.addWidget(self._single())
        strips = QHBoxLayout()
        strips.setSpacing(12)
        strips.addWidget(self.left_palette)
        strips.addWidget(self.right_palette)
        inner = column(self.stack, strips, self.words, spacing=10)
        inner.setStretch(0, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(8)
        layout.addLayout(bar)
        layout.addLayout(ways)
        layout.addWidget(self.banner)
        layout.addWidget(card(inner, 14), 1)
        self._ways[SIDE].setChecked(True)

    def _sides(self) -> QWidget:
        self.scale = SharedScale(self)
        self.first, self.second = ComparedView(self.scale), ComparedView(self.scale)
        self.first.moved.connect(self.second.move_to)
        self.second.moved.connect(self.first.move_to)
        self.first_title, self.second_title = heading("", 1.0), heading("", 1.0)
        page, sides = QWidget(), QHBoxLayout()
        sides.setContentsMargins(0, 0, 0, 0)
        sides.setSpacing(12)
        for title, view in ((self.first_title, self.first), (self.second_title, self.second)):
            side = column(title, view, spacing=6)
            side.setStretch(1, 1)
            sides.addLayout(side, 1)
        page.setLayout(sides)
        return page

    def _single(self) -> QWidget:
        self.one, self.one_title = CompareView(), heading("", 1.0)
        self.one.setAccessibleName("Both pictures in one place")
        page = QWidget()
        inner = column(self.one_title, self.one, spacing=6)
        inner.setStretch(1, 1)
        page.setLayout(inner)
        return page

    def _connect(self) -> None:
        self._desk.opened_changed.connect(self._offer)
        self.pair.other_changed.connect(self._offer)
        self.pair.compared.connect(self._show)
        self.pair.failed.connect(self._show_failure)
        self._blinking.timeout.connect(self._blink)
        for box in (self.prompts, self.seeds, self.left, self.right):
            box.activated.connect(lambda _: self.refresh())
        self.galleries.activated.connect(
            lambda place: self.pair.choose(self.galleries.itemData(place))
        )

    def _add_keys(self) -> None:
        for keys, words, box, by in (
            ("Left", "Previous prompt", self.prompts, -1),
            ("Right", "Next prompt", self.prompts, 1),
            ("Up", "Epoch before, at the right", self.right, -1),
            ("Down", "Epoch after, at the right", self.right, 1),
            ("Shift+Up", "Epoch before, at the left", self.left, -1),
            ("Shift+Down", "Epoch after, at the left", self.left, 1),
        ):
            add_shortcut(self, keys, words, partial(self._step, box, by))
        for way, words, key in WAYS:
            add_shortcut(self, key, words, partial(self.show_way, way))

    def _step(self, box: QComboBox, by: int) -> None:
        place = min(max(box.currentIndex() + by, 0), box.count() - 1)
        if place != box.currentIndex():
            box.setCurrentIndex(place)
            self.refresh()

    def hideEvent(self, event: object) -> None:
        super().hideEvent(event)  # pyright: ignore[reportArgumentType]
        self._blinking.stop()

    def showEvent(self, event: object) -> None:
        super().showEvent(event)  # pyright: ignore[reportArgumentType]
        if self._ways[BLINK].isChecked():
            self._blinking.start()
        self.setFocus(Qt.FocusReason.OtherFocusReason)


def _fill_epochs(box: QComboBox, opened: work.OpenedGallery, current: object) -> None:
    epochs = opened.gallery.epochs
    wanted = current[0] if isinstance(current, list) and current else current
    fill(box, [(wording.epoch(one), one) for one in epochs], wanted)
