"""Page "ledger": every run beside what changed, what was expected of it and what came out."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.views.train_pages import TRAIN_PAGES, TrainPage


def build(desk: ConfigDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.ledger_page import LedgerPage

    return LedgerPage(desk.session)


TRAIN_PAGES.add("ledger", TrainPage("ledger", "Ledger", 2, "rows", build))
