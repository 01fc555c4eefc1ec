"""Rules about images held out to measure the loss on (validation_split)."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.held_out import held_out_share, taught_count

FEW = 8


@rule
def held_out_share_of_one(case: Case) -> Iterator[Problem]:
    """Above 1 the trainer measures nothing, and still leaves images out (train_util.py:173)."""
    share = case.number("validation_split")
    if share is not None and not 0 <= share <= 1:
        message = f"validation_split = {share:g} is no share: images are left out for nothing"
        hint = "write validation_split = 0.05 for one image in twenty"
        yield case.finding("bad_share", "error", "validation_split", message, hint)


@rule
def held_out_and_taught(case: Case) -> Iterator[Problem]:
    """The trainer shuffles twice: alike only with a seed of its own (train_util.py:158-168)."""
    if held_out_share(case.values) and case.get("validation_seed") is None:
        message = (
            "without validation_seed sd-scripts shuffles anew for the images to teach and for "
            "those to measure on: most images held out are taught all the same"
        )
        hint = "set validation_seed = 42"
        yield case.finding("held_out_taught", "warning", "validation_split", message, hint)


@rule
def few_held_out(case: Case) -> Iterator[Problem]:
    """A loss on a handful of images tells no epochs apart."""
    share, images = held_out_share(case.values), sum(case.data.folders.values()) if case.data else 0
    held = images - taught_count(images, share)
    if share and images and held < FEW:
        message = f"validation_split = {share:g} holds out {held} of {images} images: too few"
        hint = f"hold out {FEW} or more, or set validation_split = 0"
        yield case.finding("few_held_out", "info", "validation_split", message, hint)
