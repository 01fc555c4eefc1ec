"""Spelling of captions: known words, likely corrections, and two words written as one."""

from __future__ import annotations

import gzip
import json
import re
import threading
from collections.abc import Iterable, Iterator
from functools import cached_property
from importlib.resources import files

import numpy as np

from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.caption_nouns import listed
from bespoke_gui.core.colour_words import MODIFIERS, NOUNS
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource
from bespoke_gui.core.word_counts import WordCounts

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
PIECE = 100_000  # characters of the word list that are read at once: about 2 ms
COMMON = 150  # how often English text must use a word for it to be proposed
USUAL = 1_000  # and to be taken for half of two words written as one
SHORTEST_HALF = 3
DISTANCE = 2
PROPOSED = 3
OWN_WEIGHT = 20_000  # words of captions count as much as frequent words of English
OPENER = "wearing"  # what begins a phrase: any word may be glued before it
HEADS = listed("eyes hair lips skin background shirt glasses hat beard")
COARSE = re.compile("fuck|shit|cunt|nigg|fag|slut|whore")  # never proposed


class Speller:
    """Knows words. Loaded once for all captions; every answer is remembered by word.

    Words are given case-folded. A project's own words are passed along with each question, so
    that one speller serves every project.
    """

    def __init__(self) -> None:
        self._counts = _english()
        self._own = _caption_words()
        self._right: set[str] = set()
        self._wrong: set[str] = set()
        self._halves: dict[str, tuple[str, str] | None] = {}
        self._proposals: dict[str, tuple[str, ...]] = {}

    def is_known(self, word: str, dictionary: frozenset[str] = frozenset()) -> bool:
        """Return whether a word is spelled right; `dictionary` holds more right ones."""
        if word in self._right or word in dictionary:
            return True
        forms = _forms(word.replace("’", "'"))
        if word not in self._wrong:
            if any(form in self._own or form in self._counts for form in forms):
                self._right.add(word)
                return True
            self._wrong.add(word)
        return any(form in dictionary for form in forms)

    def unknown(
        self, words: Iterable[str], dictionary: frozenset[str] = frozenset()
    ) -> frozenset[str]:
        """Return those of some words that are not known."""
        doubtful = frozenset(words) - self._right - dictionary
        return frozenset(word for word in doubtful if not self.is_known(word, dictionary))

    def halves(self, word: str) -> tuple[str, str] | None:
        """Return the two words that an unknown one is made of, None when it is not."""
        if word not in self._halves:
            self._halves[word] = self._split(word)
        return self._halves[word]

    def proposals(self, word: str, dictionary: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """Return up to three known words within two slips of the pen, the likeliest first."""
        if word not in self._proposals:
            self._proposals[word] = self._nearest.find(word)
        own = [w for w in dictionary if abs(len(w) - len(word)) < 2 and _one_slip(w, word)]
        return tuple(dict.fromkeys([*sorted(own), *self._proposals[word]]))[:PROPOSED]

    def _split(self, word: str) -> tuple[str, str] | None:
        before = word.removesuffix(OPENER)
        if before != word:
            return (before, OPENER) if len(before) > 1 else None
        cuts = range(SHORTEST_HALF, len(word) - SHORTEST_HALF + 2)
        pairs = [(word[:cut], word[cut - shared :]) for cut in cuts for shared in (0, 1)]
        rated = [(*self._rate(len(word), *pair), *pair) for pair in pairs]
        best = max(rated, default=None)
        return best[-2:] if best and best[0] else None

    def _rate(self, length: int, first: str, second: str) -> tuple[bool, bool, bool, int]:
        """Return whether two words may stand beside each other, and how likely they do.

        "purpleyes" is purple eyes: the two may share a letter, where that gives a usual ending.
        """
        count = min(self._count(first), self._count(second))
        usual = len(second) >= SHORTEST_HALF and count >= USUAL
        return usual, second in HEADS, len(first) + len(second) == length, count

    def _count(self, word: str) -> int:
        return OWN_WEIGHT if word in self._own else self._counts.get(word, 0)

    @cached_property
    def _nearest(self) -> _Nearest:
        counts = dict(sorted(self._counts.at_least(COMMON)))
        counts |= dict.fromkeys(self._own, OWN_WEIGHT)
        return _Nearest(counts)


class _Nearest:
    """Finds the words within two slips (a letter more, less, another, two exchanged).

    All words of fitting length and letters are compared at once, as columns of one matrix.
    """

    def __init__(self, counts: dict[str, int]) -> None:
        plain = {w: n for w, n in counts.items() if w.isascii() and w.isalpha() and 1 < len(w) < 25}
        plain = {w: n for w, n in plain.items() if not COARSE.search(w)}
        self._words = np.array(list(plain), dtype=bytes)
        self._letters = self._words.view(np.uint8).reshape(len(plain), -1)
        self._lengths = np.count_nonzero(self._letters, axis=1)
        self._weights = np.log(np.fromiter(plain.values(), float))
        self._masks = np.zeros(len(plain), np.int64)
        for column in self._letters.T:  # all at once would take 25 MB for a moment
            self._masks |= _bits(column)

    def find(self, word: str) -> tuple[str, ...]:
        """Return the likeliest words for a misspelled one."""
        code = np.frombuffer(word.encode("ascii", "replace"), np.uint8)
        apart = np.bitwise_xor(self._masks, np.bitwise_or.reduce(_bits(code)))
        near = (np.abs(self._lengths - len(code)) <= DISTANCE) & (_ones(apart) <= 2 * DISTANCE)
        index = np.flatnonzero(near)
        distance = _slips(code, self._letters[index], self._lengths[index])
        index, distance = index[distance <= DISTANCE], distance[distance <= DISTANCE]
        first = self._letters[index, 0] != code[0]
        order = np.argsort(distance * 8.0 + first * 4.0 - self._weights[index])
        return tuple(word.decode() for word in self._words[index[order[:PROPOSED]]])


def _bits(letters: np.ndarray) -> np.ndarray:
    """Return one bit for each letter a to z, none for what is no letter."""
    shift = letters.astype(np.int64) - ord("a")
    return np.where((shift >= 0) & (shift < 26), 1 << np.clip(shift, 0, 25), 0)


def _ones(numbers: np.ndarray) -> np.ndarray:
    return np.unpackbits(numbers.astype("<u4").view(np.uint8).reshape(-1, 4), axis=1).sum(axis=1)


def _slips(word: np.ndarray, others: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Return the distance (optimal string alignment) of `word` from each row of `others`."""
    columns = others.shape[1] + 1
    before = previous = np.broadcast_to(np.arange(columns), (len(others), columns))
    for i, letter in enumerate(word):
        row = np.empty((len(others), columns), np.int64)
        row[:, 0] = i + 1
        wrong = others != letter
        row[:, 1:] = np.minimum(previous[:, 1:] + 1, previous[:, :-1] + wrong)
        if i:
            swapped = (others[:, 1:] == word[i - 1]) & (others[:, :-1] == letter)
            row[:, 2:] = np.where(swapped, np.minimum(row[:, 2:], before[:, :-2] + 1), row[:, 2:])
        for j in range(1, columns):
            np.minimum(row[:, j], row[:, j - 1] + 1, out=row[:, j])
        before, previous = previous, row
    return previous[np.arange(len(others)), lengths]


def _one_slip(first: str, second: str) -> bool:
    codes = [np.frombuffer(w.encode("utf-32-le"), np.uint32) for w in (first, second)]
    return bool(_slips(codes[0], codes[1][None], np.array([len(second)]))[0] <= 1)


def _forms(word: str) -> list[str]:
    """Return the word, and what it may be the plural or the possessive of."""
    if word.endswith("'s"):
        return [word, word[:-2]]
    plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return [word, word[:-1]] if plural else [word]


def _english() -> WordCounts:
    """Return how often English text uses each word."""
    return WordCounts(_english_words())


def _english_words() -> Iterator[tuple[str, int]]:
    """Yield words and counts, read in pieces so that a window can paint."""
    breath = Breath()
    try:
        data = (files("spellchecker") / "resources" / "en.json.gz").read_bytes()
    except (ModuleNotFoundError, OSError) as error:
        hint = "install Bespoke again"
        raise AppError("the English word list is missing", hint=hint) from error
    text = gzip.decompress(data).decode("utf-8")
    body = text[text.index("{") + 1 : text.rindex("}")]
    start = 0
    while start < len(body):
        end = body.find(",", start + PIECE)
        end = len(body) if end < 0 else end
        yield from json.loads(f"{{{body[start:end]}}}").items()
        start = end + 1
        breath()


def _caption_words() -> frozenset[str]:
    lines = resource("caption_words.txt").read_text(encoding="utf-8").splitlines()
    listed = {word for line in lines for word in line.partition("#")[0].split()}
    return frozenset(listed | set(NOUNS) | MODIFIERS)


_lock = threading.Lock()
_loaded: list[Speller] = []


def speller() -> Speller:
    """Return the one speller, loaded on first use (0.1 s: not on the window's thread).

    Raises AppError when the word list is not installed.
    """
    with _lock:
        if not _loaded:
            _loaded.append(Speller())
        return _loaded[0]
