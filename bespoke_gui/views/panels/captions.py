"""Captions panel: image list, caption, what changed, and the image itself."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.panels import PANELS, Panel


def build(session: Session) -> QWidget:
    """Return the panel's widget."""
    from bespoke_gui.views.rooms.captions import CaptionsPanel

    return CaptionsPanel(session)


PANELS.add("captions", Panel("captions", "Captions", 1, "captions", build))
