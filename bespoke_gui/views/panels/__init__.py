"""Panels: the places of the window, one self-registering file each.

Ctrl+1 opens the first of them. A panel's widget lives as long as the window and follows the
session's signals.
"""

from __future__ import annotations

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views.page import Page

Panel = Page[Session]

PANELS: Registry[Panel] = Registry("panel", "bespoke_gui.views.panels")
