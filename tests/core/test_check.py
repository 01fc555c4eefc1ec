"""Check: one answer for projects, datasets, configs and packages; one bad file stops nothing."""

import pytest

from bespoke_gui.core.check import check_target
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.package import build_package
from bespoke_gui.core.project import create_project, save
from tests.core._packages import CONFIG, write_config, write_image, write_pairs


def codes(report, severity="error"):
    return {(p.code, p.file) for p in report.problems if p.severity == severity}


@pytest.fixture
def project(tmp_path):
    return create_project(tmp_path / "p", write_pairs(tmp_path / "s")).project


def test_a_good_dataset(tmp_path):
    write_pairs(tmp_path / "set")
    write_image(tmp_path / "set" / "d.jpg", (32, 48))
    (tmp_path / "set" / "d.txt").write_text("pixel art, blue hat, portrait d")
    report = check_target(tmp_path / "set")
    assert report.target == "dataset"
    assert report.ok
    stats = report.stats.as_dict()
    assert (stats["images"], stats["captions"]) == (4, 4)
    assert stats["sizes"] == {"64x64": 3, "32x48": 1}
    assert stats["formats"] == {"PNG": 3, "JPEG": 1}
    assert stats["bytes"] == sum(p.stat().st_size for p in (tmp_path / "set").iterdir())


def test_every_bad_file_is_named_and_the_rest_goes_on(tmp_path):
    folder = write_pairs(tmp_path / "set", ["a", "b", "c", "d", "e"])
    (folder / "a.png").write_bytes(b"")
    (folder / "b.png").write_bytes((folder / "b.png").read_bytes()[:50])
    (folder / "c.txt").unlink()
    (folder / "d.txt").write_text("")
    (folder / "e.txt").write_bytes("caf\xe9, hat".encode("cp1252"))
    report = check_target(folder)
    found = codes(report)
    assert not report.ok
    assert ("unreadable_image", "a.png") in found
    assert ("unreadable_image", "b.png") in found
    assert ("missing_caption", "c.png") in found
    assert ("not_utf8", "e.txt") in found
    assert any(file in ("d.png", "d.txt") for code, file in found if "empty" in code)
    assert report.stats.sizes.total() == 3


def test_an_empty_folder_is_an_error(tmp_path):
    assert codes(check_target(tmp_path)) == {("no_images", str(tmp_path))}


def test_lint_is_part_of_it(tmp_path):
    folder = write_pairs(tmp_path / "set", ["a"])
    (folder / "a.txt").write_text("pixel art, hat (red, blue")
    assert check_target(folder).problems


def test_config_with_a_dataset(tmp_path):
    folder = write_pairs(tmp_path / "set", size=(100, 100))
    config = write_config(tmp_path)
    assert ("size_differs", str(config)) in codes(check_target(folder, config))
    broken = write_config(tmp_path, "x = ")
    assert ("bad_config", str(broken)) in codes(check_target(folder, broken))


def test_a_project_with_its_configs(project):
    assert check_target(project.folder).ok
    bad = project.configs_dir / "bad.toml"
    bad.write_text(CONFIG.replace("network_dim = 8 ", 'network_dim = "8" '))
    assert codes(check_target(project.folder)) == {("wrong_type", str(bad))}
    good = write_config(project.folder.parent)
    assert check_target(project.folder, good).ok


def test_the_lint_of_a_project_knows_its_trigger_and_config(project):
    project.trigger = "red hat"
    save(project)
    assert "trigger_moves" not in {p.code for p in check_target(project.folder).problems}
    config = write_config(project.folder.parent, f"{CONFIG}shuffle_caption = true\n")
    assert "trigger_moves" in {p.code for p in check_target(project.folder, config).problems}
    (project.folder / "dataset" / "a.txt").write_text("pixel art, tie")
    found = {(p.code, p.file) for p in check_target(project.folder).problems}
    assert ("missing_trigger", "a.png") in found
    (project.folder / "lint.toml").write_text('ignore = ["missing_trigger"]\n')
    assert "missing_trigger" not in {p.code for p in check_target(project.folder).problems}
    (project.folder / "lint.toml").write_text("ignore = ")
    assert ("bad_project", str(project.folder / "lint.toml")) in codes(check_target(project.folder))


def test_a_project_whose_dataset_is_gone(project):
    (project.folder / "dataset").rename(project.folder / "elsewhere")
    report = check_target(project.folder)
    assert codes(report) == {("bad_dataset", str(project.folder / "dataset"))}


def test_a_broken_project_file_is_a_finding(project):
    project.path.write_text("name = ")
    assert codes(check_target(project.folder)) == {("bad_project", str(project.path))}


def test_packages(tmp_path):
    config = write_config(tmp_path)
    build_package(write_pairs(tmp_path / "1_x"), config, tmp_path / "p.zip")
    report = check_target(tmp_path / "p.zip")
    assert (report.target, report.ok) == ("package", True)
    assert report.stats.as_dict()["sizes"] == {"64x64": 3}
    with pytest.raises(AppError, match="its own config"):
        check_target(tmp_path / "p.zip", config)
    (tmp_path / "broken.zip").write_bytes(b"x")
    assert {code for code, _ in codes(check_target(tmp_path / "broken.zip"))} == {"broken_zip"}


def test_a_package_folder_is_known_by_its_config(tmp_path):
    write_pairs(tmp_path / "w" / "pkg" / "training_data")
    write_config(tmp_path / "w" / "pkg")
    for folder in (tmp_path / "w", tmp_path / "w" / "pkg"):
        report = check_target(folder)
        assert report.target == "package"
        assert "no_data" in {code for code, _ in codes(report)}


def test_config_files(tmp_path):
    config = write_config(tmp_path)
    assert check_target(config).ok
    config.write_text("[[datasets]]\nx = 1\n")
    assert "unknown_key" in {code for code, _ in codes(check_target(config))}


def test_what_cannot_be_checked(tmp_path):
    with pytest.raises(AppError, match="is not there"):
        check_target(tmp_path / "no")
    (tmp_path / "a.bin").write_bytes(b"x")
    with pytest.raises(AppError, match="cannot be checked"):
        check_target(tmp_path / "a.bin")


def test_progress_is_told(tmp_path):
    seen = []
    check_target(
        write_pairs(tmp_path / "s"), progress=lambda done, total: seen.append((done, total))
    )
    assert seen == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.punks
def test_the_reference_project_has_no_error(punks, tmp_path):
    project = create_project(tmp_path / "p", punks / "train_512px", punks / "captions_after")
    config = punks / "configs" / "training_config_phase1b.toml"
    report = check_target(project.project.folder, config)
    assert report.ok
    assert report.stats.as_dict()["sizes"] == {"512x512": 203}
    assert "unknown_key" in {p.code for p in report.problems}
