"""History of configs: every text that was ever in the file can be read, compared, brought back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.history import (
    config_version,
    config_versions,
    history_folder,
    restore_config,
    save_config,
)
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.project import Project, save


@pytest.fixture
def path(tmp_path):
    (tmp_path / "p" / "configs").mkdir(parents=True)
    save(Project(tmp_path / "p", "p"))
    file = tmp_path / "p" / "configs" / "a.toml"
    file.write_text("# mine\nseed = 1\n", encoding="utf-8")
    return file


def edit(path, **values):
    config = TrainingConfig.load(path)
    for key, value in values.items():
        config.set(key, value)
    save_config(config, source="form")


def test_a_look_creates_nothing(path):
    assert config_versions(path) == []
    assert not (path.parent.parent / ".bespoke" / "history.sqlite").exists()


def test_the_text_before_the_first_edit_is_kept_too(path):
    edit(path, seed=2)
    found = config_versions(path)
    assert [v.text for v in found] == ["# mine\nseed = 2\n", "# mine\nseed = 1\n"]
    assert [v.source for v in found] == ["form", "found on disk"]


def test_what_another_program_wrote_is_kept(path):
    edit(path, seed=2)
    path.write_text("seed = 3 # by hand\n", encoding="utf-8")
    edit(path, seed=4)
    assert [v.text for v in config_versions(path)][:2] == [
        "seed = 4 # by hand\n", "seed = 3 # by hand\n",
    ]  # fmt: skip
    assert config_version(path, 4).text == "# mine\nseed = 1\n"


def test_a_file_changed_meanwhile_is_not_overwritten_and_not_lost(path):
    config = TrainingConfig.load(path)
    path.write_text("seed = 9\n", encoding="utf-8")
    config.set("seed", 2)
    with pytest.raises(AppError, match="changed by another program"):
        save_config(config)
    assert path.read_text("utf-8") == "seed = 9\n"
    assert config_version(path, 1).text == "seed = 9\n"


def test_restoring_keeps_what_it_replaces(path):
    edit(path, seed=2)
    assert restore_config(path, 2).get("seed") == 1
    assert path.read_text("utf-8") == "# mine\nseed = 1\n"
    assert [TrainingConfig(v.text).get("seed") for v in config_versions(path)] == [1, 2, 1]


def test_a_broken_file_can_be_restored(path):
    edit(path, seed=2)
    path.write_text("seed = = \n", encoding="utf-8")
    restore_config(path, 1)
    assert TrainingConfig.load(path).get("seed") == 2
    assert "seed = = \n" in [v.text for v in config_versions(path)]


def test_a_version_that_is_not_there(path):
    with pytest.raises(AppError, match="has no version 1"):
        config_version(path, 1)
    edit(path, seed=2)
    with pytest.raises(AppError, match="has no version 3"):
        config_version(path, 3)


def test_names_with_points_are_kept_apart(path):
    others = [path.with_name(f"v1.{n}.toml") for n in (1, 2)]
    for number, other in enumerate(others):
        save_config(TrainingConfig(f"seed = {number}\n"), other)
    assert [len(config_versions(other)) for other in others] == [1, 1]


def test_a_config_without_a_project_has_its_history_beside_it(tmp_path):
    save_config(TrainingConfig("seed = 1\n"), tmp_path / "c.toml")
    assert history_folder(tmp_path / "c.toml") == tmp_path
    assert len(config_versions(tmp_path / "c.toml")) == 1


def test_a_broken_project_file_does_not_stop_an_edit(path):
    (path.parent.parent / "bespoke.toml").write_text("= broken", encoding="utf-8")
    edit(path, seed=2)
    assert len(config_versions(path)) == 2


@given(st.lists(st.integers(0, 3), min_size=1, max_size=8))
def test_every_text_that_was_saved_can_be_read_again(tmp_path_factory, seeds):
    path = tmp_path_factory.mktemp("h") / "c.toml"
    for seed in seeds:
        config = TrainingConfig.load(path) if path.exists() else TrainingConfig("")
        config.replace(f"seed = {seed}\r\n")
        save_config(config, path)
    kept = [v.text for v in config_versions(path)][::-1]
    expected = [s for n, s in enumerate(seeds) if n == 0 or s != seeds[n - 1]]
    assert kept == [f"seed = {s}\r\n" for s in expected]


def test_replacing_with_no_toml_changes_nothing():
    config = TrainingConfig("seed = 1 # one\n")
    with pytest.raises(AppError):
        config.replace("seed = ")
    assert config.text() == "seed = 1 # one\n"
    assert config.get("seed") == 1
    config.replace("seed = 2\n[more]\nnetwork_dim = 4\n")
    config.set("network_dim", 8)
    assert config.text() == "seed = 2\n[more]\nnetwork_dim = 8\n"
