"""Page "resize": the size to train at and how to get there, with proof of what becomes of it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.prepare_pages import PAGES, PreparePage


def build(desk: PrepareDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.prepare_resize_page import PrepareResizePage

    return PrepareResizePage(desk)


PAGES.add("resize", PreparePage("resize", "Resize", 2, "grid", build))
