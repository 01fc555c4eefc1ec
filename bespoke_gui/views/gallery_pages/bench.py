"""Page "try": any prompt on epochs and strengths of a run or LoRA files, beside the LoRA off."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.gallery_pages import PAGES, GalleryPage


def build(desk: GalleryDesk) -> QWidget:
    """Return the page's widget."""
    from bespoke_gui.views.widgets.bench_page import BenchPage

    page = BenchPage(desk.session)
    page.bench.prompt_added.connect(desk.prompt_added)
    return page


PAGES.add("bench", GalleryPage("bench", "Try", 7, "play", build, False))
