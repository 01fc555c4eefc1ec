"""Pages of the Gallery room, one self-registering file each."""

from __future__ import annotations

from dataclasses import dataclass

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views.page import Page


@dataclass(frozen=True)
class GalleryPage(Page[GalleryDesk]):
    """A page that does not `needs_gallery` can be opened before there is one."""

    needs_gallery: bool = True


PAGES: Registry[GalleryPage] = Registry("gallery page", "bespoke_gui.views.gallery_pages")
