"""Judging: what people say about the open gallery's images, kept in memory and saved at once."""

from __future__ import annotations

import getpass
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.tasks import run_task

if TYPE_CHECKING:
    from bespoke_gui.core.gallery import Gallery, GalleryImage
    from bespoke_gui.core.judgement.blind import Pair
    from bespoke_gui.core.judgement.current import Pixels
    from bespoke_gui.core.judgement.reviews import Review, Reviews, Vote
    from bespoke_gui.qtmodels.gallery_desk import GalleryDesk

JUDGE = "judge"


class Judging(QObject):
    """Reviews and blind votes of one judge on one gallery; every change is saved in the background.

    changed: reviews or votes differ; loaded: those of another gallery, or of another judge, are
    there, or are being read. `wait` says why nothing can be judged now, "" where it can.
    """

    changed = Signal()
    loaded = Signal()

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__(desk)
        self._desk = desk
        self._session = desk.session
        self.reviews: Reviews | None = None
        self.wait = ""
        self._pixels: Pixels | None = None
        desk.opened_changed.connect(self._load)
        self._load()

    # -- who judges -------------------------------------------------------------------------

    @property
    def judge(self) -> str:
        """The name judgement is kept under: the one given, else the login name."""
        given = str(self._session.settings.other.get(JUDGE, ""))
        return given or _login()

    def rename(self, name: str) -> None:
        """Judge under another name from now on; remembered between starts."""
        name = " ".join(name.split())[:60]
        if name and name != self.judge:
            self._session.settings.other[JUDGE] = name
            self._session.save_settings()
            self.loaded.emit()

    # -- reviews ----------------------------------------------------------------------------

    def review(self, image: GalleryImage) -> Review:
        """What this judge says about an image; an empty review for nothing."""
        from bespoke_gui.core.judgement.reviews import Review

        found = self.reviews.of(image.name).get(self.judge) if self.reviews else None
        return found or Review()

    def say(self, image: GalleryImage, **fields: Any) -> None:
        """Change score, tags, accessories or notes of a review; None takes a score back."""
        from bespoke_gui.core.judgement.reviews import new_review

        if self.reviews is None:
            return
        old = self.review(image)
        kept = {name: getattr(old, name) for name in ("score", "tags", "accessories", "notes")}
        try:
            review = new_review(**{**kept, **fields})
        except Exception as error:  # noqa: BLE001 - a wrong tag is told in the window, in words
            self._session.show_error(error)
            return
        self.reviews.by_image.setdefault(image.name, {})[self.judge] = review
        self.changed.emit()
        self._save_review(image.name, review)

    def progress(self, images: list[GalleryImage]) -> tuple[int, int]:
        """Return how many of `images` this judge has judged, and how many there are."""
        return sum(self.review(image).judges for image in images), len(images)

    # -- blind votes ------------------------------------------------------------------------

    def next_pair(self) -> Pair | None:
        """The next pair to show, None when all have been judged or nothing is loaded."""
        from bespoke_gui.core.judgement.blind import next_pairs

        opened = self._desk.opened
        if opened is None or self.reviews is None:
            return None
        found = next_pairs(opened.gallery, self.reviews.cast(), self.judge, 1)
        return found[0] if found else None

    def vote(self, pair: Pair, winner: str) -> None:
        """Record the choice: "left", "right" or "tie"."""
        from bespoke_gui.core.judgement.reviews import new_vote

        if self.reviews is not None:
            vote = new_vote(self.judge, pair.left, pair.right, winner)
            self.reviews.votes.append(vote)
            self.changed.emit()
            self._save_vote(vote)

    def withdraw_vote(self) -> Vote | None:
        """Take the judge's last vote back and return it; None when there is none."""
        from bespoke_gui.core.judgement.reviews import WITHDRAWN, now

        mine = [vote for vote in self.cast() if vote.judge == self.judge]
        if self.reviews is None or not mine:
            return None
        last = mine[-1]
        taken = replace(last, winner=WITHDRAWN, time=now())
        self.reviews.votes = [taken if one.id == last.id else one for one in self.reviews.votes]
        self.changed.emit()
        self._save_vote(taken)
        return last

    def cast(self) -> list[Vote]:
        """All votes that count, of every judge."""
        return self.reviews.cast() if self.reviews else []

    # -- tables -----------------------------------------------------------------------------

    def export_table(self, path: Path) -> None:
        """Write every review and vote of every judge as csv, in the background."""
        folder = self._folder()

        def work() -> None:
            from bespoke_gui.core.atomic import write_text
            from bespoke_gui.core.judgement.reviews import read_reviews
            from bespoke_gui.core.judgement.table import to_csv

            write_text(path, to_csv(read_reviews(folder)))

        def done(_: object) -> None:
            self._session.notify_written(f"Written: {path}", path)

        run_task(work, done, self._session.show_error, parent=self)

    def import_table(self, path: Path) -> None:
        """Take a table of reviews and votes in, in the background; wrong lines are told."""
        assert self._desk.opened is not None
        gallery, judge = self._desk.opened.gallery, self.judge

        def done(found: tuple[int, list[str]]) -> None:
            count, wrong = found
            words = f"{wording.count(count, 'line')} taken in from {path.name}"
            words += f", {len(wrong)} left out" if wrong else ""
            self._session.notify("warning" if wrong else "good", words, "\n".join(wrong))
            self._load()
            self._desk.reviewed.emit()

        run_task(
            lambda: _take_table(gallery, path, judge), done, self._session.show_error, parent=self
        )

    # -- files ------------------------------------------------------------------------------

    def _load(self) -> None:
        from bespoke_gui.core.judgement.current import Pixels

        opened = self._desk.opened
        self.reviews, self._pixels = None, None
        self.wait = "Reading the reviews…" if opened else "No gallery is open"
        self.loaded.emit()
        if opened is None:
            return
        self._pixels = Pixels(opened.gallery)

        def done(reviews: Reviews) -> None:
            if opened is self._desk.opened:
                self.reviews, self.wait = reviews, ""
                self.loaded.emit()

        def failed(error: Exception) -> None:
            self._session.show_error(error)
            if opened is self._desk.opened:
                self.wait = "The reviews of this gallery cannot be read"
                self.loaded.emit()

        run_task(lambda: _read(opened.gallery), done, failed, parent=self)

    def _save_review(self, name: str, review: Review) -> None:
        folder, pixels, judge = self._folder(), self._pixels, self.judge

        def work() -> None:
            from bespoke_gui.core.judgement.reviews import save_review

            seen = pixels.of(name) if pixels else ""
            save_review(folder, name, judge, replace(review, pixels=seen))

        run_task(work, self._saved, self._failed, parent=self)

    def _save_vote(self, vote: Vote) -> None:
        folder, pixels = self._folder(), self._pixels

        def work() -> None:
            from bespoke_gui.core.judgement.reviews import save_vote

            left, right = (pixels.of(one) if pixels else "" for one in (vote.left, vote.right))
            save_vote(folder, replace(vote, left_pixels=left, right_pixels=right))

        run_task(work, self._saved, self._failed, parent=self)

    def _folder(self) -> Any:
        assert self._desk.opened is not None
        return self._desk.opened.gallery.folder

    def _saved(self, _: object) -> None:
        self._desk.reviewed.emit()

    def _failed(self, error: Exception) -> None:
        """What could not be saved shall not look as if it were: the file is read again."""
        self._session.show_error(error)
        self._load()


def _read(gallery: Any) -> Reviews:
    from bespoke_gui.core.judgement.current import current
    from bespoke_gui.core.judgement.reviews import read_reviews

    return current(gallery, read_reviews(gallery.folder))[0]


def _take_table(gallery: Gallery, path: Path, judge: str) -> tuple[int, list[str]]:
    """Add the table's lines to reviews.json; returns how many, and why others were left out."""
    from bespoke_gui.core.judgement.table import import_table

    count, problems = import_table(gallery, path, judge)
    return count, [f"{one.file}: {one.message}" for one in problems]


def _login() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return "me"
