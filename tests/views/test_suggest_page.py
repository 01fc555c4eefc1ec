"""The Suggest page: off by default, and nothing is written until a person accepts it."""

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit

from bespoke_gui.core.suggest.options import DEFAULT_PROMPT
from bespoke_gui.views.rooms.captions import CaptionsPanel
from bespoke_gui.views.widgets.suggest_list import box_of
from bespoke_gui.views.widgets.suggest_page import tell
from tests.core.endpoint import reply, said, serving


@pytest.fixture
def server():
    with serving() as found:
        found.script = lambda asked: said(f"{asked.prompt}, smiling")
        yield found
        assert not found.problems


@pytest.fixture
def room(session, qtbot):
    made = CaptionsPanel(session)
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    made.show_page("suggest")
    return made


@pytest.fixture
def page(room):
    return room.page("suggest")


@pytest.fixture
def ready(page, server):
    """The page with an endpoint that adds a word to each caption."""
    page.setup.change(enabled=True, base_url=server.url, model="llava:7b", prompt="{caption}")
    page.show_settings(False)
    return page


@pytest.fixture
def answered(ready):
    ready.run_bar.start.click()
    return ready


def test_it_is_off_and_says_calmly_what_it_would_do(page, session, server):
    assert page._stack.currentWidget() is page._off_part
    assert not page._header.isVisible()
    page.on_button.click()
    assert page._stack.currentWidget() is page.settings
    assert session.settings.suggest["enabled"] is True
    page.off_button.click()
    assert page._stack.currentWidget() is page._off_part
    assert server.asked == []


def test_settings_are_remembered_and_tested(page, session, server):
    page.on_button.click()
    settings = page.settings
    settings.address.setText(server.url)
    settings.address.editingFinished.emit()
    settings.test.click()
    assert "lists 2 models" in settings.result.text()
    assert settings.model.count() == 2
    assert settings.model.currentText() == ""
    settings.model.setCurrentText("llava:7b")
    settings.numbers["per_minute"].setValue(30)
    settings.numbers["temperature"].setValue(0.7)
    settings.image.setCurrentIndex(1)
    settings.image.activated.emit(1)
    settings.prompt.setPlainText("Say {caption}")
    kept = session.settings.suggest
    assert (kept["base_url"], kept["model"]) == (server.url, "llava:7b")
    assert (kept["per_minute"], kept["temperature"], kept["image"]) == (30, 0.7, "original")
    assert kept["prompt"] == "Say {caption}"
    settings.reset.click()
    assert settings.prompt.toPlainText() == DEFAULT_PROMPT
    assert "llava:7b at 127.0.0.1" in page.who.text()
    settings.address.setText("ftp://x")
    settings.address.editingFinished.emit()
    settings.test.click()
    assert "is no address" in settings.result.text()
    assert settings.result.property("kind") == "danger"


def test_the_key_is_hidden_and_its_place_is_said(page, session):
    page.on_button.click()
    settings = page.settings
    assert settings.key.echoMode() == QLineEdit.EchoMode.Password
    assert "memory" in settings.key_place.text()
    QTest.keyClicks(settings.key, "sk-0123456789")
    settings.keep.click()
    assert settings.key.text() == ""
    assert settings.key_place.text().startswith("A key is kept in memory")
    assert settings.forget.isVisibleTo(settings)
    settings.forget.click()
    assert settings.key_place.text().startswith("No key")
    assert "sk-0123456789" not in str(session.settings)


def test_a_local_folder_is_chosen(page, session, ask, tmp_path):
    page.on_button.click()
    page.settings.local.click()
    assert not page.settings.address.isVisible()
    assert page.settings.folder.isVisible()
    ask.answers = [tmp_path]
    page.settings.choose.click()
    assert session.settings.suggest["folder"] == str(tmp_path)
    page.settings.test.click()
    assert "no folder of a transformers model" in page.settings.result.text()
    ask.answers = ["http://localhost:1234/v1"]
    page.settings.preset.click()
    assert session.settings.suggest["base_url"] == "http://localhost:1234/v1"


def test_scopes_are_counted(ready, room, session, qtbot):
    scope = ready.run_bar.scope
    ready.run_bar.refresh()
    words = [scope.itemText(i) for i in range(scope.count())]
    assert words == ["All (4)", "Shown in the list (4)", "Selected (1)", "Without caption (0)"]
    scope.setCurrentIndex(3)
    assert not ready.run_bar.start.isEnabled()
    session.captions.edit("lad_002.png", "")
    qtbot.waitUntil(lambda: scope.itemText(3) == "Without caption (1)", timeout=5_000)
    assert ready.run_bar.start.text() == "Suggest for 1 caption"


def test_a_batch_fills_the_list_and_changes_no_caption(ready, session, server):
    before = session.captions.texts()
    assert ready.empty.isVisible()
    ready.run_bar.start.click()
    assert ready.model.rowCount() == 4
    assert ready.list.current_name() == "lad_001.png"
    assert ready.detail.status.text() == "Nothing lost"
    assert "smiling" in ready.detail.view.plain_text()
    assert ready.run_bar.message.text() == "4 answers."
    assert session.captions.texts() == before
    assert not session.captions.unsaved()
    ready.run_bar.start.click()
    assert ready.run_bar.message.text() == "4 answers, 4 of them from before."
    assert len(server.questions()) == 4


def test_failures_are_counted_and_told_when_asked(ready, session, server):
    server.plan = [reply({}, 413)]
    ready.run_bar.start.click()
    assert ready.run_bar.message.text() == "3 answers; 1 failed."
    assert session.told == []
    ready.run_bar.why.click()
    assert "too large" in session.told[-1][2]
    server.plan = [reply({}, 401)]
    ready.run_bar.again.setChecked(True)
    ready.run_bar.start.click()
    assert "Stopped: the endpoint does not accept the key" in ready.run_bar.message.text()


def test_accept_and_next_walks_through(answered, room, session, qtbot):
    answered.detail.accept_next.click()
    assert session.captions.text("lad_001.png").endswith(", smiling")
    assert answered.list.current_name() == "lad_002.png"
    assert room.desk.current() == "lad_002.png"
    room.activateWindow()
    answered.list.setFocus()
    qtbot.waitUntil(answered.list.hasFocus, timeout=5_000)
    QTest.keyClick(answered.list, Qt.Key.Key_Return, Qt.KeyboardModifier.AltModifier)
    assert session.captions.text("lad_002.png").endswith(", smiling")
    QTest.keyClick(answered.list, Qt.Key.Key_Backspace, Qt.KeyboardModifier.ControlModifier)
    assert "smiling" not in session.captions.text("lady_001.png")
    assert answered.model.rowCount() == 1
    session.captions.undo_stack.undo()
    assert answered.model.rowCount() == 2
    assert answered.list.current_name()


def test_the_page_follows_the_list(answered, room):
    room.images.select("lady_001.png")
    assert answered.list.current_name() == "lady_001.png"
    assert answered.detail.title.text() == "lady_001"


def test_words_are_edited_before_they_are_accepted(answered, session):
    before = session.captions.text("lad_001.png")
    answered.detail.edit.click()
    assert answered.detail.is_editing
    answered.detail.editor.setPlainText(f"{before}, laughing")
    answered.accept(True)
    assert session.captions.text("lad_001.png") == before
    answered.detail.use.click()
    assert not answered.detail.is_editing
    assert "laughing" in answered.detail.view.plain_text()
    answered.detail.accept.click()
    assert session.captions.text("lad_001.png") == f"{before}, laughing"


def test_a_piece_is_put_back_with_a_click(answered):
    piece = next(p for p in answered.suggestions.proposal("lad_001.png").diff.pieces if p.id)
    answered.detail.view.piece_clicked.emit(piece.id)
    assert answered.detail.status.text() == "Same as today"
    assert not answered.detail.accept.isEnabled()


def test_lossy_ones_are_unticked_and_red_and_named_before_they_are_accepted(
    ready, session, server, ask
):
    server.script = lambda asked: said(
        "a lad" if "lad, brown" in asked.prompt else f"{asked.prompt}, smiling"
    )
    ready.run_bar.start.click()
    assert ready.accept_all.text() == "Accept 3 ticked"
    assert ready.detail.status.property("kind") == "badge-danger"
    assert "hat" in ready.detail.lost.text()
    box = ready.list.visualRect(ready.model.index(0))
    QTest.mouseClick(
        ready.list.viewport(), Qt.MouseButton.LeftButton, pos=box_of(box).center() + QPoint(1, 0)
    )
    assert ready.accept_all.text() == "Accept 4 ticked"
    ask.answers = ["", "accept"]
    ready.accept_all.click()
    assert "1 of them lose words: lad_001.png" in ask.asked[0][1]
    assert session.captions.undo_stack.count() == 0
    QTest.keyClick(ready.list, Qt.Key.Key_Space)
    ready.accept_all.click()
    assert session.captions.undo_stack.count() == 1
    assert "brown hair" in session.captions.text("lad_001.png")
    assert ready.model.rowCount() == 1


def test_ticks_and_dismissal_of_all(answered, ask, session):
    answered.tick_none.click()
    assert not answered.accept_all.isEnabled()
    answered.tick_all.click()
    assert answered.accept_all.text() == "Accept 4 ticked"
    ask.answers = ["dismiss"]
    answered.dismiss_all.click()
    assert answered.empty.isVisible()
    assert session.captions.undo_stack.count() == 0


def test_suggestions_wait_for_the_next_start(answered, session, qtbot):
    again = CaptionsPanel(session)
    qtbot.addWidget(again)
    assert again.page("suggest").model.rowCount() == 4


def test_progress_and_cancel_are_shown(ready, threaded_tasks, server, qtbot):
    server.script = lambda asked: said("slow") if not server.ending.wait(0.2) else said("x")
    ready.run_bar.start.click()
    assert ready.run_bar.cancel.isVisible()
    assert not ready.run_bar.start.isVisible()
    qtbot.waitUntil(lambda: "1 of 4" in ready.run_bar.words.text(), timeout=10_000)
    ready.run_bar.cancel.click()
    qtbot.waitUntil(lambda: ready.run_bar.start.isVisible(), timeout=10_000)
    assert "Cancelled" in ready.run_bar.message.text()
    assert ready.model.rowCount() >= 1


@pytest.mark.parametrize("most", [0, 32])
def test_the_current_one_stays_while_answers_come(ready, monkeypatch, most):
    from bespoke_gui.core.suggest.answer import Answer
    from bespoke_gui.qtmodels import suggest_list_model

    monkeypatch.setattr(suggest_list_model, "MOST_RUNS", most)
    found = ready.suggestions
    for stem in ("lad_002", "lad_001", "lady_002", "lady_001"):
        found.answers.keep(f"k {stem}", f"{stem}.png", Answer("words"), "m")
        found.refresh()
        assert ready.list.current_name() == "lad_002.png"
        assert ready.detail.title.text() == "lad_002"
    found.dismiss(["lad_002.png", "lady_001.png"])
    assert ready.list.current_name() in ("lad_001.png", "lady_002.png")
    assert ready.detail.title.text() == ready.list.current_name().removesuffix(".png")


def test_what_could_not_start_is_said():
    assert tell(None)[1] == "danger"
