"""Dataset folders: several with repeats, regularisation kept apart, and history that follows."""

import json
import zipfile

import pytest

from bespoke_gui.core.check import check_target
from bespoke_gui.core.config.facts import facts_about
from bespoke_gui.core.config.train_data import regularisation_shown
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History
from bespoke_gui.core.package import build_package, open_package
from bespoke_gui.core.package_verify import inspect_package
from bespoke_gui.core.pairs import folders
from bespoke_gui.core.pairs.exclude import exclude
from bespoke_gui.core.pairs.target import open_pairs
from bespoke_gui.core.prepare import prepare
from bespoke_gui.core.project import create_project, open_project
from bespoke_gui.core.run_request import project_data
from tests.commands.test_contract import bespoke
from tests.core._packages import as_trainer, write_config, write_image, write_pairs


@pytest.fixture
def project(tmp_path):
    write_pairs(tmp_path / "source")
    return create_project(tmp_path / "p", tmp_path / "source", name="punk").project


@pytest.fixture
def people(tmp_path):
    """Four images for regularisation, one with a caption."""
    for name in "wxyz":
        write_image(tmp_path / "person" / f"{name}.png", (64, 64), (9, 9, ord(name)))
    (tmp_path / "person" / "w.txt").write_text("a person")
    return tmp_path / "person"


def test_folders_are_added_changed_and_removed_and_comments_stay(project, tmp_path):
    text = project.path.read_text().replace("native_size", "# mine\nnative_size")
    project.path.write_text(text)
    more = write_pairs(tmp_path / "4_more", ("d", "e"))
    now = folders.add_folder(project, more)
    assert now.dataset_dirs == [(project.folder / "dataset", 1), (more, 4)]
    assert open_project(project.folder) == now
    now = folders.change_folder(now, more, repeats=2)
    assert open_project(project.folder).dataset_dirs[1] == (more, 2)
    found = folders.describe(now)
    assert [(f.images, f.captions, f.repeats) for f in found.folders] == [(3, 3, 1), (2, 2, 2)]
    assert found.images_per_epoch == 7
    now = folders.remove_folder(now, more)
    assert open_project(project.folder).dataset_dirs == [(project.folder / "dataset", 1)]
    assert "# mine" in project.path.read_text()
    assert len(list(more.iterdir())) == 4
    with pytest.raises(AppError, match="needs a folder of images to teach"):
        folders.remove_folder(now, "dataset")


@pytest.mark.parametrize("where", ["p/dataset", "p", "p/dataset/sub", "nothing", "empty"])
def test_a_folder_that_cannot_be_added(where, project, tmp_path):
    (tmp_path / "empty").mkdir()
    write_pairs(tmp_path / "p" / "dataset" / "sub")
    before = project.path.read_bytes()
    with pytest.raises(AppError):
        folders.add_folder(project, tmp_path / where)
    assert project.path.read_bytes() == before


@pytest.mark.parametrize("repeats", [-1, 10_001])
def test_repeats_are_a_sensible_number(project, repeats):
    with pytest.raises(AppError, match="repeats must be"):
        folders.change_folder(project, "dataset", repeats)


def test_history_follows_when_a_second_folder_puts_names_behind_it(project, tmp_path):
    with History(project.folder) as history:
        history.snapshot("first", {"a.txt": "red"})
        history.record("a.png", "red")
        history.set_review("a.png", "accepted")
    before = project.path.read_bytes()
    more = write_pairs(tmp_path / "more", ("d",))
    now = folders.add_folder(project, more)
    with History(project.folder) as history:
        assert history.load("first") == {"dataset/a.txt": "red"}
        assert [version.text for version in history.texts("dataset/a.png")] == ["red"]
        assert history.review("dataset/a.png").state == "accepted"
        history.record("more/d.png", "other")
    folders.restore_folders(now, project)
    assert project.path.read_bytes() == before
    with History(project.folder) as history:
        assert history.load("first") == {"a.txt": "red"}
        assert history.review("a.png").state == "accepted"
        assert [version.text for version in history.texts("more/d.png")] == ["other"]
    folders.add_folder(project, more)
    with History(project.folder) as history:
        assert [version.text for version in history.texts("more/d.png")] == ["other"]
        assert [version.text for version in history.texts("dataset/a.png")] == ["red"]


def test_regularisation_is_kept_apart_everywhere(project, people, tmp_path):
    now = folders.add_folder(project, people, repeats=2, regularisation=True)
    assert open_project(project.folder) == now
    assert (now.dataset_dirs, now.reg_dirs) == (project.dataset_dirs, [(people, 2)])
    assert "regularisation = true" in now.path.read_text()
    assert list(open_pairs(now.folder).items()) == ["a.png", "b.png", "c.png"]
    exclude(open_pairs(people), ["z.png"])
    stats = check_target(now.folder).stats.as_dict()
    assert (stats["images"], stats["regularisation"]) == (3, 3)
    assert folders.describe(now).images_per_epoch == 3 + 4
    path = write_config(now.configs_dir)
    assert facts_about(TrainingConfig.load(path)).images == 7


def test_regularisation_is_packaged_as_the_trainer_looks_for_it(project, people, tmp_path):
    now = folders.add_folder(project, people, repeats=2, regularisation=True)
    config = write_config(tmp_path)
    prepare(now.folder / "dataset", now.prepared_dir / "set", 64)
    for source in (now.folder, now.prepared_dir / "set"):
        report = build_package(source, config, tmp_path / "p.zip")
        assert (report.images, report.regularisation) == (3, 4)
        inside = [name for name in report.files if "/reg/" in name]
        assert inside == [
            f"runpod_package/reg/2_person/{name}"
            for name in ("w.png", "w.txt", "x.png", "y.png", "z.png")
        ]
        text = zipfile.ZipFile(tmp_path / "p.zip").read("runpod_package/training_config.toml")
        parsed = TrainingConfig(text.decode())
        assert parsed.get("reg_data_dir") == "/workspace/runpod_package/reg"
        found = inspect_package(tmp_path / "p.zip")
        assert (found.ok, found.images, found.regularisation) == (True, 3, 4)
        taught = as_trainer(tmp_path / "p.zip", tmp_path / source.name)
        assert [len(images) for _, images in taught.values()] == [3]
        manifest = json.loads(
            zipfile.ZipFile(tmp_path / "p.zip").read("runpod_package/manifest.json")
        )
        assert manifest["images"] == 3


def test_a_training_here_gets_them_apart_too(project, people, tmp_path):
    now = folders.add_folder(project, people, repeats=2, regularisation=True)
    build_package(now.folder, write_config(tmp_path), tmp_path / "p.zip")
    packed = open_package(tmp_path / "p.zip", tmp_path / "opened").data
    for found, word in ((project_data(now.folder), "person"), (packed, "person")):
        taught, apart = found
        assert (taught.is_reg, apart.is_reg) == (False, True)
        assert (apart.repeats, apart.class_word) == (2, word)


def test_a_package_whose_regularisation_is_not_there_would_not_train(project, tmp_path):
    config = write_config(tmp_path)
    value = 'reg_data_dir = "/workspace/runpod_package/reg"\n'
    config.write_text(
        config.read_text().replace("[training_arguments]\n", f"[training_arguments]\n{value}")
    )
    build_package(project.folder, config, tmp_path / "p.zip")
    found = inspect_package(tmp_path / "p.zip")
    assert [p.code for p in found.problems if p.severity == "error"] == ["no_reg_data"]


@pytest.mark.parametrize(
    ("taught", "names", "shown"),
    [(10, {"1_x": 3}, 10), (10, {"4_x": 3}, 12), (10, {"1_x": 30}, 10), (10, {}, 0),
     (0, {"1_x": 3}, 0), (10, {"1_x": 2, "3_y": 2}, 10)],
)  # fmt: skip
def test_as_many_as_the_trainer_shows(taught, names, shown):
    assert regularisation_shown(taught, names) == shown


def test_at_the_command_line(project, people, tmp_path):
    code, answer, _ = bespoke("project folders {at}", project.folder)
    assert (code, answer["images_per_epoch"]) == (0, 3)
    assert answer["folders"][0]["folder"] == str(project.folder / "dataset")
    code, answer, _ = bespoke("project add-folder {at}/p {at}/person --regularisation", tmp_path)
    assert (code, answer["folders"][1]["regularisation"], answer["images_per_epoch"]) == (
        0,
        True,
        6,
    )
    answer = bespoke("project set-folder {at}/p {at}/person --training --repeats 3", tmp_path)[1]
    assert answer["images_per_epoch"] == 3 + 12
    assert bespoke("project remove-folder {at}/p {at}/person", tmp_path)[0] == 0
    assert bespoke("project remove-folder {at}/p {at}/person", tmp_path)[0] == 2
    assert bespoke("project folders {at}/person", tmp_path)[0] == 1


@pytest.mark.parametrize("value", ['"yes"', "1", "[]"])
def test_a_wrong_purpose_is_named(project, value):
    text = project.path.read_text().replace("repeats = 1", f"repeats = 1\nregularisation = {value}")
    project.path.write_text(text)
    with pytest.raises(AppError, match="must be true or false"):
        open_project(project.folder)
