"""Run view over run folders written as an engine or a courier would write them."""

import json
import time

import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.rundir import RunDir
from bespoke_gui.views.widgets.checkpoint_table import SHA_COLUMN, WHERE_COLUMN
from bespoke_gui.views.widgets.run_view import RunView

RENTED = {
    "backend": "runpod", "machine": {"name": "x", "host": "203.0.113.7", "port": 22022},
    "pod": {"id": "abc", "gpu": "NVIDIA A100 80GB PCIe", "cloud": "secure"}, "link": "ok",
    "usd_per_hour": 1.39, "cost_usd": 0.73, "cap_usd": 3.0, "self_stop": "armed",
}  # fmt: skip


@pytest.fixture
def run_dir(tmp_path):
    run_dir = RunDir(tmp_path / "20261126-170000-far").create()
    run_dir.spec_path.write_text("{}")
    run_dir.beat()
    return run_dir


@pytest.fixture
def view(qtbot, session, run_dir):
    view = RunView(session)
    qtbot.addWidget(view)
    view.resize(1000, 700)
    view.show()
    view.attach(run_dir, "far", False)
    yield view
    view.detach()


def write_job(run_dir, **changes):
    run_dir.job_path.write_text(json.dumps({**RENTED, **changes}))


def checkpoint(run_dir, epoch):
    path = f"outputs/far-{epoch:06d}.safetensors"
    run_dir.emit("checkpoint", path=path, epoch=epoch, sha256="0" * 64, size=1000)
    return path


def test_a_rented_machine_is_named_with_load_and_cost(view, run_dir, qtbot):
    run_dir.emit("metric", name="gpu", value=87, memory=14200, memory_total=81920)
    write_job(run_dir)
    qtbot.waitUntil(lambda: view.head.place.text() == "RunPod · A100 80GB PCIe · secure")
    qtbot.waitUntil(lambda: view.tiles_box.values["gpu"].text() == "87%")
    assert view.tiles_box.values["gpu"].isVisible()
    assert view.tiles_box.values["cost"].text() == "$0.73 of $3.00"
    assert not view.head.link.isVisible()


def test_a_run_here_shows_no_cost_and_no_whereabouts(view, run_dir, qtbot):
    run_dir.job_path.write_text('{"backend": "local"}')
    checkpoint(run_dir, 1)
    qtbot.waitUntil(lambda: view.head.place.text() == "This computer")
    qtbot.waitUntil(lambda: len(view.files.model.rows) == 1)
    assert not view.tiles_box.values["cost"].isVisible()
    assert not view.tiles_box.values["gpu"].isVisible()
    assert view.files.table.isColumnHidden(WHERE_COLUMN)


def test_a_lost_link_is_said_and_said_no_longer(view, run_dir, qtbot):
    write_job(run_dir, link="lost", link_since=time.time() - 125)
    qtbot.waitUntil(lambda: view.head.link.isVisible())
    assert view.head.link.text().startswith("connection lost, 2:")
    time.sleep(0.02)
    write_job(run_dir)
    qtbot.waitUntil(lambda: not view.head.link.isVisible())


def test_checkpoints_come_here_and_are_verified(view, run_dir, qtbot):
    write_job(run_dir)
    first, second = checkpoint(run_dir, 1), checkpoint(run_dir, 2)
    run_dir.emit("fetched", path=first, sha256="0" * 64, size=1000)
    (run_dir.folder / f"{second}.part").write_bytes(b"0" * 420)
    checkpoint(run_dir, 3)
    states = view.files.model.states
    qtbot.waitUntil(lambda: list(view.files.model.states.values()) == [
        "here, verified", "coming, 42%", "on the machine",
    ])  # fmt: skip
    assert states is not view.files.model.states
    assert not view.files.table.isColumnHidden(WHERE_COLUMN)
    assert view.files.model.index(0, WHERE_COLUMN).data() == "here, verified"


def test_a_picture_that_arrives_later_is_shown_then(view, run_dir, session, qtbot, threaded_tasks):
    path = run_dir.outputs / "samples" / "a.png"
    run_dir.emit("sample", path="outputs/samples/a.png", prompt="a", epoch=1, seed=1)
    view.tabs.setCurrentIndex(1)
    qtbot.waitUntil(lambda: bool(session.thumbnails.problem(path)), timeout=10_000)
    path.parent.mkdir()
    Image.new("RGB", (24, 24), "red").save(path)
    run_dir.emit("fetched", path="outputs/samples/a.png", sha256="", size=1)

    def is_there():
        image = session.thumbnails.image(path)
        return image is not None and not image.isNull()

    qtbot.waitUntil(is_there, timeout=10_000)


def test_a_narrow_view_keeps_name_and_place_of_each_file(view, run_dir, qtbot):
    write_job(run_dir)
    checkpoint(run_dir, 1)
    qtbot.waitUntil(lambda: bool(view.files.model.states))
    assert not view.files.table.isColumnHidden(SHA_COLUMN)
    view.resize(540, 600)
    assert view.files.table.isColumnHidden(SHA_COLUMN)
    assert view.files.table.columnWidth(4) >= 100
    controls = view.head.controls
    assert controls.save.text() == ""
    assert controls.save.accessibleName() == "Save now"
    inside = controls.rect()
    parts = (controls.pause, controls.save, controls.sample, controls.after_epoch, controls.stop)
    for one in parts:
        assert inside.contains(one.geometry())


def test_sample_now_asks_for_pictures(view, run_dir, qtbot):
    asked = []
    view.control_wanted.connect(asked.append)
    qtbot.waitUntil(lambda: view.head.controls.sample.isVisible())
    view.head.controls.sample.click()
    assert asked == ["sample"]


def test_ctrl_f_searches_the_log(view, qtbot):
    view.activateWindow()
    view.head.controls.pause.setFocus()
    QTest.keyClick(view.head.controls.pause, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert view.tabs.currentWidget() is view.log
    assert view.log.search.hasFocus()


def test_a_flood_makes_redraws_rarer(view, run_dir, monkeypatch):
    monkeypatch.setattr(view, "refresh", lambda: time.sleep(0.02))
    view._on_redraw()
    assert view._redraw.interval() >= 100
    monkeypatch.undo()
    view._on_redraw()
    assert view._redraw.interval() < 100
