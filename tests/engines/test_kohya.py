"""Engine kohya: real recorded output tells the right story; a stand-in trainer is run and ended."""

import json
import os
import shutil
import sys
import threading
import time
import tomllib
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bespoke_gui.core.config.schedule import plan
from bespoke_gui.core.held_out import held_out
from bespoke_gui.core.runs import read_run
from bespoke_gui.core.runspec import DataFolder, load_spec
from bespoke_gui.engines.context import RunContext
from bespoke_gui.engines.kohya.failures import failure
from bespoke_gui.engines.kohya.lines import Lines
from bespoke_gui.engines.kohya.rate import Rate
from bespoke_gui.engines.kohya.request import as_toml, command
from bespoke_gui.engines.kohya.story import Story
from tests.engines.runs import ROOT, events, finish, make_run

STANDIN = Path(__file__).with_name("standin_sd_scripts.py")


def told(data, size=37):
    """The events of a whole output, fed in small pieces."""
    story = Story()
    found = []
    for start in range(0, len(data), size):
        found += story.feed(data[start : start + size])
    return story, found + story.feed(b"", last=True)


# -- recorded output ------------------------------------------------------------------------------


@pytest.mark.punks
@pytest.mark.parametrize("name", ["run1.stderr", "logs/run2_user_defaults_bf16_combined_80col.log"])
def test_steps_epochs_and_losses_of_real_runs(name, fixtures):
    folder = fixtures / "sdscripts"
    data = (folder / ("run1/" + name if "run1" in name else name)).read_bytes()
    story, found = told(data)
    steps = [one.fields for one in found if one.event == "progress"]
    assert [step["step"] for step in steps] == [1, 2, 3, 4, 5, 6]
    assert all(step["total"] == 6 and 0 < step["loss"] < 3 for step in steps)
    assert steps[-1]["eta_s"] == 0
    assert not story.errors


@pytest.mark.punks
def test_a_resumed_run_counts_from_its_epochs_not_from_the_bar(fixtures):
    data = (fixtures / "sdscripts/logs/run3_resume_from_epoch2_300col.log").read_bytes()
    _, found = told(data)
    steps = [one.fields for one in found if one.event == "progress"]
    assert [(step["step"], step["epoch"]) for step in steps] == [
        (5, 3), (6, 3), (7, 4), (8, 4), (9, 5), (10, 5),
    ]  # fmt: skip
    assert {step["total"] for step in steps} == {10}


@pytest.mark.punks
def test_wrapped_records_are_whole_again(fixtures):
    narrow = fixtures / "sdscripts/logs/run2_user_defaults_bf16_combined_80col.log"
    lines = Lines()
    texts = [text for _, text in lines.feed(narrow.read_bytes(), last=True)]
    assert "no regularization images / 正則化画像が見つかりませんでした" in texts
    assert "8 train images with repeats." in texts
    assert not [text for text in texts if "train_util.py:" in text]


CASES = {
    "A_flat_train_data_dir": ("no_data", "found no images"),
    "B_user_sd15_24_asis": ("bad_config", "no metadata"),
    "C_user_sd15_24_no_in_json": ("bad_config", "stat: path should be string"),
    "E_bucket_steps8": ("bad_config", "bucket_reso_steps is 8"),
    "G2_reso256_max_bucket_less": ("bad_config", "max_bucket_reso must be equal or greater"),
    "H2_reso8_nobucket": ("engine_crash", "Expected more than 1 value per channel"),
    "I_unknown_cli": ("bad_config", "unrecognized arguments: --bucket_resolution=512"),
    "K_adamw8bit": ("missing_package", "No bitsandbytes"),
    "M_resolution_int": ("bad_config", "'int' object has no attribute 'split'"),
    "N_dim_string": ("bad_config", "found element of type str"),
    "O_bad_choice": ("missing_package", "fp8"),
    "P_flag_string": ("bad_config", "expected bool"),
}
GOOD = ("D_24px_no_samples", "DS_ok", "F2_24px_bucket_upscale_64", "H3_reso72_nobucket",
        "H_reso20_nobucket", "L_bf16", "Q2_warmup_float", "T_cache_disk")  # fmt: skip


@pytest.mark.punks
@pytest.mark.parametrize("name", sorted(CASES))
def test_every_recorded_failure_has_its_kind_and_one_line(name, fixtures):
    story, _ = told((fixtures / "sdscripts" / "cases" / f"{name}.log").read_bytes())
    error = failure(story, 1, "bespoke.safetensors")
    kind, words = CASES[name]
    assert error.kind == kind
    assert words in error.message
    assert "\n" not in error.message
    assert len(error.message) < 320
    assert error.hint


@pytest.mark.punks
def test_all_recorded_logs_are_judged(fixtures):
    logs = {path.stem for path in (fixtures / "sdscripts" / "cases").glob("*.log")}
    assert logs == set(CASES) | set(GOOD)


@pytest.mark.punks
@pytest.mark.parametrize("name", GOOD)
def test_good_runs_reach_their_last_step_without_an_error(name, fixtures):
    story, found = told((fixtures / "sdscripts" / "cases" / f"{name}.log").read_bytes())
    steps = [one.fields for one in found if one.event == "progress"]
    assert steps[-1]["step"] == steps[-1]["total"]
    assert not story.errors


# -- images held out ------------------------------------------------------------------------------


def bar(name, place, total, said=""):
    return f"\r{name}: {100 * place // total:3}%|##| {place}/{total} [00:00<00:00,  8.3it/s{said}]"


def validated(epoch, losses, again=""):
    """An epoch of one step and its validation, as two nested tqdm bars print them."""
    text = (
        f"\nepoch {epoch}/3\n" + bar("steps", epoch, 3) + bar("steps", epoch, 3, ", avr_loss=1.1")
    )
    said = ""
    for place, loss in enumerate(losses):
        name = "epoch validation steps"
        text += (
            "\n" + bar(name, place, len(losses) - 1, said) + "\x1b[A" + (again if not place else "")
        )
        said = f", val_epoch_avg_loss={loss}, timestep={200 * place}"
        text += "\n" + bar(name, place, len(losses) - 1, said) + "\x1b[A"
    # What comes next is glued to the bar.
    return text + f"saving checkpoint: /x/a-{epoch:06d}.safetensors\n"


@pytest.mark.parametrize("size", [1, 37, 100_000])
def test_the_held_out_loss_is_what_the_bar_of_the_validation_ends_with(size):
    old = bar("epoch validation steps", 4, 4, ", val_epoch_avg_loss=0.35, timestep=800")
    text = validated(1, [0.5, 0.45, 0.4, 0.38, 0.35]) + validated(
        2, [0.4, 0.3, 0.3, 0.2, 0.25], old
    )
    # Epoch 3 is not measured; the bar of epoch 2 is printed once more at the end.
    text += "\nepoch 3/3\n" + bar("steps", 3, 3, ", avr_loss=1.1")
    text += "\nsaving checkpoint: /x/a.safetensors\n" + old.replace("0.35", "0.25")
    _, found = told(text.encode(), size)
    metrics = [one.fields for one in found if one.event == "metric"]
    assert [(one["name"], one["epoch"], one["value"]) for one in metrics] == [
        ("held_out_loss", 1, 0.35), ("held_out_loss", 2, 0.25),
    ]  # fmt: skip
    steps = [one.fields for one in found if one.event == "progress"]
    assert [(step["step"], step["epoch"]) for step in steps] == [(1, 1), (2, 2), (3, 3)]
    assert [one.event for one in found].count("saving") == 3


# -- any output -----------------------------------------------------------------------------------


@given(st.binary(max_size=400), st.integers(1, 50))
def test_no_output_ever_stops_the_story(data, size):
    told(data, size)


@given(st.lists(st.integers(1, 60), max_size=8))
def test_where_the_output_is_cut_changes_nothing(sizes):
    data = (
        "2026-11-22 11:07:12 INFO     prepare images.      train_util.py:2112\n"
        "                             über zwei Zeilen\nepoch 1/2\n"
        "steps:  50%|███| 1/2 [00:00<00:00,  2.25it/s]\r"
        "steps:  50%|███| 1/2 [00:00<00:00,  2.25it/s, avr_loss=1.1]2026-11-22 11:07:13 WARNING  x"
        " a.py:1\nValueError: bad / schlimm\n"
    ).encode()
    whole = told(data, len(data))[1]
    lines, place = Story(), 0
    found = []
    for size in sizes:
        found += lines.feed(data[place : place + size])
        place += size
    found += lines.feed(data[place:]) + lines.feed(b"", last=True)
    assert found == whole
    assert [one.event for one in whole] == ["stage", "progress", "log"]


def test_escape_codes_and_endless_lines_are_harmless():
    found = Lines().feed(b"\x1b[31mred\x1b[0m\n" + b"x" * 3_000_000 + b"\nend\n", last=True)
    assert found[0] == ("", "red")
    assert max(len(text) for _, text in found) <= 100_000
    assert found[-1] == ("", "end")


@given(st.dictionaries(
    st.from_regex(r"[a-z_]{1,12}", fullmatch=True),
    st.one_of(st.booleans(), st.integers(-10**9, 10**9), st.floats(allow_nan=False,
              allow_infinity=False), st.text(), st.lists(st.text(), max_size=3)),
))  # fmt: skip
def test_the_config_comes_out_of_toml_as_it_went_in(values):
    text = as_toml(values)
    assert tomllib.loads(text) == values


# -- a trainer that is run ------------------------------------------------------------------------


@pytest.fixture
def checkout(tmp_path, monkeypatch):
    """A folder that looks like sd-scripts and holds the stand-in, which borrows our file writer."""
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    folder = tmp_path / "sd-scripts"
    folder.mkdir()
    shutil.copyfile(STANDIN, folder / "train_network.py")
    return folder


@pytest.fixture
def images(tmp_path):
    """Six images with captions; one is excluded."""
    folder = tmp_path / "portraits"
    folder.mkdir()
    for number in range(6):
        Image.new("RGB", (8, 8), (number, 0, 0)).save(folder / f"p{number}.png")
        (folder / f"p{number}.txt").write_text(f"lad {number}", encoding="utf-8")
    return DataFolder(str(folder), repeats=2, class_word="lad", excluded=["p5.png"])


def training(tmp_path, checkout, images, wrong="", name="run", **more):
    """A run folder for the stand-in."""
    config = {
        "output_name": "punks", "max_train_epochs": 3, "train_batch_size": 4,
        "training_comment": wrong, "train_data_dir": "/workspace/training_data", **more,
    }  # fmt: skip
    return make_run(
        tmp_path / name, "kohya", base="some/base", data=[images], config=config,
        options={"sd_scripts": str(checkout), "launcher": "python", "python": sys.executable},
    )  # fmt: skip


def test_a_whole_training(tmp_path, checkout, images):
    run_dir = training(tmp_path, checkout, images)
    outcome, fields = finish(run_dir)
    assert (outcome, fields["final"]) == ("finished", "outputs/punks.safetensors"), fields
    info = read_run(run_dir.folder)
    assert [(one.path.name, one.epoch) for one in info.checkpoints] == [
        ("punks-000001.safetensors", 1), ("punks-000002.safetensors", 2), ("punks.safetensors", 3),
    ]  # fmt: skip
    steps = events(run_dir, "progress")
    assert (steps[-1]["step"], steps[-1]["total"], steps[-1]["epochs"]) == (9, 9, 3)
    placed = sorted(p.name for p in (run_dir.folder / "trainer_data/train/2_lad").iterdir())
    assert placed == sorted([f"p{n}.{s}" for n in range(5) for s in ("png", "txt")])
    used = tomllib.loads((run_dir.folder / "trainer_config.toml").read_text("utf-8"))
    assert used["train_data_dir"] == str(run_dir.folder / "trainer_data/train")


def test_rates_are_those_of_the_config_and_held_out_losses_those_of_the_trainer(
    tmp_path, checkout, images
):
    asked = {
        "learning_rate": 1e-4, "lr_scheduler": "cosine", "lr_warmup_steps": 2, "seed": 7,
        "validation_split": 0.2,
    }  # fmt: skip
    run_dir = training(tmp_path, checkout, images, **asked)
    assert finish(run_dir)[0] == "finished"
    course = plan({**asked, "max_train_epochs": 3, "train_batch_size": 4}, 12)
    assert course.total_steps == 9
    info = read_run(run_dir.folder)
    assert [one.learning_rate for one in info.checkpoints] == pytest.approx(course.lr_at_epoch)
    assert info.held_out_losses == {1: 0.5, 2: 0.25, 3: pytest.approx(0.5 / 3)}
    assert [one.held_out_loss for one in info.checkpoints] == pytest.approx([0.5, 0.25, 0.5 / 3])
    used = tomllib.loads((run_dir.folder / "trainer_config.toml").read_text("utf-8"))
    assert used["validation_seed"] == 7
    record = json.loads((run_dir.outputs / "held_out.json").read_text("utf-8"))
    names = [f"p{place}.png" for place in held_out(5, 0.2, 7)]
    assert record["images"] == [{"folder": "2_lad", "name": name} for name in names]
    assert len(names) == 1
    said = [event["text"] for event in events(run_dir, "log")]
    assert any("would be taught" in text for text in said)


def test_a_schedule_that_cannot_be_told_gives_no_rate():
    untold = {"lr_scheduler": "piecewise_constant"}
    for config in (untold, {"learning_rate": "fast"}, {"unet_lr": 0}):
        assert Rate(config).at(1, 10) == {}
    assert Rate({"learning_rate": 1e-4}).at(10, 10) == {"lr": 1e-4}
    assert Rate({"learning_rate": 1e-4}).at(11, 10) == {}


@pytest.mark.parametrize(("wrong", "kind", "words"), [
    ("no_data", "no_data", "found no images"),
    ("oom", "oom", "memory is not enough"),
    ("crash", "engine_crash", "something nobody thought of"),
    ("silent", "engine_crash", "ended with code 3 but wrote no punks.safetensors"),
    ("nan", "nan_loss", "the loss is no number"),
    ("late", "engine_crash", "ended with code 0 but wrote no punks.safetensors"),
])  # fmt: skip
def test_success_is_the_last_file_and_a_failure_says_why(
    wrong, kind, words, tmp_path, checkout, images
):
    outcome, fields = finish(training(tmp_path, checkout, images, wrong))
    assert (outcome, fields["kind"]) == ("failed", kind)
    assert words in fields["message"]


def test_an_old_last_file_is_no_success(tmp_path, checkout, images):
    run_dir = training(tmp_path, checkout, images, "late")
    run_dir.outputs.mkdir(exist_ok=True)
    first = training(tmp_path, checkout, images, name="first")
    finish(first)
    old = run_dir.outputs / "punks.safetensors"
    shutil.copyfile(first.outputs / "punks.safetensors", old)
    os.utime(old, (1, 1))
    assert finish(run_dir)[0] == "failed"


def test_stop_ends_the_trainer_and_keeps_whole_epochs(tmp_path, checkout, images):
    run_dir = training(tmp_path, checkout, images, "slow")
    thread, box = in_background(run_dir)
    wait_for(lambda: events_of(run_dir, "checkpoint"))
    run_dir.request("stop")
    thread.join(60)
    assert box[0][0] == "cancelled"
    assert not trainers(checkout)
    assert [one.epoch for one in read_run(run_dir.folder).checkpoints] == [1]


def test_stop_after_epoch_and_going_on_from_the_saved_state(tmp_path, checkout, images):
    run_dir = training(tmp_path, checkout, images, "slow")
    run_dir.request("stop_after_epoch")
    outcome, fields = finish(run_dir)
    assert (outcome, fields["message"]) == ("cancelled", "stopped after epoch 1, as asked")
    spec = load_spec(run_dir.spec_path)
    spec.resume = True
    spec.config["training_comment"] = ""
    spec.save(run_dir.spec_path)
    outcome, fields = finish(run_dir)
    assert (outcome, fields["steps"]) == ("finished", 9), fields
    steps = [event["step"] for event in events(run_dir, "progress")]
    assert steps[-6:] == [4, 5, 6, 7, 8, 9]
    placed = list((run_dir.folder / "trainer_data/train").iterdir())
    assert [path.name for path in placed] == ["2_lad"], "images would be trained on twice"


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_pause_holds_the_trainer_still(tmp_path, checkout, images):
    run_dir = training(tmp_path, checkout, images, "slow")
    thread, box = in_background(run_dir)
    wait_for(lambda: len(events_of(run_dir, "progress")) >= 2)
    run_dir.request("pause")
    wait_for(lambda: any(one.status() == psutil.STATUS_STOPPED for one in trainers(checkout)))
    time.sleep(0.5)
    seen = len(events_of(run_dir, "progress"))
    time.sleep(1.0)
    assert len(events_of(run_dir, "progress")) == seen
    run_dir.withdraw("pause")
    thread.join(60)
    assert box[0][0] == "finished"


@pytest.mark.parametrize(("options", "kind"), [
    ({"sd_scripts": ""}, "missing_package"),
    ({"sd_scripts": "nowhere"}, "missing_package"),
    ({"python": "no-such-python"}, "missing_package"),
])  # fmt: skip
def test_what_is_missing_is_said(options, kind, tmp_path, checkout, images, monkeypatch):
    monkeypatch.delenv("BESPOKE_SD_SCRIPTS", raising=False)
    run_dir = training(tmp_path, checkout, images)
    spec = load_spec(run_dir.spec_path)
    spec.options |= options
    spec.save(run_dir.spec_path)
    outcome, fields = finish(run_dir)
    assert (outcome, fields["kind"]) == ("failed", kind)


def test_the_embedded_base_is_refused(tmp_path, checkout, images):
    run_dir = training(tmp_path, checkout, images)
    spec = load_spec(run_dir.spec_path)
    spec.base = "embedded"
    spec.save(run_dir.spec_path)
    assert finish(run_dir)[1]["kind"] == "bad_config"


def in_background(run_dir):
    """Run the engine in a thread; the box gets its outcome."""
    box = []
    thread = threading.Thread(target=lambda: box.append(finish(run_dir)))
    thread.start()
    return thread, box


def events_of(run_dir, kind):
    """Events so far; a half-written last line is left out."""
    if not run_dir.events_path.exists():
        return []
    lines = run_dir.events_path.read_text("utf-8").split("\n")[:-1]
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def wait_for(condition, seconds=60):
    """Wait until `condition` holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def trainers(checkout):
    """Live processes of this checkout's trainer."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(checkout) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


# -- another machine --------------------------------------------------------------------------


@pytest.mark.parametrize("gpus", [0, 1, 2, 8])
def test_several_gpus_are_words_that_accelerate_understands(gpus, tmp_path, checkout, images):
    launch = pytest.importorskip("accelerate.commands.launch")
    run_dir = training(tmp_path, checkout, images)
    spec = load_spec(run_dir.spec_path)
    del spec.options["launcher"]
    spec.options["gpus"] = gpus
    words = command(RunContext(run_dir, spec), checkout, tmp_path / "config.toml")
    assert words[:3] == [sys.executable, "-m", "accelerate.commands.launch"]
    known = launch.launch_command_parser().parse_args(words[3:])
    assert known.training_script == "train_network.py"
    assert known.training_script_args == [f"--config_file={tmp_path / 'config.toml'}"]
    assert known.multi_gpu is (gpus > 1)
    assert (known.num_processes, known.num_machines) == ((gpus, 1) if gpus > 1 else (None, None))


def test_a_prompt_file_may_lie_in_the_run_folder(tmp_path, checkout, images):
    run_dir = training(tmp_path, checkout, images, sample_prompts="prompts.txt")
    (run_dir.folder / "prompts.txt").write_text("a lad --d 42\n", encoding="utf-8")
    assert finish(run_dir)[0] == "finished"
    used = tomllib.loads((run_dir.folder / "trainer_config.toml").read_text("utf-8"))
    assert used["sample_prompts"] == str(run_dir.folder / "prompts.txt")
