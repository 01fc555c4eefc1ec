"""Gallery panel: every epoch beside every prompt at native size, one of them close up."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.panels import PANELS, Panel


def build(session: Session) -> QWidget:
    """Return the panel's widget."""
    from bespoke_gui.views.rooms.gallery import GalleryPanel

    return GalleryPanel(session)


PANELS.add("gallery", Panel("gallery", "Gallery", 50, "gallery", build))
