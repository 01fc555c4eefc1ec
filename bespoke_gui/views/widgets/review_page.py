"""Review page: one image large, its score, defect tags, accessories and notes; all by keyboard."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from bespoke_gui.core.judgement.tags import TAGS
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.qtmodels.gallery_facts import native_reader
from bespoke_gui.qtmodels.native_loader import Native
from bespoke_gui.qtmodels.review_order import ReviewOrder
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.judge_line import JudgeLine
from bespoke_gui.views.widgets.parts import (
    card,
    column,
    heading,
    muted,
    row,
    scrolling,
    text_field,
    tool,
)
from bespoke_gui.views.widgets.pixel_view import PixelView
from bespoke_gui.views.widgets.review_marks import AccessoryRows, ScoreRow, TagChips

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import GalleryImage

SCORE_KEYS = (*"0123456789", "X")
TAG_KEYS = dict(zip(TAGS, ("H", "S", "E", "B", "Y", "R", "T", "U", "C", "P"), strict=True))
SEEN_KEY, MISSING_KEY = "A", "M"


class NoteBox(QPlainTextEdit):
    """A few lines of notes; `left` when the focus goes elsewhere, `escaped` at Escape."""

    left = Signal()
    escaped = Signal()

    def __init__(self) -> None:
        super().__init__(placeholderText="Notes")
        self.setAccessibleName("Notes")
        text_field(self)
        self.setFixedHeight(84)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.escaped.emit()
        else:
            super().keyPressEvent(event)


class ReviewPage(QWidget):
    """The current image of the review and everything that can be said about it."""

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__()
        self._desk = desk
        self.judging = desk.judging
        self.order = ReviewOrder(desk, self.judging)
        self._build()
        self._add_keys()
        self.judging.changed.connect(self._show_review)
        self.judging.loaded.connect(self._show_image)
        self.order.moved.connect(self._show_image)
        self._show_image()

    # -- what is shown ----------------------------------------------------------------------

    def _show_image(self) -> None:
        image, opened = self.order.current, self._desk.opened
        why = self.judging.wait
        self.said.setEnabled(image is not None and not why)
        if image is None or opened is None or why:
            nothing = "Nothing to review yet: generate or import images first"
            self.picture.set_message(why or nothing)
            return
        prompt = opened.expected.prompt(image.prompt) if opened.expected else None
        number, count = self.order.place
        epoch = "" if self.order.hidden else f"{wording.epoch(image.epoch)} · "
        self.title.setText(f"{epoch}{image.prompt}")
        self.number.setText(f"{number} of {count}")
        self.prompt.setText(prompt.text if prompt else "Nothing says what the prompt was.")
        self.accessories.show_names(prompt.accessories if prompt else ())
        self._read(image)
        self._show_review()

    def _read(self, image: GalleryImage) -> None:
        opened = self._desk.opened
        assert opened is not None

        read = native_reader(opened.native_size, opened.downsampler)

        def done(native: Native) -> None:
            if image == self.order.current:
                self.picture.set_image(native.image, keep_view=True)

        run_task(
            lambda: read(image.path), done,
            lambda error: self.picture.set_message(str(error)), parent=self,
        )  # fmt: skip

    def _show_review(self) -> None:
        image = self.order.current
        if image is None:
            return
        review = self.judging.review(image)
        self.score.show_score(review.score)
        self.tags.show_tags(review.tags)
        self.accessories.show_answers(review.accessories)
        if self.notes.toPlainText().strip() != review.notes:
            self.notes.setPlainText(review.notes)
        done, total = self.judging.progress(self.order.images)
        self.line.show_progress(done, total, f"{done} of {total} judged")

    # -- what is said -----------------------------------------------------------------------

    def give_score(self, score: int) -> None:
        """Give a score, the same again takes it back; the next open image comes by itself."""
        image = self.order.current
        if image is None:
            return
        taken = self.judging.review(image).score == score
        self.order.say(score=None if taken else float(score))
        if not taken and self.onward.isChecked():
            self.order.next_open()

    def toggle_tag(self, tag: str) -> None:
        """Put a tag on the current image, or take it off."""
        image = self.order.current
        if image is not None:
            tags = self.judging.review(image).tags
            self.order.say(tags=[t for t in tags if t != tag] if tag in tags else [*tags, tag])

    def answer(self, accessory: str, rendered: bool | None) -> None:
        """Say whether an accessory is to be seen; None takes the answer back."""
        image = self.order.current
        if image is not None:
            answers = dict(self.judging.review(image).accessories)
            answers.pop(accessory, None)
            if rendered is not None:
                answers[accessory] = rendered
            self.order.say(accessories=answers)

    def keep_notes(self) -> None:
        """Keep the notes as they stand."""
        image, words = self.order.current, self.notes.toPlainText().strip()
        if image is not None and words != self.judging.review(image).notes:
            self.order.say(notes=words)

    def _step(self, by: int) -> None:
        self.keep_notes()
        self.order.step(by)

    def _next_open(self) -> None:
        self.keep_notes()
        self.order.next_open()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # Else the judge's name has the focus, and takes the keys of the scores.
        self.setFocus()

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.line = JudgeLine(self.judging, "Images judged")
        self.title, self.number = heading("", 1.15), muted(wrap=False)
        self.picture = PixelView()
        self.line.named.connect(self.setFocus)
        self.picture.setAccessibleName("Image to judge")
        self.picture.setMinimumSize(240, 240)
        self.prompt = muted()
        back, forth = tool("left", "Previous image", "Left"), tool("right", "Next image", "Right")
        skip = tool("todo", "Next image that is not judged", "Space")
        undo = tool("undo", "Take the last judgement back", "Ctrl+Z")
        self.hidden = QCheckBox("Hide epochs")
        self.hidden.setToolTip("Shuffled and without the epoch's number: the fair way to score")
        self.hidden.setChecked(True)
        self.hidden.toggled.connect(self.order.hide_epochs)
        for part, run in ((back, partial(self._step, -1)), (forth, partial(self._step, 1)),
                          (skip, self._next_open), (undo, self.order.undo)):  # fmt: skip
            part.clicked.connect(lambda _=False, run=run: run())
        left = column(
            row(self.title, None, self.number), self.picture, self.prompt,
            row(back, forth, skip, undo, None, self.hidden), spacing=8,
        )  # fmt: skip
        left.setStretch(1, 1)
        whole = QHBoxLayout()
        whole.setSpacing(8)
        whole.addWidget(card(left, 14), 1)
        self.said = self._said()
        whole.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.line)
        layout.addLayout(whole, 1)

    def _said(self) -> QWidget:
        """The column with score, tags, accessories and notes."""
        self.score = ScoreRow(SCORE_KEYS)
        self.score.given.connect(self.give_score)
        self.onward = QCheckBox("Go on by itself after a score")
        self.onward.setChecked(True)
        self.tags = TagChips(TAG_KEYS)
        self.tags.toggled.connect(self.toggle_tag)
        self.accessories = AccessoryRows((SEEN_KEY, MISSING_KEY))
        self.accessories.answered.connect(self.answer)
        self.notes = NoteBox()
        self.notes.left.connect(self.keep_notes)
        self.notes.escaped.connect(self.picture.setFocus)
        page = QWidget()
        inner = column(
            heading("Score", 1.0), self.score, self.onward,
            heading("What is wrong", 1.0), self.tags, self.accessories,
            heading("Notes", 1.0), self.notes, None, spacing=8,
        )  # fmt: skip
        inner.setContentsMargins(0, 0, 6, 0)
        page.setLayout(inner)
        frame = card(column(scrolling(page)), 14)
        frame.setFixedWidth(392)
        return frame

    def _add_keys(self) -> None:
        for score, key in enumerate(SCORE_KEYS):
            add_shortcut(self, key, f"Score {score}", partial(self.give_score, score))
        for tag, key in TAG_KEYS.items():
            add_shortcut(self, key, f"Tag: {tag}", partial(self.toggle_tag, tag))
        for keys, words, run in (
            (SEEN_KEY, "The next accessory is rendered", partial(self.accessories.answer, True)),
            (MISSING_KEY, "The next accessory is missing", partial(self.accessories.answer, False)),
            ("Left", "Previous image", partial(self._step, -1)),
            ("Right", "Next image", partial(self._step, 1)),
            ("Space", "Next image that is not judged", self._next_open),
        ):
            add_shortcut(self, keys, words, run)
        undo = self.order.undo
        add_shortcut(self, "Ctrl+Z", "Take the last judgement back", undo, over_window=True)
