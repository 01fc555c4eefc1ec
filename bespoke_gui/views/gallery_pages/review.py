"""Page "review": score and tag one image after the other, by keyboard."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.gallery_pages import PAGES, GalleryPage


def build(desk: GalleryDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.review_page import ReviewPage

    return ReviewPage(desk)


PAGES.add("review", GalleryPage("review", "Review", 3, "star", build))
