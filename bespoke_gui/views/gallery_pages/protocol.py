"""Page "protocol": what every epoch is asked, and with which settings."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.gallery_pages import PAGES, GalleryPage


def build(desk: GalleryDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.protocol_page import ProtocolPage

    page = ProtocolPage(desk.session)
    desk.prompt_added.connect(page.document.take_added)
    return page


PAGES.add("protocol", GalleryPage("protocol", "Protocol", 6, "settings", build, False))
