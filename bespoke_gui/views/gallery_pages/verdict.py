"""Page "verdict": the criteria judged, the epoch the evidence points to, and the decision."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.gallery_pages import PAGES, GalleryPage


def build(desk: GalleryDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.verdict_page import VerdictPage

    return VerdictPage(desk)


PAGES.add("verdict", GalleryPage("verdict", "Verdict", 5, "flag", build))
