"""Long work in pure Python on a background thread: short rests that let the window paint."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

T = TypeVar("T")
WORK = 0.003
REST = 0.0005


def here_to_stay() -> None:
    """Say that what was read or made lately stays: captions, findings, differences of a large set.

    Else Python's collector looks at all of it again and again, and stops the window for 50 ms and
    more each time.
    """
    gc.freeze()


def let_go(mapping: dict[Any, Any]) -> None:
    """Empty a large dict that nobody needs any more: dropped at once it holds everything up."""
    breath = Breath()
    while mapping:
        mapping.popitem()
        breath()


class Breath:
    """Call it often; it sleeps half a millisecond after each three of work.

    Python hands the interpreter on only every 5 ms, and to a window that paints in several steps
    it does so at each of them; a short sleep hands it on at once.
    """

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def __call__(self) -> None:
        if time.perf_counter() - self._last > WORK:
            time.sleep(REST)
            self._last = time.perf_counter()

    def over(self, items: Iterable[T]) -> Iterator[T]:
        """Yield the items, resting between them."""
        for item in items:
            self()
            yield item
