"""The border of a caption's image, for the checks that compare the two."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from bespoke_gui.core.border import Border, border_of
from bespoke_gui.core.lints.base import Text

if TYPE_CHECKING:
    import numpy as np


def border_for(text: Text) -> Border | None:
    """Return the border of the image; None where there is none or it cannot be read."""
    native = text.context.native
    return _border(native, text.name) if native is not None and text.name else None


@lru_cache(maxsize=512)  # several checks ask for the same image in a row
def _border(native: Callable[[str], np.ndarray | None], name: str) -> Border | None:
    cells = native(name)
    return None if cells is None else border_of(cells)
