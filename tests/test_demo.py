"""The demo project: same bytes every time, damaged captions with the good ones in a snapshot."""

from pathlib import Path

import pytest

from bespoke_gui.core.caption_diff import compare_captions
from bespoke_gui.core.captions import read_all
from bespoke_gui.core.dataset import scan
from bespoke_gui.core.demo import DAMAGED, SNAPSHOT, write_demo
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.history import History
from bespoke_gui.core.project import open_project
from bespoke_gui.core.runs import list_runs


def texts(folder: Path) -> dict[str, str]:
    return {name: caption.text for name, caption in read_all(scan(folder / "dataset")).items()}


def test_every_room_has_something(tmp_path):
    project = open_project(write_demo(tmp_path / "demo").folder)
    assert len(scan(project.folder / "dataset").items) == 40
    (run,) = list_runs(project)
    assert run.state == "finished"
    assert [checkpoint.epoch for checkpoint in run.checkpoints] == list(range(1, 9))
    gallery = open_gallery(project.galleries_dir / "demo")
    assert gallery.epochs == list(range(9))
    assert len(gallery.prompts) == 7
    assert len(list((project.prepared_dir / "192").glob("*.png"))) == 40


def test_snapshot_shows_what_the_careless_rule_took(tmp_path):
    write_demo(tmp_path / "demo", finished=False)
    with History(tmp_path / "demo") as history:
        before = history.load(SNAPSHOT)
    diff = compare_captions(before, texts(tmp_path / "demo"))
    lossy = [name for name, change in diff.files.items() if change.lossy]
    assert len(lossy) == len(DAMAGED)
    assert diff.summary["changed"] == 40


def test_twice_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_demo(tmp_path / name, finished=False, damaged=False)
    for path in sorted((tmp_path / "one" / "dataset").iterdir()):
        assert path.read_bytes() == (tmp_path / "two" / "dataset" / path.name).read_bytes()


def test_never_writes_over_anything(tmp_path):
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "protocol.toml").write_text("mine")
    with pytest.raises(AppError, match="is not empty"):
        write_demo(tmp_path / "demo", finished=False)
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["protocol.toml"]
    assert (tmp_path / "demo" / "protocol.toml").read_text() == "mine"
