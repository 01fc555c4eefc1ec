"""Pages of the Captions room, one self-registering file each."""

from __future__ import annotations

from dataclasses import dataclass

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.page import Page


@dataclass(frozen=True)
class CaptionPage(Page[CaptionDesk]):
    """A `wide` page has the whole room to itself: the list of images steps aside."""

    wide: bool = False


PAGES: Registry[CaptionPage] = Registry("caption page", "bespoke_gui.views.caption_pages")
