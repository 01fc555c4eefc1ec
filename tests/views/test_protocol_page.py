"""Protocol page: prompts and settings edited, judged, undone, saved without losing comments."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.protocol import builtin_protocol, generation_id, load_protocol
from bespoke_gui.views.widgets.protocol_page import ProtocolPage


@pytest.fixture
def page(session, qtbot):
    session.project.protocol_path.unlink(missing_ok=True)
    found = ProtocolPage(session)
    qtbot.addWidget(found)
    found.resize(1200, 760)
    found.show()
    return found


def test_the_built_in_prompts_are_there(page):
    assert page.prompts.count() == 7
    assert page.name.text() == "green_bg_lad"
    assert page.background.text() == "bright green"
    assert page.count.text() == "7 images an epoch"


def test_expectations_follow_the_text_until_they_are_corrected(page):
    page.text.setPlainText("portrait of a lad, blue solid background, wearing sunglasses")
    prompt = page.document.protocol.prompts[0]
    assert (prompt.background, prompt.accessories) == ("blue", ("sunglasses",))
    page.background.setText("dark blue")
    page.background.textEdited.emit("dark blue")
    page.text.setPlainText("portrait of a lad, red solid background")
    prompt = page.document.protocol.prompts[0]
    assert prompt.background == "dark blue", "a correction by hand stays"
    assert prompt.accessories == ()


def test_saving_keeps_comments_and_what_did_not_change(page, session):
    assert page.document.save()
    path = session.project.protocol_path
    text = path.read_text("utf-8")
    path.write_text("# my own words\n" + text.replace("steps = 30", "steps = 30 # enough"), "utf-8")
    page.document.load()
    page.settings.seeds.setText("1, 2, 3")
    page.settings.seeds.editingFinished.emit()
    assert page.state.text() == "not saved"
    assert page.unlike.isVisible()
    assert page.document.save()
    after = path.read_text("utf-8")
    assert after.startswith("# my own words\n")
    assert "steps = 30 # enough" in after
    assert load_protocol(path).seeds == (1, 2, 3)
    assert not page.unlike.isVisible()


def test_how_to_look_does_not_make_other_images(page):
    page.settings.native.setValue(32)
    assert page.document.is_changed
    assert not page.unlike.isVisible()
    page.settings.steps.setValue(12)
    assert page.unlike.isVisible()


def test_prompts_are_added_copied_moved_taken_out_and_brought_back(page):
    before = page.document.protocol
    page.add()
    assert page.document.protocol.prompts[-1].name == "prompt"
    assert page.finding.isVisible(), "an empty prompt cannot be saved"
    page.text.setPlainText("portrait of a lady")
    assert not page.finding.isVisible()
    page.add(like=True)
    assert page.name.text() == "prompt_2"
    page.shift(-1)
    assert [p.name for p in page.document.protocol.prompts[-2:]] == ["prompt_2", "prompt"]
    page.remove()
    for _ in range(10):
        page.document.undo()
    assert page.document.protocol == before
    assert page.prompts.count() == 7


def test_wrong_values_are_named_and_not_saved(page, session):
    page.settings.seeds.setText("1, one")
    page.settings.seeds.editingFinished.emit()
    assert "seeds" in page.finding.text()
    assert not page.save.isEnabled()
    assert not page.document.save()
    assert not session.project.protocol_path.exists()
    assert session.told[-1][0] == "warning"


def test_keys_save_and_undo(page, session):
    page.settings.steps.setValue(12)
    QTest.keyClick(page, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    assert load_protocol(session.project.protocol_path).steps == 12
    QTest.keyClick(page, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.document.protocol.steps == 30
    assert page.settings.steps.value() == 30


def test_the_saved_protocol_is_the_one_that_is_generated_with(page, session):
    page.settings.guidance.setValue(5.5)
    page.document.save()
    saved = load_protocol(session.project.protocol_path)
    assert generation_id(saved) == generation_id(page.document.protocol)
    assert generation_id(saved) != generation_id(builtin_protocol())


def test_another_project_brings_its_own(page, session, make_project):
    page.settings.steps.setValue(12)
    page.document.save()
    session.open_project(make_project("other"))
    assert page.settings.steps.value() == 30
