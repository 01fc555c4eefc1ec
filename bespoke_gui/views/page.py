"""Page: what a place of the window, or a page of one of its rooms, says of itself to be opened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from PySide6.QtWidgets import QWidget

from bespoke_gui.core.registry import Registry

Desk = TypeVar("Desk")
AnyPage = TypeVar("AnyPage", bound="Page")


@dataclass(frozen=True)
class Page(Generic[Desk]):
    """`name` is its fixed key, `title` the word beside its `icon` (a name from resources/icons).

    `order` is its place among the others, which its shortcut follows. `build` makes the widget of
    what all pages of a room share, when the page is first shown; import the widget inside it.
    """

    name: str
    title: str
    order: int
    icon: str
    build: Callable[[Desk], QWidget]


def in_order(pages: Registry[AnyPage]) -> list[AnyPage]:
    """Return all registered pages as they stand beside each other."""
    return sorted(pages.values(), key=lambda page: page.order)
