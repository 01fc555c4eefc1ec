"""Tab "notes": what the linter found in the current caption."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_tabs import TABS, CaptionTab


def build(desk: CaptionDesk) -> QWidget:
    """Return the tab's widget."""
    from bespoke_gui.views.widgets.notes_pane import NotesPane

    return NotesPane(desk)


TABS.add("notes", CaptionTab("notes", "Notes", 1, build))
