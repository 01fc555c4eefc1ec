"""Rules about names: options the trainer does not know, and the same option written twice."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.errors import Problem

SDXL_ONLY = "take it out: it belongs to sdxl_train_network.py"
HINTS = {
    "bucket_resolution": "take it out: the option resolution sets the training size",
    "sdxl": "take it out: SDXL is trained with sdxl_train_network.py, not by an option",
    "cache_text_encoder_outputs": SDXL_ONLY,
    "cache_text_encoder_outputs_to_disk": SDXL_ONLY,
    "disable_mmap_load_safetensors": SDXL_ONLY,
    "conv_dim": 'write network_args = ["conv_dim=8"]',
    "conv_alpha": 'write network_args = ["conv_dim=8", "conv_alpha=4"]',
    "num_repeats": "take it out: the number in front of the folder's name counts",
    "repeats": "take it out: the number in front of the folder's name counts",
    "class_tokens": "take it out: the folder's name behind its number counts",
}


@rule
def unknown_key(case: Case) -> Iterator[Problem]:
    """The trainer puts every name into its settings and never looks at one it does not know."""
    for key in case.values:
        if key not in case.table:
            yield case.finding(
                "unknown_key",
                "warning",
                key,
                f"{key} is no option of the trainer, which ignores it without a word",
                _hint(case, key),
            )


def _hint(case: Case, key: str) -> str:
    near = case.table.nearest(key)
    return HINTS.get(key) or (f"did you mean {near}?" if near else "take it out")


@rule
def written_twice(case: Case) -> Iterator[Problem]:
    """Sections are dissolved, so the last one wins."""
    for key, sections in case.config.duplicates.items():
        places = ", ".join(f"[{name}]" if name else "the top" for name in sections)
        yield case.finding(
            "written_twice",
            "info",
            key,
            f"{key} stands in {places}; the last one counts: {case.values[key]!r}",
            "keep one of them",
        )


@rule
def old_spelling(case: Case) -> Iterator[Problem]:
    """`caption_extention` is an old misspelling that wins over the right name."""
    if isinstance(case.values.get("caption_extention"), str):
        yield case.finding(
            "old_spelling",
            "info",
            "caption_extention",
            "caption_extention is an old spelling, and replaces caption_extension",
            "write caption_extension",
        )
