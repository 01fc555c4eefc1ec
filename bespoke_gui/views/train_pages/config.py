"""Page "config": training configs as form and text, judged while they are edited."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.views.train_pages import TRAIN_PAGES, TrainPage


def build(desk: ConfigDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.config_page import ConfigPage

    return ConfigPage(desk)


TRAIN_PAGES.add("config", TrainPage("config", "Config", 1, "settings", build))
