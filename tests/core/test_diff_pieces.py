"""Pieces of a diff: both sides rebuilt, moved phrases told and brought back, huge texts survive."""

import itertools
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import diff_align, worddiff
from bespoke_gui.core.caption_diff import compare_captions
from bespoke_gui.core.caption_revert import (
    pieces_of_phrase,
    revert_captions,
    revert_change,
    revert_pieces,
    undo_between,
)
from bespoke_gui.core.diff_pieces import Piece, pieces

PHRASE = st.sampled_from(
    ["a hat", "red hat", "blue eyes", "dark blue eyes", "smile", "tie", "a", "(x", "é-b", "24x24"]
)
GAP = st.sampled_from([", ", ", ", ", ", ",", " , ", "\n", ", , ", " "])


@st.composite
def captions(draw):
    """Draw a caption of phrases and separators, clean or not."""
    phrases = draw(st.lists(PHRASE, max_size=9))
    parts = [part for phrase in phrases for part in (phrase, draw(GAP))]
    return draw(st.sampled_from(["", " ", ", "])) + "".join(parts[:-1])


TEXT = st.one_of(captions(), captions(), st.text(max_size=40))
SEPARATOR = st.sampled_from([",", ";", "\n", ", "])


def clean(*phrases):
    return ", ".join(phrases)


@given(TEXT, TEXT, SEPARATOR)
def test_joined_pieces_are_both_texts(before, after, separator):
    found = pieces(before, after, separator)
    assert "".join(piece.before for piece in found) == before
    assert "".join(piece.after for piece in found) == after
    for piece in found:
        assert piece.before or piece.after
        assert (piece.kind == "equal") == (piece.before == piece.after) == (piece.id == 0)
        if piece.kind == "moved":
            assert not (piece.before and piece.after)


@given(TEXT, TEXT)
def test_read_through_neighbouring_changes_are_one(before, after):
    found = worddiff.read_through(pieces(before, after))
    assert revert_pieces(found, {piece.id for piece in found}) == before
    assert revert_pieces(found, ()) == after
    for one, two in itertools.pairwise(found):
        kinds = {one.kind, two.kind}
        assert "moved" in kinds or (kinds >= {"equal"} and len(kinds) == 2)


@given(TEXT, TEXT)
def test_a_moved_phrase_has_two_halves_with_the_same_words(before, after):
    halves: dict[int, list[Piece]] = {}
    for piece in pieces(before, after):
        if piece.kind == "moved":
            halves.setdefault(piece.id, []).append(piece)
    for pair in halves.values():
        assert sorted(bool(piece.before) for piece in pair) == [False, True]
        assert len({worddiff.phrase_in(piece.before or piece.after) for piece in pair}) == 1


@given(TEXT, TEXT, SEPARATOR)
def test_all_taken_back_is_the_earlier_text(before, after, separator):
    found = pieces(before, after, separator)
    assert revert_pieces(found, {piece.id for piece in found}) == before
    assert revert_pieces(found, ()) == after


@given(TEXT, TEXT, st.data())
def test_any_part_taken_back_is_made_of_both_texts(before, after, data):
    found = pieces(before, after)
    ids = sorted({piece.id for piece in found} - {0})
    chosen = set(data.draw(st.lists(st.sampled_from(ids), unique=True))) if ids else set()
    text = revert_pieces(found, chosen)
    rest = text
    for piece in found:
        part = piece.before if piece.id in chosen else piece.after
        assert rest.startswith(part)
        rest = rest[len(part) :]
    assert rest == ""


@given(st.permutations(["a", "b c", "d", "e f", "g"]), st.permutations(["a", "b c", "d", "e f"]))
def test_shuffled_phrases_are_only_moved(first, second):
    before, after = clean(*first), clean(*second, "g")
    found = pieces(before, after)
    assert {piece.kind for piece in found} <= {"equal", "moved"}
    result = worddiff.compare(before, after)
    assert not result.lossy
    # Whichever of the moved phrases are taken back: no separator is lost or doubled.
    for piece in found:
        text = revert_pieces(found, {piece.id})
        assert sorted(text.split(", ")) == sorted(first)


def test_a_moved_phrase_goes_back_alone():
    diff = worddiff.compare(
        "a hat, blue eyes, smile, lips", "dark blue eyes, smile, lips, a hat, tie"
    )
    moved = [hunk for hunk in diff.hunks if hunk.op == "moved"]
    assert [(hunk.before, hunk.after) for hunk in moved] == [("a hat", "a hat")]
    assert diff.moved == ["a hat"]
    text = revert_pieces(diff.pieces, moved[0].ids)
    assert text == "a hat, dark blue eyes, smile, lips, tie"


def test_a_move_beside_a_change_stays_apart_from_it():
    diff = worddiff.compare("one, two, three, four", "two, red, four, one")
    assert {(hunk.op, hunk.before, hunk.after) for hunk in diff.hunks} == {
        ("moved", "one", "one"),
        ("replace", "three", "red"),
    }


def test_each_phrase_that_went_can_come_back_alone():
    diff = worddiff.compare(
        "a lad, hair with a centre part, wearing moustache, blue eyes",
        "a lad, hair distinct from blue eyes",
    )
    gone = next(piece for piece in diff.pieces if "moustache" in piece.before)
    assert "centre" not in gone.before
    assert "moustache" in revert_pieces(diff.pieces, {gone.id})
    assert "centre" not in revert_pieces(diff.pieces, {gone.id})


def test_the_pieces_of_a_phrase():
    diff = worddiff.compare("a lad, dark brown eyes, hat", "a lad, very dark green eyes, cap, tie")
    eyes = pieces_of_phrase(diff, diff.after.index("green"))
    assert revert_pieces(diff.pieces, eyes) == "a lad, dark brown eyes, cap, tie"
    assert pieces_of_phrase(diff, 0) == ()
    tie = pieces_of_phrase(diff, len(diff.after) - 1)
    assert revert_pieces(diff.pieces, tie) == "a lad, very dark green eyes, cap"
    lost = worddiff.compare("a, dark brown eyes, b", "a, dark eyes, b")
    assert revert_pieces(lost.pieces, pieces_of_phrase(lost, 4)) == "a, dark brown eyes, b"


@given(TEXT, TEXT)
def test_the_phrases_of_a_caption_hold_only_its_pieces(before, after):
    diff = worddiff.compare(before, after)
    ids = {piece.id for piece in diff.pieces}
    for offset in range(len(after) + 1):
        assert set(pieces_of_phrase(diff, offset)) <= ids - {0}


def test_one_change_is_taken_back_where_it_is_wanted():
    before = {name: f"{name} hair, shades" for name in ("a", "b", "c")}
    after = {name: f"{name} hair, sunglasses, sharp" for name in before}
    files = compare_captions(before, after).files
    key = ("replace", "shades", "sunglasses, sharp")
    assert revert_change(files, key, ["a", "c"]) == {"a": "a hair, shades", "c": "c hair, shades"}
    assert revert_change(files, ("insert", "", "no such"), ["a"]) == {}
    assert revert_captions(files, ["b"]) == {"b": before["b"]}


def test_a_word_found_elsewhere_in_its_caption_is_no_loss_of_the_change():
    files = {
        "a": ("red hat, tie, big", "tie, big, red cap with hat"),
        "b": ("red hat, tie, big", "tie, big"),
    }
    before, after = ({n: pair[side] for n, pair in files.items()} for side in (0, 1))
    result = compare_captions(before, after)
    rows = {change.key: change for change in result.distinct_changes()}
    gone = rows["delete", "red hat, ", ""]
    assert (gone.count, gone.lossy, gone.lost) == (2, ["b"], ["red", "hat"])


@given(TEXT, TEXT)
def test_undoing_a_change_nobody_touched_gives_the_earlier_text(before, after):
    assert undo_between(before, after, after).text == before
    assert undo_between(before, after, after).kept == []


@given(captions(), captions(), st.sampled_from([", new words", ", zz", "\nlast"]))
def test_undoing_a_change_keeps_what_was_written_behind_it(before, after, more):
    undone = undo_between(before, after, after + more)
    assert undone.kept or undone.text == before + more
    assert undone.text.endswith(more)


def test_undoing_a_change_leaves_what_was_edited_again():
    before, after = "red hat, shades, tie", "red cap, sunglasses, tie"
    now = "red cap, dark sunglasses, tie"
    undone = undo_between(before, after, now)
    assert undone.text == "red hat, dark shades, tie"
    assert undone.kept == []
    undone = undo_between(before, after, "red cap, goggles, tie")
    assert undone.text == "red hat, goggles, tie"
    assert undone.kept == [("shades", "sunglasses")]


def test_a_phrase_moved_and_edited_since_is_not_brought_back_by_half():
    before, after = "a hat, blue eyes, smile", "blue eyes, smile, a hat"
    undone = undo_between(before, after, "blue eyes, smile, a big hat")
    assert undone.text == "blue eyes, smile, a big hat"
    assert undone.kept
    assert undo_between(before, after, "grey eyes, smile, a hat").text == "a hat, grey eyes, smile"


@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=40))
def test_aligned_items_are_equal_and_rise(old, new):
    for most in (diff_align.MOST_VISITS, 0):
        pairs = aligned(list(map(str, old)), list(map(str, new)), most)
        assert all(old[i] == new[k] for i, k in pairs)
        assert all(one < two for one, two in itertools.pairwise(pairs))
        assert all(one[1] < two[1] for one, two in itertools.pairwise(pairs))


def aligned(old, new, most):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(diff_align, "MOST_VISITS", most)
        return diff_align.matches(old, new)


def test_huge_texts_are_aligned_by_what_is_there_once():
    chance = random.Random(1)
    words = [chance.choice(["a", "b", f"word{n}"]) for n in range(30_000)]
    other = [w for w in words if chance.random() > 0.02]
    ops = worddiff.diff(" ".join(words), " ".join(other))
    kept = sum(len(op.before) for op in ops if op.op == "equal")
    assert kept > 0.8 * len(" ".join(other))


@pytest.mark.parametrize(
    ("before", "after"),
    [("a " * 20_000, "b a " * 20_000), (" " * 200_000, "x" + " " * 150_000), (",a" * 30_000, "a,")],
)
def test_texts_made_to_be_slow_are_not(before, after):
    found = pieces(before, after)
    assert "".join(piece.before for piece in found) == before
    assert "".join(piece.after for piece in found) == after
