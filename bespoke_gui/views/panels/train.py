"""Train panel: set a training up, start it, watch it, and make a gallery of its epochs."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.panels import PANELS, Panel


def build(session: Session) -> QWidget:
    """Return the panel's widget."""
    from bespoke_gui.views.rooms.train import TrainPanel

    return TrainPanel(session)


PANELS.add("train", Panel("train", "Train", 40, "train", build))
