"""Page "queue": trainings in line, one at a time on each machine."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.views.train_pages import TRAIN_PAGES, TrainPage


def build(desk: ConfigDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.queue_page import QueuePage

    return QueuePage(desk)


TRAIN_PAGES.add("queue", TrainPage("queue", "Queue", 4, "sort", build))
