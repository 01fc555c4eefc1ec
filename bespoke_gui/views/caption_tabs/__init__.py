"""Tabs beside the caption editor, one self-registering file each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.caption_desk import CaptionDesk


@dataclass(frozen=True)
class CaptionTab:
    """One tab about the current caption: `title` stands on it, `order` is its place.

    `build` is called when the tab is first shown. A widget with a signal `title_changed(str)`
    may rename its tab, for a count.
    """

    name: str
    title: str
    order: int
    build: Callable[[CaptionDesk], QWidget]


TABS: Registry[CaptionTab] = Registry("caption tab", "bespoke_gui.views.caption_tabs")
