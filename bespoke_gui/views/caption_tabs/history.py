"""Tab "history": every past text of the current caption, with the way back."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_tabs import TABS, CaptionTab


def build(desk: CaptionDesk) -> QWidget:
    """Return the tab's widget."""
    from bespoke_gui.views.widgets.history_pane import HistoryPane

    return HistoryPane(desk)


TABS.add("history", CaptionTab("history", "History", 4, build))
