"""Page "curves": loss and learning rate of several runs over each other."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.views.train_pages import TRAIN_PAGES, TrainPage


def build(desk: ConfigDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.curves_page import CurvesPage

    return CurvesPage(desk.session)


TRAIN_PAGES.add("curves", TrainPage("curves", "Curves", 3, "train", build))
