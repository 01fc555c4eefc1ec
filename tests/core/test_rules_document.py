"""A rule set being edited: comments stay, a bad rule spoils no other, moves take comments along."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.rules.document import new_document, parse_document, read_document
from bespoke_gui.core.rules.ruleset import load_rules, parse_rules, run, shipped

TEXT = """\
# My rules, made in spring.
schema = 1
name = "Mine"  # a name

# Hats come first.
[[rules]]
name = "hats"
action = "replace"
find = "hat"  # the word
with = "cap"

# Not sure about this one.
[[rules]]
action = "remove"
match = "regex"
find = '\\bred\\b'
[rules.synonyms]
red = "crimson"

# For all of them.
[synonyms]
shades = "sunglasses"
"""


def test_what_is_not_touched_stays_byte_for_byte():
    assert parse_document(TEXT).text == TEXT
    for path in shipped().values():
        assert parse_document(path.read_text("utf-8")).text == path.read_text("utf-8")


def test_setting_a_key_keeps_every_comment():
    document = parse_document(TEXT)
    document.set(0, "find", "red hat")
    document.set(0, "case", True)
    document.set(0, "words", True)  # its default: nothing to write
    document.set(1, "find", r"\d+'s")
    document.set(1, "on", False)
    for comment in (
        "# My rules",
        "# a name",
        "# Hats come",
        "# the word",
        "# Not sure",
        "# For all",
    ):
        assert comment in document.text
    ruleset = parse_rules(document.text)
    assert ruleset.rules[0].options["case"]
    assert "words" not in document.table(0)
    assert ruleset.rules[1].options["find"] == r"\d+'s"
    assert not ruleset.rules[1].on
    assert ruleset.rules[1].synonyms == {"red": "crimson"}
    document.set(1, "synonyms", None)
    assert "crimson" not in document.text


def test_a_moved_rule_takes_its_comment_along():
    document = parse_document(TEXT)
    assert document.move(1, 0) == 0
    text = document.text
    assert text.index("# Not sure") < text.index("remove") < text.index("# Hats come")
    assert text.rindex("# For all") > text.rindex("[[rules]]")
    assert [item.action for item in document.check()] == ["remove", "replace"]
    document.delete(0)
    assert "# Not sure" not in document.text


def test_a_pattern_is_written_so_that_it_can_be_read():
    document = new_document('My "own" rules')
    place = document.add("replace", find=r"\bhat\b", match="regex", **{"with": ""})
    assert place == 0
    assert r"find = '\bhat\b'" in document.text
    assert document.name == 'My "own" rules'
    document.set(0, "synonyms", {"shades": "sunglasses"})
    assert 'synonyms = {shades = "sunglasses"}' in document.text
    assert parse_rules(document.text).rules[0].synonyms == {"shades": "sunglasses"}
    document.set_top("name", "Other")
    document.set_top("synonyms", {"cap": "hat"})
    assert parse_rules(document.text).name == "Other"
    assert parse_rules(document.text).synonyms == {"cap": "hat"}
    document.set_top("synonyms", {})
    assert "synonyms" not in document.text.replace("synonyms = {shades", "")


def test_what_stands_behind_the_rules_is_edited_there():
    document = parse_document(TEXT)
    document.set_top("synonyms", {"cap": "hat"})
    assert parse_rules(document.text).synonyms == {"cap": "hat"}
    assert "# For all of them." in document.text


def test_copies_and_new_rules_get_names_of_their_own():
    document = parse_document(TEXT)
    assert document.duplicate(0) == 1
    document.add("dedupe", 0)
    document.add("dedupe")
    names = [item.name for item in document.check()]
    assert names == [
        *("remove duplicates", "hats", "hats 2", "4 remove", "remove duplicates 2"),
    ]
    assert all(item.error is None for item in document.check())


def test_another_action_keeps_what_it_knows():
    document = parse_document(TEXT)
    document.set_action(0, "remove")
    assert document.table(0) == {"name": "hats", "action": "remove", "find": "hat"}
    document.set_action(0, "dedupe")
    assert document.check()[0].error is None


def test_one_bad_rule_spoils_no_other():
    document = parse_document(TEXT)
    document.set(1, "find", "(")
    ruleset, errors = document.ruleset()
    assert [rule.name for rule in ruleset.rules] == ["hats"]
    assert "no valid regex" in errors[1].message
    assert run(ruleset, "red hat").after == "red cap"
    assert ruleset.synonyms == {"shades": "sunglasses"}
    assert parse_document(document.text).check()[1].error is not None


def test_a_name_taken_by_another_rule_is_told_at_once():
    document = parse_document(TEXT)
    assert all(item.error is None for item in document.check())
    document.set(0, "name", "2 remove")
    assert "used twice" in str(document.check()[1].error)
    document.set(0, "name", "hats")
    assert all(item.error is None for item in document.check())


def test_rules_in_another_form_can_be_edited_too():
    document = parse_document('rules = [{action = "dedupe"}, {action = "remove", find = "hat"}]\n')
    assert document.rewritten
    assert [item.action for item in document.check()] == ["dedupe", "remove"]
    tricky = "[[rules]]\naction = 'remove'\nfind = '''\n[[rules]]\n'''\n"
    assert parse_document(tricky).table(0)["find"] == "[[rules]]\n"


@pytest.mark.parametrize("text", ["rules = 3\n", "[[rules]\n", "colour = 1\n", "rules = [3]\n"])
def test_what_is_no_rule_set_is_refused(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(AppError) as error:
        read_document(path)
    assert str(path) in str(error.value)


def test_saved_and_read_again_it_is_the_same(tmp_path):
    document = parse_document(TEXT)
    document.save(tmp_path / "a.toml")
    assert read_document(tmp_path / "a.toml") == document
    assert load_rules(tmp_path / "a.toml").name == "Mine"


VALUES = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.tuples(st.sampled_from("amsdn"), st.integers(0, 3), VALUES), max_size=8))
def test_whatever_is_done_the_file_says_what_was_meant(steps):
    document = parse_document(TEXT)
    expected = [document.table(index) for index in range(2)]
    for kind, place, value in steps:
        index = place % len(expected) if expected else 0
        if kind == "a" or not expected:
            document.add("append", text=value)
            expected.append(document.table(len(expected)))
        elif kind == "m":
            to = document.move(index, place)
            expected.insert(to, expected.pop(index))
        elif kind == "d":
            document.delete(index)
            del expected[index]
        else:
            key = "find" if kind == "s" else "note"
            document.set(index, key, value)
            expected[index] |= {key: value}
    found = tomllib.loads(document.text).get("rules", [])
    assert [_plain(table) for table in found] == [_plain(table) for table in expected]


def _plain(table):
    return {key: value for key, value in table.items() if key != "note" or value}
