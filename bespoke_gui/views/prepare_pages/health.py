"""Page "health": what the set of images is like, and what in it needs a decision."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.prepare_pages import PAGES, PreparePage


def build(desk: PrepareDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.health_page import HealthPage

    return HealthPage(desk)


PAGES.add("health", PreparePage("health", "Images", 1, "image", build))
