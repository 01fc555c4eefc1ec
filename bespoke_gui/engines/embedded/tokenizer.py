"""The base model's own small byte-level BPE in CLIP's format."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

from bespoke_gui.core.portraits.caption import caption
from bespoke_gui.core.portraits.traits import random_traits
from bespoke_gui.engines.embedded.words import WORDS

BOS, EOS = "<|startoftext|>", "<|endoftext|>"
MAX_LENGTH = 77
VOCAB_SIZE = 2600
_SPLIT = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"


def _corpus(seed: int, captions: int = 4000):
    rng = np.random.default_rng([seed, 0])
    for _ in range(captions):
        yield caption(random_traits(rng), rng)
    # Twenty times each, so that a listed word outweighs chance pairs of letters.
    for _ in range(20):
        yield " ".join(WORDS)


def _train(seed: int) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(end_of_word_suffix="</w>", unk_token=EOS))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_SPLIT), behavior="removed", invert=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False),
        ]
    )
    trainer = trainers.BpeTrainer(
        vocab_size=VOCAB_SIZE - 2,
        min_frequency=2,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        end_of_word_suffix="</w>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(_corpus(seed), trainer)
    return tokenizer


def _clip_vocabulary(merges: list[tuple[str, str]]) -> dict[str, int]:
    """CLIP's order: bytes, bytes that end a word, merges, then the two marks."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = [*alphabet, *(f"{a}</w>" for a in alphabet), *(a + b for a, b in merges), BOS, EOS]
    return {token: i for i, token in enumerate(dict.fromkeys(tokens))}


def build_tokenizer(seed: int) -> CLIPTokenizer:
    """Train the tokenizer on generated captions and WORDS; the same seed gives the same ids."""
    merges = [tuple(pair) for pair in json.loads(_train(seed).to_str())["model"]["merges"]]
    pairs: Any = merges  # declared as texts, but it takes pairs
    return CLIPTokenizer(vocab=_clip_vocabulary(merges), merges=pairs, model_max_length=MAX_LENGTH)


def encode(tokenizer: CLIPTokenizer, texts: list[str]) -> np.ndarray:
    """(N, 77) int64 token ids, cut and padded the way the pipeline does."""
    batch = tokenizer(texts, padding="max_length", max_length=MAX_LENGTH, truncation=True)
    return np.asarray(batch["input_ids"], np.int64)
