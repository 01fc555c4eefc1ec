"""Merging captions: what one side did is there, what both did is there once, else it is asked."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core.caption_merge import merge
from bespoke_gui.core.phrases import split
from bespoke_gui.core.words import WORD

BASE = "portrait of a lad, brown hair, gray hat, green background"


def words(text):
    return Counter(WORD.findall(text))


def phrases(text, separator=","):
    return Counter(phrase.text for phrase in split(text, separator))


@pytest.mark.parametrize(
    ("mine", "theirs", "merged"),
    [
        (BASE.replace("brown", "red"), BASE.replace("gray", "blue"),
         "portrait of a lad, red hair, blue hat, green background"),
        (BASE + ", smiling", BASE + ", earrings", BASE + ", smiling, earrings"),
        (BASE + ", smiling", BASE + ", smiling", BASE + ", smiling"),
        (BASE + ", smiling, tie", BASE + ", earrings, smiling", BASE + ", smiling, tie, earrings"),
        ("pixel art, " + BASE, BASE.replace(", gray hat", ""),
         "pixel art, portrait of a lad, brown hair, green background"),
        (BASE.replace("brown hair, ", ""), BASE.replace("gray hat, ", ""),
         "portrait of a lad, green background"),
        (BASE.replace("brown hair", "long brown hair"), BASE.replace("brown hair", "brown hair up"),
         BASE.replace("brown hair", "long brown hair up")),
        ("brown hair, portrait of a lad, gray hat, green background", BASE + ", tie",
         "brown hair, portrait of a lad, gray hat, green background, tie"),
        (BASE.replace(", ", ",\n"), BASE.replace("gray", "blue"),
         BASE.replace("gray", "blue").replace(", ", ",\n")),
        (BASE + ", smiling", BASE + "\nsecond line", BASE + ", smiling\nsecond line"),
    ],
)  # fmt: skip
def test_merges_cleanly(mine, theirs, merged):
    found = merge(BASE, mine, theirs)
    assert found.text == merged
    assert found.is_clean


@pytest.mark.parametrize(
    ("mine", "theirs", "clash"),
    [
        (BASE.replace("brown", "red"), BASE.replace("brown", "blonde"),
         ("brown hair", "red hair", "blonde hair")),
        (BASE.replace("brown", "red"), BASE.replace("brown hair, ", ""),
         ("brown hair", "red hair", "")),
    ],
)  # fmt: skip
def test_a_piece_both_changed_is_asked_about_and_both_words_are_there(mine, theirs, clash):
    found = merge(BASE, mine, theirs)
    assert [(c.base, c.mine, c.theirs) for c in found.clashes] == [clash]
    assert words(mine) <= words(found.text)
    assert set(words(theirs)) <= set(words(found.text))


@pytest.mark.parametrize(
    ("base", "mine", "theirs"), [(BASE, BASE + ", tie", ""), (BASE, "", BASE + ", tie"),
                                 ("", "red hat", "blue hat"), (BASE, " \n", "x")]
)  # fmt: skip
def test_an_emptied_or_a_twice_begun_caption_is_asked_about(base, mine, theirs):
    found = merge(base, mine, theirs)
    assert not found.is_clean
    assert set(words(mine)) | set(words(theirs)) == set(words(found.text))


@pytest.mark.punks
def test_the_reference_captions_merge_with_a_change_of_each_phrase(punks):
    for path in sorted((punks / "captions_before").glob("*.txt"))[::5]:
        text = path.read_text("utf-8")
        found = split(text)
        for phrase in found[:-1]:
            theirs = text[: phrase.start] + "NEW" + text[phrase.end :]
            merged = merge(text, text + ", tie", theirs)
            assert merged.is_clean
            assert merged.text == theirs + ", tie"


PHRASE = st.text("abc '", min_size=1, max_size=6).map(str.strip).filter(bool)
TEXT = st.lists(PHRASE, max_size=6).map(", ".join) | st.text("ab, \n(", max_size=20)
SEPARATOR = st.sampled_from([",", ";", " | ", "."])


@settings(deadline=None, max_examples=400)
@given(TEXT, TEXT, TEXT, SEPARATOR)
def test_no_word_is_lost_that_both_kept_or_one_added(base, mine, theirs, separator):
    base, mine, theirs = (t.replace(", ", separator) for t in (base, mine, theirs))
    merged = merge(base, mine, theirs, separator)
    b, m, t, found = (words(text) for text in (base, mine, theirs, merged.text))
    for word in b | m | t:
        kept = 0 < b[word] <= min(m[word], t[word])
        added = m[word] > b[word] or t[word] > b[word]
        if kept or added:
            assert found[word], (word, merged)
    assert set(found) <= set(m) | set(t)


@settings(deadline=None)
@given(TEXT, TEXT)
def test_one_sided_changes_are_taken_as_they_are(base, other):
    assert merge(base, other, base).text == other
    assert merge(base, base, other).text == other
    assert merge(base, other, other).text == other


@settings(deadline=None, max_examples=300)
@given(TEXT, TEXT, TEXT)
def test_who_is_who_does_not_decide_whether_it_clashes(base, mine, theirs):
    one, two = merge(base, mine, theirs), merge(base, theirs, mine)
    assert one.is_clean == two.is_clean
    if one.is_clean:
        assert phrases(one.text) == phrases(two.text)


CHANGE = st.sampled_from(["keep", "mine drops", "theirs drops", "mine new", "theirs new"])


@settings(deadline=None, max_examples=400)
@given(st.lists(st.tuples(CHANGE, CHANGE), min_size=1, max_size=9))
def test_changes_of_different_phrases_are_all_there_and_nothing_else(plan):
    """Each phrase is changed by one side at most, and each side adds phrases behind some."""
    sides = {"base": [], "mine": [], "theirs": [], "all": []}
    for number, (change, adding) in enumerate(plan):
        phrase = f"phrase {number}"
        sides["base"].append(phrase)
        for who in ("mine", "theirs"):
            done = {f"{who} drops": [], f"{who} new": [f"{who} {number}"]}.get(change, [phrase])
            sides[who] += done + ([f"{who} adds {number}"] if adding == f"{who} new" else [])
        whose = "mine" if change.startswith("mine") else "theirs"
        done = [] if change.endswith("drops") else [f"{whose} {number}"]
        sides["all"] += [phrase] if change == "keep" else done
        sides["all"] += [f"{adding[:-4]} adds {number}"] if adding.endswith("new") else []
    base, mine, theirs = (", ".join(sides[name]) for name in ("base", "mine", "theirs"))
    merged = merge(base, mine, theirs)
    if merged.is_clean:
        assert phrases(merged.text) == Counter(sides["all"])
        assert not sides["all"] or ",," not in merged.text.replace(" ", "")
    else:
        assert not mine or not theirs or touching(plan)
        assert set(Counter(sides["all"])) <= set(phrases(merged.text))


def touching(plan):
    """Whether both sides changed phrases next to each other: there the order may be unclear."""
    done = [{c.split()[0] for c in (change, adding) if c != "keep"} for change, adding in plan]
    return any(len(a | b) > 1 for a, b in zip(done, [*done[1:], set()], strict=True))


def test_a_huge_caption_is_asked_about_and_not_compared_for_minutes():
    base = ", ".join(f"p{n}" for n in range(3000))
    merged = merge(base, base + ", mine", "theirs, " + base)
    assert not merged.is_clean
    assert {"mine", "theirs"} <= set(words(merged.text))
