"""The supervisor with real engine processes: whatever happens, exit.json says how the run ended."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from bespoke_gui.launch.remote import supervisor
from tests.launch.supervised import Supervised, stand_in

LONG = {"seconds_per_step": 0.05, "epochs": 400}


def test_a_run_to_its_end(new):
    run = new()
    job = run.start()
    assert run.state()["running"]
    assert (job["pid"], job["started"]) == (run.job["pid"], run.job["started"])
    ended = run.ended()
    assert (ended["outcome"], ended["steps"]) == ("finished", 8)
    assert run.check_manifest() == ["outputs/last-000001.safetensors", "outputs/last.safetensors"]
    assert run.wait(lambda: run.job.get("ended"))
    assert run.state() == {"running": False, "orphaned": False, "exit": ended, "job": run.job}
    assert run.job["self_stop"] == ""


def test_exit_json_comes_after_the_whole_manifest(new):
    run = new(epochs=6, seconds_per_step=0.0)
    run.start({"settle_s": 3600})
    run.ended()
    assert len(run.check_manifest()) == 6


def test_a_failure_keeps_the_engines_own_words(new):
    run = new(fail="oom", fail_at=5)
    run.start()
    ended = run.ended()
    assert (ended["outcome"], ended["kind"]) == ("failed", "oom")
    assert len(run.events("failed")) == 1
    assert run.check_manifest() == ["outputs/last-000001.safetensors"]


def test_term_saves_and_ends(new):
    run = new(**LONG)
    run.start()
    run.wait(lambda: run.steps() > 2)
    os.kill(run.job["pid"], signal.SIGTERM)
    ended = run.ended()
    assert ended["outcome"] == "cancelled"
    assert "saved" in ended["message"]
    assert [name for name in run.check_manifest() if "-step" in name]


def test_stop_by_file(new):
    run = new(**LONG)
    run.start()
    run.wait(lambda: run.steps() > 2)
    run.run_dir.request("stop")
    assert run.ended()["outcome"] == "cancelled"
    assert run.job["rung"] == "asked"


def test_a_stop_that_is_withdrawn_is_forgotten(new):
    run = new(stubborn=True, **LONG)
    run.start({"asked_s": 3600})
    run.wait(lambda: run.steps() > 2)
    run.run_dir.request("stop")
    run.wait(lambda: run.job["rung"] == "asked")
    run.run_dir.withdraw("stop")
    run.wait(lambda: run.job["rung"] == "")
    assert run.state()["running"]


def test_the_ladder_ends_the_stubborn_and_all_their_children(new):
    run = new(stubborn=True, child=True, **LONG)
    run.start({"asked_s": 0.3, "terminated_s": 0.3})
    run.wait(lambda: run.steps() > 2)
    child = json.loads((run.folder / "child.json").read_text())["pid"]
    run.run_dir.request("stop")
    rungs = []
    while not (run.folder / "exit.json").exists():
        rungs.append(run.job["rung"])
        time.sleep(0.01)
    assert list(dict.fromkeys(r for r in rungs if r)) == ["asked", "terminated", "killed"]
    assert run.ended()["outcome"] == "cancelled"
    assert run.ended()["message"] == supervisor.FORCED
    assert run.wait(lambda: not Path(f"/proc/{child}").exists())


def test_an_engine_killed_from_outside_is_told(new):
    run = new(child=True, **LONG)
    run.start()
    run.wait(lambda: run.steps() > 1)
    child = json.loads((run.folder / "child.json").read_text())["pid"]
    os.kill(run.job["engine"]["pid"], signal.SIGKILL)
    ended = run.ended()
    assert (ended["outcome"], ended["kind"]) == ("failed", "engine_crash")
    assert "killed from outside" in ended["message"]
    assert run.events("failed")[-1].get("message") == ended["message"]
    assert run.wait(lambda: not Path(f"/proc/{child}").exists())


def test_an_engine_ended_by_a_full_memory_is_told(new):
    """By the real kernel: a control group that has no memory left."""
    group = Path("/sys/fs/cgroup/memory") / f"bespoke-test-{os.getpid()}"
    try:
        group.mkdir()
    except OSError:
        pytest.skip("needs the right to make a memory control group")
    try:
        run = new(**LONG)
        run.start()
        run.wait(lambda: run.steps() > 1)
        (group / "memory.limit_in_bytes").write_text("4096")
        (group / "cgroup.procs").write_text(str(run.job["engine"]["pid"]))
        ended = run.ended()
    finally:
        group.rmdir()
    assert (ended["outcome"], ended["kind"]) == ("failed", "oom")
    assert "memory" in ended["message"]


def test_an_engine_that_ends_without_a_word(new, tmp_path):
    code = stand_in(tmp_path, "import sys; print('odd'); sys.exit(7)")
    run = new()
    run.start(code=code)
    ended = run.ended()
    assert ended["kind"] == "engine_crash"
    assert "exit code 7" in ended["message"]
    assert "odd" in run.log()


def test_a_line_cut_short_stays_alone(new, tmp_path):
    code = stand_in(tmp_path, "open(sys.argv[1] + '/events.jsonl', 'a').write('{\"event\": \"pro')")
    run = new()
    run.start(code=code)
    run.ended()
    lines = (run.folder / "events.jsonl").read_text().splitlines()
    assert lines[0] == '{"event": "pro'
    assert json.loads(lines[1])["event"] == "failed"


def test_the_deadline_ends_the_run_and_keeps_the_checkpoints(new):
    run = new(seconds_per_step=0.02, epochs=400, steps_per_epoch=4)
    run.start({"deadline": time.time() + 3600})
    run.wait(run.manifest)
    (run.folder / "limits.json").write_text(json.dumps({"deadline": 1, "poll_s": 0.03}))
    ended = run.ended()
    assert (ended["outcome"], ended["kind"]) == ("failed", "budget")
    assert "time limit" in ended["message"]
    assert "saved" in ended["message"]
    assert "outputs/last-000001.safetensors" in run.check_manifest()
    assert run.events("failed")[-1].get("kind") == "budget"


def test_a_deadline_may_be_moved_while_the_run_goes_on(new):
    run = new(**LONG)
    run.start({"deadline": time.time() + 3600})
    run.wait(lambda: run.steps() > 1)
    (run.folder / "limits.json").write_text(json.dumps({"deadline": 1, "poll_s": 0.03}))
    assert run.ended()["kind"] == "budget"


def test_limits_of_a_wrong_type_are_left_out():
    found = supervisor.limits_from({"deadline": "soon", "silent_s": True, "asked_s": 3, "x": 1})
    assert (found.deadline, found.silent_s, found.asked_s) == (None, 900.0, 3)


def test_two_supervisors_of_one_run_are_refused(new):
    run = new(**LONG)
    first = run.start()
    assert run.start() == {"error": "this run has a supervisor already", "kind": "conflict"}
    assert run.job["pid"] == first["pid"]
    assert run.state()["running"]


def test_a_number_that_another_process_has_now_is_not_ours(new):
    run = new()
    here = supervisor.identity(os.getpid())
    assert supervisor.alive(here)
    for changed in ({"ticks": here["ticks"] - 1}, {"boot": "another"}, {"pid": None}):
        assert not supervisor.alive({**here, **changed})
    job = {**here, "ticks": here["ticks"] - 1, "engine": {**here, "ticks": 1}}
    (run.folder / "job.json").write_text(json.dumps(job))
    assert run.state()["orphaned"]
    assert "error" not in run.start()
    assert run.ended()["outcome"] == "finished"


def test_the_start_time_is_the_one_the_app_knows():
    from bespoke_gui.core.processes import alive

    here = supervisor.identity(os.getpid())
    assert alive(here["pid"], here["started"])


def test_the_starter_may_die_at_once(new):
    """The supervisor stands in a session of its own with no file of the connection open."""
    run = new(**LONG)
    job = run.start()
    assert os.getsid(job["pid"]) not in (os.getsid(0), job["engine"]["pid"])
    assert os.getsid(job["engine"]["pid"]) == job["engine"]["pid"]
    for number in (0, 1, 2):
        target = str(Path(f"/proc/{job['pid']}/fd/{number}").readlink())
        assert target == "/dev/null" or target.endswith("supervisor.log")
    assert not [p for p in Path(f"/proc/{job['pid']}/fd").iterdir() if "pipe" in str(p.readlink())]


def test_an_orphaned_run_is_adopted_with_its_engine(new):
    run = new(seconds_per_step=0.05, epochs=5, steps_per_epoch=8)
    run.start()
    run.wait(lambda: run.steps() > 2)
    pause = run.folder / "control/pause"
    pause.touch()  # so that it is not done before it is adopted
    os.kill(run.job["pid"], signal.SIGKILL)
    run.wait(lambda: run.state()["orphaned"])
    engine = run.job["engine"]
    assert run.start()["error"] == "the engine of this run still works"
    run.command("adopt")
    assert run.state()["running"]
    assert run.job["engine"] == engine
    pause.unlink()
    assert run.ended()["outcome"] == "finished"
    assert len(run.check_manifest()) == 5


def test_an_orphaned_run_without_engine_is_lost(new):
    run = new(**LONG)
    run.start()
    run.wait(lambda: run.steps() > 2)
    os.kill(run.job["pid"], signal.SIGKILL)
    os.kill(run.job["engine"]["pid"], signal.SIGKILL)
    run.wait(lambda: run.state()["orphaned"] and not supervisor.alive(run.job["engine"]))
    run.command("adopt")
    ended = run.ended()
    assert (ended["outcome"], ended["kind"]) == ("failed", "lost")
    assert "restarted" in ended["message"]


def test_a_missing_python_is_one_clear_line(new):
    run = new()
    answer = run.start(python="/nowhere/python")
    assert "/nowhere/python" in answer["error"]
    assert not run.state()["running"]


def test_secrets_reach_the_engine_and_no_file(new, tmp_path):
    code = stand_in(tmp_path, "print('length', len(os.environ['HF_TOKEN'])); time.sleep(1.5)")
    run = new()
    canary = "hf_canaryCANARYcanary"
    run.start(code=code, secrets={"HF_TOKEN": canary})
    run.wait(lambda: f"length {len(canary)}" in run.log())
    lines = [p.read_bytes() for p in Path("/proc").glob("[0-9]*/cmdline") if p.exists()]
    assert not [line for line in lines if canary.encode() in line]
    run.ended()
    files = [path for path in run.folder.rglob("*") if path.is_file()]
    assert not [path for path in files if canary.encode() in path.read_bytes()]


def test_a_full_disk_is_told_and_exit_json_still_comes(new, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)]
    if os.geteuid() != 0 or subprocess.run(words, capture_output=True, check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    run = Supervised(disk, epochs=400, seconds_per_step=0.001, steps_per_epoch=1)
    try:
        run.start()
        ended = run.ended()
        run.check_manifest()
    finally:
        run.close()
        run.wait(lambda: not supervisor.alive(run.job))
        subprocess.run(["umount", "-l", str(disk)], check=True)
    assert (ended["outcome"], ended["kind"]) == ("failed", "disk_full")
