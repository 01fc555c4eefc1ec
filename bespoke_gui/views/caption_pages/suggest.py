"""Page "suggest": captions proposed by a model, as diffs to accept; off by default."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_pages import PAGES, CaptionPage


def build(desk: CaptionDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.suggest_page import SuggestPage

    return SuggestPage(desk)


PAGES.add("suggest", CaptionPage("suggest", "Suggest", 4, "star", build))
