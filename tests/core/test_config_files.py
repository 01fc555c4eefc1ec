"""Config files: names, the bin, and writes over what another program may have changed."""

import pytest

from bespoke_gui.core.config import files
from bespoke_gui.core.config.history import config_versions
from bespoke_gui.core.errors import AppError

TEXT = "network_dim = 8\n"


@pytest.fixture
def project(tmp_path):
    (tmp_path / "bespoke.toml").write_text("schema = 1\n")
    (tmp_path / "configs").mkdir()
    return tmp_path


def write(project, name, text=TEXT):
    path = project / "configs" / f"{name}.toml"
    path.write_text(text)
    return path


def test_files_are_listed_by_name_without_hidden_ones(project):
    for name in ("b", "A", ".hidden"):
        write(project, name)
    (project / "configs" / "notes.txt").write_text("x")
    found = files.config_files(project / "configs")
    assert [path.stem for path in found] == ["A", "b"]
    assert files.config_files(project / "nothing") == []


def test_new_ones_never_take_a_name(project):
    write(project, "Punks")
    folder = project / "configs"
    first = files.add_config(project, folder, "punks", "a = 1\n", "test")
    second = files.add_config(project, folder, 'pu/n:ks?"', "a = 2\n", "test")
    assert (first.name, second.name) == ("punks_2.toml", "pu_n_ks_.toml")
    assert (folder / "Punks.toml").read_text() == TEXT
    assert [version.text for version in config_versions(first)] == ["a = 1\n"]


def test_a_write_keeps_both_texts(project):
    path = write(project, "a")
    files.write_config(project, path, b"network_dim = 16\n", TEXT.encode(), "test")
    assert path.read_bytes() == b"network_dim = 16\n"
    assert [(v.text, v.source) for v in config_versions(path)] == [
        ("network_dim = 16\n", "test"), (TEXT, "found on disk"),
    ]  # fmt: skip


def test_what_another_program_wrote_is_not_written_over(project):
    path = write(project, "a", "theirs = 1\n")
    with pytest.raises(AppError) as caught:
        files.write_config(project, path, b"mine = 1\n", TEXT.encode(), "test")
    assert caught.value.kind == "conflict"
    assert path.read_text() == "theirs = 1\n"
    with pytest.raises(AppError):
        files.write_config(project, path, b"mine = 1\n", None, "test")


def test_a_new_name_takes_the_history_along(project):
    path = files.add_config(project, project / "configs", "old", TEXT, "test")
    new = files.rename_config(project, path, "new.toml")
    assert not path.exists()
    assert new.read_text() == TEXT
    assert [version.text for version in config_versions(new)] == [TEXT]
    assert config_versions(path) == []


@pytest.mark.parametrize("name", ["", "  ", "a/b", "..", "x\0", "taken"])
def test_a_name_that_cannot_be_is_refused(project, name):
    path = write(project, "mine")
    write(project, "taken", "x = 1\n")
    with pytest.raises(AppError):
        files.rename_config(project, path, name)
    assert path.read_text() == TEXT
    assert (project / "configs" / "taken.toml").read_text() == "x = 1\n"


def test_the_bin_gives_back(project):
    path = write(project, "a")
    binned = files.bin_config(project, path)
    assert not path.exists()
    assert binned.now.read_text() == TEXT
    write(project, "a", "another = 1\n")
    back = files.unbin_config(binned)
    assert back.name == "a_2.toml"
    assert back.read_text() == TEXT
    assert path.read_text() == "another = 1\n"
    assert not binned.now.parent.exists()
