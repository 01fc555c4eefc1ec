"""Word diff: both sides can be rebuilt, phrases stay together, lost words are named."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import captions, worddiff, words
from bespoke_gui.core.caption_diff import compare_captions, compare_folders
from bespoke_gui.core.caption_revert import revert_pieces
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.worddiff import Op

WORDS = st.sampled_from(
    ["red", "hat", ",", ", ", " ", "\n", "blue eyes", "(", "é", "-", "'s", "#f"]
)
TEXT = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=30).map("".join))


def sides(ops):
    return "".join(op.before for op in ops), "".join(op.after for op in ops)


@given(TEXT, TEXT, st.sampled_from([",", "\n", ";"]))
def test_both_sides_are_rebuilt_and_steps_alternate(before, after, separator):
    ops = worddiff.diff(before, after, separator)
    assert sides(ops) == (before, after)
    for op in ops:
        kinds = {(True, True): "replace", (True, False): "delete", (False, True): "insert"}
        expected = "equal" if op.before == op.after else kinds[bool(op.before), bool(op.after)]
        assert op.op == expected
        assert op.before or op.after
    equal = [op.op == "equal" for op in ops]
    assert all(one != two for one, two in itertools.pairwise(equal))


def test_an_added_suffix_is_one_insert():
    assert worddiff.diff("pixel art, red tie", "pixel art, red tie, sharp edges") == [
        Op("equal", "pixel art, red tie", "pixel art, red tie"),
        Op("insert", "", ", sharp edges"),
    ]


def test_a_changed_word_is_found_inside_its_phrase():
    ops = worddiff.diff("pixel art, dark brown eyes, hat", "pixel art, dark green eyes, hat")
    assert [op for op in ops if op.op != "equal"] == [Op("replace", "brown", "green")]


def test_words_are_never_cut():
    ops = worddiff.diff("stunner shades, hat", "stunner eyes, hat")
    assert Op("replace", "shades", "eyes") in ops


def test_words_with_only_space_between_are_one_change():
    ops = worddiff.diff("hair with center part gone", "hair clearly distinct from gone")
    changed = [op for op in ops if op.op != "equal"]
    assert changed == [Op("replace", "with center part", "clearly distinct from")]


def test_phrases_without_a_common_word_are_replaced_whole():
    ops = worddiff.diff("a hat, red and big, x", "a hat, blue or small, x")
    assert Op("replace", "red and big", "blue or small") in ops


def test_a_moved_phrase_is_told():
    result = worddiff.compare("a hat, blue eyes, smile", "blue eyes, smile, a hat")
    assert result.moved == ["a hat"]
    assert not result.lossy
    assert worddiff.compare("a hat, smile", "a hat, smile, hat").moved == []


@pytest.mark.parametrize(
    ("before", "after", "status", "lost", "lossy"),
    [
        ("red hat", "red hat", "equal", [], False),
        ("red hat", "Red Hat, the end of it", "changed", [], False),
        ("the red hat", "red hat", "changed", [], False),
        ("red hat, red eyes", "red hat, eyes", "changed", ["red"], True),
        (None, "red hat", "added", [], False),
        ("red hat", None, "removed", ["red", "hat"], True),
        (None, None, "equal", [], False),
        ("", None, "removed", [], False),
    ],
)
def test_status_and_loss(before, after, status, lost, lossy):
    result = worddiff.compare(before, after)
    assert (result.status, result.lost, result.lossy) == (status, lost, lossy)


def test_a_declared_synonym_is_no_loss():
    before, after = "black shades", "black sunglasses"
    assert worddiff.compare(before, after).lossy
    result = worddiff.compare(before, after, {"shades": "sunglasses"})
    assert not result.lossy
    assert result.gained == ["sunglasses"]


def test_huge_texts_keep_their_common_ends():
    before = "start " + "a b " * 3000 + "end"
    after = "start " + "b c " * 3000 + "end"
    ops = worddiff.diff(before, after)
    assert sides(ops) == (before, after)
    assert ops[0].before.startswith("start")
    assert ops[-1].before.endswith("end")


def test_distinct_changes_are_counted_once():
    before = {name: f"hat {name}, shades" for name in "abc"}
    after = {name: f"hat {name}, sunglasses" for name in "abc"} | {"d": "new"}
    result = compare_captions(before, after)
    first = result.distinct_changes()[0]
    assert (first.before, first.after, first.count, first.names) == (
        "shades",
        "sunglasses",
        3,
        ["a", "b", "c"],
    )
    assert result.summary["changed"] == 3
    assert result.summary["added"] == 1
    assert result.summary["lossy"] == 3


def test_folders_are_compared_by_relative_path(tmp_path):
    for side, texts in (("old", {"x/a": b"hat", "b": b"tie"}), ("new", {"x/a": b"cap"})):
        for name, data in texts.items():
            path = tmp_path / side / f"{name}.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
    (tmp_path / "new" / "bad.txt").mkdir()
    result = compare_folders(tmp_path / "old", tmp_path / "new")
    assert {name: d.status for name, d in result.files.items()} == {
        "b.txt": "removed",
        "x/a.txt": "changed",
    }
    with pytest.raises(AppError, match="not a folder"):
        compare_folders(tmp_path / "old", tmp_path / "nowhere")


# By stem; 11 captions gained more than the suffix, the other 140 only that.
LOSSY = {
    "lad_001_carbon",
    "lad_002_cash",
    "lad_005_copper",
    "lad_013_caramel",
    "lad_015_jackson",
    "lad_016_tungsten",
    "lad_017_ink",
    "lad_021_x",
    "lad_038_cashking-6",
    "lad_041_Maradona",
    "lad_050_nate-2",
    "lad_050_nate",
    "lad_057_Hugh5",
    "lad_061_DOPE10",
    "lad_061_DOPE7",
    "lad_061_DOPE9",
    "lad_064_Scott",
    "lad_066_napoli2",
    "lad_070_IRAsBF2",
    "lad_094_storm",
    "lad_099_amenshiller",
    "lad_103_merheb",
    "lad_103_merheb2",
    "lady_001_hazelnut",
    "lady_002_vanilla",
    "lady_003_cashew",
    "lady_007_alloy",
    "lady_008_pinksilk",
    "lady_009_bluesilk",
    "lady_022_gold",
    "lady_023_silver",
    "lady_028_marshmallow",
    "lady_032_salt",
    "lady_042_almond",
    "lady_046_x",
    "lady_050_x-6",
    "lady_052_pinksilkabstract",
    "lady_054_hazelnutabstract-3",
    "lady_056_alloyabstract",
    "lady_057_bluesilkabstract",
    "lady_062_Dalia-2",
    "lady_062_Dalia-BD",
    "lady_068_nikkisf-4",
    "lady_071_papaya",
    "lady_072_tangerine",
    "lady_073_mango_punk",
    "lady_076_orange_blossom",
    "lady_080_zesty_lime",
    "lady_087_feybirthday5",
    "lady_090_missthang",
    "lady_095_royalty",
    "lady_098_heyeah",
}
GAINED = {
    "lady_006_pepper",
    "lady_021_diamond",
    "lady_027_nitrogen",
    "lady_034_lavender",
    "lady_037_rose",
    "lady_053_pepperabstract",
    "lady_074_melon",
    "lady_094_violetta",
    "lady_097_dani",
    "lady_097_dani2",
    "lady_099_VQ",
}


@pytest.mark.punks
class TestReference:
    @pytest.fixture
    def result(self, punks):
        return compare_folders(punks / "captions_before", punks / "captions_after")

    def test_all_changed_and_52_lost_words(self, result):
        assert len(result.files) == 203
        assert result.summary["changed"] == 203
        assert result.summary["lossy"] == 52

    def test_which_lost_words_and_which_only_gained(self, result):
        diffs = {name.removesuffix(".txt"): diff for name, diff in result.files.items()}
        assert {name for name, diff in diffs.items() if diff.lossy} == LOSSY
        assert len(LOSSY) == 52
        suffix = ("insert", "", ", hard color borders, sharp pixel edges")
        only = [
            n for n, d in diffs.items() if [(h.op, h.before, h.after) for h in d.hunks] == [suffix]
        ]
        assert len(only) == 140
        assert set(diffs) == {*LOSSY, *only, *GAINED}
        assert len(diffs) == 52 + 140 + 11

    def test_every_word_that_went_is_named(self, result):
        for diff in result.files.values():
            gone = Counter(words.content_words(diff.before))
            gone.subtract(words.content_words(diff.after))
            assert Counter(diff.lost) == +gone

    def test_any_piece_can_come_back(self, result):
        diff = result.files["lad_005_copper.txt"]
        moustache = next(piece for piece in diff.pieces if "mustache" in piece.before)
        text = revert_pieces(diff.pieces, {moustache.id})
        assert ", wearing mustache, dark brown eyes" in text
        assert "slicked back" not in text
        assert revert_pieces(diff.pieces, {piece.id for piece in diff.pieces}) == diff.before

    def test_none_that_only_gained_the_suffix_is_lossy(self, result):
        suffix = Op("insert", "", ", hard color borders, sharp pixel edges")
        only = [
            d for d in result.files.values() if [o for o in d.ops if o.op != "equal"] == [suffix]
        ]
        assert len(only) == 140
        assert not any(text_diff.lossy for text_diff in only)

    def test_copper_lost_hairstyle_and_moustache(self, result):
        lost = result.files["lad_005_copper.txt"].lost
        assert {"center", "part", "slicked", "back", "mustache"} <= set(lost)

    def test_the_suffix_is_one_row(self, result):
        first = result.distinct_changes()[0]
        assert (first.count, first.after) == (203, ", hard color borders, sharp pixel edges")

    def test_every_caption_is_rebuilt(self, result, punks):
        before = captions.texts(captions.read_folder(punks / "captions_before"))
        after = captions.texts(captions.read_folder(punks / "captions_after"))
        for name, text_diff in result.files.items():
            assert sides(text_diff.ops) == (before[name], after[name])
