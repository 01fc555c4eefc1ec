"""Registry: extensions are one self-registering file each, found without a central list."""

from __future__ import annotations

import importlib
import pkgutil
import threading
from collections.abc import Iterator
from typing import Generic, TypeVar

from bespoke_gui.core.errors import AppError

T = TypeVar("T")


class Registry(Generic[T]):
    """Named items of one kind; loads every module of `package` on first use.

    Raises RuntimeError when a name is added twice or the package holds no item, so that a
    frozen build that lost its modules says so instead of offering nothing.
    """

    def __init__(self, kind: str, package: str) -> None:
        self.kind = kind
        self.package = package
        self._items: dict[str, T] = {}
        self._loaded = False
        # Re-entrant: the modules being loaded add themselves, and may read the registry.
        self._lock = threading.RLock()

    def add(self, name: str, item: T) -> T:
        """Register `item` under `name` and return it."""
        if name in self._items:
            raise RuntimeError(f"{self.kind} {name!r} is registered twice")
        self._items[name] = item
        return item

    def __getitem__(self, name: str) -> T:
        with self._lock:
            if name not in self._items and not self._loaded:
                self._import_one(name)
        if name not in self._items:
            self._load()
        if name not in self._items:
            raise AppError(
                f"there is no {self.kind} {name!r}",
                hint=f"choose one of: {', '.join(sorted(self._items))}",
                kind="usage",
            )
        return self._items[name]

    def __iter__(self) -> Iterator[str]:
        self._load()
        return iter(sorted(self._items))

    def __len__(self) -> int:
        self._load()
        return len(self._items)

    def values(self) -> list[T]:
        """Return all items, sorted by name."""
        return [self._items[name] for name in self]

    def _import_one(self, name: str) -> None:
        """Most items are in a module of their own name: the others need not be imported for one."""
        package = importlib.import_module(self.package)
        if name in {module.name for module in pkgutil.iter_modules(package.__path__)}:
            importlib.import_module(f"{self.package}.{name}")

    def _load(self) -> None:
        with self._lock:
            if not self._loaded:
                self._loaded = True
                self._import_all()

    def _import_all(self) -> None:
        package = importlib.import_module(self.package)
        for module in pkgutil.iter_modules(package.__path__):
            importlib.import_module(f"{self.package}.{module.name}")
        if not self._items:
            raise RuntimeError(f"no {self.kind} found in {self.package}")
