"""Excerpts: the changes are all there, what is equal is cut between words."""

from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.diff_excerpt import cut, excerpt
from bespoke_gui.core.diff_pieces import pieces

WORD = st.sampled_from(["hat", "red", "tie", "moustache", "with", "smile"])
TEXT = st.lists(st.lists(WORD, min_size=1, max_size=4).map(" ".join), max_size=8).map(", ".join)


@given(TEXT, TEXT)
def test_every_change_is_in_its_excerpt(before, after):
    found = pieces(before, after)
    short = excerpt(found, around=10)
    assert [p for p in short if p.id] == [p for p in found if p.id]
    assert all(len(p.after) <= 23 for p in short if not p.id)


def test_only_the_change_in_focus_is_marked():
    found = pieces("a lad, red hat, blue eyes, tie", "a lad, red cap, blue eyes, scarf")
    number = next(piece.id for piece in found if piece.after == "cap")
    short = excerpt(found, {number}, around=12)
    assert [(p.before, p.after) for p in short] == [
        ("a lad, red ", "a lad, red "),
        ("hat", "cap"),
        (", blue eyes…", ", blue eyes…"),
    ]


def test_a_long_text_is_cut_between_words():
    assert cut("red hat with a tie", 12) == "red hat…"
    assert cut("red hat", 12) == "red hat"
    assert cut("x" * 40, 12) == "x" * 11 + "…"
