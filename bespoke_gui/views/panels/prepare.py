"""Prepare panel: training size, pixel-true resize with proof, and the zip."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.panels import PANELS, Panel


def build(session: Session) -> QWidget:
    """Return the panel's widget."""
    from bespoke_gui.views.rooms.prepare import PreparePanel

    return PreparePanel(session)


PANELS.add("prepare", Panel("prepare", "Prepare", 2, "prepare", build))
