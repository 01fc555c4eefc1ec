"""The shelf of packages: listed newest first, moved to the bin and back with their logs."""

import os
import shutil

import pytest

from bespoke_gui.core import package_shelf
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package_integrity import sha256_of
from bespoke_gui.core.package_shelf import bin_package, binned_in, packages_in, take_back


@pytest.fixture
def shelf(tmp_path):
    folder = tmp_path / "packages"
    folder.mkdir()
    for age, name in enumerate(("a", "b")):
        (folder / f"{name}.zip").write_text(name)
        (folder / f"{name}.log.md").write_text(f"log of {name}")
        os.utime(folder / f"{name}.zip", (1000 - age, 1000 - age))
    return folder


def files(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_newest_first_with_hashes_computed_once(shelf, monkeypatch):
    known = {}
    found = packages_in(shelf, known)
    assert [(p.path.name, p.bytes, p.made) for p in found] == [
        ("a.zip", 1, 1000),
        ("b.zip", 1, 999),
    ]
    assert found[0].sha256 == sha256_of(shelf / "a.zip")
    monkeypatch.setattr(package_shelf, "sha256_of", lambda path: pytest.fail(f"{path} again"))
    assert packages_in(shelf, known) == found
    assert packages_in(shelf / "nowhere") == []


def test_to_the_bin_and_back_with_the_log(shelf, tmp_path):
    before = files(shelf)
    binned = bin_package(shelf / "a.zip", tmp_path / ".bespoke")
    assert binned.name == "a.zip"
    assert files(shelf) == ["b.log.md", "b.zip"]
    again = shelf / "a.zip"
    again.write_text("new")
    with pytest.raises(AppError, match="is there again"):
        take_back(binned)
    assert again.read_text() == "new"
    again.unlink()
    take_back(binned)
    assert files(shelf) == before
    assert (shelf / "a.log.md").read_text() == "log of a"
    assert files(tmp_path / ".bespoke") == []


def test_two_of_one_name_in_the_bin(shelf, tmp_path):
    first = bin_package(shelf / "a.zip", tmp_path / ".bespoke")
    (shelf / "a.zip").write_text("second")
    second = bin_package(shelf / "a.zip", tmp_path / ".bespoke")
    take_back(second)
    assert (shelf / "a.zip").read_text() == "second"
    (shelf / "a.zip").unlink()
    take_back(first)
    assert (shelf / "a.zip").read_text() == "a"


def test_what_is_in_the_bin_is_known_in_another_session(shelf, tmp_path):
    assert binned_in(tmp_path / ".bespoke", shelf) == []
    for name in ("a", "b"):
        bin_package(shelf / f"{name}.zip", tmp_path / ".bespoke")
    last, first = binned_in(tmp_path / ".bespoke", shelf)
    assert (last.name, first.name) == ("b.zip", "a.zip")
    take_back(first)
    assert files(shelf) == ["a.log.md", "a.zip"]
    assert [b.name for b in binned_in(tmp_path / ".bespoke", shelf)] == ["b.zip"]


def test_what_cannot_be_moved_stays_whole(shelf, tmp_path, monkeypatch):
    with pytest.raises(AppError, match="not there any more"):
        bin_package(shelf / "no.zip", tmp_path / ".bespoke")
    before, real = files(shelf), shutil.move

    def half(source, target):
        if str(source).endswith(".md"):
            raise PermissionError(13, "Permission denied")
        real(source, target)

    monkeypatch.setattr(package_shelf.shutil, "move", half)
    with pytest.raises(AppError, match="was not moved: permission denied"):
        bin_package(shelf / "a.zip", tmp_path / ".bespoke")
    assert files(shelf) == before
