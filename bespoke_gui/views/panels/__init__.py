"""Panels: the places of the window, one self-registering file each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.session import Session


@dataclass(frozen=True)
class Panel:
    """One place of the window.

    `name` is its fixed key, `title` the word beside `icon` (a name from resources/icons) in the
    rail, `order` its place there (Ctrl+1 opens the lowest). `build` is called when the panel is
    first shown; the widget lives as long as the window and follows the session's signals.
    """

    name: str
    title: str
    order: int
    icon: str
    build: Callable[[Session], QWidget]


PANELS: Registry[Panel] = Registry("panel", "bespoke_gui.views.panels")


def in_order() -> list[Panel]:
    """Return all panels as they stand in the rail."""
    return sorted(PANELS.values(), key=lambda panel: panel.order)
