"""Pages of the Prepare room, one self-registering file each."""

from __future__ import annotations

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.page import Page

PreparePage = Page[PrepareDesk]

PAGES: Registry[PreparePage] = Registry("prepare page", "bespoke_gui.views.prepare_pages")
