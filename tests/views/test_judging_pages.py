"""Review and blind test from the window: by keyboard, kept in reviews.json, taken back."""

import json

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from bespoke_gui.core.gallery import import_gallery
from bespoke_gui.core.judgement.reviews import read_reviews
from bespoke_gui.qtmodels import tasks
from bespoke_gui.views.rooms.gallery import GalleryPanel
from tests.qt_fixtures import draw_portrait


@pytest.fixture
def folder(tmp_path, session):
    """A gallery of three epochs and two prompts in the open project."""
    for epoch in (1, 2, 3):
        source = tmp_path / "made" / f"epoch_{epoch:02d}"
        source.mkdir(parents=True)
        for number, prompt in enumerate(("golden_earrings", "green_bg_lad")):
            draw_portrait(3 * epoch + number, 24).save(source / f"{prompt}.png")
    target = session.project.galleries_dir / "made"
    import_gallery(tmp_path / "made", target)
    return target


@pytest.fixture
def room(qtbot, session, folder):
    panel = GalleryPanel(session)
    qtbot.addWidget(panel)
    panel.setMinimumSize(900, 600)
    panel.resize(1360, 820)
    panel.show()
    session.settings.other["judge"] = "Ilyssa"
    return panel


class Held(tasks.SynchronousPool):
    """Work waits until it is let go."""

    def __init__(self):
        self.held = []

    def start(self, work):
        self.held.append(work)

    def release(self):
        while self.held:
            self.held.pop(0)()


def open_page(room, name):
    room.show_page(name)
    page = room.page(name)
    page.setFocus()
    return page


def mine(folder):
    """image -> this judge's review, from the file."""
    return {image: judges["Ilyssa"] for image, judges in read_reviews(folder).by_image.items()}


def test_scores_and_tags_by_keys_go_on_to_the_next_open_image(room, folder, qtbot):
    page = open_page(room, "review")
    first = page.order.current
    assert page.picture.image().width() == 24
    for key in (Qt.Key.Key_H, Qt.Key.Key_T, Qt.Key.Key_7):
        QTest.keyClick(page.picture, key)
    assert page.order.current != first
    qtbot.waitUntil(lambda: first.name in mine(folder) and mine(folder)[first.name].score == 7)
    assert mine(folder)[first.name].tags == ("hat", "stray pixels")
    assert mine(folder)[first.name].pixels, "which image was looked at is kept"
    assert page.line.words.text() == "1 of 6 judged"
    QTest.keyClick(page.picture, Qt.Key.Key_X)
    qtbot.waitUntil(lambda: sorted(r.score or 0 for r in mine(folder).values()) == [7, 10])


@pytest.mark.parametrize("name", ["review", "blind"])
def test_keys_judge_at_once_after_a_click_on_the_page(room, name, qtbot):
    room.activateWindow()
    qtbot.waitUntil(room.isActiveWindow)
    room._pages.buttons[name].click()
    page = room.page(name)
    assert page.hasFocus(), "and not the judge's name, which would take the keys"
    page.line.name.setFocus()
    page.line.name.setText("Bo")
    QTest.keyClick(page.line.name, Qt.Key.Key_Return)
    assert room.desk.judging.judge == "Bo"
    assert page.hasFocus()


def test_the_epoch_is_hidden_until_asked_for(room):
    page = open_page(room, "review")
    assert "poch" not in page.title.text()
    seen = [image.epoch for image in page.order.images]
    assert seen != sorted(seen)
    page.hidden.setChecked(False)
    assert page.title.text().startswith("Epoch ")
    places = [(image.prompt, image.epoch) for image in page.order.images]
    assert [prompt for prompt, _ in places[:3]] == [places[0][0]] * 3
    assert [epoch for _, epoch in places] == [1, 2, 3, 1, 2, 3]


def test_a_judgement_is_taken_back(room, folder, qtbot):
    page = open_page(room, "review")
    first = page.order.current
    QTest.keyClick(page.picture, Qt.Key.Key_4)
    QTest.keyClick(page.picture, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert page.order.current == first
    assert page.judging.review(first).score is None
    qtbot.waitUntil(lambda: read_reviews(folder).of(first.name) == {})


def test_accessories_of_the_prompt_are_asked(room, folder, qtbot):
    page = open_page(room, "review")
    page.hidden.setChecked(False)
    prompts = [image.prompt for image in page.order.images]
    page.order.step(-6)
    page.order.step(prompts.index("golden_earrings"))
    assert page.accessories.isVisible()
    name = next(iter(page.accessories._rows))
    assert "earrings" in name
    page.accessories._rows[name][1].click()
    image = page.order.current
    qtbot.waitUntil(lambda: image.name in mine(folder))
    assert mine(folder)[image.name].accessories == {name: False}
    page.accessories._rows[name][1].click()
    assert page.judging.review(image).accessories == {}


def test_chips_of_other_prompts_are_gone_at_once(room, qtbot):
    rows = open_page(room, "review").accessories
    rows.show_names(("hat", "earrings"))
    old = rows.findChildren(QPushButton)
    rows.show_names(("sunglasses",))
    assert len(old) == 4
    assert all(one.isHidden() for one in old)
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    left = [one.accessibleName() for one in rows.findChildren(QPushButton)]
    assert left == ["sunglasses rendered", "sunglasses missing"]


def test_nothing_is_said_before_the_reviews_are_there(room, folder, qtbot):
    page, blind = open_page(room, "review"), open_page(room, "blind")
    pool = Held()
    undo = tasks.use(pool)
    room.desk.opened_changed.emit()
    first = page.order.current
    page.give_score(7)
    page.toggle_tag("hat")
    assert page.order.current == first, "it does not go on as if it were kept"
    assert not page.said.isEnabled()
    assert page.picture._message == blind.left._message == "Reading the reviews…"
    undo()
    pool.release()
    assert page.said.isEnabled()
    assert blind.test.pair is not None
    page.give_score(7)
    qtbot.waitUntil(lambda: first.name in mine(folder))


def test_keys_answer_one_accessory_after_the_other(room, folder, qtbot):
    page = open_page(room, "review")
    page.accessories.show_names(("hat", "earrings"))
    page.accessories.show_answers({})
    image = page.order.current
    assert page.accessories.asked == "hat"
    QTest.keyClick(page.picture, Qt.Key.Key_A)
    assert page.accessories.asked == "earrings"
    QTest.keyClick(page.picture, Qt.Key.Key_M)
    qtbot.waitUntil(lambda: len(mine(folder)[image.name].accessories) == 2)
    assert mine(folder)[image.name].accessories == {"hat": True, "earrings": False}
    QTest.keyClick(page.picture, Qt.Key.Key_A)
    assert page.judging.review(image).accessories["earrings"] is True, "the last one is mended"


def test_keys_judge_after_a_click_on_a_chip_too(room, qtbot):
    page = open_page(room, "review")
    room.activateWindow()
    qtbot.waitUntil(room.isActiveWindow)
    page.onward.setChecked(False)
    image, accessory = page.order.current, next(iter(page.accessories._rows.values()), None)
    for one in (page.tags.chips["hat"], *(accessory or ())):
        QTest.mouseClick(one, Qt.MouseButton.LeftButton)
        assert not one.hasFocus()
    page.order.step(1)
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_6)
    assert page.judging.review(page.order.current).score == 6
    assert page.judging.review(image).tags == ("hat",)


def test_notes_are_kept_when_one_goes_on(room, folder, qtbot):
    page = open_page(room, "review")
    image = page.order.current
    page.notes.setFocus()
    QTest.keyClicks(page.notes, "hs 7 less like George")
    assert page.judging.review(image).tags == (), "letters are letters while one writes"
    page._step(1)
    qtbot.waitUntil(lambda: image.name in mine(folder))
    assert mine(folder)[image.name].notes == "hs 7 less like George"


def test_own_tags_get_a_chip(room, folder, qtbot):
    page = open_page(room, "review")
    page.tags.own.setText("  Moustache ")
    page.tags.own.returnPressed.emit()
    assert page.judging.review(page.order.current).tags == ("moustache",)
    assert page.tags.chips["moustache"].isChecked()


def test_two_judges_do_not_mix(room, folder, session, qtbot):
    page = open_page(room, "review")
    image = page.order.current
    page.onward.setChecked(False)
    QTest.keyClick(page.picture, Qt.Key.Key_9)
    page.line.name.setText("Bo")
    page.line.name.editingFinished.emit()
    assert page.judging.review(image).score is None
    assert session.settings.other["judge"] == "Bo"
    qtbot.waitUntil(lambda: mine(folder)[image.name].score == 9)


def test_votes_are_cast_by_arrow_keys_and_withdrawn(room, folder, qtbot):
    page = open_page(room, "blind")
    first = page.test.pair
    qtbot.waitUntil(lambda: not page.left.image().isNull())
    assert page.left.image().width() == 24
    QTest.keyClick(page, Qt.Key.Key_Left)
    assert page.test.pair != first
    qtbot.waitUntil(lambda: len(read_reviews(folder).cast()) == 1)
    vote = read_reviews(folder).cast()[0]
    assert (vote.judge, vote.left, vote.right, vote.winner) == (
        "Ilyssa", first.left, first.right, "left",
    )  # fmt: skip
    assert vote.left_pixels
    assert vote.right_pixels
    QTest.keyClick(page, Qt.Key.Key_Backspace)
    assert (page.test.pair.left, page.test.pair.right) == (first.left, first.right)
    qtbot.waitUntil(lambda: read_reviews(folder).cast() == [])


def test_when_all_pairs_are_judged_it_says_so_and_shows_the_standing(room, folder, qtbot):
    page = open_page(room, "blind")
    for _ in range(40):
        if page.test.pair is None:
            break
        page.test.choose("left")
    assert page.test.pair is None
    assert "Every pair has been judged" in page.left._message
    assert not page.choices["left"].isEnabled()
    assert not page.plot.isVisible(), "who leads may sway the choice"
    page.reveal.setChecked(True)
    assert page.plot.isVisible()
    assert [bar.name for bar in page.plot._bars] != []
    cast = read_reviews(folder).cast()
    twice = len(cast) - len({vote.pair for vote in cast})
    assert page.judges.text().startswith(f"Ilyssa: {len(cast)} votes")
    assert f"of {twice} repeats alike" in page.judges.text()
    page.grab()


def test_pictures_keep_their_room_where_the_standing_is_shown(room, qtbot):
    room.resize(944, 640)
    page = open_page(room, "blind")
    for _ in range(6):
        page.test.choose("left")
    page.reveal.setChecked(True)
    qtbot.waitUntil(lambda: page.stand.height() < 200)
    for view in (page.left, page.right):
        foot = view.mapTo(page, view.rect().bottomLeft()).y()
        assert foot < page.choices["tie"].mapTo(page, QPoint(0, 0)).y()
    assert page.plot.height() > 26 * 3, "all lines are there, to scroll to"


def test_a_broken_file_is_told_and_left_alone(qtbot, session, folder):
    (folder / "reviews.json").write_text("{")
    panel = GalleryPanel(session)
    qtbot.addWidget(panel)
    page = panel.page("review")
    assert session.told[-1][0] == "error"
    page.give_score(5)
    assert (folder / "reviews.json").read_text() == "{"
    assert json.loads((folder / "gallery.json").read_text())


def test_the_verdict_is_worked_out_and_a_person_decides(room, folder, session, qtbot, ask):
    page = open_page(room, "verdict")
    qtbot.waitUntil(lambda: page.work.verdict is not None)
    assert page.whole.isVisible()
    assert page.suggested.text().startswith("Epoch ")
    assert page.evidence.text() == "by measures only"
    assert "nobody has looked yet" in page.against.text().casefold()
    assert len(page.work.verdict.lines) == 5
    assert not page.deploy.isEnabled()
    page.epochs.setCurrentIndex(1)
    ask.answers = ["cleanest hats"]
    page.decide()
    qtbot.waitUntil(lambda: "decided on 20" in page.decision.text())
    assert "Epoch 2 decided" in page.decision.text()
    assert page.deploy.isEnabled()
    assert (
        json.loads((folder / "verdict.json").read_text())["decision"]["reason"] == "cleanest hats"
    )


def test_reviews_reach_the_verdict(room, folder, qtbot):
    verdict, review = open_page(room, "verdict"), open_page(room, "review")
    qtbot.waitUntil(lambda: verdict.work.verdict is not None)
    assert verdict.work.verdict.reviewed == 0
    review.give_score(8)
    qtbot.waitUntil(lambda: verdict.work.verdict.reviewed == 1)
    assert "1 of 6 images looked at by people" in verdict.about.text()


def test_another_gallery_is_compared_only_like_for_like(room, folder, session, qtbot, tmp_path):
    import_gallery(tmp_path / "made", session.project.galleries_dir / "other")
    page = open_page(room, "verdict")
    session.galleries_changed.emit()
    room.desk.open(folder)
    qtbot.waitUntil(lambda: page.work.verdict is not None)
    page.work.compare_with(session.project.galleries_dir / "other")
    qtbot.waitUntil(lambda: page.work.verdict.baseline.kind == "not comparable")
    assert "nothing is ranked" in page.base_words.text()


def test_deploying_what_was_made_elsewhere_says_why_not(
    room, folder, session, qtbot, ask, tmp_path
):
    page = open_page(room, "verdict")
    qtbot.waitUntil(lambda: page.work.verdict is not None)
    ask.answers = ["", tmp_path / "out"]
    page.decide()
    qtbot.waitUntil(lambda: page.work.verdict.decision is not None)
    page.ask_deploy()
    qtbot.waitUntil(lambda: session.told[-1][0] == "error")
    assert "does not say which file" in session.told[-1][1]
