"""Page "grid": epochs down, prompts across, one picture close up."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.gallery_pages import PAGES, GalleryPage


def build(desk: GalleryDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.gallery_grid_page import GalleryGridPage

    return GalleryGridPage(desk)


PAGES.add("grid", GalleryPage("grid", "Grid", 1, "gallery", build))
