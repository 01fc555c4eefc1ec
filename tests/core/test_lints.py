"""Lint checks: each finds what it is for, at the right place, and leaves good captions alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lint_ignored import Ignored
from bespoke_gui.core.lints import LINTS, Context, Fix, Linter, lint, lint_with, mend, statistics

GOOD = (
    "pixel art, 24x24, portrait of a lad, brown hair, green eyes, wearing a red hat (felt),"
    " green background"
)
NOTES = ["perhaps", "think"]
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
        "wearing stubble, wearing, wearing a flower in hair, wearing short grey hair and a hat",
        ["wearing stubble", "wearing", "wearing short grey hair and a hat"],
    ),
    "glued_words": (
        "greybackground, a logowearing hat, purpleyes, haircut, underneath",
        ["greybackground", "logowearing", "purpleyes"],
    ),
    "spelling": (
        "litte EKG hat (#f9efaf), Soimetime, ombre hoodie, krypta",
        ["litte", "Soimetime"],
        Context(dictionary=frozenset({"krypta"})),
    ),
    "prose_note": ("a hat for a wedding perhaps, red tie (think silk), blue and soft", NOTES),
    "truncated": (
        "too short to see t, short but tall/lips, dark blue hat (fur), ark blue hat (fur), v neck",
        ["t", "tall/lips"],
    ),
    "eye_phrases": (
        "deep blue eyes, a hat, green eyes, one eye winking",
        ["deep blue eyes", "green eyes"],
    ),
    "no_eye_colour": ("portrait of a lad, eyes, a hat", ["eyes"]),
    "background_in_phrase": (
        "a hat, red hoodie with light grey background, blue background",
        ["red hoodie with light grey background"],
    ),
    "many_tokens": (f"{'word ' * 80}, red hat, {'word ' * 80}, tie", [("word " * 80).strip()]),
    "missing_trigger": (
        "portrait of bespok punk lad, red hat",
        ["bespok punk"],
        Context(trigger="bespoke punk"),
    ),
    "trigger_moves": (
        "pixel art, portrait of bespoke punk lad, red hat",
        ["portrait of bespoke punk lad"],
        Context(trigger="bespoke punk", shuffle=True, keep_tokens=1),
    ),
    "sensitive_words": (
        "hispanic man, black hair, medium black skin male, a black woman",
        ["hispanic", "medium black skin", "black woman"],
    ),
}
SETS = {
    "identical_captions": (["a hat", "A  hat", "a tie"], [("0", "a hat"), ("1", "A  hat")]),
    "near_duplicate": (
        [
            "red hat on short hair, tie, ring, coat, green eyes, beard, boots, gloves",
            "b",
            "blue hat on short hair, tie, ring, coat, green eyes, beard, boots, gloves",
            "c",
            "d",
        ],
        [("0", None), ("2", None)],
    ),
    "phrase_everywhere": ([f"art, {n}" for n in range(9)] + ["x"], [("", "")]),
}


def found(texts, code, separator=",", context=None):
    named = {str(number): text for number, text in enumerate(texts)}
    result = []
    for problem in lint(named, separator, [code], context):
        start, end = map(int, problem.where.split("-"))
        result.append((problem.file, named.get(problem.file, "")[start:end]))
    return result


def test_every_check_has_a_test(root):
    tests = "".join(
        path.read_text(encoding="utf-8") for path in (root / "tests" / "core").glob("test_*.py")
    )
    assert [code for code in LINTS if f'"{code}"' not in tests] == []
    assert {code for code in LINTS if LINTS[code].fixable} == set(FIXES)


@pytest.mark.parametrize("code", CASES)
def test_each_check_finds_the_place(code):
    text, places, *context = CASES[code]
    seen = found([text], code, context=context[0] if context else None)
    assert [place for _, place in seen] == places


@pytest.mark.parametrize("code", SETS)
def test_each_check_of_a_set_finds_the_place(code):
    texts, places = SETS[code]
    places = [(name, texts[int(name)] if place is None else place) for name, place in places]
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
    problems = lint({"b": "eyes, hair", "a": "skin", "c": None}, codes=["unfilled_slot"])
    assert [(p.file, p.where) for p in problems] == [("b", "0-4"), ("b", "6-10"), ("a", "0-4")]


def test_the_separator_is_the_projects():
    assert found(["red; ; hat"], "doubled_separator", ";") == [("0", "; ;")]
    assert found(["hair; eyes"], "unfilled_slot", ";") == [("0", "hair"), ("0", "eyes")]


def test_an_unknown_check_names_the_known_ones():
    with pytest.raises(AppError, match="hex_colour"):
        lint({"a": "b"}, codes=["nothing"])


def test_statistics_count_files_and_hits():
    problems = lint({"a": "eyes, hair", "b": "eyes"}, codes=["unfilled_slot"])
    assert statistics(problems) == {"unfilled_slot": {"files": 2, "hits": 3}}


FIXES = {
    "hex_colour": ("hair (#29161c, #fff) red, tie #000000", "hair red, tie"),
    "doubled_word": ("a stud Stud stud earring", "a stud earring"),
    "doubled_separator": (", a,, b, , c,", "a, b, c"),
    "spacing": ("a  b ,c, 1,2", "a b, c, 1,2"),
    "duplicate_phrase": ("tie, red hat, tie, Tie", "tie, red hat"),
    "dangling_end": ("brown eyes and, red hat of the", "brown eyes, red hat"),
    "broken_plural": ("small point of colors, a touch of colours", None),
    "empty_caption": ("\n\na hat", "a hat"),
    "wearing_no_garment": (
        "wearing full beard, wearing, wearing messy hair",
        "full beard, wearing messy hair",
    ),
    "glued_words": ("white logowearing stubble, kideyes", "white logo, wearing stubble, kideyes"),
}
SUGGESTED = {
    "unfilled_slot": ("a hat, hair, tie", ["a hat, tie"]),
    "slash_alternatives": ("medium/dark hair", ["medium hair", "dark hair", "medium to dark hair"]),
    "spelling": ("a Mutlicolored hat", ["a Multicolored hat", "a Multicoloured hat"]),
    "glued_words": ("greyhat, a", ["grey hat, a", "grey, hat, a"]),
    "separator_in_brackets": ("cap (red, gold,white)", ["cap (red and gold and white)"]),
    "several_lines": ("a hat,\n\nred tie", ["a hat, red tie"]),
    "spliced_phrase": (
        "wearing lips, slight smile, dark sunglasses, hat",
        ["wearing dark sunglasses, lips, slight smile, hat"],
    ),
    "background_in_phrase": (
        "hoodie here with a pale blue background, tie",
        ["hoodie, pale blue background, tie"],
    ),
    "unbalanced_bracket": ("hair from the roots(, tie", ["hair from the roots, tie"]),
}


@pytest.mark.parametrize("code", FIXES)
def test_safe_fixes_mend_the_whole_caption(code):
    text, right = FIXES[code]
    right = "small points of color, a touches of colour" if right is None else right
    linter = Linter(codes=[code])
    assert mend({"x": text, "y": None}, linter) == {"x": right}
    assert mend({"x": right}, linter) == {}


@pytest.mark.parametrize("code", SUGGESTED)
def test_suggestions_are_ways_to_choose_from(code):
    text, ways = SUGGESTED[code]
    problem = lint({"x": text}, codes=[code])[0]
    assert problem.fix is None
    assert [way.apply(text) for way in problem.suggestions[:3]] == ways


def test_a_suggestion_is_never_made_in_bulk():
    texts = {"x": "greyhat, medium/dark hair, soimetime, hair"}
    assert mend(texts, Linter()) == {}


def test_what_is_ignored_is_left_out():
    ignored = Ignored(frozenset({"hex_colour"}), frozenset({("doubled_word", "long long", "a/b")}))
    texts = {"a/b.png": "long long hat #ffffff", "c.png": "Long long hat"}
    seen = [(p.code, p.file) for p in lint(texts, ignored=ignored)]
    assert seen == [("doubled_word", "c.png")]


def test_a_linter_remembers_captions(monkeypatch):
    linter = Linter()
    first = lint_with(linter, {"a": "hair hair"})
    monkeypatch.setattr(linter, "_run", lambda checks, text: [])
    assert lint_with(linter, {"a": "hair hair"}) == first


def test_a_trigger_may_be_everywhere():
    texts = {str(n): f"art, {n}" for n in range(12)}
    assert lint(texts, codes=["phrase_everywhere"], context=Context(trigger="Art")) == []


def test_phrases_everywhere_are_named_in_the_order_of_the_captions():
    words = [f"word {letter}" for letter in "hgfedcbaponmlkji"]
    found = lint({str(n): ", ".join(words) for n in range(12)}, codes=["phrase_everywhere"])
    assert [problem.message.split("'")[1] for problem in found] == words


def test_wildcards_allow_several_lines():
    assert lint({"a": "x\ny"}, codes=["several_lines"], context=Context(wildcards=True)) == []


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
        for fix in (*problem.suggestions, *([problem.fix] if problem.fix else [])):
            assert fix.label
            places = [place for low, high, _ in fix.edits for place in (low, high)]
            assert places == sorted(places)
            assert 0 <= places[0] <= places[-1] <= len(named[problem.file])


@given(st.text("ab ,/()#f0\n", max_size=60))
def test_safe_fixes_come_to_an_end_and_leave_nothing_to_fix(text):
    linter = Linter()
    mended = mend({"x": text}, linter).get("x", text)
    assert mend({"x": mended}, linter) == {}


def test_many_identical_captions_name_only_a_few():
    found = lint({f"{n}.png": "a hat" for n in range(2000)}, codes=["identical_captions"])
    assert found[0].message == "is the same caption as 1.png, 2.png, 3.png and 1996 more"
    assert found[-1].message == "is the same caption as 0.png, 1.png, 2.png and 1996 more"
    assert len(found) == 2000
