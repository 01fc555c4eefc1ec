"""Blind test: the pair that is shown now, its two native pictures, and the choice between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_facts import native_reader
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.blind import Pair
    from bespoke_gui.core.judgement.reviews import Vote
    from bespoke_gui.core.judgement.standing import Standing
    from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
    from bespoke_gui.qtmodels.judging import Judging

TOLD_EVERY = 5


class BlindTest(QObject):
    """paired: another pair, or none (`ended` says why); pictures: left and right are there;
    stood: the standing of the epochs after the votes so far; steadied: how steady the judges are,
    a line each."""

    paired = Signal()
    pictures = Signal(QImage, QImage)
    stood = Signal(object)
    steadied = Signal(list)
    broken = Signal(str)

    def __init__(self, desk: GalleryDesk, judging: Judging) -> None:
        super().__init__(judging)
        self._desk, self._judging = desk, judging
        self.pair: Pair | None = None
        self.ended = ""
        judging.loaded.connect(self.begin)

    def begin(self) -> None:
        """Show the first pair, and how the epochs stand."""
        self._next()
        self.ask_standing()

    @property
    def votes(self) -> int:
        """How often this judge has chosen."""
        return sum(vote.judge == self._judging.judge for vote in self._judging.cast())

    def choose(self, winner: str) -> None:
        """Record "left", "right" or "tie" for the pair that is shown, and show the next."""
        if self.pair is not None:
            pair, self.pair = self.pair, None
            self._judging.vote(pair, winner)
            self._next()
            if self.votes % TOLD_EVERY == 0:
                self.ask_standing()

    def undo(self) -> None:
        """Take the last choice back and show its pair again."""
        from bespoke_gui.core.judgement.blind import Pair

        opened, last = self._desk.opened, self._judging.withdraw_vote()
        if opened is None or last is None:
            return
        places = {image.name: image for image in opened.gallery.cells.values()}
        image = places.get(last.left)
        if image is not None:
            self._show(Pair(last.left, last.right, image.prompt, image.seed))

    def ask_standing(self) -> None:
        """Work out how the epochs stand; `stood` brings it."""
        opened, votes = self._desk.opened, self._judging.cast()
        if opened is None:
            return

        def work() -> tuple[Standing, list[str]]:
            from bespoke_gui.core.judgement.standing import standing

            return standing(opened.gallery, votes), steady_words(votes)

        def done(found: tuple[Standing, list[str]]) -> None:
            self.stood.emit(found[0])
            self.steadied.emit(found[1])

        run_task(work, done, self._desk.session.show_error, parent=self)

    # -- inside -------------------------------------------------------------------------------

    def _next(self) -> None:
        opened = self._desk.opened
        pair = self._judging.next_pair()
        if pair is None:
            epochs = [one for one in opened.gallery.epochs if one > 0] if opened else []
            few = "A blind test needs two epochs with the same prompts and seeds"
            told = few if len(epochs) < 2 else "Every pair has been judged"
            self.ended = self._judging.wait or told
        self._show(pair)

    def _show(self, pair: Pair | None) -> None:
        self.pair = pair
        self.paired.emit()
        opened = self._desk.opened
        if pair is None or opened is None:
            return
        paths = {image.name: image.path for image in opened.gallery.cells.values()}
        read = native_reader(opened.native_size, opened.downsampler)

        def done(found: Any) -> None:
            if pair == self.pair:
                self.pictures.emit(*found)

        run_task(
            lambda: tuple(read(paths[name]).image for name in (pair.left, pair.right)),
            done, lambda error: self.broken.emit(str(error)), parent=self,
        )  # fmt: skip


def steady_words(votes: Sequence[Vote]) -> list[str]:
    """Return a line a judge about pairs judged twice, and one about how far judges agree."""
    from bespoke_gui.core.judgement.judges import agreement, steadiness

    lines = []
    for one in steadiness(votes):
        said = f"{one.judge}: {wording.count(one.votes, 'vote')}"
        if one.same is not None:
            said += f", {round(one.same.mean * one.repeated)} of {one.repeated} repeats alike"
        lines.append(f"{said}; {one.hint}" if one.hint else said)
    both = agreement(votes)
    if both is not None:
        pairs = wording.count(both.count, "pair")
        lines.append(f"Judges chose alike in {both.mean:.0%} of {pairs} that both saw")
    return lines
