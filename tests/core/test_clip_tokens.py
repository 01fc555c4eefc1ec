"""CLIP tokens: known ids, places in the text, borders; ids against transformers: tests/engines."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import token_borders
from bespoke_gui.core.clip_tokens import count, encode, place

SUFFIX = ", hard color borders, sharp pixel edges"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", ()),
        ("hello", (3306,)),
        (
            "A photo of an astronaut  riding a horse on mars",
            (320, 1125, 539, 550, 18376, 6765, 320, 4558, 525, 7496),
        ),
        ("<|endoftext|>", (49407,)),
    ],
)
def test_ids_of_sd_1_5(text, ids):
    assert encode(text).ids == ids


def pieces(text):
    return [text[start:end] for start, end in encode(text).spans]


def test_places_are_in_the_text_as_it_was_written():
    assert pieces("Pixel ART, it's 24x24") == [
        "Pixel", "ART", ",", "it", "'s", "2", "4", "x", "2", "4",
    ]  # fmt: skip
    assert pieces("hair (#AABBCC)") == ["hair", "(#", "A", "ABB", "CC", ")"]
    assert pieces("caf\u0065\u0301 İx") == ["cafe\u0301", "İ", "İ", "x"]
    assert set(pieces("😀")) == {"😀"}


@given(
    st.one_of(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
        st.text(st.characters(codec="ascii"), max_size=60),
        st.just("a <|endoftext|> b"),
    )
)
def test_every_character_but_white_space_belongs_to_a_token(text):
    found = encode(text)
    assert len(found) == len(found.spans) == count(text)
    covered = {index for start, end in found.spans for index in range(start, end)}
    assert all(char.isspace() or index in covered for index, char in enumerate(text))
    assert list(found.spans) == sorted(found.spans)
    places = [place(text, index) for index in range(len(found))]
    assert places == [start for start, _ in found.spans]
    with pytest.raises(IndexError):
        place(text, len(found))


def test_half_an_emoji_and_a_long_line_are_no_trouble():
    assert count("a \ud83d b") == 5
    assert count("ab" * 20_000) > 1000


@pytest.mark.punks
def test_reference_captions_count_as_measured(punks):
    """Rows A and B of the table in facts/captions.md, section 6.3."""
    for folder, row in (
        ("captions_before", (37, 63, 119, 33)),
        ("captions_after", (42, 71, 137, 84)),
    ):
        counts = sorted(count(path.read_text("utf-8")) for path in (punks / folder).glob("*.txt"))
        assert (counts[0], counts[101], counts[-1], sum(n > 75 for n in counts)) == row
        assert counts[-1] <= 150


def test_a_short_caption_passes_no_border():
    reading = token_borders.read("pixel art, portrait")
    assert (reading.count, reading.borders, reading.windows) == (4, (), 1)


def test_the_phrase_that_crosses_is_named():
    text = "word " * 72 + SUFFIX
    reading = token_borders.read(text)
    (border,) = reading.borders
    assert border.words() == "75 is crossed in 'hard color borders'"
    assert text[border.place :].startswith("borders")
    assert reading.windows == 2


@pytest.mark.parametrize("words", [74, 75])
def test_a_phrase_that_begins_beyond_is_not_crossed(words):
    (border,) = token_borders.read("word " * words + SUFFIX).borders
    assert not border.splits
    assert border.words() == "75 is full before 'hard color borders'"


def test_several_borders_and_one_behind_all_phrases():
    found = token_borders.read("word " * 150 + ",")
    assert [border.limit for border in found.borders] == [75, 150]
    assert found.borders[1].phrase is None
    assert "behind the last phrase" in found.borders[1].words()
    assert len(token_borders.read("a; " * 120, ";").borders) == 3


def test_only_the_line_that_is_trained_on_counts():
    text = "one two\r\n" + "word " * 100
    assert token_borders.read(text).count == token_borders.count(text) == 2
