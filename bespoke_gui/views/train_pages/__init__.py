"""Pages of the Train room beside the run itself, one self-registering file each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtWidgets import QWidget

from bespoke_gui.core.registry import Registry
from bespoke_gui.qtmodels.config_desk import ConfigDesk


@dataclass(frozen=True)
class TrainPage:
    """One page: `name` is its key, `title` the word on its button, `order` its place there.

    `build` is called when the page is first shown; import the widget inside it.
    """

    name: str
    title: str
    order: int
    icon: str
    build: Callable[[ConfigDesk], QWidget]


TRAIN_PAGES: Registry[TrainPage] = Registry("train page", "bespoke_gui.views.train_pages")
