"""`bespoke train`, `runs`, `generate`, `engine` and `lora`, with the engine that needs no torch."""

import json
import shutil
import time

import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.core.processes import tree
from bespoke_gui.core.rundir import RunDir

CONFIG = """
[training_arguments]
output_name = "punk"
max_train_epochs = {epochs}
train_data_dir = "{data}"
"""


@pytest.fixture
def data(tmp_path):
    """Two images with captions, as the trainer wants them."""
    folder = tmp_path / "set" / "2_lad"
    folder.mkdir(parents=True)
    for name in ("a", "b"):
        Image.new("RGB", (64, 64), "red").save(folder / f"{name}.png")
        (folder / f"{name}.txt").write_text("pixel art", encoding="utf-8")
    return folder.parent


@pytest.fixture
def config(tmp_path, data):
    """A config that trains two epochs."""
    return write_config(tmp_path / "c.toml", data)


def write_config(path, data, epochs=2):
    path.write_text(CONFIG.format(data=data.as_posix(), epochs=epochs), encoding="utf-8")
    return path


def ask(capsys, *words):
    """Run a command with --json; returns exit code, data and what people see."""
    code = console([*map(str, words), "--json"])
    shown = capsys.readouterr()
    return code, json.loads(shown.out) if shown.out else {}, shown.err


def test_train_waits_and_lists_every_checkpoint(tmp_path, config, capsys):
    run = tmp_path / "r"
    code, data, said = ask(capsys, "train", config, "--engine", "fake", "--run-dir", run, "--wait")
    assert (code, data["outcome"], data["run"]) == (0, "finished", "r")
    assert [item["epoch"] for item in data["checkpoints"]] == [1, 2]
    assert all(item["learning_rate"] is not None for item in data["checkpoints"])
    assert "training" in said
    spec = json.loads((run / "spec.json").read_text("utf-8"))
    assert spec["data"][0]["repeats"] == 2
    assert spec["data"][0]["class_word"] == "lad"
    assert spec["config"]["output_name"] == "punk"
    assert (run / "config.toml").read_text("utf-8") == config.read_text("utf-8")


def test_data_is_used_where_the_config_names_a_folder_of_another_machine(tmp_path, data, capsys):
    config = write_config(tmp_path / "c.toml", tmp_path / "workspace")
    words = ["train", config, "--engine", "fake", "--run-dir", tmp_path / "r", "--wait"]
    code, answer, _ = ask(capsys, *words)
    assert (code, answer["error"]["kind"]) == (1, "no_data")
    assert not (tmp_path / "r").exists()
    code, answer, _ = ask(capsys, *words, "--data", data)
    assert (code, answer["outcome"]) == (0, "finished")


def test_a_run_goes_into_the_project(tmp_path, data, capsys):
    from bespoke_gui.core.project import create_project

    project = create_project(tmp_path / "p", data / "2_lad").project
    config = write_config(project.configs_dir / "c.toml", tmp_path / "elsewhere")
    code, answer, _ = ask(capsys, "train", config, "--engine", "fake", "--wait")
    assert code == 0
    code, listed, _ = ask(capsys, "runs", "list", project.folder)
    assert [run["run"] for run in listed["runs"]] == [answer["run"]]
    code, shown, _ = ask(capsys, "runs", "show", answer["run"], "--project", project.folder)
    assert shown["runs"][0]["state"] == "finished"


def test_a_failed_run_is_exit_1_and_resume_goes_on(tmp_path, config, capsys):
    run = tmp_path / "r"
    ask(capsys, "train", config, "--engine", "fake", "--run-dir", run, "--wait")
    spec = json.loads((run / "spec.json").read_text("utf-8"))
    spec["options"] = {"fail": "oom", "fail_at": 25, "epochs": 3}
    (run / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    code, answer, said = ask(capsys, "train", run, "--resume", "--wait")
    assert (code, answer["outcome"], answer["failure"]["kind"]) == (1, "failed", "oom")
    assert "memory" in said
    spec["options"] = {"epochs": 3}
    (run / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
    code, answer, _ = ask(capsys, "train", run, "--resume", "--wait")
    assert (code, answer["outcome"]) == (0, "finished")
    assert [item["epoch"] for item in answer["checkpoints"] if item["whole"]][-1] == 3


def test_a_running_run_is_paused_saved_and_stopped(tmp_path, data, capsys):
    config = write_config(tmp_path / "c.toml", data, epochs=500)
    run = tmp_path / "r"
    try:
        code, answer, _ = ask(capsys, "train", config, "--engine", "fake", "--run-dir", run)
        assert (code, answer["outcome"]) == (0, "running")
        wait_for_a_step(run)
        assert ask(capsys, "train", run, "--resume")[0] == 1
        for action in ("pause", "continue", "save"):
            assert ask(capsys, "runs", action, run)[0] == 0
        code, answer, said = ask(capsys, "runs", "stop", run)
        assert (code, answer["runs"][0]["state"]) == (0, "cancelled")
        assert "asked it to save" in said
        assert ask(capsys, "runs", "pause", run)[0] == 1
        assert ask(capsys, "runs", "attach", run)[1]["runs"][0]["checkpoints"]
    finally:
        job = RunDir(run).read_job() or {}
        for process in tree(job.get("pid", -1), job.get("started")):
            process.kill()


def wait_for_a_step(run):
    """Wait until a run has taken a step."""
    end = time.monotonic() + 60
    while not any(event.event == "progress" for event in RunDir(run).tail()[0]):
        assert time.monotonic() < end
        time.sleep(0.02)


def test_generate_writes_a_gallery_that_opens(tmp_path, config, capsys):
    from bespoke_gui.core.gallery import open_gallery

    run, out = tmp_path / "r", tmp_path / "gallery"
    ask(capsys, "train", config, "--engine", "fake", "--run-dir", run, "--wait")
    code, answer, _ = ask(
        capsys, "generate", run, "--out", out, "--engine", "fake", "--seeds", "1,2",
        "--base", "embedded",
    )  # fmt: skip
    assert code == 0
    assert len(answer["images"]) == 3 * 7 * 2
    assert "epoch_00/green_bg_lad_1.png" in answer["images"]
    gallery = open_gallery(out)
    assert gallery.epochs == [0, 1, 2]
    assert gallery.generation_id == answer["generation_id"]
    assert gallery.learning_rate(1) is not None
    assert not gallery.problems
    single = next(run.glob("outputs/*-000001.safetensors"))
    code, answer, _ = ask(
        capsys, "generate", single, "--out", tmp_path / "one", "--engine", "fake",
        "--base", "embedded",
    )  # fmt: skip
    assert len(answer["images"]) == 2 * 7


def test_try_keeps_the_prompt_with_the_negative_it_was_tried_with(tmp_path, config, capsys):
    from bespoke_gui.core.kept_trials import read_trial
    from bespoke_gui.core.protocol import builtin_protocol, load_protocol

    run, out, kept = tmp_path / "r", tmp_path / "tried", tmp_path / "protocol.toml"
    builtin_protocol().save(kept)
    ask(capsys, "train", config, "--engine", "fake", "--run-dir", run, "--wait")
    code, answer, _ = ask(
        capsys, "try", run, "--prompt", "a lad", "--negative", "hats", "--epoch", 2, "--scale",
        0.5, 1, "--seed", 7, "--out", out, "--keep", kept, "--engine", "fake", "--base", "embedded",
    )  # fmt: skip
    assert (code, len(answer["images"]), answer["kept"]) == (0, 3, ["a_lad"])
    trial = read_trial(out)
    assert (trial.negative, trial.sources, len(trial.made())) == ("hats", (run,), 3)
    assert load_protocol(kept).prompt("a_lad").negative == "hats"


def test_lora_inspect_and_bad_files(tmp_path, config, capsys):
    run = tmp_path / "r"
    ask(capsys, "train", config, "--engine", "fake", "--run-dir", run, "--wait")
    code, answer, _ = ask(capsys, "lora", "inspect", run / "outputs" / "punk.safetensors")
    assert (code, answer["format"], answer["modules"], answer["rank"]) == (0, "kohya", 4, 2)
    assert answer["metadata"]["ss_epoch"] == "2"
    (tmp_path / "x.ckpt").write_bytes(b"\x80")
    code, answer, _ = ask(capsys, "lora", "inspect", tmp_path / "x.ckpt")
    assert (code, "pickle" in answer["error"]["message"]) == (1, True)


def test_engine_status_and_remove(capsys, own_settings):
    code, answer, _ = ask(capsys, "engine", "status")
    assert code == 0
    assert answer["source"] in ("own", "")
    half = own_settings / "engine"
    half.mkdir()
    (half / "state.txt").write_text("incomplete")
    code, answer, _ = ask(capsys, "engine", "status")
    assert answer["complete"] is False
    assert ask(capsys, "engine", "remove")[1]["freed"] == len("incomplete")
    assert not half.exists()


def test_a_run_that_is_none(tmp_path, capsys):
    assert ask(capsys, "runs", "show", tmp_path / "nothing")[0] == 1
    assert ask(capsys, "runs", "list", tmp_path)[1] == {"runs": []}
    shutil.rmtree(tmp_path)


def checkout(folder):
    """A folder that looks like sd-scripts; a stand-in trains."""
    from tests.engines import standin_sd_scripts

    folder.mkdir()
    shutil.copyfile(standin_sd_scripts.__file__, folder / "train_network.py")
    return folder


@pytest.mark.engine
def test_a_named_sd_scripts_checkout_trains_through_accelerate_and_is_remembered(
    tmp_path, config, capsys, monkeypatch, root
):
    pytest.importorskip("accelerate")
    monkeypatch.setenv("PYTHONPATH", str(root))
    config.write_text(config.read_text("utf-8") + "train_batch_size = 2\n", encoding="utf-8")
    folder = checkout(tmp_path / "sd-scripts")
    code, found, _ = ask(capsys, "train", config, "--base", "some/base", "--sd-scripts", folder,
                         "--run-dir", tmp_path / "r", "--wait")  # fmt: skip
    assert (code, found["outcome"]) == (0, "finished"), found
    assert [item["epoch"] for item in found["checkpoints"]] == [1, 2]
    assert json.loads((tmp_path / "r" / "spec.json").read_text("utf-8"))["engine"] == "kohya"
    code, found, _ = ask(capsys, "train", config, "--base", "some/base",
                         "--run-dir", tmp_path / "again")  # fmt: skip
    spec = json.loads((tmp_path / "again" / "spec.json").read_text("utf-8"))
    assert spec["options"]["sd_scripts"] == str(folder)
    ask(capsys, "runs", "stop", tmp_path / "again")


def test_kohya_without_a_checkout_says_what_to_do(tmp_path, config, capsys, monkeypatch):
    monkeypatch.delenv("BESPOKE_SD_SCRIPTS", raising=False)
    code, _, said = ask(capsys, "train", config, "--engine", "kohya", "--run-dir", tmp_path / "r")
    assert code in (1, 2)
    assert "no sd-scripts checkout is known" in said
    assert not (tmp_path / "r" / "spec.json").exists()
