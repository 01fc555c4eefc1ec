"""What the window does with galleries, from the command line: differences, trials, palettes."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core.gallery import EpochInfo, record
from bespoke_gui.core.gallery_decision import decide
from bespoke_gui.core.protocol import builtin_protocol, load_protocol
from bespoke_gui.core.reference import load_reference
from tests.core.gallery_kit import BLUE, GREEN, make_gallery, portrait, protocol, write_png


def call(capsys, *words, code=0):
    found = console([*map(str, words), "--json"])
    out, err = capsys.readouterr()
    assert found == code, err
    return json.loads(out) if out else err


def fail(capsys, *words, code=2):
    assert console([*map(str, words)]) == code
    return capsys.readouterr().err


@pytest.fixture
def project(tmp_path):
    """Two dataset folders and a gallery that is looked at locked to their colours."""
    folder = tmp_path / "p"
    (folder / "a").mkdir(parents=True)
    text = 'schema = 1\nname = "p"\n'
    for part, colour in (("a", GREEN), ("b", BLUE)):
        text += f'[[dataset]]\nfolder = "{part}"\n'
        for seed in range(3):
            write_png(folder / part / f"{seed}.png", portrait(colour, seed=seed))
    (folder / "bespoke.toml").write_text(text)
    make_gallery(folder / "galleries" / "g", protocol(downsampler="palette_locked"))
    return folder


def test_colours_are_locked_to_those_of_the_projects_training_images(project, tmp_path, capsys):
    gallery = project / "galleries" / "g"
    scored = call(capsys, "score", gallery)
    assert scored["reference"]["images"] == 6
    assert {values["palette_distance"] for values in scored["images"].values()} == {0.0}
    assert scored["look"]["downsampler"] == "palette_locked"
    for suffix in ("html", "png", "md", "json"):
        call(capsys, "report", gallery, "--out", tmp_path / f"r.{suffix}")
    pairs = call(capsys, "review", gallery, "--judge", "ann", "--pairs", tmp_path / "pairs")
    training = {tuple(c) for c in load_reference(project, protocol_look()).colours}
    sheet = np.asarray(Image.open(pairs["pairs"][0]).convert("RGB")).reshape(-1, 3)
    left = sheet[: 24 * 16]
    assert {tuple(colour) for colour in np.unique(left, axis=0)} - {(128, 128, 128)} <= training
    done = call(capsys, "gallery", "export", gallery, "--out", tmp_path / "out", "--epoch", 1)
    for name in done["files"]:
        cells = np.asarray(Image.open(tmp_path / "out" / name).convert("RGB")).reshape(-1, 3)
        assert {tuple(colour) for colour in cells} <= training
    assert call(capsys, "compare", gallery, gallery)["comparable"]


def protocol_look():
    from bespoke_gui.core.look import Look

    return Look(downsampler="palette_locked")


def test_without_training_images_it_is_said_what_is_missing(tmp_path, capsys):
    gallery = make_gallery(tmp_path / "g", protocol(downsampler="palette_locked"))
    assert "needs a palette" in fail(capsys, "score", gallery)
    assert "--reference" in fail(capsys, "gallery", "export", gallery, "--out", tmp_path / "o")
    assert not (tmp_path / "o").exists()
    write_png(tmp_path / "train" / "a.png", portrait())
    scored = call(capsys, "score", gallery, "--reference", tmp_path / "train")
    assert {values["palette_distance"] for values in scored["images"].values()} == {0.0}


def test_the_training_images_of_a_project_are_no_images_of_its_galleries(project, capsys):
    """Its folder holds galleries too: measured against them everything would be a copy."""
    assert len(load_reference(project, protocol_look()).cells) == 6
    given = call(capsys, "score", project / "galleries" / "g", "--reference", project)
    assert given["reference"]["images"] == 6


def test_training_images_that_cannot_be_used_are_said_and_the_rest_goes_on(tmp_path, capsys):
    (tmp_path / "bespoke.toml").write_text('schema = 1\nname = "p"\n')
    write_png(tmp_path / "dataset" / "small.png", portrait(size=16))
    gallery = make_gallery(tmp_path / "galleries" / "g")
    assert console(["score", str(gallery), "--json"]) == 0
    out, err = capsys.readouterr()
    assert "training images are left out: holds no readable image" in err
    assert json.loads(out)["reference"]["images"] == 0
    told = fail(capsys, "score", gallery, "--reference", tmp_path / "dataset", code=1)
    assert "holds no readable image" in told


def test_the_galleries_of_a_project(project, capsys):
    decide(project / "galleries" / "g", 2, "wanted")
    (project / "galleries" / "empty").mkdir()
    found = call(capsys, "gallery", "list", project, code=1)["galleries"]
    assert [entry["name"] for entry in found] == ["empty", "g"]
    assert "holds no image" in found[0]["problem"]
    assert (found[1]["images"], found[1]["epochs"], found[1]["decided"]) == (12, [0, 1, 2], 2)
    assert console(["gallery", "list", str(project)]) == 1
    assert "epoch 2 chosen" in capsys.readouterr().out
    assert "is no project" in fail(capsys, "gallery", "list", project.parent)


def test_two_images_cell_by_cell(tmp_path, capsys):
    one, other = portrait(), portrait()
    other[3, 4] = (255, 0, 255)
    other[5, 6, 2] += 1
    write_png(tmp_path / "a.png", one.repeat(8, 0).repeat(8, 1))
    write_png(tmp_path / "b.png", other)
    out = tmp_path / "d.png"
    found = call(capsys, "gallery", "difference", tmp_path / "a.png", tmp_path / "b.png", "--out",
                 out)  # fmt: skip
    assert (found["cells"], found["changed"], found["clear"]) == (576, 2, 1)
    drawn = np.asarray(Image.open(out))[::16, ::16]
    assert drawn.shape[:2] == (24, 3 * 24 + 2)
    assert (drawn[:, :24] == one).all()
    assert (drawn[:, 25:49] == other).all()
    marked = np.argwhere((drawn[:, 50:] != 128).any(axis=-1)).tolist()
    assert marked == [[3, 4], [5, 6]]
    write_png(tmp_path / "c.png", portrait(size=48))
    words = ("gallery", "difference", tmp_path / "b.png", tmp_path / "c.png")
    assert call(capsys, *words)["cells"] == 576
    write_png(tmp_path / "wide.png", portrait(size=48)[:24])
    assert "different native sizes" in fail(
        capsys, "gallery", "difference", tmp_path / "b.png", tmp_path / "wide.png", code=1
    )


def test_the_nearest_training_image_and_marks(project, capsys):
    gallery = project / "galleries" / "g"
    (gallery / "protocol.toml").write_text(
        (gallery / "protocol.toml").read_text().replace("palette_locked", "median")
    )
    copied = portrait(GREEN, seed=2)[:, ::-1].repeat(8, 0).repeat(8, 1)
    path = gallery / "epoch_02" / "green_lad_1.png"
    Image.fromarray(copied).save(path, pnginfo=text_of(path))
    words = ("gallery", "nearest", gallery, "--epoch", 2, "--prompt", "green_lad")
    found = call(capsys, *words)["images"]
    assert set(found) == {"epoch_02/green_lad_1.png", "epoch_02/green_lad_2.png"}
    one = found["epoch_02/green_lad_1.png"]
    assert (one["training_image"], one["differing"], one["copy"]) == ("2.png", 0, True)
    assert one["off_palette"] == 0
    assert "which training images?" in fail(capsys, "gallery", "nearest", loose(project))


def loose(project):
    """The gallery outside of its project."""
    import shutil

    return shutil.copytree(project / "galleries" / "g", project.parent / "loose")


def text_of(path):
    """What a PNG says of itself, to be written into another."""
    from PIL import PngImagePlugin

    info = PngImagePlugin.PngInfo()
    with Image.open(path) as image:
        for key, value in image.info.items():
            if isinstance(value, str):
                info.add_text(key, value)
    return info


def test_a_gallery_shows_rates_and_held_out_losses(tmp_path, capsys):
    known = {0: EpochInfo(held_out_loss=0.09), 1: EpochInfo("a", "b", 1e-4, 0.05),
             2: EpochInfo("c", "d", 1e-9, 0.04)}  # fmt: skip
    gallery = make_gallery(tmp_path / "g")
    record(gallery, protocol(), epochs=known)
    data = call(capsys, "gallery", "show", gallery)
    assert data["checkpoints"]["2"] == {
        "file": "c", "sha256": "d", "learning_rate": 1e-9, "held_out_loss": 0.04,
    }  # fmt: skip
    assert console(["gallery", "show", str(gallery)]) == 0
    assert capsys.readouterr().out.splitlines()[1:] == [
        "  LoRA off: held-out loss 0.0900",
        "  epoch 1: rate 1.0e-04, held-out loss 0.0500",
        "  epoch 2: rate 1.0e-09, annealed, held-out loss 0.0400",
    ]


def test_the_protocol_and_the_criteria_of_a_project_are_written_once(project, tmp_path, capsys):
    found = call(capsys, "project", "protocol", project, "--base", "embedded", "--seeds", 7, 8)
    assert found["written"]
    saved = load_protocol(project / "protocol.toml")
    assert (saved.seeds, saved.base, saved.width) == ((7, 8), "embedded", 192)
    assert [prompt.name for prompt in saved.prompts] == [
        prompt.name for prompt in builtin_protocol().prompts
    ]
    assert found["prompts"][0]["expect"]["background"] == "bright green"
    text = (project / "protocol.toml").read_text()
    again = call(capsys, "project", "protocol", project)
    assert (again["written"], again["generation_id"]) == (False, found["generation_id"])
    assert "is there already" in fail(capsys, "project", "protocol", project, "--seeds", 1, code=1)
    other = tmp_path / "other.toml"
    assert call(capsys, "project", "protocol", project, "--out", other)["protocol"] == str(other)
    assert "is there already" in fail(
        capsys, "project", "protocol", project, "--out", other, code=1
    )
    assert (project / "protocol.toml").read_text() == text
    counted = call(capsys, "project", "criteria", project)
    assert {line["name"] for line in counted["lines"]} >= {"clean", "messy", "accessories"}
    assert (project / "criteria.toml").is_file()
    assert call(capsys, "project", "criteria", project)["written"] is False


def test_criteria_are_changed_and_undone_on_the_command_line(project, capsys):
    text = call(capsys, "project", "criteria", project)["criteria"]
    before = Path(text).read_text()
    asked = ("project", "criteria", project)
    found = call(capsys, *asked, "--set", "clean.target=60%", "clean.best=none", "--off", "messy",
                 "--add", "messy:reduction", "--baseline", "clean=40%",
                 "--word", "clean_score=8")  # fmt: skip
    assert found["words"]["clean_score"] == 8
    lines = {(one["name"], one["kind"]): one for one in found["lines"]}
    assert (lines["clean", "share"]["target"], lines["clean", "share"]["best"]) == (0.6, None)
    assert lines["messy", "share"]["off"]
    assert not lines["messy", "reduction"]["off"]
    assert found["baseline"] == {"clean": 0.4}
    for wrong, words in (
        (("--set", "messy.target=1"), "are several criteria"),
        (("--set", "clean.goal=1"), "is no level"),
        (("--set", "clean.target=many"), "is no figure"),
        (("--set", "clean.target=160%"), "is from 0 to 100%"),
        (("--add", "hats"), "is no criterion here"),
        (("--word", "clean_score=none"), "is no word"),
        (("--baseline", "hats=1"), "is no figure of a baseline"),
        (("--undo", "--reset"), "not both"),
    ):
        assert words in fail(capsys, *asked, *wrong)
    reset = call(capsys, *asked, "--reset")
    assert sum(not one["off"] for one in reset["lines"]) == 5
    assert call(capsys, *asked, "--undo")["lines"] == found["lines"]
    call(capsys, *asked, "--undo")
    assert Path(text).read_text() != before
    assert call(capsys, *asked)["lines"] == reset["lines"]


def test_a_run_is_named_by_its_id_or_name(project, capsys, monkeypatch):
    config = project / "configs" / "punks.toml"
    config.parent.mkdir()
    config.write_text('output_name = "punks"\nmax_train_epochs = 2\nlearning_rate = 1e-4\n')
    run = project / "runs" / "20261126-120000-01-punks"
    call(capsys, "train", config, "--engine", "fake", "--run-dir", run, "--wait")
    for name in (run, run.name, "punks"):
        out = project / "galleries" / f"made_{str(name)[-3:]}_{len(str(name))}"
        made = call(capsys, "generate", name, "--out", out, "--engine", "fake")
        assert len(made["images"]) == 3 * 7
    assert "bespoke runs list" in fail(
        capsys, "generate", "nobody", "--out", project / "galleries" / "n", "--engine", "fake"
    )
    monkeypatch.chdir(project)
    tried = project.parent / "tried"
    words = ("--prompt", "a lad", "--scale", 0.5, 1, "--epoch", 2, "--engine", "fake")
    call(capsys, "try", "punks", *words, "--out", tried)
    taken = project / "galleries" / "tried"
    assert "which strength?" in fail(capsys, "gallery", "from-try", tried, taken)
    call(capsys, "gallery", "from-try", tried, taken, "--scale", 0.5)
    assert call(capsys, "gallery", "show", taken)["epochs"] == [2]
    assert "is there already" in fail(
        capsys, "gallery", "from-try", tried, taken, "--scale", 0.5, code=1
    )


def test_an_expectation_is_taken_back(project, capsys):
    text = "clean 40 % -> 70 %"
    call(capsys, "runs", "expect", text, "--project", project)
    call(capsys, "runs", "expect", "messy 30 % -> 10 %", "--project", project)
    call(capsys, "runs", "expect", text, "--remove", "--project", project)
    left = call(capsys, "runs", "ledger", project)["expected_of_next"]
    assert [one["name"] for one in left] == ["messy"]
    assert "nothing like that" in fail(
        capsys, "runs", "expect", text, "--remove", "--project", project
    )
