"""Phrases and content words of a caption."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import phrases, words


@given(st.text("ab ,;()\n", max_size=60), st.sampled_from([",", ";", ", ", "\n"]))
def test_spans_are_where_they_say_and_cover_all_but_separators(text, separator):
    found = phrases.split(text, separator)
    for phrase in found:
        assert text[phrase.start : phrase.end] == phrase.text
        assert phrase.text == phrase.text.strip() != ""
    rest = list(text)
    for phrase in found:
        rest[phrase.start : phrase.end] = [""] * (phrase.end - phrase.start)
    mark = separator.strip() or "\n"
    assert not set("".join(rest)) - set(mark + " \n")


def test_commas_in_brackets_cut_but_are_told():
    found = phrases.split("bow (#ff0255, #c37d7d), eyes (blue), (half, open")
    assert [(p.text, p.inside_brackets) for p in found] == [
        ("bow (#ff0255", True),
        ("#c37d7d)", True),
        ("eyes (blue)", False),
        ("(half", False),
        ("open", False),
    ]


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [(0, 8, False), (0, 9, True), (10, 14, False), (8, 10, True), (4, 13, True)],
)
def test_crossing_a_separator(start, end, expected):
    assert phrases.crosses("red hair, blue eyes", start, end) is expected


def test_a_trailing_separator_is_not_crossed():
    assert not phrases.crosses("red hair,", 0, 9)


def test_phrase_at_an_offset():
    found = phrases.split("red hair, blue eyes")
    assert [getattr(phrases.phrase_at(found, n), "text", None) for n in (0, 7, 8, 10)] == [
        "red hair",
        "red hair",
        None,
        "blue eyes",
    ]


def test_unmatched_brackets():
    assert phrases.unmatched_brackets("(a) b) [c (d") == [5, 7, 10]
    assert phrases.unmatched_brackets("a (b [c] d)") == []


def test_content_words_are_folded_and_function_words_left_out():
    text = "A Red hat with the slicked-back hair, NOT without #ff00aa glasses"
    assert words.content_words(text) == [
        *("red", "hat", "slicked-back", "hair", "not", "without", "glasses"),
    ]


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("#fff #ffffff #a1b2c3d4 #1a2", 4),
        ("#bad #facade #12345 #1234567 #abcdefg", 0),
    ],
)
def test_hex_colours_are_told_from_words(text, codes):
    assert len(words.HEX_COLOUR.findall(text)) == codes


@given(st.lists(st.sampled_from(["red", "hat", "blue", "eyes", "the", "of"]), max_size=12))
def test_a_word_is_lost_as_often_as_it_is_gone(parts):
    text = " ".join(parts)
    assert words.missing(text, text) == []
    doubled = words.missing(f"{text} {text}", text)
    assert doubled == words.content_words(text)


def test_synonyms_excuse_as_many_as_were_gained():
    before, after = "black stunner shades, shades", "black sunglasses, hat"
    assert words.lost(before, after) == ["stunner", "shades", "shades"]
    assert words.lost(before, after, {"shades": "sunglasses"}) == ["stunner", "shades"]
    assert words.lost(before, after, {"stunner shades": "sunglasses"}) == ["shades"]
    assert words.lost(before, after, {"shades": "", "stunner": ""}) == []
    assert words.lost(before, before, {"shades": "sunglasses"}) == []
