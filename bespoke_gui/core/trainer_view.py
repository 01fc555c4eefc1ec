"""What the trainer reads: a caption under a config, drawn a few times, and what befalls it.

As sd-scripts does it: line 1 only, phrases shuffled, tokens beyond the limit cut off, the folder's
class word where the caption is missing. Words for people are made here, once for window and shell.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bespoke_gui.core import clip_tokens
from bespoke_gui.core.caption_draw import (
    JOINER,
    CaptionOptions,
    Span,
    draw,
    dressed,
    options_from,
    read_lines,
    split_fixed,
)
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.dataset import named_repeats
from bespoke_gui.core.package_layout import class_name, safe_name
from bespoke_gui.core.project import Project
from bespoke_gui.core.project_data import prefixes
from bespoke_gui.core.token_borders import LINE_END

SAMPLES = 3
EMPTY = "The file is empty: the trainer stops here (caption file is empty)."
NOT_UTF_8 = "The file is {}, not UTF-8: the trainer stops here (illegal char in file)."
MARK = "The file begins with a byte order mark, which the trainer reads as one more character."


@dataclass(frozen=True)
class TrainerSetup:
    """What a config says about captions. notes: what it says that cannot be shown here."""

    options: CaptionOptions
    limit: int = clip_tokens.WINDOW
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Sample:
    """One draw. fixed: places of the phrases that never move; dropped: phrases left out this time.

    tokens: of the whole text; cut: the first character that the trainer does not read, or None.
    """

    text: str
    fixed: tuple[Span, ...] = ()
    dropped: tuple[str, ...] = ()
    tokens: int = 0
    cut: int | None = None


@dataclass(frozen=True)
class Borrowed:
    """The caption of another image: its file's name, and its text."""

    name: str
    text: str


@dataclass(frozen=True)
class Remark:
    """A sentence about the caption. severity: "error", "warning" or "info"."""

    severity: str
    text: str
    place: Span | None = None


@dataclass(frozen=True)
class TrainerView:
    """What the trainer reads of one caption: draws, what is to know first, and what chance does.

    random: whether other draws may differ. Without samples the trainer stops at this caption.
    """

    samples: tuple[Sample, ...]
    remarks: tuple[Remark, ...]
    chances: tuple[Remark, ...] = ()
    random: bool = False


def setup_from(values: Mapping[str, Any], extension: str | None = None) -> TrainerSetup:
    """Read a flattened config; `extension` stands in where the config names none."""
    options = options_from(values)
    if extension and not (values.get("caption_extension") or values.get("caption_extention")):
        options = replace(options, extension=extension)
    limit = clip_tokens.limit_of(values.get("max_token_length"))
    return TrainerSetup(options, limit, tuple(_notes(values)))


def view(
    caption: str | None,
    setup: TrainerSetup,
    *,
    extension: str = ".txt",
    encoding: str = "utf-8",
    class_word: str = "",
    borrowed: Borrowed | None = None,
    trigger: str = "",
    seed: int = 0,
    count: int = SAMPLES,
) -> TrainerView:
    """Return what `count` draws of a caption give, each text once, and what to know about it.

    The same seed makes the same draws. caption: the text of its file, None without one; a byte
    order mark and a last line end belong to it. extension: how that file ends. borrowed: the
    caption that `borrowed_stem` leads to, where there is one.
    """
    options = setup.options
    source, remarks = _source(caption, options, extension, encoding, class_word)
    if caption is None and borrowed and options.extension == extension:
        source, remarks = read_lines(borrowed.text, options.wildcard), [_about_borrowed(borrowed)]
    if source is None:
        return TrainerView((), tuple(remarks))
    varies = _varies(source, options)
    rng = random.Random(seed)
    drawn = [_sample(source, setup, rng) for _ in range(count if varies else 1)]
    if caption is not None and options.extension == extension:
        line = dressed(source, options).split("\n")[0]
        remarks += [_about_order(line, options), *_about_trigger(line, options, trigger)]
    remarks += _about_cut(drawn, setup.limit)
    chances = [*_about_dropout(options), *(Remark("info", note) for note in setup.notes)]
    return TrainerView(tuple(dict.fromkeys(drawn)), tuple(remarks), tuple(chances), varies)


def borrowed_stem(stem: str) -> str | None:
    """Return whose caption the trainer takes for an image without its own, None for nobody's.

    It tries the name without its last four parts, once the output of a face detector.
    """
    parts = stem.split("_")
    return "_".join(parts[:-4]) if len(parts) >= 5 else None


def class_word(image: str, folder: str, project: str) -> str:
    """Return the class word an image gets in a package: its numbered folder's, else the set's.

    image: its name below the dataset folder; folder: that folder's own name.
    """
    top = image.split("/")[0] if "/" in image else ""
    own = named_repeats(top) or named_repeats(folder)
    return safe_name(own[1] if own else class_name(project))


def project_class_word(project: Project, name: str) -> str:
    """Return the class word of an image of a project, by its name (or its caption's)."""
    for folder, prefix in prefixes(project).items():
        if not prefix or name.startswith(f"{prefix}/"):
            inside = name[len(prefix) + 1 :] if prefix else name
            return class_word(inside, folder.resolve().name, project.name)
    return class_name(project.name)


def as_stored(caption: Caption, text: str) -> str | None:
    """Return the whole text of a file that holds `text` in the form of `caption`, None for none."""
    if caption.missing and not text:
        return None
    whole = text + "\n" * caption.form.final_newline
    return f"\ufeff{whole}" if caption.bom and caption.encoding == "utf-8" else whole


def _notes(values: Mapping[str, Any]) -> list[str]:
    notes = []
    if values.get("dataset_config"):
        notes.append("The config names a dataset_config: what it says about captions comes first.")
    if values.get("token_warmup_step"):
        shown = values.get("token_warmup_min", 1)
        notes.append(f"token_warmup_step: the first steps see only {shown} of the moving phrases.")
    if values.get("weighted_captions"):
        notes.append("weighted_captions: brackets are read as weights, so the count may differ.")
    return notes


def _source(
    caption: str | None, options: CaptionOptions, extension: str, encoding: str, word: str
) -> tuple[str | None, list[Remark]]:
    """Return the text that draws start from, None where the trainer stops."""
    if caption is not None and options.extension != extension:
        return word, [Remark("error", _not_found(options.extension, extension, word))]
    if caption is None:
        found = f"the class word {word!r}" if word else "an empty caption"
        return word, [Remark("warning", f"There is no caption file: the trainer reads {found}.")]
    if encoding != "utf-8":
        return None, [Remark("error", NOT_UTF_8.format(encoding))]
    if not caption:
        return None, [Remark("error", EMPTY)]
    mark = [Remark("warning", MARK)] if caption.startswith("\ufeff") else []
    return read_lines(caption, options.wildcard), mark + _about_lines(caption, options)


def _about_borrowed(borrowed: Borrowed) -> Remark:
    text = (
        f"There is no caption file: the trainer takes {borrowed.name!r}, the name without its "
        "last four parts."
    )
    return Remark("warning", text)


def _not_found(wanted: str, extension: str, word: str) -> str:
    return (
        f'The config looks for "{wanted}" files and this one ends with "{extension}": the trainer '
        f"reads the class word {word!r} instead."
    )


def _about_lines(caption: str, options: CaptionOptions) -> list[Remark]:
    lines = read_lines(caption, wildcard=True).count("\n") + 1
    end = LINE_END.search(caption)
    if options.wildcard:
        text = f"One of {lines} lines is taken at random each time."
        return [Remark("info", text)] if lines > 1 else []
    if not read_lines(caption):
        return [Remark("warning", "Line 1 is blank: the trainer reads an empty caption.")]
    if end and caption[end.start() :].strip():
        place = (end.start(), len(caption))
        return [Remark("warning", "Only line 1 is read; the rest is ignored.", place)]
    return []


def _varies(source: str, options: CaptionOptions) -> bool:
    chosen = options.wildcard and ("\n" in source or "{" in source)
    return options.takes_apart or chosen or options.dropout_rate > 0


def _sample(source: str, setup: TrainerSetup, rng: random.Random) -> Sample:
    found = draw(source, setup.options, 1, rng)
    tokens = clip_tokens.encode(found.text)
    cut = tokens.spans[setup.limit][0] if len(tokens) > setup.limit else None
    return Sample(found.text, found.fixed, found.dropped, len(tokens), cut)


def _about_order(line: str, options: CaptionOptions) -> Remark:
    if not options.takes_apart:
        return Remark("info", "Nothing is shuffled: phrases stay as they are written.")
    front, _, back = split_fixed(line, options)
    held = ", ".join(repr(phrase) for phrase in (*front, *back) if phrase)
    by_mark = bool(options.keep_separator) and options.keep_separator in line
    by = "keep_tokens_separator" if by_mark else f"keep_tokens = {options.keep_tokens}"
    order = "shuffled each time" if options.shuffle else "kept in order"
    return Remark("info", f"Phrases are {order}; fixed by {by}: {held or 'none'}.")


def _about_trigger(line: str, options: CaptionOptions, trigger: str) -> list[Remark]:
    if not trigger:
        return []
    if not _says(line, trigger):
        return [Remark("warning", f"The trigger {trigger!r} is not in this caption.")]
    if not options.takes_apart:
        return []
    front, free, back = split_fixed(line, options)
    if _says(JOINER.join(front), trigger) or _says(JOINER.join(back), trigger):
        return [Remark("info", f"The trigger {trigger!r} is among the fixed phrases.")]
    whole = [*front, *free]
    ends = range(1, len(whole) + 1)
    needed = next((n for n in ends if _says(JOINER.join(whole[:n]), trigger)), len(whole))
    hint = f"keep_tokens = {needed} would hold it"
    return [Remark("warning", f"The trigger {trigger!r} moves about: {hint}.")]


def _says(text: str, trigger: str) -> bool:
    return trigger.casefold() in text.casefold()


def _about_dropout(options: CaptionOptions) -> list[Remark]:
    found = []
    if options.dropout_rate > 0:
        found.append(
            f"{100 * options.dropout_rate:.3g}% of the time the whole caption is left out."
        )
    if options.dropout_every:
        found.append(f"Every epoch divisible by {options.dropout_every} sees empty captions.")
    if options.tag_dropout > 0:
        found.append(
            f"Each phrase not fixed is left out {100 * options.tag_dropout:.3g}% of the time."
        )
    return [Remark("info", text) for text in found]


def _about_cut(samples: list[Sample], limit: int) -> list[Remark]:
    longest = max(sample.tokens for sample in samples)
    if longest <= limit:
        return []
    text = f"{longest} tokens, the trainer reads {limit}: what is struck through is cut off."
    return [Remark("warning", text)]
