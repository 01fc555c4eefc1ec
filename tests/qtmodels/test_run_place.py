"""Where a run is, its link and its cost, as job.json tells them."""

import pytest

from bespoke_gui.core.events import Event
from bespoke_gui.qtmodels import run_place
from bespoke_gui.qtmodels.run_story import CheckpointRow, GpuLoad, RunStory

POD = {
    "backend": "runpod", "machine": {"name": "bespoke-x", "host": "203.0.113.7", "port": 22022},
    "pod": {"id": "abc", "gpu": "NVIDIA A100 80GB PCIe", "cloud": "secure", "state": "RUNNING"},
    "usd_per_hour": 1.2, "since": 1000.0, "cap_usd": 3.0, "cap_hours": 4, "self_stop": "armed",
}  # fmt: skip


def test_a_run_on_this_computer():
    assert run_place.place_of({"backend": "local", "pid": 4}).words == "This computer"
    place = run_place.place_of({}, "NVIDIA L4")
    assert place.words == "This computer · NVIDIA L4"
    assert not place.link
    assert run_place.cost_of({"backend": "local", "since": 5.0}, 99.0) is None


def test_a_rented_machine_its_link_and_what_is_missing():
    place = run_place.place_of(POD)
    assert place.words == "RunPod · A100 80GB PCIe · secure"
    assert "203.0.113.7:22022" in place.tip
    assert "armed" in place.tip
    lost = {**POD, "link": "lost", "link_since": 100.0, "missing": ["a", "b"]}
    place = run_place.place_of(lost, now=225.0)
    assert place.link == "connection lost, 2:05 min"
    assert "2 files not here yet" in place.tip
    assert run_place.bills(POD)
    assert not run_place.bills({**POD, "released": True})


def test_a_saved_machine_costs_nothing():
    job = {"backend": "ssh", "machine": {"name": "box", "host": "10.0.0.5", "user": "me"}}
    assert run_place.place_of(job, "NVIDIA L4").words == "box · L4"
    assert "me@10.0.0.5:22" in run_place.place_of(job).tip
    assert run_place.cost_of(job, 50.0) is None


def test_cost_is_told_or_reckoned_and_stops_with_the_run():
    cost = run_place.cost_of(POD, now=1000.0 + 1800)
    assert cost is not None
    assert cost.words == "$0.60 of $3.00"
    assert "$1.20 an hour" in cost.tip
    assert not cost.near_cap
    ended = run_place.cost_of(POD, now=99_000.0, ended=1000.0 + 3600)
    assert ended is not None
    assert ended.words == "$1.20 of $3.00"
    told = run_place.cost_of({**POD, "cost_usd": 2.5}, now=0.0)
    assert told is not None
    assert told.words.startswith("$2.50")
    assert told.near_cap


@pytest.mark.parametrize("junk", ["x", None, float("nan"), True, [], {"a": 1}])
def test_a_job_from_elsewhere_may_hold_anything(junk):
    job = dict.fromkeys((*POD, "link", "link_since", "missing", "remote", "cost_usd"), junk)
    place = run_place.place_of({**job, "backend": "ssh"}, now=5.0)
    assert place.words
    run_place.cost_of(job, 5.0)
    assert not run_place.bills(job) or isinstance(junk, dict)


def test_a_checkpoint_is_there_then_coming_then_here():
    row = CheckpointRow(1, "outputs/a-000001.safetensors", size=1000)
    story = RunStory()
    assert run_place.file_state(row, story, {}) == "on the machine"
    assert run_place.file_state(row, story, {row.path: 420}) == "coming, 42%"
    story.apply([Event("fetched", {"path": "outputs/./a-000001.safetensors"})])
    assert run_place.file_state(row, story, {row.path: 420}) == "here, verified"


def test_gpu_load_in_words():
    load = GpuLoad(87.4, 6144, 24576)
    assert run_place.gpu_words(load) == "87%"
    assert run_place.memory_words(load) == "6.0 of 24 GB of its memory in use"
    assert run_place.gpu_words(None) == "–"
    assert run_place.memory_words(GpuLoad(5.0)) == ""


@pytest.mark.parametrize("odd", [None, 3, [1], [1, 2, "x"], [None, 1, 2]])
def test_the_estimate_stands_beside_the_running_cost(odd):
    job = {"cost_usd": 0.2, "usd_per_hour": 1.4, "estimate_usd": [0.5, 0.8, 1.25]}
    assert "estimated $0.50 to $1.25, likely $0.80" in run_place.cost_of(job, 0.0).tip
    assert "estimated" not in run_place.cost_of({**job, "estimate_usd": odd}, 0.0).tip
