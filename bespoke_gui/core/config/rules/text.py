"""Rules about captions: which files are read, how much of them, and what happens to the rest."""

from __future__ import annotations

from collections.abc import Iterator

from bespoke_gui.core import clip_tokens
from bespoke_gui.core.caption_draw import dressed, options_from, read_lines
from bespoke_gui.core.config.case import Case, rule
from bespoke_gui.core.errors import Problem


@rule
def caption_files(case: Case) -> Iterator[Problem]:
    """The trainer looks for .caption files unless it is told otherwise."""
    if case.given("caption_extension") or case.given("caption_extention"):
        return
    if case.given("dataset_config"):
        return
    present = case.captions is None or any(text is not None for text in case.captions.values())
    message = (
        'caption_extension is not set: the trainer looks for ".caption" files and, finding none, '
        "trains on the folder's name instead of your .txt captions"
    )
    yield case.finding(
        "caption_extension",
        "error" if case.captions is not None and present else "warning",
        "caption_extension",
        message,
        'set caption_extension = ".txt"',
    )


@rule
def caption_dot(case: Case) -> Iterator[Problem]:
    """The trainer puts the extension behind the name as it is."""
    extension = case.values.get("caption_extension")
    if isinstance(extension, str) and not extension.startswith("."):
        message = f'caption_extension = "{extension}" has no dot, so no caption is found'
        hint = f'write caption_extension = ".{extension or "txt"}"'
        yield case.finding("caption_extension", "error", "caption_extension", message, hint)


@rule
def long_captions(case: Case) -> Iterator[Problem]:
    """Tokens beyond max_token_length are cut off."""
    limit = clip_tokens.limit_of(case.get("max_token_length"))
    options = options_from(case.values)
    texts = [text for text in (case.captions or {}).values() if text]
    counts = (clip_tokens.count(dressed(read_lines(text), options)) for text in texts)
    long = [count for count in counts if count > limit]
    if long:
        better = next((n for n in (150, 225) if n >= max(long)), 225)
        message = (
            f"{len(long)} of {len(texts)} captions have more than {limit} tokens ({max(long)} at "
            "most); the rest of them is cut off"
        )
        hint = f"set max_token_length = {better}" if better > limit else "shorten them"
        yield case.finding("captions_cut_off", "warning", "max_token_length", message, hint)


@rule
def no_shuffling(case: Case) -> Iterator[Problem]:
    """keep_tokens protects phrases from being shuffled or dropped."""
    moved = case.get("shuffle_caption") or case.number("caption_tag_dropout_rate")
    if (case.number("keep_tokens") or 0) > 0 and not moved:
        message = "keep_tokens has no effect, since shuffle_caption is off"
        yield case.finding("ignored_value", "info", "keep_tokens", message, "take it out")
