"""Phrase book, tag list, completion, phrase edits, quick phrases, colour names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import phrase_edit, phrases, quick_phrases
from bespoke_gui.core.colour_names import name_of
from bespoke_gui.core.completion import Completion, Offer, typed_at
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.phrase_book import PhraseBook
from bespoke_gui.core.tag_list import Tag, read_tags

CAPTION = st.lists(st.sampled_from(["red hair", "Blue hat", "x", "red hat", ""]), max_size=6).map(
    ", ".join
)


def test_a_phrase_counts_once_a_caption():
    book = PhraseBook(["red, red, hat", "red", None])
    assert book.counts() == [("red", 2), ("hat", 1)]


@given(st.lists(st.tuples(st.integers(0, 3), CAPTION), max_size=20))
def test_the_book_follows_every_edit(edits):
    texts, book = {}, PhraseBook()
    for name, text in edits:
        book.change(texts.get(name), text)
        texts[name] = text
    assert book.counts() == PhraseBook(texts.values()).counts()


def test_tags_as_the_field_writes_them(tmp_path):
    path = tmp_path / "danbooru.csv"
    path.write_text('1girl,0,6008644,"1girls,sole_female"\nlong_hair,0,4350743,\nplain\n')
    assert read_tags(path) == [
        Tag("1girl", 6008644, ("1girls", "sole female")),
        Tag("long hair", 4350743),
        Tag("plain"),
    ]
    path.write_text("tag,count\nhat,7\n")
    assert read_tags(path) == [Tag("hat", 7)]


@pytest.mark.parametrize("data", [b"", b"\n\n", b"\0\1\2", b"tag,count\n"])
def test_a_file_without_tags_is_named(tmp_path, data):
    path = tmp_path / "tags.csv"
    path.write_bytes(data)
    with pytest.raises(AppError) as caught:
        read_tags(path)
    assert "tags.csv" in str(caught.value)


def test_own_phrases_come_before_tags():
    tags = [Tag("brown eyes", 900), Tag("auburn hair", 5, ("brown hair",)), Tag("brown hair", 3)]
    ready = Completion([("brown hair", 7), ("dark brown hair", 9), ("crown", 3)], tags)
    offers = ready.offers("bro")
    assert [offer.text for offer in offers] == [
        "brown hair",
        "dark brown hair",
        "brown eyes",
        "auburn hair",
    ]
    assert offers[0] == Offer("brown hair", 7)
    assert offers[3].alias == "brown hair"
    assert ready.offers("b") == []
    assert ready.offers("crown") == []


@given(CAPTION, st.integers(0, 40))
def test_what_is_typed_is_one_phrase(caption, cursor):
    cursor = min(cursor, len(caption))
    typed = typed_at(caption, cursor)
    assert typed.start <= cursor <= typed.end
    assert typed.text == caption[typed.start : cursor]
    assert "," not in caption[typed.start : typed.end]


@given(CAPTION)
def test_adding_and_removing_a_phrase(caption):
    before = [p.text for p in phrases.split(caption)]
    added = phrase_edit.add(caption, "green eyes")
    assert [p.text for p in phrases.split(added)] == [*before, "green eyes"]
    assert phrase_edit.add(added, "Green Eyes") == added
    left = phrase_edit.remove(added, "green eyes")
    assert [p.text for p in phrases.split(left)] == before
    renamed = phrase_edit.rename(caption, "red hair", "pink hair")
    assert [p.text for p in phrases.split(renamed)] == [
        "pink hair" if text == "red hair" else text for text in before
    ]


def test_quick_phrases_are_lines_of_a_file(tmp_path):
    assert quick_phrases.read(tmp_path) == []
    quick_phrases.write(tmp_path, ["  red hat ", "red hat", "", *map(str, range(20))])
    found = quick_phrases.read(tmp_path)
    assert found[:2] == ["red hat", "0"]
    assert len(found) == quick_phrases.MOST
    (tmp_path / quick_phrases.FILE_NAME).write_bytes(b"\xff\xfe\xff")
    assert quick_phrases.read(tmp_path) == []
    with pytest.raises(AppError, match="left alone"):
        quick_phrases.write(tmp_path, ["x"])


def test_colours_have_names():
    assert name_of(0, 0, 0) == "black"
    assert name_of(255, 0, 0) == "red"
    assert name_of(101, 55, 0) == "brown"
