"""The rule set in the window: edits, undo, files, drafts; nothing typed is lost."""

import pytest

from bespoke_gui.core.rules.ruleset import load_rules, shipped
from bespoke_gui.qtmodels.rules_editor import RuleSetEditor


@pytest.fixture
def editor(session):
    made = RuleSetEditor(session)
    yield made
    made.deleteLater()


@pytest.fixture
def own(session, editor):
    """A set of the project with two rules, open in the editor."""
    editor.start_new()
    editor.set_top("name", "Hats")
    editor.add("replace")
    editor.set(0, "find", "hat")
    editor.set(0, "with", "cap")
    editor.add("dedupe")
    assert editor.save()
    return session.project.folder / "rules" / "Hats.toml"


def test_it_begins_with_a_set_that_comes_along(session, editor):
    assert editor.path == shipped()["accessories"]
    assert editor.is_shipped
    assert not editor.unsaved
    assert {choice.kind for choice in editor.choices()} == {"shipped"}


def test_a_shipped_set_is_saved_as_a_copy_in_the_project(session, editor):
    text = shipped()["accessories"].read_bytes()
    editor.set(0, "on", False)
    assert editor.unsaved
    assert editor.save()
    assert editor.path == session.project.folder / "rules" / "Accessory_detail.toml"
    assert shipped()["accessories"].read_bytes() == text
    assert not load_rules(editor.path).rules[0].on
    assert "# Gives small accessories" in editor.path.read_text("utf-8")
    assert editor.choices()[0].kind == "project"


def test_edits_are_undone_step_by_step_and_typing_is_one(editor, own):
    for text in ("h", "ha", "hats"):
        editor.set(0, "find", text)
    editor.move(0, 1)
    editor.undo()
    assert editor.checked[0].table["find"] == "hats"
    editor.undo()
    assert editor.checked[0].table["find"] == "hat"
    assert not editor.unsaved
    editor.redo()
    assert editor.checked[0].table["find"] == "hats"
    assert editor.can_redo()
    editor.duplicate(0)
    assert not editor.can_redo()
    assert [rule.name for rule in editor.checked] == ["replace", "replace 2", "remove duplicates"]
    editor.delete(1)
    editor.set(0, "action", "remove")
    assert editor.checked[0].table == {"name": "replace", "action": "remove", "find": "hats"}


def test_a_new_rule_that_lacks_something_says_so_and_the_others_run(editor, own):
    editor.add("remove", 0)
    assert "`find` is empty" in editor.checked[1].error.message
    assert [rule.name for rule in editor.ruleset().rules] == ["replace", "remove duplicates"]
    assert editor.ruleset().name == "Hats"


def test_what_was_not_saved_is_there_again(session, editor, own):
    editor.set(0, "find", "bow")
    editor.flush()
    again = RuleSetEditor(session)
    assert again.path == own
    assert again.unsaved
    assert again.checked[0].table["find"] == "bow"
    assert not again.changed_on_disk()
    own.write_text('[[rules]]\naction = "dedupe"\n', "utf-8")
    late = RuleSetEditor(session)
    assert late.changed_on_disk()
    late.deleteLater()
    again.deleteLater()


def test_a_saved_set_is_read_from_its_file(session, editor, own):
    editor.flush()
    own.write_text('[[rules]]\naction = "dedupe"\n', "utf-8")
    again = RuleSetEditor(session)
    assert again.path == own
    assert len(again.checked) == 1
    assert not again.unsaved
    again.deleteLater()


def test_a_draft_of_no_use_does_no_harm(session, editor):
    (session.project.bespoke_dir / "rules_draft.json").write_text("{", "utf-8")
    again = RuleSetEditor(session)
    assert again.is_shipped
    again.deleteLater()


def test_a_file_that_is_no_rule_set_leaves_the_open_one(session, editor, own, tmp_path):
    (tmp_path / "bad.toml").write_text("[[rules", "utf-8")
    assert not editor.open(tmp_path / "bad.toml")
    assert editor.path == own
    assert "no valid TOML" in session.told[-1][1]


def test_a_set_in_another_form_is_opened_with_a_warning(session, editor, tmp_path):
    (tmp_path / "odd.toml").write_text('rules = [{action = "dedupe"}]\n', "utf-8")
    assert editor.open(tmp_path / "odd.toml")
    assert "loses its comments" in session.told[-1][1]
    assert editor.choices()[-1].kind == "file"


def test_another_program_writing_the_file_is_noticed(editor, own):
    assert not editor.changed_on_disk()
    own.write_text('[[rules]]\naction = "dedupe"\n', "utf-8")
    assert editor.changed_on_disk()
    assert editor.save_as(own)
    assert not editor.changed_on_disk()
