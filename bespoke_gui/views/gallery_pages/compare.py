"""Page "compare": two pictures side by side, blinking, behind a slider, or as a difference."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.gallery_pages import PAGES, GalleryPage


def build(desk: GalleryDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.compare_page import ComparePage

    return ComparePage(desk)


PAGES.add("compare", GalleryPage("compare", "Compare", 2, "compare", build))
