"""Prompts: captions of up to 225 tokens as text-encoder states, cut up as sd-scripts does."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch

CHUNK = 75
MAX_CHUNKS = 3


class PromptEncoder:
    """Encodes texts with one tokenizer and text encoder.

    A long text is padded to chunks x 75 tokens, cut, each piece put between its own start and end
    token and encoded alone; the states are joined with one start and one end (sd-scripts
    strategy_base.py:221-284, strategy_sd.py:58-106).
    """

    def __init__(self, tokenizer: Any, text_encoder: Any, clip_skip: int | None = None) -> None:
        self.tokenizer = tokenizer
        self.text_encoder = text_encoder
        self.clip_skip = clip_skip or 1

    def chunks_for(self, text: str) -> int:
        """How many pieces of 75 tokens a text needs, 1 to 3; what is longer is cut off."""
        count = len(self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
        return min(MAX_CHUNKS, max(1, math.ceil(count / CHUNK)))

    def ids(self, texts: Sequence[str], chunks: int) -> torch.Tensor:
        """Token ids, int64 (len(texts), chunks, 77)."""
        width = chunks * CHUNK + 2
        rows = [self._padded(text, width) for text in texts]
        tokens = torch.tensor(rows, dtype=torch.long)
        first, last = tokens[:, :1], tokens[:, -1:]
        pieces = [
            torch.cat([first, tokens[:, 1 + i * CHUNK : 1 + (i + 1) * CHUNK], last], dim=1)
            for i in range(chunks)
        ]
        return torch.stack(pieces, dim=1)

    def encode(self, texts: Sequence[str], chunks: int) -> torch.Tensor:
        """States (len(texts), chunks * 75 + 2, width), in the text encoder's dtype."""
        return self.states(self.ids(texts, chunks).to(self.text_encoder.device))

    def states(self, ids: torch.Tensor) -> torch.Tensor:
        """States of `ids()`, which lie on the text encoder's device."""
        count, chunks = ids.shape[:2]
        states = self._states(ids.reshape(-1, CHUNK + 2))
        if chunks == 1:
            return states
        states = states.reshape(count, chunks, CHUNK + 2, -1)
        middle = states[:, :, 1:-1].flatten(1, 2)
        return torch.cat([states[:, 0, :1], middle, states[:, -1, -1:]], dim=1)

    def _padded(self, text: str, width: int) -> list[int]:
        """Start, tokens, end, then padding; exactly `width` ids."""
        inner = self.tokenizer(text, add_special_tokens=False, verbose=False).input_ids[: width - 2]
        start, end = self.tokenizer.bos_token_id, self.tokenizer.eos_token_id
        pad = self.tokenizer.pad_token_id
        row = [start, *inner, end]
        return row + [end if pad is None else pad] * (width - len(row))

    def _states(self, ids: torch.Tensor) -> torch.Tensor:
        if self.clip_skip == 1:
            return self.text_encoder(ids).last_hidden_state
        found = self.text_encoder(ids, output_hidden_states=True).hidden_states
        inner = getattr(self.text_encoder, "text_model", self.text_encoder)
        return inner.final_layer_norm(found[-self.clip_skip])
