"""View memory: what was chosen comes back; a file of nonsense, or none, does no harm."""

import json

import pytest

from bespoke_gui.qtmodels.view_memory import ViewMemory


def test_what_was_kept_comes_back_for_that_project(tmp_path):
    view = ViewMemory()
    view.use(tmp_path / "a")
    view.set("order", "name")
    view.set("rows", True)
    view.use(tmp_path / "b")
    assert view.get("order", "path") == "path"
    view.use(tmp_path / "a")
    assert (view.get("order", "path"), view.get("rows", False)) == ("name", True)


@pytest.mark.parametrize("text", ["", "no", "[1]", '{"order": 7, "rows": "yes"}', "{" * 2000])
def test_nonsense_is_as_good_as_none(tmp_path, text):
    (tmp_path / "view.json").write_text(text)
    view = ViewMemory()
    view.use(tmp_path)
    assert (view.get("order", "path"), view.get("rows", False)) == ("path", False)


def test_a_window_that_may_not_write_writes_nothing(tmp_path):
    view = ViewMemory()
    view.use(tmp_path, may_write=False)
    view.set("order", "name")
    assert view.get("order", "path") == "name"
    assert not (tmp_path / "view.json").exists()


def test_the_newest_value_is_on_disk_in_the_end(tmp_path, threaded_tasks, qtbot):
    view = ViewMemory()
    view.use(tmp_path)
    for number in range(20):
        view.set("order", str(number))

    def last():
        path = tmp_path / "view.json"
        return path.exists() and json.loads(path.read_text())["order"] == "19"

    qtbot.waitUntil(last)
