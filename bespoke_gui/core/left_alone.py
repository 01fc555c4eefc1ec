"""What the linter leaves alone in a project, as one list: checks, words, the dictionary."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from bespoke_gui.core.dataset import natural_key
from bespoke_gui.core.lint_ignored import heed_place, ignore_code, ignore_place, read_ignored
from bespoke_gui.core.spelling_project import add_words, read_dictionary, remove_words

CHECK, WORDS, DICTIONARY = "check", "words", "dictionary"


@dataclass(frozen=True)
class LeftAlone:
    """kind: CHECK (`code` is off), WORDS (`code` passes over `words`) or DICTIONARY (`words`).

    caption: the only one in which the words are passed over, without suffix; "" for all.
    """

    kind: str
    code: str = ""
    words: str = ""
    caption: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the fields as the command line prints them."""
        return asdict(self)


def read_left_alone(folder: Path) -> list[LeftAlone]:
    """Return all that the linter leaves alone: checks first, then words, then the dictionary.

    Words are case-folded. Raises AppError when lint.toml or the dictionary cannot be read.
    """
    ignored = read_ignored(folder)
    places = sorted(ignored.places, key=lambda place: (place[0], natural_key(place[2]), place[1]))
    return [
        *(LeftAlone(CHECK, code) for code in sorted(ignored.codes)),
        *(LeftAlone(WORDS, *place) for place in places),
        *(LeftAlone(DICTIONARY, words=word) for word in sorted(read_dictionary(folder))),
    ]


def leave_alone(folder: Path, what: Iterable[LeftAlone]) -> None:
    """Have the linter pass over these; raises AppError when a file cannot be written."""
    for one in what:
        if one.kind == CHECK:
            ignore_code(folder, one.code)
        elif one.kind == WORDS:
            ignore_place(folder, one.code, one.words, one.caption)
        else:
            add_words(folder, [one.words])


def heed(folder: Path, what: Iterable[LeftAlone]) -> None:
    """Have the linter look at these again; what it never left alone is passed over.

    Raises AppError when a file cannot be written.
    """
    for one in what:
        if one.kind == CHECK:
            ignore_code(folder, one.code, off=False)
        elif one.kind == WORDS:
            heed_place(folder, one.code, one.words, one.caption)
        else:
            remove_words(folder, [one.words])
