"""A real package opened by an independent reader: images x repeats, captions, class tokens."""

import zipfile

import pytest

from bespoke_gui.core.config.presets import presets
from bespoke_gui.core.config.schedule import plan
from bespoke_gui.core.package import build_package
from bespoke_gui.core.package_verify import inspect_package
from bespoke_gui.core.project import create_project, save
from tests.core._packages import CONFIG, write_config, write_image, write_pairs, write_zip
from tests.core._trainer import NO_DATA, TrainerStops, train_from


def test_a_project_with_all_it_can_have(tmp_path):
    """Two datasets with repeats, numbered folders inside, an excluded image, regularisation."""
    source = write_pairs(tmp_path / "s", ["a", "b", "c"])
    write_pairs(source / "3_lad", ["d"])
    project = create_project(tmp_path / "p", source, name="Lady Punks").project
    (project.folder / "dataset" / "excluded.txt").write_text("b.png\n", "utf-8")
    project.dataset_dirs = [
        (project.folder / "dataset", 4),
        (write_pairs(tmp_path / "2_more", ["e"]), 1),
    ]
    reg = tmp_path / "1_person"
    write_image(reg / "r.JPG")
    project.reg_dirs = [(reg, 1)]
    save(project)
    build_package(project.folder, write_config(tmp_path), tmp_path / "p.zip")
    session = train_from(tmp_path / "p.zip", tmp_path / "w")
    text = "pixel art, red hat, portrait {}".format
    found = {n: (s.repeats, s.class_tokens, s.captions) for n, s in session.subsets.items()}
    assert found == {
        "training_data/4_Lady_Punks": (
            4, "Lady_Punks", {"a.png": text("a"), "c.png": text("c")},
        ),
        "training_data/3_lad": (3, "lad", {"d.png": text("d")}),
        "training_data/1_more": (1, "more", {"e.png": text("e")}),
        "reg/1_person": (1, "person", {"r.JPG": "person"}),
    }  # fmt: skip
    assert (session.taught, session.epoch_images) == (12, 24)
    readme = (tmp_path / "w" / "runpod_package" / "README.md").read_text("utf-8")
    course = "24 images an epoch, 2 at a time: 12 steps an epoch, 2 epochs, "
    assert f"{course}{session.steps} steps." in readme
    judged = inspect_package(tmp_path / "p.zip")
    assert judged.data is not None
    assert judged.data.images == session.epoch_images


@pytest.mark.parametrize("extension", [".txt", ".caption"])
def test_captions_are_read_whatever_they_end_with(tmp_path, extension):
    folder = write_pairs(tmp_path / "1_x", ["a"])
    (folder / "a.txt").rename(folder / f"a{extension}")
    text = "\n".join(line for line in CONFIG.splitlines() if "caption_ext" not in line)
    for config in (text, text + '\ncaption_extension = ".other"\n'):
        build_package(
            folder, write_config(tmp_path, config), tmp_path / "p.zip", caption_extension=extension
        )
        session = train_from(tmp_path / "p.zip", tmp_path / "w")
        assert session.subsets["training_data/1_x"].captions == {
            "a.png": "pixel art, red hat, portrait a"
        }


def test_what_the_reader_stops_at_is_said_beforehand(tmp_path):
    """The reader itself is no yes-man: it stops where the trainer stops, and we say so first."""
    config, pairs = write_config(tmp_path), write_pairs(tmp_path / "1_x")
    build_package(pairs, config, tmp_path / "p.zip")
    with zipfile.ZipFile(tmp_path / "p.zip") as source:
        files = {n: source.read(n) for n in source.namelist()}
    flat = {n.replace("/1_x/", "/"): data for n, data in files.items()}
    empty = {**files, "runpod_package/training_data/1_x/a.txt": b""}
    for name, broken, words in (("flat", flat, NO_DATA), ("empty", empty, "caption file is empty")):
        path = write_zip(tmp_path / f"{name}.zip", broken)
        with pytest.raises(TrainerStops, match=words.split(".", 1)[0]):
            train_from(path, tmp_path / name)
        found = inspect_package(path)
        assert not found.ok
        assert words in " ".join(problem.message for problem in found.problems)


@pytest.mark.punks
@pytest.mark.parametrize("name", sorted(presets()))
def test_the_reference_pairs_with_every_preset(punks, tmp_path, name):
    images, captions = punks / "train_512px", punks / "captions_after"
    project = create_project(tmp_path / "p", images, captions, "bespoke_baby").project
    config = write_config(tmp_path, presets()[name].text)
    report = build_package(project.folder, config, tmp_path / "p.zip", repeats=2)
    session = train_from(report.package, tmp_path / "w")
    (subset,) = session.subsets.values()
    assert (subset.repeats, subset.class_tokens) == (2, "bespoke_baby")
    assert subset.captions == {
        f"{path.stem}.png": path.read_text("utf-8").splitlines()[0].strip()
        for path in captions.glob("*.txt")
    }
    course = plan(session.arguments, session.taught)
    assert course.total_steps == session.steps
    found = inspect_package(report.package)
    expected = [] if presets()[name].size == 512 else ["resized_while_training"]
    assert len(found.problems) == len(expected)
    assert found.ok
