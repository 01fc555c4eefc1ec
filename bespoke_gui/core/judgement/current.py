"""Which judgement still holds: an image made anew is another image, whatever its name."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.gallery import Gallery
from bespoke_gui.core.gallery_identical import pixel_digest
from bespoke_gui.core.judgement.reviews import Review, Reviews, Vote

SHORT = 16


@dataclass
class Pixels:
    """Digests of a gallery's images, each read once."""

    gallery: Gallery

    @cached_property
    def _paths(self) -> dict[str, str]:
        return {}

    @cached_property
    def _images(self) -> dict:
        return {image.name: image.path for image in self.gallery.cells.values()}

    def of(self, name: str) -> str:
        """Return the digest of an image's pixels, "" when it is not there or unreadable."""
        if name not in self._paths:
            path = self._images.get(name)
            self._paths[name] = pixel_digest(path)[:SHORT] if path else ""
        return self._paths[name]

    def holds(self, name: str, seen: str) -> bool:
        """Return whether the image is there and, where known, the one that was looked at."""
        return name in self._images and (not seen or seen == self.of(name))


def current(gallery: Gallery, reviews: Reviews) -> tuple[Reviews, list[Problem]]:
    """Return the judgement about images as they are now, and a finding about the rest."""
    pixels = Pixels(gallery)
    images: dict[str, dict[str, Review]] = {}
    for name, judges in reviews.by_image.items():
        kept = {judge: one for judge, one in judges.items() if pixels.holds(name, one.pixels)}
        if kept:
            images[name] = kept
    votes = [vote for vote in reviews.votes if _holds(pixels, vote)]
    gone = sum(map(len, reviews.by_image.values())) - sum(map(len, images.values()))
    lost = len(reviews.votes) - len(votes)
    return Reviews(images, votes), _problems(gone, lost)


def stamped(gallery: Gallery, reviews: Reviews) -> Reviews:
    """Return judgement in which a table by hand says nothing of the images' pixels, tied to the
    images as they are now."""
    pixels = Pixels(gallery)
    images = {
        name: {judge: replace(one, pixels=one.pixels or pixels.of(name))
               for judge, one in judges.items()}
        for name, judges in reviews.by_image.items()
    }  # fmt: skip
    votes = [
        replace(vote, left_pixels=vote.left_pixels or pixels.of(vote.left),
                right_pixels=vote.right_pixels or pixels.of(vote.right))
        for vote in reviews.votes
    ]  # fmt: skip
    return Reviews(images, votes)


def _holds(pixels: Pixels, vote: Vote) -> bool:
    left = pixels.holds(vote.left, vote.left_pixels)
    return left and pixels.holds(vote.right, vote.right_pixels)


def _problems(gone: int, lost: int) -> list[Problem]:
    if not gone and not lost:
        return []
    text = f"{gone} reviews and {lost} votes are about images that were made anew or are gone"
    hint = "they are kept in reviews.json but do not count; look at those images again"
    return [Problem("stale_reviews", "warning", text, hint=hint)]
