"""Ledger: what a run was made of, what changed to the next, expected beside found."""

import json

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import record
from bespoke_gui.core.gallery_decision import decide
from bespoke_gui.core.generation import epochs_of
from bespoke_gui.core.history import History
from bespoke_gui.core.judgement.verdict import judge_gallery
from bespoke_gui.core.ledger.changes import run_changes
from bespoke_gui.core.ledger.entries import ledger, lowest_held_out
from bespoke_gui.core.ledger.expected import parse, read_expected, write_expected
from bespoke_gui.core.ledger.inputs import read_inputs
from bespoke_gui.core.lorafile import write_tensors
from bespoke_gui.core.project import open_project
from bespoke_gui.core.run_request import data_folders, sample_spec, write_run
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runspec import RunSpec
from bespoke_gui.core.score import score_gallery
from tests.core.gallery_kit import make_gallery, portrait, protocol, write_png

CONFIG = """[a]
network_dim = 32
enable_bucket = true
resolution = "512,512"
max_bucket_reso = 1024
output_name = "x"
"""


@pytest.fixture
def project(tmp_path):
    (tmp_path / "bespoke.toml").write_text('schema = 1\nname = "p"\n')
    for n in range(4):
        write_png(tmp_path / "dataset" / f"{n}.png", portrait(seed=n))
        (tmp_path / "dataset" / f"{n}.txt").write_text(f"a lad {n}")
    return open_project(tmp_path)


def start(project, name, config=CONFIG, **fields):
    spec = RunSpec(run=name, engine="fake", data=data_folders(project.folder / "dataset"), **fields)
    spec.created = f"2026-11-{10 + len(name)}"
    return write_run(project.runs_dir / name, spec, config).folder


def changes(project, **second):
    first = start(project, "one")
    return first, lambda **more: run_changes(first, start(project, "second", **{**second, **more}))


def test_held_out_losses_stand_in_the_ledger_and_reach_the_gallery(project):
    run = RunDir(start(project, "one"))
    for epoch, loss in ((0, 0.09), (1, 0.05), (2, 0.04), (3, 0.042)):
        run.emit("metric", name="held_out_loss", value=loss, epoch=epoch)
        run.emit("metric", name="loss_epoch", value=9.0, epoch=epoch)
    (entry,) = ledger(project)
    assert entry.held_out_losses == {0: 0.09, 1: 0.05, 2: 0.04, 3: 0.042}
    assert lowest_held_out(entry) == (2, 0.04)
    assert entry.as_dict()["held_out_losses"]["3"] == 0.042
    (run.outputs / "x-000001.safetensors").parent.mkdir(exist_ok=True)
    tensors = {"lora_unet_a.alpha": ("F32", (), b"\0" * 4)}
    for name, epoch in (("x-000001", 1), ("x", 2)):
        write_tensors(run.outputs / f"{name}.safetensors", tensors, {"ss_epoch": str(epoch)})
    spec = sample_spec([run.folder], protocol().as_dict(), project.folder / "g")
    assert [(lora.epoch, lora.held_out_loss) for lora in spec.loras] == [
        (0, 0.09), (1, 0.05), (2, 0.04),
    ]  # fmt: skip
    assert {n: one.held_out_loss for n, one in epochs_of(spec.loras).items()} == {
        0: 0.09, 1: 0.05, 2: 0.04,
    }  # fmt: skip


def test_a_run_without_held_out_images_says_nothing_of_them(project):
    start(project, "one")
    (entry,) = ledger(project)
    assert (entry.held_out_losses, lowest_held_out(entry)) == ({}, None)


def test_a_run_keeps_the_texts_and_hashes_it_began_with(project):
    folder = start(project, "one")
    kept = read_inputs(folder)
    assert kept.captions == {f"{n}.png": f"a lad {n}" for n in range(4)}
    assert len(set(kept.images.values())) == 4
    assert kept.repeats == {"dataset": 1}
    (project.folder / "dataset" / "1.txt").write_text("changed later")
    assert read_inputs(folder).captions["1.png"] == "a lad 1"


def test_the_snapshot_that_a_run_began_with_is_named(project):
    with History(project.folder) as history:
        history.snapshot("drafts", {f"{n}.png": "a draft" for n in range(4)})
        history.snapshot("good", {f"{n}.jpg": f"a lad {n}" for n in range(5)})
        history.snapshot("more", {f"{n}.png": f"a lad {n}" for n in range(3)})
        history.snapshot("by itself", {f"{n}.png": f"a lad {n}" for n in range(4)}, automatic=True)
    start(project, "one")
    (project.folder / "dataset" / "1.txt").write_text("a lass")
    start(project, "second")
    assert [entry.snapshot for entry in ledger(project)] == ["", "good"]


def test_one_changed_thing_is_a_cause_and_gives_no_warning(project):
    _, second = changes(project)
    (project.folder / "dataset" / "1.txt").write_text("a lass")
    found = second()
    assert (found.captions.changed, found.images.count, found.config) == (["1.png"], 0, [])
    assert (found.causes, found.warning) == (["captions"], "")


def test_two_changed_things_leave_no_cause_to_be_named(project):
    _, second = changes(project)
    (project.folder / "dataset" / "1.txt").write_text("a lass")
    found = second(config=CONFIG.replace("32", "16"))
    assert found.config == [("network_dim", 32, 16)]
    assert found.causes == ["network_dim", "captions"]
    assert (
        found.warning == "2 things changed at once (network_dim, captions): no cause can be named"
    )


def test_the_256_px_way_is_one_change_of_size_with_its_images(project):
    """Four keys and other files of the same names: the size alone changed."""
    _, second = changes(project)
    for n in range(4):
        write_png(project.folder / "dataset" / f"{n}.png", portrait(seed=n, scale=2))
    text = CONFIG.replace("512,512", "256,256").replace("1024", "512").replace('"x"', '"y"')
    found = second(config=text)
    assert {key for key, _, _ in found.config} == {"resolution", "max_bucket_reso"}
    assert "output_name" in found.idle
    assert len(found.images.changed) == 4
    assert (found.causes, found.warning) == (["resolution and buckets"], "")


def test_images_bases_and_repeats_count(project):
    _, second = changes(project)
    (project.folder / "dataset" / "3.png").unlink()
    (project.folder / "dataset" / "3.txt").unlink()
    found = second(base="elsewhere")
    assert found.images.removed == ["3.png"]
    assert ("base", "embedded", "elsewhere") in found.other
    assert set(found.causes) == {"images", "base"}


def test_a_run_without_a_record_is_said_to_be_unknown(project):
    first, second = changes(project)
    (first / "inputs.json").unlink()
    found = second()
    assert found.captions is None
    assert "not recorded" in found.warning


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("pixel defects 60 % -> 30 %, confidence 90 %", ("pixel_defects", 0.6, 0.3, 0.9)),
     ("Pixel Defects: 60% → 30%", ("pixel_defects", 0.6, 0.3, None)),
     ("clean 0.4 to 0.7, 85 % confidence", ("clean", 0.4, 0.7, 0.85)),
     ("strays 4,5 -> 2", ("strays", 4.5, 2.0, None)),
     ("unique_colours 216.6 -> 150, 60", ("unique_colours", 216.6, 150.0, 0.6))],
)  # fmt: skip
def test_expectations_are_read_as_people_write_them(text, wanted):
    one = parse(text)
    assert (one.name, one.before, one.after, one.confidence) == wanted
    assert one.written[:2] == "20"


@pytest.mark.parametrize("text", ["", "better", "beauty 1 -> 2", "clean 0.4 -> 0.4", "clean 0.4"])
def test_what_cannot_be_read_is_said(text):
    with pytest.raises(AppError) as caught:
        parse(text)
    assert caught.value.kind == "usage"


def test_what_is_expected_goes_to_the_next_run_and_stands_beside_what_was_found(project):
    wishes = [parse("messy 60 % -> 30 %"), parse("background_match 0.2 -> 0.999"),
              parse("accessories 50 % -> 75 %")]  # fmt: skip
    write_expected(project.folder, wishes)
    folder = start(project, "one")
    assert read_expected(project.folder) == []
    assert read_expected(folder) == wishes
    start(project, "second")
    RunDir(folder).write_exit("finished")
    gallery_folder = make_gallery(project.galleries_dir / "g", epochs=(1, 2))
    record(gallery_folder, protocol(), run="one")
    from bespoke_gui.core.gallery import open_gallery

    gallery = open_gallery(gallery_folder)
    report = score_gallery(gallery, reference=project.folder / "dataset")
    decide(gallery_folder, 2, "greenest")
    report.save(gallery_folder)
    judge_gallery(gallery, report).save(gallery_folder)
    second, first = ledger(project)
    assert (second.run, second.expected, second.galleries) == ("second", [], [])
    assert (first.galleries[0].decided, first.galleries[0].reason) == (2, "greenest")
    assert any(line.startswith("Messy images: 0%") for line in first.galleries[0].lines)
    messy, match, accessories = first.expected
    assert (messy.found, messy.met, messy.basis) == (0.0, True, "predicted")
    assert (match.met, match.basis) == (False, "measured")
    assert (accessories.found, accessories.met) == (None, None)
    assert (first.usd, first.images, first.captions, first.state) == (0.0, 4, 4, "finished")
    assert first.image_print == second.image_print
    assert (first.seconds is not None, second.seconds) == (True, None)
    json.dumps([entry.as_dict() for entry in (first, second)], allow_nan=False)


def test_damaged_records_leave_the_rest_standing(project):
    folder = start(project, "one")
    (folder / "inputs.json").write_text("{")
    (folder / "expected.json").write_text('{"expected": [{"odd": 1}, 5]}')
    make_gallery(project.galleries_dir / "g", epochs=(1,), run="one")
    (project.galleries_dir / "g" / "reviews.json").write_text("[")
    (project.galleries_dir / "g" / "verdict.json").write_text("[")
    (entry,) = ledger(project)
    assert (entry.images, entry.expected, entry.galleries[0].decided) == (None, [], None)
