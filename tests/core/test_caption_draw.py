"""Caption draws: the same texts as sd-scripts' own code gives from the same random numbers."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.caption_draw import (
    CaptionOptions,
    draw,
    options_from,
    read_lines,
    split_fixed,
)

CAPTION = "pixel art, 24x24, portrait of bespoke punk lad, brown hair, green background"
TEXTS = st.text(st.sampled_from("ab ,;|{}\n⦅⦆\t"), max_size=40)
OPTIONS = st.builds(
    CaptionOptions,
    shuffle=st.booleans(),
    keep_tokens=st.integers(0, 4),
    keep_separator=st.sampled_from(["", "|", ";;", "a"]),
    separator=st.sampled_from([",", ";", "ab"]),
    secondary_separator=st.sampled_from(["", ";", ", ", "|"]),
    prefix=st.sampled_from(["", "punk", "x, y"]),
    suffix=st.sampled_from(["", "art", ", z"]),
    dropout_rate=st.sampled_from([0.0, 0.3]),
    dropout_every=st.integers(0, 2),
    tag_dropout=st.sampled_from([0.0, 0.4]),
    wildcard=st.booleans(),
)


def sd_scripts(subset, caption, current_epoch, random):  # noqa: C901, PLR0912
    """process_caption of sd-scripts 48d368fa (Apache-2.0), line by line, without warm-up."""
    if subset.prefix:
        caption = subset.prefix + " " + caption
    if subset.suffix:
        caption = caption + " " + subset.suffix
    is_drop_out = subset.dropout_rate > 0 and random.random() < subset.dropout_rate
    is_drop_out = is_drop_out or (
        subset.dropout_every > 0 and current_epoch % subset.dropout_every == 0
    )
    if is_drop_out:
        return ""
    if subset.wildcard:
        if "\n" in caption:
            caption = random.choice(caption.split("\n"))
        replacer1, replacer2 = "⦅", "⦆"
        while replacer1 in caption or replacer2 in caption:
            replacer1 += "⦅"
            replacer2 += "⦆"
        caption = caption.replace("{{", replacer1).replace("}}", replacer2)
        caption = re.sub(r"\{([^}]+)\}", lambda m: random.choice(m.group(1).split("|")), caption)
        caption = caption.replace(replacer1, "{").replace(replacer2, "}")
    else:
        caption = caption.split("\n")[0]
    if subset.shuffle or subset.tag_dropout > 0:
        fixed, flex, suffix = [], [], []
        separator = subset.separator
        if subset.keep_separator and subset.keep_separator in caption:
            fixed_part, flex_part = caption.split(subset.keep_separator, 1)
            if subset.keep_separator in flex_part:
                flex_part, suffix_part = flex_part.split(subset.keep_separator, 1)
                suffix = [t.strip() for t in suffix_part.split(separator) if t.strip()]
            fixed = [t.strip() for t in fixed_part.split(separator) if t.strip()]
            flex = [t.strip() for t in flex_part.split(separator) if t.strip()]
        else:
            tokens = [t.strip() for t in caption.strip().split(separator)]
            flex = tokens[:]
            if subset.keep_tokens > 0:
                fixed, flex = flex[: subset.keep_tokens], tokens[subset.keep_tokens :]
        if subset.shuffle:
            random.shuffle(flex)
        if subset.tag_dropout > 0:
            flex = [token for token in flex if random.random() >= subset.tag_dropout]
        caption = ", ".join(fixed + flex + suffix)
    if subset.secondary_separator:
        caption = caption.replace(subset.secondary_separator, subset.separator)
    return caption


@given(TEXTS, OPTIONS, st.integers(1, 4), st.integers(0, 5))
def test_draws_what_sd_scripts_draws(text, options, epoch, seed):
    caption = read_lines(text, options.wildcard)
    found = draw(caption, options, epoch, random.Random(seed))
    assert found.text == sd_scripts(options, caption, epoch, random.Random(seed))


@given(st.integers(0, 50), st.integers(0, 6))
def test_fixed_phrases_are_where_it_says(seed, keep):
    options = CaptionOptions(shuffle=True, keep_tokens=keep, tag_dropout=0.3)
    found = draw(CAPTION, options, 1, random.Random(seed))
    phrases = CAPTION.split(", ")
    assert [found.text[start:end] for start, end in found.fixed] == phrases[:keep]
    kept = found.text.split(", ") if found.text else []
    assert sorted([*kept, *found.dropped]) == sorted(phrases)


def test_a_keep_separator_fixes_front_and_back():
    options = CaptionOptions(shuffle=True, keep_separator="|||", keep_tokens=1)
    text = "a, b ||| c, , d ||| e"
    assert split_fixed(text, options) == (["a", "b"], ["c", "d"], ["e"])
    found = draw(text, options, 1, random.Random(0))
    assert [found.text[start:end] for start, end in found.fixed] == ["a", "b", "e"]


@pytest.mark.parametrize(
    ("text", "first", "every"),
    [
        ("one\ntwo\n", "one", "one\ntwo"),
        (" a \r\n\r\nb\rc", "a", "a\nb\nc"),
        ("\nsecond", "", "second"),
        ("", "", ""),
        ("x\x0by\u2028z", "x\x0by\u2028z", "x\x0by\u2028z"),
    ],
)
def test_only_the_first_line_is_read(text, first, every):
    assert read_lines(text) == first
    assert read_lines(text, wildcard=True) == every


def test_options_are_read_as_the_trainer_reads_them():
    assert options_from({}) == CaptionOptions()
    given_values = {
        "caption_extension": ".txt", "shuffle_caption": True, "keep_tokens": 3,
        "keep_tokens_separator": "|||", "caption_separator": ";", "secondary_separator": "~",
        "caption_prefix": "p", "caption_suffix": "s", "caption_dropout_rate": 0.05,
        "caption_dropout_every_n_epochs": 3, "caption_tag_dropout_rate": 1,
        "enable_wildcard": True,
    }  # fmt: skip
    assert options_from(given_values) == CaptionOptions(
        ".txt", True, 3, "|||", ";", "~", "p", "s", 0.05, 3, 1.0, True
    )
    wrong = {"shuffle_caption": "yes", "keep_tokens": True, "caption_dropout_rate": "0.1"}
    assert options_from(wrong) == CaptionOptions()
