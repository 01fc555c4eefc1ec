"""Page "blind": two images of unknown epochs, which one is better?"""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.gallery_pages import PAGES, GalleryPage


def build(desk: GalleryDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.blind_page import BlindPage

    return BlindPage(desk)


PAGES.add("blind", GalleryPage("blind", "Blind test", 4, "eye", build))
