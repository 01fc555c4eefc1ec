"""CLIP tokens: the same ids and places as transformers' CLIPTokenizer from the same vocabulary."""

import gzip
import unicodedata
from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core import clip_tokens, resources

transformers = pytest.importorskip("transformers")
pytestmark = pytest.mark.engine

ODD = [
    "", " ", "pixel art, 24x24, portrait", "Hair (#aabbcc, #FFF)", "don't it's THEY'LL we've I'm",
    "rock'n'roll ''s 's'd '", "1234567890 ½ ² Ⅷ ٣", "...!!! ?! -- — … «»", "café cafe\u0301 CAFÉ",
    "Straße ΣΊΣΥΦΟΣ İstanbul ĳ ſ K", "日本語 한국어 \u1112\u1161\u11ab ไทย हिन्दी", "👩‍🎨🏳️‍🌈 😀😀",
    "a\x00b\x1fc\x85d\xa0e\u200bf\u2028g\ufeffh", "<|startoftext|>a<|endoftext|>, <|ENDOFTEXT|>",
    "x<|endoftext|>y <|endoftext|", "a" * 5000, "ab" * 3000, "_snake_case__", "\t a \r\n b",
    "e\u0301\u0327\u0323 \u0301 \u0344 \u2126 \uac00\u11a8", "ᾳ ŉ ǰ ﬁ \U0001d400 𐐀",
]  # fmt: skip
PIECES = [
    "'s",
    "'LL",
    "#aabbcc",
    "24x24",
    "<|endoftext|>",
    "  ",
    ", ",
    "\u0301",
    "İ",
    "Σ",
    "ß",
    "😀",
]
KNOWN = st.characters(exclude_categories=["Cs", "Cn", "Co"])
TEXTS = st.lists(st.one_of(st.sampled_from(PIECES), st.text(KNOWN, max_size=12)), max_size=8)


@pytest.fixture(scope="module")
def reference():
    """transformers' tokenizer of SD 1.5, built from the vocabulary that travels with Bespoke."""
    signs = clip_tokens._signs()
    path = resources.resource(clip_tokens.FILE)
    with gzip.open(path, "rt", encoding="utf-8") as file:
        merges = [tuple(line.split()) for line in islice(file, 1, 49152 - 256 - 2 + 1)]
    names = [*signs, *(f"{sign}</w>" for sign in signs), *map("".join, merges)]
    names += ["<|startoftext|>", "<|endoftext|>"]
    vocabulary = {name: index for index, name in enumerate(names)}
    assert len(vocabulary) == 49408
    return transformers.CLIPTokenizer(vocab=vocabulary, merges=merges)


def expected(reference, text):
    found = reference(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    return found["input_ids"], found["offset_mapping"]


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts(reference, text):
    ids, places = expected(reference, text)
    found = clip_tokens.encode(text)
    assert list(found.ids) == ids
    assert clip_tokens.count(text) == len(ids)
    if unicodedata.is_normalized("NFC", text):
        assert list(found.spans) == places


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text(reference, parts):
    text = "".join(parts)
    ids, places = expected(reference, text)
    found = clip_tokens.encode(text)
    assert list(found.ids) == ids
    assert clip_tokens.count(text) == len(ids)
    if text.isascii():
        assert list(found.spans) == places


@pytest.mark.punks
def test_all_real_captions(reference, punks):
    for folder in ("captions_before", "captions_after"):
        for path in sorted((punks / folder).glob("*.txt")):
            text = path.read_text("utf-8")
            ids, places = expected(reference, text)
            found = clip_tokens.encode(text)
            assert (list(found.ids), list(found.spans)) == (ids, places), path.name
