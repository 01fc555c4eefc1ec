"""Review order: which image a reviewer sees next, by default without knowing its epoch."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import GalleryImage
    from bespoke_gui.core.judgement.reviews import Review
    from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
    from bespoke_gui.qtmodels.judging import Judging


class ReviewOrder(QObject):
    """The images of the open gallery in the order of the review, and the current one.

    hidden: shuffled, so that neither place nor title tells the epoch; else prompt by prompt with
    all epochs of one beside each other. moved: another image is the current one.
    """

    moved = Signal()

    def __init__(self, desk: GalleryDesk, judging: Judging) -> None:
        super().__init__(judging)
        self._desk, self._judging = desk, judging
        self.hidden = True
        self.images: list[GalleryImage] = []
        self._place = -1
        self._undo: list[tuple[str, GalleryImage, Review]] = []
        judging.loaded.connect(self._begin)
        self._begin()

    @property
    def current(self) -> GalleryImage | None:
        """The image that is looked at."""
        return self.images[self._place] if 0 <= self._place < len(self.images) else None

    @property
    def place(self) -> tuple[int, int]:
        """Return the number of the current image, from 1, and how many there are."""
        return self._place + 1, len(self.images)

    def hide_epochs(self, hidden: bool) -> None:
        """Shuffle, or go prompt by prompt; the current image stays."""
        if hidden != self.hidden:
            self.hidden = hidden
            self._arrange(self.current)

    def step(self, by: int) -> None:
        """Go to the next or previous image."""
        if self.images:
            self._go(min(max(self._place + by, 0), len(self.images) - 1))

    def next_open(self) -> bool:
        """Go to the next image that is not judged yet; False when there is none, or none known."""
        if self._judging.wait:
            return False
        count = len(self.images)
        for ahead in range(1, count + 1):
            place = (self._place + ahead) % count
            if not self._judging.review(self.images[place]).judges:
                self._go(place)
                return True
        return False

    # -- saying something, and taking it back -------------------------------------------------

    def say(self, **fields: object) -> None:
        """Say something about the current image."""
        image = self.current
        if image is not None and not self._judging.wait:
            self._undo.append((self._judging.judge, image, self._judging.review(image)))
            self._judging.say(image, **fields)

    def undo(self) -> None:
        """Take the last thing said back, and show its image."""
        while self._undo:
            judge, image, old = self._undo.pop()
            if judge == self._judging.judge and image in self.images:
                self._go(self.images.index(image))
                self._judging.say(image, score=old.score, tags=old.tags,
                                  accessories=old.accessories, notes=old.notes)  # fmt: skip
                return

    # -- inside -------------------------------------------------------------------------------

    def _begin(self) -> None:
        self._undo.clear()
        self._arrange(None)
        first = self.current
        if first is not None and self._judging.review(first).judges:
            self.next_open()

    def _arrange(self, current: GalleryImage | None) -> None:
        opened = self._desk.opened
        images = [one for one in opened.gallery.images() if one.epoch > 0] if opened else []
        if self.hidden:
            # The same order every time, so that a review can go on where it ended.
            random.Random(len(images)).shuffle(images)
        else:
            prompts = opened.gallery.prompts if opened else []
            images.sort(key=lambda one: (prompts.index(one.prompt), one.seed or 0, one.epoch))
        self.images = images
        self._place = images.index(current) if current in images else (0 if images else -1)
        self.moved.emit()

    def _go(self, place: int) -> None:
        if place != self._place:
            self._place = place
            self.moved.emit()
