"""Records of rule runs: one rule is taken back, the others and later edits stay."""

import pytest

from bespoke_gui.core import captions
from bespoke_gui.core.history import History
from bespoke_gui.core.rules.apply import apply_rules
from bespoke_gui.core.rules.record import rule_runs, undo_rule
from bespoke_gui.core.rules.ruleset import load_rules

RULES = """
name = "Caps"
[[rules]]
name = "caps"
action = "replace"
find = "red hat"
with = "red cap"
[[rules]]
name = "bright"
action = "replace"
find = "red"
with = "bright red"
[[rules]]
name = "end"
action = "append"
text = "sharp"
"""
BEFORE = {"a.txt": "a lad, red hat, red tie", "b.txt": "a lad, tie", "c.txt": "a, sharp"}


@pytest.fixture
def folder(tmp_path):
    for name, text in BEFORE.items():
        (tmp_path / name).write_bytes(text.encode())
    (tmp_path / "caps.toml").write_text(RULES, encoding="utf-8")
    with History(tmp_path) as history:
        apply_rules(load_rules(tmp_path / "caps.toml"), captions.read_folder(tmp_path), history)
    return tmp_path


def now(folder):
    return {name: text or "" for name, text in captions.texts(captions.read_folder(folder)).items()}


def test_a_run_is_recorded_with_its_rules(folder):
    (run,) = rule_runs(folder)
    assert (run.title, run.rules) == ("Caps", {"caps": 1, "bright": 1, "end": 2})
    assert run.captions["a.txt"].after == "a lad, bright red cap, bright red tie, sharp"
    (folder / ".bespoke" / "audit" / "broken.json").write_text("{")
    assert len(rule_runs(folder)) == 1


def test_the_whole_run_is_taken_back(folder):
    (run,) = rule_runs(folder)
    undone = undo_rule(run, "", now(folder))
    assert undone.texts == {name: BEFORE[name] for name in ("a.txt", "b.txt")}
    assert undone.kept == []


def test_one_rule_is_taken_back_and_the_others_stay(folder):
    (run,) = rule_runs(folder)
    assert undo_rule(run, "bright", now(folder)).texts == {
        "a.txt": "a lad, red cap, red tie, sharp"
    }
    assert undo_rule(run, "end", now(folder)).texts == {
        "a.txt": "a lad, bright red cap, bright red tie",
        "b.txt": "a lad, tie",
    }
    assert undo_rule(run, "caps", now(folder)).texts["a.txt"].startswith("a lad, bright red hat")


def test_what_was_edited_since_stays(folder):
    (run,) = rule_runs(folder)
    texts = now(folder) | {"a.txt": "a lad, bright red cap, dark blue tie, sharp, smile"}
    undone = undo_rule(run, "bright", texts)
    assert undone.texts == {"a.txt": "a lad, red cap, dark blue tie, sharp, smile"}
    assert undone.kept == ["a.txt"]
    assert undo_rule(run, "end", {"b.txt": "a lad, tie, sharp, hat"}).texts == {
        "b.txt": "a lad, tie, hat"
    }
