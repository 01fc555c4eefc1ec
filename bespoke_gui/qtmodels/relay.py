"""Relay: brings words of other threads to the window's thread, and is there as long as the program.

Other threads speak through it alone and hold nothing of Qt. A signal must not be emitted on an
object that the window's thread may be deleting meanwhile, and whoever lets go of an object last
takes it apart, with its connections: Qt crashes where another thread does either.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from contextlib import suppress
from weakref import WeakMethod

from PySide6.QtCore import QObject, Signal


def _nobody() -> None:
    return None


class _Relay(QObject):
    said = Signal(object, object)

    def __init__(self) -> None:
        super().__init__()
        self.methods: dict[int, WeakMethod[Callable[..., object]]] = {}
        self.keys = itertools.count(1)
        self.said.connect(self._on_said)

    def _on_said(self, key: int, words: tuple[object, ...]) -> None:
        method = self.methods.get(key, _nobody)()
        if method is not None:
            method(*words)


_relays: list[_Relay] = []


def receive(receiver: Callable[..., object]) -> int:
    """Return a key: what is sent to it is given to `receiver`, on the thread of the window.

    `receiver` is a method; its object is not kept alive by this.
    """
    if not _relays:
        _relays.append(_Relay())
    key = next(_relays[0].keys)
    _relays[0].methods[key] = WeakMethod(receiver)
    return key


def send(key: int, *words: object) -> None:
    """Give `words` to the receiver of `key`, from any thread; nothing where it is forgotten."""
    with suppress(RuntimeError):  # the program ended meanwhile and took the relay along
        _relays[0].said.emit(key, words)


def forget(key: int) -> None:
    """Bring nothing more to the receiver of `key`, not even what is on its way."""
    _relays[0].methods.pop(key, None)
