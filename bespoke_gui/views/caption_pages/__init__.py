"""Pages of the Captions room, one self-registering file each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.caption_desk import CaptionDesk


@dataclass(frozen=True)
class CaptionPage:
    """One page: `name` is its key, `title` the word on its button, `order` its place there.

    `build` is called when the page is first shown; import the widget inside it. A `wide` page
    has the whole room to itself: the list of images steps aside.
    """

    name: str
    title: str
    order: int
    icon: str
    build: Callable[[CaptionDesk], QWidget]
    wide: bool = False


PAGES: Registry[CaptionPage] = Registry("caption page", "bespoke_gui.views.caption_pages")
