"""Page "changes": any two states of all captions compared, each distinct change once."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_pages import PAGES, CaptionPage


def build(desk: CaptionDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.changes_page import ChangesPage

    return ChangesPage(desk)


PAGES.add("changes", CaptionPage("changes", "Before and after", 2, "compare", build, wide=True))
