"""Page "edit": one caption with its image, what changed in it, and the tabs about it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_pages import PAGES, CaptionPage


def build(desk: CaptionDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.caption_edit_page import CaptionEditPage

    return CaptionEditPage(desk)


PAGES.add("edit", CaptionPage("edit", "Edit", 1, "captions", build))
