"""Changes to criteria.toml: only what was changed differs, all a person wrote stays, all undone."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.criteria import LEVELS, builtin_criteria, criteria_from, load_criteria
from bespoke_gui.core.criteria_edit import (
    addable,
    as_reference,
    edited,
    known_criteria,
    save_criteria,
    trouble,
    undo_criteria,
    with_added,
    with_baseline,
    with_line,
    with_word,
)
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.resources import resource

MINE = """# mine
[other]
kept = [1, 2]  # by another program

[[criteria]]
name = "messy"   # the worst
title = "Messy images"
kind = "share"
better = "lower"
target = 0.30  # as the seed says
# before the next one

[[criteria]]
name = "clean"
title = "Clean images"
kind = "share"
best = 0.70
"""


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "criteria.toml"
    made.write_text(MINE, encoding="utf-8")
    (tmp_path / "bespoke.toml").touch()
    return made


def test_a_level_changes_one_line_and_nothing_else(path):
    criteria = load_criteria(path)
    save_criteria(path, with_line(criteria, 0, target=0.2), criteria)
    assert path.read_text(encoding="utf-8") == MINE.replace("0.30  # as", "0.2  # as")
    undo_criteria(path)
    assert path.read_text(encoding="utf-8") == MINE
    undo_criteria(path)
    assert load_criteria(path).lines[0].target == 0.2


def test_off_add_baseline_and_no_level(path):
    criteria = load_criteria(path)
    wanted = with_line(criteria, 1, off=True, best=None)
    wanted = with_baseline(with_added(wanted, known_criteria()[0]), "clean", 0.4)
    save_criteria(path, wanted, criteria)
    found, text = load_criteria(path), path.read_text(encoding="utf-8")
    assert found == wanted
    assert all(words in text for words in ("# mine", "# by another", "# the worst", "# before"))
    save_criteria(path, with_baseline(with_line(found, 1, off=False), "clean", None))
    assert "off" not in path.read_text(encoding="utf-8")
    assert load_criteria(path).baseline == {}


def test_words_are_changed_and_cannot_contradict_each_other(path):
    criteria = load_criteria(path)
    save_criteria(path, with_word(with_word(criteria, "clean_score", 8), "messy_defects", 3))
    words = load_criteria(path).words
    assert (words.clean_score, words.messy_defects, words.messy_score) == (8, 3, 4)
    assert path.read_text(encoding="utf-8").startswith("# mine")
    assert "one score" in trouble(with_word(criteria, "messy_score", 9))
    assert trouble(with_word(criteria, "messy_defects", 0)) == "messy_defects is from 1 to 20"


def test_the_reference_keeps_what_a_person_added_but_does_not_judge_it(path):
    criteria = with_added(load_criteria(path), replace(known_criteria()[-1], target=0.5))
    criteria = with_baseline(with_line(criteria, 0, target=0.9), "messy", 0.2)
    again = as_reference(criteria)
    assert {one for one in again.lines if not one.off} == set(builtin_criteria().lines)
    assert [one.name for one in again.lines if one.off] == ["messy"]
    assert again.baseline == {"messy": 0.2}
    assert as_reference(again) == again
    assert not set(addable(again)) & set(again.lines)


def test_levels_that_contradict_each_other_are_not_written(path):
    criteria = load_criteria(path)
    for values, words in (
        ({"minimum": 0.1}, "Messy images: target asks for less than minimum"),
        ({"target": 1.5}, "Messy images: target is from 0 to 100%"),
    ):
        wrong = with_line(criteria, 0, **values)
        assert trouble(wrong) == words
        with pytest.raises(AppError, match=words):
            save_criteria(path, wrong)
    assert trouble(with_baseline(criteria, "clean", 40)).startswith("the baseline's figure")
    assert path.read_text(encoding="utf-8") == MINE


def test_a_file_that_another_program_changed_is_not_written_over(path):
    criteria = load_criteria(path)
    path.write_text(MINE.replace("0.70", "0.80"), encoding="utf-8")
    with pytest.raises(AppError, match="changed meanwhile"):
        save_criteria(path, with_line(criteria, 0, target=0.2), criteria)
    path.write_text(MINE + "\n[weights]\nstrays = 3\n", encoding="utf-8")
    save_criteria(path, with_line(criteria, 0, target=0.2), criteria)
    assert load_criteria(path).weights == {"strays": 3}


def test_no_file_begins_as_the_built_in_one_and_can_be_undone(tmp_path):
    path = tmp_path / "criteria.toml"
    (tmp_path / "bespoke.toml").touch()
    with pytest.raises(AppError, match="nothing was changed"):
        undo_criteria(path)
    save_criteria(path, with_line(builtin_criteria(), 0, minimum=0.1))
    assert "# What counts as success" in path.read_text(encoding="utf-8")
    undo_criteria(path)
    assert load_criteria(path) == builtin_criteria()


def test_entries_written_in_one_line_are_changed_in_place():
    text = 'criteria = [{name = "clean", title = "Clean", kind = "share", best = 0.7}]\n'
    before = criteria_from(tomllib.loads(text))
    wanted = with_added(with_line(before, 0, best=0.8), known_criteria()[0])
    assert criteria_from(tomllib.loads(edited(text, wanted))) == wanted


figures = st.one_of(st.none(), st.integers(0, 100).map(lambda part: part / 100))


@given(
    st.lists(st.tuples(st.sampled_from(range(5)), st.sampled_from(LEVELS), figures, st.booleans())),
    st.sets(st.sampled_from(range(4))),
    st.dictionaries(st.sampled_from(["clean", "messy", "pixel_defects"]), figures),
)
def test_whatever_is_changed_is_what_is_read_again(changes, added, base):
    text = resource("criteria.toml").read_text(encoding="utf-8")
    wanted = builtin_criteria()
    for place, level, value, off in changes:
        if wanted.lines[place].kind == "better" and value is not None:
            value = float(int(value * 10))
        wanted = with_line(wanted, place, **{level: value}, off=off)
    for place in added:
        wanted = with_added(wanted, addable(builtin_criteria())[place])
    for name, figure in base.items():
        wanted = with_baseline(wanted, name, figure)
    made = edited(text, wanted)
    assert criteria_from(tomllib.loads(made)) == wanted
    assert edited(made, wanted) == made
    assert criteria_from(tomllib.loads(edited(made, builtin_criteria()))) == builtin_criteria()
    assert [one for one in text.splitlines() if one.startswith("#")] == [
        one for one in made.splitlines() if one.startswith("#")
    ]
