"""Stage 1: the text encoder alone learns to say what a portrait looks like.

Trained jointly from nothing, the UNet ignores captions for a long time. So the encoder first
regresses colours, flags and the whole picture through a head that is thrown away.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.nn.functional import cross_entropy
from transformers import CLIPTextConfig, CLIPTextModel

from bespoke_gui.core.portraits import colours
from bespoke_gui.core.portraits import traits as options
from bespoke_gui.core.portraits.traits import Traits
from bespoke_gui.engines.embedded.vae import encode_cells

WIDTH = 128
_TABLES = (
    ("background", {n: c for n, (c, _) in colours.BACKGROUNDS.items()}),
    ("hair", colours.HAIR),
    ("skin", colours.SKIN),
    ("eyes", colours.EYES),
    ("hat_colour", colours.CLOTH),
    ("cloth", colours.CLOTH),
    ("under", colours.CLOTH),
    ("rim", colours.CLOTH),
)
_CHOICES = (
    ("kind", ("lad", "lady")),
    ("pattern", options.PATTERNS),
    ("style", options.HAIR_STYLES),
    ("hat", options.HATS),
    ("logo", options.LOGOS),
    ("glasses", options.GLASSES),
    ("reflection", ("", "white", "blue")),
    ("earrings", options.EARRINGS),
    ("beard", options.BEARDS),
    ("expression", options.EXPRESSIONS),
    ("clothes", options.CLOTHES),
    ("lips", ("", *colours.LIPS)),
    ("bow", ("", *colours.CLOTH)),
)
COLOUR_SIZE = 3 * len(_TABLES)
FLAG_SIZE = sum(len(names) for _, names in _CHOICES)
PICTURE_SIZE = 4 * 24 * 24


def build_encoder(tokenizer) -> CLIPTextModel:
    """A CLIP text model with random weights: 2 layers, 128 wide."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=4 * WIDTH,
        projection_dim=WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=77,
        hidden_act="quick_gelu",
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return CLIPTextModel(config)


class Head(nn.Module):
    """Throw-away reader: queries look at the 77 states and predict targets and picture."""

    def __init__(self, queries: int = 24) -> None:
        super().__init__()
        self.queries = nn.Parameter(torch.randn(queries, WIDTH) * 0.1)
        self.attention = nn.MultiheadAttention(WIDTH, 4, batch_first=True)
        self.wide = nn.Sequential(nn.Linear(queries * WIDTH, 384), nn.SiLU())
        self.facts = nn.Linear(384, COLOUR_SIZE + FLAG_SIZE)
        self.picture = nn.Linear(384, PICTURE_SIZE)

    def forward(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """(N, 77, 128) states -> (N, facts) and (N, 2304) predictions."""
        queries = self.queries.expand(len(states), -1, -1)
        seen, _ = self.attention(queries, states, states, need_weights=False)
        wide = self.wide(seen.flatten(1))
        return self.facts(wide), self.picture(wide)


def _colours(traits: Traits) -> tuple[list[float], list[float]]:
    """Named colours of one portrait in -1..1 and their weights: 0 for what it does not wear."""
    values = [c / 127.5 - 1 for name, table in _TABLES for c in table[getattr(traits, name)]]
    worn = {"hat_colour": bool(traits.hat), "rim": bool(traits.glasses)}
    return values, [float(worn.get(name, True)) for name, _ in _TABLES for _ in range(3)]


def _choices(traits: Traits) -> list[int]:
    return [names.index(getattr(traits, name)) for name, names in _CHOICES]


def _choice_loss(logits: torch.Tensor, traits: list[Traits]) -> torch.Tensor:
    """Mean cross-entropy over all choices; squared errors learned rare ones too slowly."""
    wanted = torch.tensor([_choices(t) for t in traits])
    sizes = [len(names) for _, names in _CHOICES]
    parts = logits.split(sizes, dim=1)
    return torch.stack([cross_entropy(part, wanted[:, i]) for i, part in enumerate(parts)]).mean()


def loss_of(head, states: torch.Tensor, traits: list[Traits], cells: np.ndarray):
    """Loss of one batch of (N, 77, 128) encoder states, and its parts as floats."""
    facts, picture = head(states)
    told = zip(*(_colours(t) for t in traits), strict=True)
    values, weights = (torch.tensor(part) for part in told)
    colour = ((facts[:, :COLOUR_SIZE] - values).square() * weights).mean()
    choice = _choice_loss(facts[:, COLOUR_SIZE:], traits)
    image = (picture - encode_cells(cells).flatten(1)).square().mean()
    parts = {"colour": colour.item(), "choice": choice.item(), "picture": image.item()}
    return colour + 0.5 * choice + image, parts
