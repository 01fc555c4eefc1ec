"""The fake engine: honours every control, and fails in every way the protocol knows."""

import json
import threading
import time

import pytest
from PIL import Image

from bespoke_gui.core.events import FAILURES
from bespoke_gui.core.lorafile import complete
from bespoke_gui.core.runs import read_run, whole_epochs
from bespoke_gui.core.runspec import load_spec
from tests.engines.runs import events, finish, make_run

FAST = {"seconds_per_step": 0.0, "epochs": 3, "steps_per_epoch": 4}


def test_a_run_writes_one_lora_an_epoch_and_the_last_has_no_number(tmp_path):
    run_dir = make_run(tmp_path / "r", config={"output_name": "punk"}, options=FAST)
    assert finish(run_dir)[0] == "finished"
    info = read_run(run_dir.folder)
    names = [item.path.name for item in info.checkpoints]
    assert names == ["punk-000001.safetensors", "punk-000002.safetensors", "punk.safetensors"]
    assert [item.epoch for item in whole_epochs(info)] == [1, 2, 3]
    assert info.progress["step"] == info.progress["total"] == 12
    assert all(complete(item.path).rank == 2 for item in info.checkpoints)
    assert all(item.sha256 and item.learning_rate is not None for item in info.checkpoints)


@pytest.mark.parametrize("kind", [kind for kind in FAILURES if kind != "cancelled"])
def test_every_failure_names_its_kind_and_keeps_what_was_saved(tmp_path, kind):
    options = {**FAST, "fail": kind, "fail_at": 6}
    run_dir = make_run(tmp_path / "r", options=options)
    outcome, fields = finish(run_dir)
    assert (outcome, fields["kind"]) == ("failed", kind)
    info = read_run(run_dir.folder)
    assert info.failure == {name: fields[name] for name in ("kind", "message", "hint")}
    assert "\n" not in fields["message"]
    assert len(info.checkpoints) == 1


def test_stop_saves_and_resume_goes_on_from_there(tmp_path):
    run_dir = make_run(tmp_path / "r", options={**FAST, "seconds_per_step": 0.01})
    stopper = threading.Timer(0.06, run_dir.request, ["stop"])
    stopper.start()
    assert finish(run_dir)[0] == "cancelled"
    stopper.join()
    info = read_run(run_dir.folder)
    stopped_at = info.progress["step"]
    assert 0 < stopped_at < 12
    assert [item.step for item in info.checkpoints][-1] == stopped_at
    run_dir.withdraw("stop")
    spec = load_spec(run_dir.spec_path)
    spec.resume = True
    spec.save(run_dir.spec_path)
    before = len(events(run_dir, "progress"))
    assert finish(run_dir)[0] == "finished"
    assert events(run_dir, "progress")[before]["step"] == stopped_at + 1


def test_pause_waits_and_goes_on(tmp_path):
    run_dir = make_run(tmp_path / "r", options=FAST)
    run_dir.request("pause")
    worker = threading.Thread(target=finish, args=(run_dir,))
    worker.start()
    wait_for(lambda: [e for e in stages(run_dir) if e == "paused"])
    assert not events(run_dir, "progress")
    run_dir.withdraw("pause")
    worker.join(timeout=20)
    assert read_run(run_dir.folder).state == "finished"


def test_save_sample_and_stop_after_epoch(tmp_path):
    run_dir = make_run(tmp_path / "r", options=FAST)
    for control in ("save", "sample", "stop_after_epoch"):
        run_dir.request(control)
    outcome, fields = finish(run_dir)
    assert (outcome, fields["kind"]) == ("cancelled", "cancelled")
    info = read_run(run_dir.folder)
    assert [item.whole for item in info.checkpoints] == [False, True]
    assert [item.epoch for item in whole_epochs(info)] == [1]
    assert len(events(run_dir, "sample")) == 1
    assert not list(run_dir.control.iterdir())


def test_it_generates_images_with_the_metadata_of_a_real_one(tmp_path):
    protocol = {"seeds": [1, 2], "prompts": [{"name": "lad", "text": "a lad"}]}
    loras = [{"epoch": 0}, {"epoch": 3, "path": "x.safetensors", "sha256": "ab"}]
    run_dir = make_run(
        tmp_path / "r", protocol=protocol, loras=loras, output=str(tmp_path / "out"),
        options={"seconds_per_step": 0, "generation_id": "id"},
    )  # fmt: skip
    assert finish(run_dir)[0] == "finished"
    paths = sorted(p.relative_to(tmp_path / "out").as_posix() for p in tmp_path.rglob("*.png"))
    assert paths == [f"epoch_0{e}/lad_{s}.png" for e in (0, 3) for s in (1, 2)]
    with Image.open(tmp_path / "out" / "epoch_03" / "lad_2.png") as image:
        facts = json.loads(image.info["bespoke"])
        assert image.size == (24, 24)
    assert (facts["epoch"], facts["seed"], facts["generation_id"]) == (3, 2, "id")
    assert facts["lora_sha256"] == "ab"


def stages(run_dir):
    """Names of the stages so far."""
    if not run_dir.events_path.exists():
        return []
    return [event["name"] for event in events(run_dir, "stage")]


def wait_for(condition, limit_s=20):
    """Wait until `condition` gives something true, and return it."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("waited in vain")
