"""Ledger page: runs of the fake engine, what changed between them, expected beside found."""

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton

from bespoke_gui.core.gallery import open_gallery, record
from bespoke_gui.core.gallery_decision import decide
from bespoke_gui.core.history import History
from bespoke_gui.core.judgement.verdict import judge_gallery
from bespoke_gui.core.ledger.expected import parse, read_expected, write_expected
from bespoke_gui.core.run_request import data_folders, write_run
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.core.score import score_gallery
from bespoke_gui.qtmodels import ledger_model
from bespoke_gui.views.rooms.train import TrainPanel
from tests.core.gallery_kit import make_gallery, protocol
from tests.engines.runs import finish
from tests.qt_fixtures import CAPTIONS, draw_portrait

CONFIG = {"network_dim": 32, "resolution": "512,512", "max_train_epochs": 2, "output_name": "x"}
EDITED = "portrait of bespoke punk lad, black hair, navy background"
TIMEOUT = 10_000


def train(project, name, day, **changed):
    """Run the fake engine to its end in a process of its own."""
    config = {**CONFIG, **changed}
    text = "[a]\n" + "".join(f"{key} = {value!r}\n" for key, value in config.items())
    spec = RunSpec(
        run=name, engine="fake", data=data_folders(project.folder / "dataset"), config=config,
        options={"seconds_per_step": 0, "steps_per_epoch": 1},
    )  # fmt: skip
    spec.created = f"2026-11-{day:02d}T10:00:00"
    run_dir = write_run(project.runs_dir / name, spec, text)
    finish(run_dir)
    return run_dir.folder


@pytest.fixture
def history(session):
    """Three runs: the second with one caption changed, the third with rank and image as well."""
    project = session.project
    write_expected(project.folder, [parse("messy 60 % -> 30 %, confidence 90 %"),
                                    parse("clean 20 % -> 95 %")])  # fmt: skip
    with History(project.folder) as past:
        past.snapshot("as written", {f"{stem}.png": text for stem, text in CAPTIONS.items()})
    train(project, "first", 10)
    dataset = project.folder / "dataset"
    (dataset / "lad_002.txt").write_text(EDITED, encoding="utf-8")
    train(project, "second", 11)
    draw_portrait(9, 96).save(dataset / "lady_001.png")
    train(project, "third", 12, network_dim=16, output_name="y")
    return project


@pytest.fixture
def page(history, qtbot, session):
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1300, 800)
    panel.show()
    panel.show_page("ledger")
    yield panel.page("ledger")
    panel.view.detach()


def cells(page):
    model = page.rows
    return [
        {name: model.text(row, place) for place, name in enumerate(model.headings)}
        for row in model.rows
    ]


def differences(page):
    return [(row.kind, row.name, row.before, row.after, row.idle) for row in page.changes.rows.rows]


def judged(project):
    """A gallery of the first run, measured, judged and decided."""
    folder = make_gallery(project.galleries_dir / "g", epochs=(1, 2))
    record(folder, protocol(), run="first")
    gallery = open_gallery(folder)
    report = score_gallery(gallery, reference=project.folder / "dataset")
    decide(folder, 2, "greenest")
    report.save(folder)
    judge_gallery(gallery, report).save(folder)


def words(widget):
    return [label.text() for label in widget.findChildren(type(widget.problem)) if label.text()]


def test_every_run_is_a_row_with_what_it_was_made_of(page):
    third, second, first = cells(page)
    assert [row["Run"] for row in (third, second, first)] == ["third", "second", "first"]
    assert (first["Begun"], first["State"], first["Epochs"]) == (
        "2026-11-10 10:00",
        "finished",
        "2",
    )
    assert first["Captions"] == "4 · as written"
    assert second["Captions"].startswith("4 · ")
    assert "as written" not in second["Captions"]
    assert first["Images"] == second["Images"] != third["Images"]
    assert (first["Config"], third["Config"]) == (
        "512 px, rank 32, 2 epochs", "512 px, rank 16, 2 epochs",
    )  # fmt: skip
    assert (first["Cost"], first["Decided"]) == ("free", "no gallery")
    assert "3 runs" in page.words.text()


def test_the_newest_run_is_compared_with_the_one_before(page):
    changes = page.changes
    assert (changes.before.currentData(), changes.after.currentData()) == ("second", "third")
    assert "2 things changed at once (network_dim, images)" in changes.notice_words.text()
    assert changes.notice.property("kind") == "notice-warning"
    assert changes.counts.text() == (
        "captions: the same  ·  images: 1 changed  ·  settings: 1 changed"
        "  ·  1 without effect (grey)"
    )
    setting, image, idle = differences(page)
    assert setting == ("setting", "network_dim", "32", "16", False)
    assert image[:2] == ("image", "lady_001.png")
    assert image[2] != image[3]
    assert idle == ("setting", "output_name", "x", "y", True)
    inks = [page.changes.rows.index(place, 0).data(Qt.ItemDataRole.ForegroundRole)
            for place in range(3)]  # fmt: skip
    assert [ink is not None for ink in inks] == [False, False, True]


def test_one_change_is_named_with_its_texts_and_any_two_runs_can_be_chosen(page):
    page.choose("second")
    assert page.changes.notice_words.text() == "One thing changed: captions."
    assert page.changes.notice.property("kind") == "notice-good"
    (row,) = differences(page)
    assert row == ("caption", "lad_002.png", CAPTIONS["lad_002"], EDITED, False)
    before, after = (page.changes.rows.index(0, place).data() for place in (2, 3))
    assert before == "…black hair, blue background", "long captions begin alike: that is left out"
    assert after == "…black hair, navy background"
    box = page.changes.after
    box.setCurrentIndex(box.findData("third"))
    page.changes.before.setCurrentIndex(page.changes.before.findData("first"))
    box.activated.emit(box.currentIndex())
    assert "3 things changed at once" in page.changes.notice_words.text()
    page.model.read()
    assert page.changes.pair == ("first", "third"), "reading again keeps the chosen two"
    page.choose("first")
    assert page.model.comparison is None
    assert not page.changes.notice.isVisible()


def test_expected_stands_beside_what_was_found(page, history):
    page.choose("first")
    assert any("not found yet" in text for text in words(page.expected))
    judged(history)
    page.model.read()
    assert page.chosen == "first", "reading again keeps the chosen run"
    said = words(page.expected)
    assert "messy 60 % -> 30 %, confidence 90 %" in said
    assert said.count("met") == 1
    assert "found: 0% (predicted)" in said
    assert "not met" in said
    assert "epoch 2 chosen: greenest" in said
    assert any(text.startswith("Messy images: 0%") for text in said)
    assert cells(page)[2]["Decided"] == "epoch 2"
    assert "1 of 2 expectations met, at a mean confidence of 90%" in page.words.text()
    page.choose("third")
    assert "Nothing was written down before this run." in words(page.expected)


def test_what_is_expected_of_the_next_run_is_kept_taken_back_and_handed_on(page, history, session):
    pane = page.expected
    QTest.keyClicks(pane.line, "beauty 1 -> 2")
    QTest.keyClick(pane.line, Qt.Key.Key_Return)
    assert "there is no figure 'beauty'" in pane.problem.text()
    assert pane.line.text() == "beauty 1 -> 2", "what cannot be read stays to be mended"
    pane.line.setText("pixel defects 60 % -> 30 %, confidence 90 %")
    pane.write_down()
    assert not pane.problem.isVisible()
    assert not pane.line.text()
    (kept,) = read_expected(history.folder)
    assert (kept.name, kept.before, kept.after, kept.confidence) == ("pixel_defects", 0.6, 0.3, 0.9)
    page.model.remove(kept)
    assert read_expected(history.folder) == []
    pane.undo.click()
    assert read_expected(history.folder) == [kept]
    train(history, "fourth", 13)
    session.runs_changed.emit()
    assert page.model.waiting == []
    page.choose("fourth")
    assert kept.text in words(pane)


def test_the_project_read_again_keeps_the_choice_and_another_one_has_its_own(
    page, session, make_project
):
    page.choose("first")
    session.rescan()
    assert page.chosen == "first"
    session.open_project(make_project("other"))
    assert page.rows.rows == []
    assert page.model.comparison is None
    assert page.stack.currentIndex() == 0


def test_many_expectations_scroll_and_leave_the_page_its_height(page, history):
    small = page.expected.minimumSizeHint().height()
    write_expected(history.folder, [parse(f"messy 0.{n} -> 0.05") for n in range(1, 10)])
    page.model.read()
    page.expected.layout().activate()
    assert len(page.model.waiting) == 9
    assert page.expected.waiting_area.height() == 3 * 34
    assert page.expected.minimumSizeHint().height() <= small + 120


def test_edits_of_two_hands_are_both_kept(page, history):
    other = parse("clean 0.1 -> 0.2")
    write_expected(history.folder, [other])
    assert page.model.expect("messy 0.4 -> 0.2") == ""
    assert [one.name for one in read_expected(history.folder)] == ["clean", "messy"]


def test_files_are_read_off_the_gui_thread(page, qtbot, threaded_tasks, monkeypatch):
    threads = []

    def noted(work):
        def inner(*args):
            threads.append(threading.current_thread())
            return work(*args)

        return inner

    for name in ("ledger", "run_changes", "write_expected"):
        monkeypatch.setattr(ledger_model, name, noted(getattr(ledger_model, name)))
    with qtbot.waitSignal(page.model.compared, timeout=TIMEOUT):
        page.model.read()
    with qtbot.waitSignal(page.model.waiting_changed, timeout=TIMEOUT):
        page.model.expect("messy 0.4 -> 0.2")
    assert len(threads) >= 3
    assert threading.main_thread() not in threads


def test_a_run_that_cannot_be_read_leaves_the_rest_standing(page, history):
    (history.runs_dir / "second" / "inputs.json").write_text("{")
    page.model.read()
    row = cells(page)[1]
    assert (row["Captions"], row["Images"]) == ("not recorded", "not recorded")
    page.choose("second")
    assert "not recorded" in page.changes.notice_words.text()


def test_an_empty_project_says_what_will_be_here(qtbot, session):
    panel = TrainPanel(session)
    qtbot.addWidget(panel)
    panel.show()
    panel.show_page("ledger")
    page = panel.page("ledger")
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 0)
    (start,) = page.stack.currentWidget().findChildren(QPushButton)
    with qtbot.waitSignal(session.go_to, check_params_cb=lambda place: place == "train/run"):
        start.click()
    assert page.expected.line.isEnabled()
    assert page.changes.counts.text() == "Two runs are needed to say what changed."
