"""Pages of the Train room beside the run itself, one self-registering file each."""

from __future__ import annotations

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.config_desk import ConfigDesk
from bespoke_gui.views.page import Page

TrainPage = Page[ConfigDesk]

TRAIN_PAGES: Registry[TrainPage] = Registry("train page", "bespoke_gui.views.train_pages")
