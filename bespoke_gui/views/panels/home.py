"""Home panel: what is done, what is next, and the way to other projects."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.panels import PANELS, Panel


def build(session: Session) -> QWidget:
    """Return the panel's widget."""
    from bespoke_gui.views.rooms.home import HomePanel

    return HomePanel(session)


PANELS.add("home", Panel("home", "Home", 0, "home", build))
