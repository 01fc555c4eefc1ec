"""List pane: query, mistakes, order, selection, rows, review by keys."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_query_model import SORTS, Sort
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.caption_list_pane import CaptionListPane
from bespoke_gui.views.widgets.review_foot import ReviewFoot

A, B, C, D = "lad_001.png", "lad_002.png", "lady_001.png", "lady_002.png"
CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def desk(session):
    return CaptionDesk(session, session)


@pytest.fixture
def pane(session, desk, qtbot):
    made = CaptionListPane(desk, 96)
    qtbot.addWidget(made)
    made.set_items(session.dataset.by_name)
    made.resize(360, 700)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(lambda: made.counts._known != {})
    return made


def kinds(pane):
    return [pane.kinds.itemText(place) for place in range(pane.kinds.count())]


def test_counts_of_what_is_shown_and_chosen(pane):
    assert pane._counts.text() == "4 images"
    pane.filter("lady")
    assert pane._counts.text() == "2 of 4"
    pane.list.setFocus()
    QTest.keyClick(pane.list, Qt.Key.Key_A, CONTROL)
    assert pane._counts.text() == "2 of 4 · 2 selected"
    assert pane.names_selected() == [C, D]
    pane.filter("")
    assert pane.names_selected() == [C, D]
    QTest.keyClick(pane.list, Qt.Key.Key_I, CONTROL)
    assert pane.names_selected() == [A, B]


def test_typing_filters_after_a_pause_and_enter_at_once(pane, qtbot):
    QTest.keyClicks(pane.search, "earrings")
    qtbot.waitUntil(lambda: pane.names_shown() == [C])
    pane.search.clear()
    QTest.keyClick(pane.search, Qt.Key.Key_Return)
    assert len(pane.names_shown()) == 4


def test_a_mistake_is_underlined_and_said_below(pane):
    pane.filter("lady")
    pane.filter("lady OR tokn:>3")
    assert pane._mistake.isVisible()
    assert 'did you mean "tokens:"' in pane._mistake.text()
    assert pane.names_shown() == [C, D]
    shot = pane.search.grab().toImage()
    danger = theme.tokens().danger.rgb()
    reds = {
        x for x in range(shot.width()) for y in range(shot.height()) if shot.pixel(x, y) == danger
    }
    words = pane.search.fontMetrics().horizontalAdvance("lady OR ")
    assert reds
    assert min(reds) > words
    pane.filter("lady OR tokens:>3")
    assert not pane._mistake.isVisible()
    assert not pane.search._is_marked


def test_quick_choices_write_the_language(pane, session, desk):
    assert pane.kinds.currentIndex() == 0
    assert kinds(pane)[:5] == [
        "All images  4",
        "To review  4",
        "Needs work  0",
        "Accepted  0",
        "Lost words  1",
    ]
    pane.search.setText("portrait")
    pane.kinds.setCurrentIndex(pane.kinds.findData("lossy:yes"))
    pane.kinds.activated.emit(pane.kinds.currentIndex())
    assert pane.search.text() == "lossy:yes portrait"
    assert pane.names_shown() == [A]
    pane.filter("status:unsaved")
    assert pane.kinds.currentData() == "status:unsaved"
    pane.filter("words of my own")
    assert pane.kinds.currentIndex() == -1
    pane.kinds.setCurrentIndex(0)
    pane.kinds.activated.emit(0)
    assert pane.search.text() == "words of my own"
    pane.filter("")
    assert pane.kinds.currentIndex() == 0


def test_counts_follow_edits(pane, session, desk):
    session.captions.edit(B, "")
    pane.refresh([B])
    assert "No caption  1" in kinds(pane)
    assert "Not saved  1" in kinds(pane)


def test_order_by_menu(pane):
    actions = {action.text(): action for action in pane._orders.actions()}
    actions["Name"].trigger()
    pane.descending.setChecked(True)
    assert pane.names_shown() == [D, C, B, A]
    assert "Name" in pane.order.toolTip()
    pane._session.captions.edit(B, "edited just now")
    actions["Changed last"].trigger()
    assert pane.descending.isChecked()
    assert pane.names_shown()[0] == B
    actions["Path"].trigger()
    assert pane.names_shown() == [A, B, C, D]


def test_a_hidden_image_asked_for_takes_the_filter_away(pane):
    pane.filter("lady")
    pane.select(A)
    assert pane.list.current_name() == A
    assert pane.search.text() == ""


def test_rows_tell_names_and_captions(pane, session, qtbot):
    session.thumbnails._start()
    pane.rows.setChecked(True)
    assert pane.list.columns() == 1
    shot = pane.list.viewport().grab().toImage()
    assert shot.pixelColor(9, 7) != theme.tokens().surface
    cells = pane.list.itemDelegate()
    assert cells._first(0).startswith("portrait of bespoke punk lad, brown hair")
    assert cells._first(1) == "… black hair, blue background"
    pane.rows.setChecked(False)
    assert pane.list.columns() > 1


def test_completion_is_offered_and_taken(pane, qtbot):
    pane.search.setFocus()
    QTest.keyClicks(pane.search, "sta")
    assert pane.search._popup.isVisible()
    QTest.keyClick(pane.search._popup, Qt.Key.Key_Down)
    QTest.keyClick(pane.search._popup, Qt.Key.Key_Return)
    assert pane.search.text() == "status:"
    qtbot.waitUntil(pane.search._popup.isVisible)
    pane.search._take(pane.search._words.index(1, 0))
    assert pane.search.text() == "status:accepted "
    pane.search._popup.hide()
    pane.search.clear()
    QTest.keyClicks(pane.search, "phrase:ha")
    assert pane.search._words.item(0).text() == '"black hair"'
    pane.search._popup.hide()
    QTest.keyClick(pane.search, Qt.Key.Key_Escape)
    assert pane.search.text() == ""


def test_help_examples_ask(pane, qtbot):
    pane.help.click()
    link = next(e for e in pane._popover.examples if e.text() == "lossy:yes")
    link.click()
    assert pane.search.text() == "lossy:yes"
    assert pane.names_shown() == [A]
    assert not pane._popover.isVisible()


def press(pane, key, keys=CONTROL):
    QTest.keyClick(pane.list, key, keys)


def test_review_by_keys(pane, desk, qtbot):
    pane.list.setFocus()
    press(pane, Qt.Key.Key_Return)
    assert desk.reviews.state(A) == "accepted"
    assert pane.list.current_name() == B
    press(pane, Qt.Key.Key_J)
    assert pane.list.current_name() == C
    assert desk.reviews.state(B) == "todo"
    assert pane.foot.progress.text() == "1 of 4 accepted"
    assert pane.foot.bar.value() == 1
    press(pane, Qt.Key.Key_A)
    press(pane, Qt.Key.Key_Return, CONTROL | SHIFT)
    assert pane.foot.progress.text() == "4 of 4 accepted"
    assert "Accepted  4" in kinds(pane)
    desk.session.captions.undo_stack.undo()
    assert pane.foot.progress.text() == "1 of 4 accepted"
    pane.list.select(D)
    desk.session.captions.undo_stack.undo()
    assert pane.list.current_name() == A


def test_needs_work_takes_a_note(pane, desk):
    pane.list.setFocus()
    press(pane, Qt.Key.Key_N, CONTROL | SHIFT)
    assert pane.foot.note.isVisible()
    assert pane.foot.note.placeholderText() == "What is wrong with lad_001?"
    QTest.keyClicks(pane.foot.note, "which hat?")
    QTest.keyClick(pane.foot.note, Qt.Key.Key_Return)
    assert (desk.reviews.state(A), desk.reviews.note(A)) == ("needs_work", "which hat?")
    assert pane.foot.said.text() == "which hat?"
    assert not pane.foot.note.isVisible()
    pane.list.select(B)
    assert not pane.foot.said.isVisible()
    pane.flag()
    QTest.keyClick(pane.foot.note, Qt.Key.Key_Escape)
    assert desk.reviews.state(B) == "todo"
    pane.list.select(A)
    pane.foot.todo.click()
    assert desk.reviews.state(A) == "todo"


def test_when_all_is_reviewed_it_is_said(pane, desk, session):
    desk.reviews.set([A, B, C, D], "accepted")
    pane.go_to_todo()
    assert session.told[-1][1] == "Every caption that is shown has been reviewed."


def test_an_edit_takes_the_tick_away(pane, desk, session):
    desk.reviews.set([A], "accepted")
    assert pane.model.state(0).review == "accepted"
    session.captions.edit(A, "entirely other words")
    assert pane.model.state(0).review == "todo"
    assert pane.foot.progress.text() == "0 of 4 accepted"


def test_signs_are_painted(pane, desk, session):
    session.thumbnails._start()

    def corner():
        rect = pane.list.visualRect(pane.model.index(0))
        left = rect.left() + (rect.width() - 96) // 2
        shot = pane.list.viewport().grab().toImage()
        return shot.pixelColor(left + 96 - 1, rect.top() + 6)

    before = corner()
    desk.reviews.set([A], "accepted")
    accepted = corner()
    desk.reviews.set([A], "needs_work", "")
    assert len({before.name(), accepted.name(), corner().name()}) == 3


def test_letters_find_names(pane):
    pane.list.setFocus()
    QTest.keyClicks(pane.list, "lady")
    assert pane.list.current_name() == C
    QTest.keyClicks(pane.list, "_002")
    assert pane.list.current_name() == D


def test_a_caption_that_no_longer_fits_stays_until_the_person_moves_on(pane, desk, qtbot):
    pane.filter("status:todo")
    pane.list.select(B)
    desk.reviews.set([B], "accepted")
    assert pane.names_shown() == [A, B, C, D]
    pane.list.step(1)
    qtbot.waitUntil(lambda: pane.names_shown() == [A, C, D])
    assert pane.list.current_name() == C


def test_accepting_walks_through_what_is_to_do(pane, qtbot):
    pane.filter("status:todo")
    pane.list.select(A)
    for left in ([B, C, D], [C, D], [D]):
        pane.accept_and_go_on()
        qtbot.waitUntil(lambda left=left: pane.names_shown() == left)
        assert pane.list.current_name() == left[0]


def test_a_text_that_no_longer_fits_goes_with_the_next_move(pane, session, qtbot):
    pane.filter("caption:hat OR name:lady")
    assert pane.names_shown() == [A, C, D]
    pane.list.select(A)
    session.captions.edit(A, "nothing on the head")
    assert pane.names_shown() == [A, C, D]
    pane.list.select(D)
    qtbot.waitUntil(lambda: pane.names_shown() == [C, D])
    assert pane.list.current_name() == D


def test_notes_that_are_gone_are_filtered_when_the_linter_is_done(pane, desk, session, qtbot):
    session.captions.edit(B, "a red red hat")
    session.captions.edit(D, "a blue blue hat")
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)
    pane.filter("lint:doubled_word")
    assert pane.names_shown() == [B, D]
    pane.list.select(B)
    session.captions.edit_many({B: "a red hat", D: "a blue hat"}, "mended")
    qtbot.waitUntil(lambda: not desk.lints.is_busy, timeout=20_000)
    assert pane.names_shown() == [B]
    pane.filter("")
    assert len(pane.names_shown()) == 4


def test_in_another_order_rows_keep_their_places(pane, desk, session, qtbot):
    pane.descending.setChecked(True)
    pane._orders.actions()[list(SORTS).index("phrases")].trigger()
    pane.filter("NOT status:accepted")
    shown = list(pane.names_shown())
    pane.list.select(shown[0])
    session.captions.edit(shown[0], "one phrase")
    desk.reviews.set([shown[1]], "accepted")
    pane.list.select(shown[2])
    qtbot.waitUntil(lambda: shown[1] not in pane.names_shown())
    assert pane.names_shown() == [shown[0], shown[2], shown[3]]


def test_order_and_view_are_those_of_the_project(pane, session, make_project, qtbot):
    first = session.project.folder
    pane._orders.actions()[list(SORTS).index("tokens")].trigger()
    pane.descending.setChecked(True)
    pane.rows.setChecked(True)
    session.open_project(make_project("another"))
    pane.set_items(session.dataset.by_name)
    assert (pane._orders.checkedAction().data(), pane.rows.isChecked()) == ("path", False)
    assert not pane.descending.isChecked()
    session.open_project(first)
    pane.set_items(session.dataset.by_name)
    assert (pane._orders.checkedAction().data(), pane.rows.isChecked()) == ("tokens", True)
    assert pane.descending.isChecked()
    assert pane._desk.query.sort == Sort("tokens", True)


def test_the_count_of_the_review_is_said_in_fewer_words_where_there_is_no_room(qtbot):
    foot = ReviewFoot()
    qtbot.addWidget(foot)
    foot.show_progress(7, 203)
    foot.resize(420, 60)
    foot.show()
    assert foot.progress.text() == "7 of 203 accepted"
    foot.resize(200, 60)
    assert foot.progress.text() == "7 / 203"
    assert foot.progress.toolTip() == "7 of 203 accepted"
