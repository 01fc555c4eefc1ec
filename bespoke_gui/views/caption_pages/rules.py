"""Page "rules": rule sets with a live preview of the whole set."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_pages import PAGES, CaptionPage


def build(desk: CaptionDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.rules_page import RulesPage

    return RulesPage(desk)


PAGES.add("rules", CaptionPage("rules", "Rules", 3, "rules", build, wide=True))
