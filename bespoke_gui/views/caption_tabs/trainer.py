"""Tab "trainer": what the trainer reads of the current caption."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_tabs import TABS, CaptionTab


def build(desk: CaptionDesk) -> QWidget:
    """Return the tab's widget."""
    from bespoke_gui.views.widgets.trainer_pane import TrainerPane

    return TrainerPane(desk)


TABS.add("trainer", CaptionTab("trainer", "Trainer", 3, build))
