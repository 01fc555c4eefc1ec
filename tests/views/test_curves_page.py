"""Curves page: runs laid over each other by ticking them, with one cursor for both plots."""

import json

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.views.widgets.curves_page import CurvesPage


def add_run(session, name, total=40, loss=0.1, config=None, **spec):
    run_dir = RunDir(
        session.project.runs_dir / f"20261126-1700{len(name):02d}-ab12-{name}"
    ).create()
    content = {"engine": "fake", "created": f"2026-11-26T17:00:{len(name):02d}",
               "config": config or {}, **spec}  # fmt: skip
    run_dir.spec_path.write_text(json.dumps(content))
    lines = [
        json.dumps({"event": "progress", "step": n, "total": total, "epochs": 4, "epoch": 1,
                    "loss": loss, "lr": 1e-4})
        for n in range(1, total + 1)
    ]  # fmt: skip
    run_dir.events_path.write_text("\n".join(lines) + "\n")
    run_dir.write_exit("finished")
    return run_dir


@pytest.fixture
def page(qtbot, session):
    add_run(session, "a", loss=0.1)
    add_run(session, "bb", total=80, loss=0.2)
    add_run(session, "ccc", loss=0.3, config={"resolution": "256,256"})
    add_run(session, "dddd", loss=0.4)
    add_run(session, "eeeee", loras=[{"path": "x"}])
    page = CurvesPage(session)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    qtbot.waitUntil(lambda: len(page.desk.lines) == 3)
    return page


def rows(page):
    return {row.title: row for row in page.rows.rows}


def test_the_newest_trainings_lie_over_each_other_at_first(page):
    assert list(rows(page)) == ["dddd", "ccc", "bb", "a"]
    assert [row.place for row in page.rows.rows] == [0, 1, 2, -1]
    assert rows(page)["bb"].loss == pytest.approx(0.2)
    assert rows(page)["a"].loss is None
    page.grab()


def test_a_tick_adds_a_curve_and_the_others_keep_their_colours(page, qtbot):
    index = page.rows.index(1, 0)
    page.rows.setData(index, Qt.CheckState.Unchecked.value, Qt.ItemDataRole.CheckStateRole)
    assert [row.place for row in page.rows.rows] == [0, -1, 2, -1]
    page.rows.setData(
        page.rows.index(3, 0), Qt.CheckState.Checked.value, Qt.ItemDataRole.CheckStateRole
    )
    qtbot.waitUntil(lambda: rows(page)["a"].loss is not None)
    assert [row.place for row in page.rows.rows] == [0, -1, 2, 1]
    assert page.rows.data(page.rows.index(1, 0), Qt.ItemDataRole.CheckStateRole) == (
        Qt.CheckState.Unchecked
    )


def test_space_ticks_the_row(page):
    page.table.setCurrentIndex(page.rows.index(0, 0))
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Space)
    assert rows(page)["dddd"].place == -1


def test_the_cursor_is_one_for_both_plots_and_fills_the_list(page):
    area = page.losses.area()
    QTest.mouseMove(page.losses, area.center().toPoint() + QPointF(1, 0).toPoint())
    assert page.losses.cursor_at == page.rates.cursor_at
    assert page.losses.cursor_at == pytest.approx(2.0, abs=0.05)
    assert "dddd" in page.losses.accessibleDescription()
    QTest.keyClick(page.losses, Qt.Key.Key_Escape)
    assert page.rates.cursor_at is None


def test_keys_move_the_cursor(page):
    QTest.keyClick(page.losses, Qt.Key.Key_Home)
    assert page.losses.cursor_at == 0
    QTest.keyClick(page.losses, Qt.Key.Key_Right)
    assert page.losses.cursor_at == pytest.approx(0.04)
    QTest.keyClick(page.losses, Qt.Key.Key_End)
    assert page.losses.cursor_at == 4


def test_by_step_a_short_run_ends_early(page, qtbot):
    page.across.setCurrentIndex(1)
    qtbot.waitUntil(lambda: page.desk.lines[page.rows.rows[0].run].x[-1] == 40)
    page._put_cursor(60.0)
    assert rows(page)["bb"].loss == pytest.approx(0.2)
    assert rows(page)["dddd"].loss is None


def test_smoothing_is_drawn_anew(page, qtbot):
    page.smoothing.setValue(0)
    assert page.weight.text() == "0.00"
    qtbot.waitUntil(lambda: page.desk.smoothing == 0.0)
    page.grab()


def test_what_cannot_be_compared_is_said(page):
    assert "differ in resolution" in page.note.text()
    page.desk.toggle(page.rows.rows[1].run, False)
    assert "differ" not in page.note.text()


def test_a_running_run_grows_while_it_is_shown(page, session, qtbot, monkeypatch):
    page.desk._timer.setInterval(20)
    run_dir = RunDir(session.project.runs_dir / "20261126-190000-ab12-live").create()
    run_dir.spec_path.write_text('{"engine": "fake", "created": "2026-11-26T19:00:00"}')
    run_dir.beat()
    run_dir.emit("progress", step=1, total=40, epochs=4, loss=0.5, lr=1e-4)
    session.runs_changed.emit()
    page.desk.toggle(run_dir.run, True)
    qtbot.waitUntil(lambda: run_dir.run in page.desk.lines)
    assert rows(page)["live"].state == "running"
    run_dir.emit("progress", step=2, total=40, epochs=4, loss=0.5, lr=1e-4)
    qtbot.waitUntil(lambda: len(page.desk.lines[run_dir.run].x) == 2)
    page.hide()
    assert not page.desk._timer.isActive()


def test_another_project_begins_anew(qtbot, page, session, make_project):
    session.open_project(make_project("others"))
    assert page.rows.rows == []
    qtbot.waitUntil(lambda: page.stack.currentIndex() == 0)
