"""Tab "phrases": the vocabulary of the set, and what can be done with a phrase."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_tabs import TABS, CaptionTab


def build(desk: CaptionDesk) -> QWidget:
    """Return the tab's widget."""
    from bespoke_gui.views.widgets.phrases_pane import PhrasesPane

    return PhrasesPane(desk)


TABS.add("phrases", CaptionTab("phrases", "Phrases", 2, build))
