"""Pages of the Gallery room, one self-registering file each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk


@dataclass(frozen=True)
class GalleryPage:
    """One page: `name` is its key, `title` the word on its button, `order` its place there.

    `build` is called when the page is first shown; import the widget inside it. A page that does
    not `needs_gallery` can be opened before there is one.
    """

    name: str
    title: str
    order: int
    icon: str
    build: Callable[[GalleryDesk], QWidget]
    needs_gallery: bool = True


PAGES: Registry[GalleryPage] = Registry("gallery page", "bespoke_gui.views.gallery_pages")
