"""Page "package": a set and a config into one zip, judged as a trainer would read it."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.prepare_pages import PAGES, PreparePage


def build(desk: PrepareDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.package_page import PackagePage

    return PackagePage(desk)


PAGES.add("package", PreparePage("package", "Package", 3, "package", build))
