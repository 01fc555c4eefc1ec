"""CLIP tokens of a text: ids, places in the text and counts, exactly as SD 1.5's tokenizer.

Byte pairs after transformers' CLIPTokenizer: NFC, lower case, words cut by its pattern, no text
is changed otherwise. The vocabulary is read when it is first needed; `load` does it beforehand.
"""

from __future__ import annotations

import gzip
import re
import unicodedata
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush

from bespoke_gui.core.resources import resource

WINDOW = 75  # tokens the text encoder reads at a time, start and end aside
LIMITS = (75, 150, 225)  # the lengths a trainer offers
START, END = 49406, 49407  # ids of <|startoftext|> and <|endoftext|>
FILE = "clip/bpe_simple_vocab_16e6.txt.gz"
_BYTES = 256
_MERGES = START - 2 * _BYTES
_PRINTABLE = (*range(33, 127), *range(161, 173), *range(174, 256))
_ENOUGH = 1 << 20
_WORDS_KEPT = 1 << 16
# Over a text whose letters, digits and white space beyond ASCII are replaced by ASCII ones.
_PIECE = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d|[a-zA-Z]+|[0-9]|[^\sa-zA-Z0-9]+", re.ASCII)
_SPECIAL = re.compile(r"<\|startoftext\|>|<\|endoftext\|>")
_SPACES = frozenset("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(code) for code in range(0x2000, 0x200B)
}

Span = tuple[int, int]
Ends = tuple[int, ...]


@dataclass(frozen=True)
class Tokens:
    """The tokens of a text. Token i has `ids[i]` and stands for `text[start:end]` = `spans[i]`.

    Start and end token are not among them. Tokens that share a character share its place.
    """

    ids: tuple[int, ...]
    spans: tuple[Span, ...]

    def __len__(self) -> int:
        return len(self.ids)


def encode(text: str) -> Tokens:
    """Return the tokens of a text with their places in it, in characters."""
    ids: list[int] = []
    spans: list[Span] = []
    for start, end, special in _sections(text):
        if special:
            ids.append(START if text.startswith("<|s", start) else END)
            spans.append((start, end))
        else:
            _encode(text[start:end], start, ids, spans)
    return Tokens(tuple(ids), tuple(spans))


def count(text: str) -> int:
    """Return how many tokens a text has, start and end token aside."""
    if _is_plain(text):
        return sum(len(_word(piece)[0]) for piece in _PIECE.findall(text.lower()))
    return len(encode(text))


def place(text: str, index: int) -> int:
    """Return the character at which token `index` begins; raises IndexError beyond the last."""
    if not _is_plain(text):
        return encode(text).spans[index][0]
    for match in _PIECE.finditer(text.lower()):
        ids, ends = _word(match.group())
        if index < len(ids):
            return match.start() + (ends[index - 1] if index else 0)
        index -= len(ids)
    raise IndexError(index)


def limit_of(max_token_length: object) -> int:
    """Return how many tokens the trainer reads with this option; None or nonsense means 75.

    Above 75 it cuts whole windows, so 149 reads no more than 75 does.
    """
    if type(max_token_length) is not int or max_token_length < 1:
        return WINDOW
    return max_token_length // WINDOW * WINDOW or max_token_length


def load() -> None:
    """Read the vocabulary now, on whatever thread this is; raises AppError when it is missing."""
    _vocabulary()


def is_loaded() -> bool:
    """Whether the vocabulary has been read."""
    return _vocabulary.cache_info().currsize > 0


def _is_plain(text: str) -> bool:
    """Whether characters, bytes and lower-case letters are all at the same places."""
    return text.isascii() and "<|" not in text


def _sections(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, whether it is a special token) of what the text consists of."""
    last = 0
    for match in _SPECIAL.finditer(text):
        yield last, match.start(), False
        yield match.start(), match.end(), True
        last = match.end()
    yield last, len(text), False


def _encode(text: str, offset: int, ids: list[int], spans: list[Span]) -> None:
    if text.isascii():
        normal, shadow, origin = text.lower(), text.lower(), None
    else:
        normal, origin = _normalised(text)
        shadow = "".join(map(_plain, normal))
    for match in _PIECE.finditer(shadow):
        begin = match.start()
        piece = normal[begin : match.end()]
        found, ends = _word(piece)
        ids += found
        start = begin
        for first, last in _characters(piece, ends):
            start, end = begin + first, begin + last
            if origin is not None:
                start, end = origin[start][0], origin[end - 1][1]
            spans.append((offset + start, offset + end))


def _characters(piece: str, ends: Ends) -> Iterator[Span]:
    """Turn ends in bytes into places in characters."""
    starts = (0, *ends[:-1])
    if piece.isascii():
        return zip(starts, ends, strict=True)
    owner = [index for index, char in enumerate(piece) for _ in _bytes(char)]
    return ((owner[a], owner[b - 1] + 1) for a, b in zip(starts, ends, strict=True))


def _normalised(text: str) -> tuple[str, list[Span]]:
    """Return the text in NFC and lower case, and for each of its characters its place in `text`."""
    parts: list[str] = []
    origin: list[Span] = []
    for start, end in _clusters(text):
        composed = unicodedata.normalize("NFC", text[start:end])
        # Character by character: str.lower() would write a last sigma in its own way.
        lowered = "".join(char.lower() for char in composed)
        parts.append(lowered)
        origin += [(start, end)] * len(lowered)
    return "".join(parts), origin


def _clusters(text: str) -> Iterator[Span]:
    """Yield pieces that NFC treats each on its own: a character and what it is composed with."""
    if unicodedata.is_normalized("NFC", text):
        yield from ((index, index + 1) for index in range(len(text)))
        return
    start = 0
    for index in range(1, len(text)):
        if _separate(text[start:index], text[index]):
            yield start, index
            start = index
    yield start, len(text)


def _separate(before: str, char: str) -> bool:
    if unicodedata.combining(char):
        return False
    nfc = unicodedata.normalize
    return nfc("NFC", before + char) == nfc("NFC", before) + nfc("NFC", char)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")  # half a character may come from a paste


@lru_cache(maxsize=1 << 12)
def _plain(char: str) -> str:
    """Return an ASCII character of the same kind: letter, digit, white space or other."""
    if char.isascii():
        return char
    if char in _SPACES:
        return " "
    kind = unicodedata.category(char)[0]
    return {"L": "a", "N": "0"}.get(kind, "!")


@lru_cache(maxsize=_WORDS_KEPT)
def _word(word: str) -> tuple[tuple[int, ...], Ends]:
    """Return ids of a word's tokens, and where each ends in its UTF-8 bytes."""
    ids = [_alphabet()[byte] for byte in _bytes(word)]
    ids[-1] += _BYTES  # the same byte at the end of a word
    ends = _merge(ids)
    return tuple(ids[start] for start in (0, *ends[:-1])), ends


def _merge(ids: list[int]) -> Ends:
    """Join pairs, the earliest merge of the vocabulary first; `ids` keeps each token at its start.

    A queue of pairs over a linked list: a line without spaces must not take quadratic time.
    """
    merges, size = _vocabulary(), len(ids)
    following = list(range(1, size + 1))
    previous = list(range(-1, size - 1))
    queue: list[tuple[int, int, int, int]] = []

    def offer(left: int) -> None:
        if left >= 0 and (right := following[left]) < size:
            joined = merges.joined(ids[left], ids[right])
            if joined is not None:
                heappush(queue, (joined, left, ids[left], ids[right]))

    for index in range(size - 1):
        offer(index)
    while queue:
        joined, left, first, second = heappop(queue)
        right = following[left]
        if ids[left] != first or right >= size or ids[right] != second:
            continue  # one of the two was joined with another meanwhile
        ids[left], ids[right] = joined, -1
        following[left] = following[right]
        if following[right] < size:
            previous[following[right]] = left
        offer(previous[left])
        offer(left)
    return tuple(following[start] for start in range(size) if ids[start] >= 0)


@lru_cache(maxsize=1)
def _alphabet() -> dict[int, int]:
    """Return the id of each byte: the printable ones come first."""
    others = [byte for byte in range(_BYTES) if byte not in _PRINTABLE]
    return {byte: index for index, byte in enumerate([*_PRINTABLE, *others])}


def _signs() -> list[str]:
    """Return how the vocabulary writes each byte, by id: printable ones as they are."""
    others = range(_BYTES, 2 * _BYTES - len(_PRINTABLE))
    return [chr(code) for code in (*_PRINTABLE, *others)]


class _Merges:
    """The id of the joined token for each pair of tokens; in half a MB, a dict takes seven."""

    def __init__(self, pairs: list[int]) -> None:
        """Take each pair as first id << 16 | second id, in the order of the vocabulary."""
        order = sorted(range(len(pairs)), key=pairs.__getitem__)
        self._pairs = array("I", [pairs[place] for place in order])
        self._ids = array("H", [2 * _BYTES + place for place in order])

    def joined(self, first: int, second: int) -> int | None:
        """Return what a pair becomes, None for one that is not joined."""
        pair = (first << 16) | second
        place = bisect_left(self._pairs, pair)
        found = place < len(self._pairs) and self._pairs[place] == pair
        return self._ids[place] if found else None


@lru_cache(maxsize=1)
def _vocabulary() -> _Merges:
    """Return which pairs of tokens are joined."""
    signs = _signs()
    symbols = {sign: index for index, sign in enumerate([*signs, *(f"{s}</w>" for s in signs)])}
    with gzip.open(resource(FILE)) as file:  # it holds five times the merges that CLIP uses
        head = file.read(_ENOUGH).decode("utf-8", "ignore")
    pairs: list[int] = []
    for joined, line in enumerate(head.split("\n", _MERGES + 1)[1:-1], 2 * _BYTES):
        first, _, second = line.partition(" ")
        pairs.append((symbols[first] << 16) | symbols[second])
        symbols[first + second] = joined
    return _Merges(pairs)
