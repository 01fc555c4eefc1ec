"""Facts of one caption: words, phrases and CLIP tokens, with where the token windows end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject

from bespoke_gui.core import clip_tokens
from bespoke_gui.core.phrases import split
from bespoke_gui.core.token_borders import Reading, read
from bespoke_gui.core.words import WORD
from bespoke_gui.qtmodels.tasks import run_task


@dataclass(frozen=True)
class CaptionFacts:
    """Counts of one caption; `reading` is None while the vocabulary is not read yet."""

    words: int
    phrases: int
    reading: Reading | None


def caption_facts(text: str, separator: str = ",") -> CaptionFacts:
    """Count words and phrases of a caption, and the tokens of the line that is trained on."""
    reading = read(text, separator) if clip_tokens.is_loaded() else None
    return CaptionFacts(len(WORD.findall(text)), len(split(text, separator)), reading)


def when_tokens_known(then: Callable[[], object], parent: QObject) -> None:
    """Read the vocabulary in the background (0.1 s, once), then call `then` on the GUI thread."""
    if not clip_tokens.is_loaded():
        run_task(clip_tokens.load, lambda _: then(), parent=parent)
