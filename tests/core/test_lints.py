"""Lint checks: each finds what it is for, at the right place, and leaves good captions alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import captions
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lints import LINTS, Context, Fix, lint, statistics

GOOD = "pixel art, 24x24, portrait of a lad, brown hair, wearing a red hat (felt), green background"
CASES = {
    "hex_colour": ("hair (#29161c, #fff) red", ["#29161c", "#fff"]),
    "unfilled_slot": ("hair, brown hair, Eyes, clothing", ["hair", "Eyes", "clothing"]),
    "backdrop_without_colour": ("solid background, solid red background", ["solid background"]),
    "duplicate_phrase": ("red hat, tie, Red Hat, a wide tie", ["Red Hat"]),
    "doubled_word": (
        "a stud Stud earring, skin tone skin tone",
        ["stud Stud", "skin tone skin tone"],
    ),
    "unbalanced_bracket": ("a (b, c] d", ["(", "]"]),
    "slash_alternatives": ("medium/dark hair, light/ skin", ["medium/dark", "light/ skin"]),
    "dangling_end": ("brown eyes and, red hat, and", ["and"]),
    "empty_caption": ("  ", ["  "]),
    "several_lines": ("first\n\nsecond\nthird", ["\nsecond\nthird"]),
    "doubled_separator": ("a,, b, , c,", [",,", ", ,", ","]),
    "spacing": ("a  b ,c, 1,2", ["  ", " ,", ","]),
    "spliced_phrase": ("wearing lips, slight smile, a hat", ["lips, slight smile"]),
    "separator_in_brackets": ("a (b, c) d (e)", ["(b, c)"]),
    "broken_plural": ("a point of colors", ["point of colors"]),
    "wearing_no_garment": (
        "wearing stubble, wearing, wearing a flower in hair",
        ["wearing stubble", "wearing"],
    ),
}
SETS = {
    "glued_words": (
        ["grey hat, blue background"] * 4 + ["greybackground, bluehat here"],
        [("4", "greybackground"), ("4", "bluehat")],
    ),
    "identical_captions": (["a hat", "A  hat", "a tie"], [("0", "a hat"), ("1", "A  hat")]),
    "phrase_everywhere": ([f"art, {n}" for n in range(9)] + ["x"], [("", "")]),
}


def found(texts, code, separator=",", context=None):
    named = {str(number): text for number, text in enumerate(texts)}
    result = []
    for problem in lint(named, separator, [code], context):
        start, end = map(int, problem.where.split("-"))
        result.append((problem.file, named.get(problem.file, "")[start:end]))
    return result


def test_every_check_has_a_case():
    assert set(LINTS) == {*CASES, *SETS}


@pytest.mark.parametrize("code", CASES)
def test_each_check_finds_the_place(code):
    text, places, *context = CASES[code]
    assert [place for _, place in found([text], code, context=Context(*context))] == places


@pytest.mark.parametrize("code", SETS)
def test_each_check_of_a_set_finds_the_place(code):
    texts, places = SETS[code]
    assert found(texts, code) == places


def test_a_good_caption_has_no_finding():
    assert lint({"a": GOOD}) == []


def test_problems_are_told_by_file_place_and_words():
    problem = lint({"x.txt": "red (#ff0000) hat"})[0]
    assert (problem.code, problem.severity, problem.file) == ("hex_colour", "warning", "x.txt")
    assert problem.where == "5-12"
    assert "#ff0000" in problem.message
    assert problem.hint


def test_missing_captions_are_not_looked_at_and_order_is_kept():
    problems = lint({"b": "eyes, hair", "a": "skin", "c": None})
    assert [(p.file, p.where) for p in problems] == [("b", "0-4"), ("b", "6-10"), ("a", "0-4")]


def test_the_separator_is_the_projects():
    assert found(["red; ; hat"], "doubled_separator", ";") == [("0", "; ;")]
    assert found(["hair; eyes"], "unfilled_slot", ";") == [("0", "hair"), ("0", "eyes")]


def test_an_unknown_check_names_the_known_ones():
    with pytest.raises(AppError, match="hex_colour"):
        lint({"a": "b"}, codes=["nothing"])


def test_statistics_count_files_and_hits():
    problems = lint({"a": "eyes, hair", "b": "eyes"})
    assert statistics(problems) == {"unfilled_slot": {"files": 2, "hits": 3}}


def test_a_fix_makes_its_edits_from_the_end():
    fix = Fix("say it once", ((0, 4, ""), (8, 11, "cap")))
    assert fix.apply("red red hat") == "red cap"


@given(
    st.lists(st.text("ab ,/()#f\n", max_size=40), max_size=12), st.sampled_from([",", ";", "\n"])
)
def test_places_lie_inside_the_caption(texts, separator):
    named = {str(number): text for number, text in enumerate(texts)}
    for problem in lint(named, separator):
        start, end = map(int, problem.where.split("-"))
        assert 0 <= start <= end <= len(named.get(problem.file, ""))
        assert problem.severity in ("error", "warning", "info")


# files/hits of facts/captions.md 6.4, before and after the reference run's rules.
TABLE = {
    "hex_colour": ((9, 34), (9, 34)),
    "unfilled_slot": ((96, 135), (96, 134)),
    "backdrop_without_colour": ((77, 77), (77, 77)),
    "doubled_word": ((13, 16), (27, 30)),
    "slash_alternatives": ((45, 69), (40, 62)),
    "dangling_end": ((2, 2), (2, 2)),
    "broken_plural": ((0, 0), (14, 14)),
    "spliced_phrase": ((31, 31), (31, 31)),
    "unbalanced_bracket": ((4, 6), (3, 4)),
    "identical_captions": ((7, 7), (9, 9)),
    "doubled_separator": ((0, 0), (0, 0)),
    "spacing": ((0, 0), (0, 0)),
    "separator_in_brackets": ((8, 12), (8, 12)),
}


@pytest.mark.punks
@pytest.mark.parametrize("side", [0, 1])
def test_counts_on_the_reference_captions(punks, side):
    folder = punks / ("captions_before", "captions_after")[side]
    counts = statistics(lint(captions.texts(captions.read_folder(folder))))
    none = {"files": 0, "hits": 0}
    seen = {code: tuple(counts.get(code, none).values()) for code in TABLE}
    assert seen == {code: sides[side] for code, sides in TABLE.items()}


@pytest.mark.punks
def test_hex_codes_are_in_the_files_that_the_facts_name(punks):
    problems = lint(captions.texts(captions.read_folder(punks / "captions_after")))
    numbers = {p.file[5:8] for p in problems if p.code == "hex_colour"}
    assert numbers == {"001", "004", "016", "038", "044", "045", "083", "085", "088"}
