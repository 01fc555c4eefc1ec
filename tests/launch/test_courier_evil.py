"""A machine that is broken or malicious: nothing outside the run folder, no wrong "done"."""

import hashlib
import json
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lorafile import write_tensors
from bespoke_gui.core.rundir import RunDir
from bespoke_gui.core.runs import read_run
from tests.launch.remote_kit import carry_home, kinds, lines_of, remote_run
from tests.launch.sshd import Sshd, needs_sshd

pytestmark = needs_sshd


class EvilTravel:
    """A "machine" whose run folder is written by `write`, and which says how it ended."""

    def __init__(self, write, said=None):
        self.write = write
        self.said = said or {"outcome": "finished"}

    async def send(self, link, local, machine, limits):
        folder = Path(machine.workdir) / "bespoke" / "runs" / local.dir.run
        (folder / "outputs").mkdir(parents=True)
        self.write(folder)
        return {"folder": str(folder), "pid": 1, "started": 1}

    async def state(self, link, folder):
        return SimpleNamespace(
            running=False, exit=self.said, job={"rung": "\x1b[2J", "self_stop": 7}
        )


@pytest.fixture
def run_dir(tmp_path):
    with Sshd(tmp_path / "far") as sshd:
        yield remote_run(tmp_path / "here" / "r", sshd.machine())


def events(folder, *lines):
    with (folder / "events.jsonl").open("ab") as file:
        for line in lines:
            file.write(line if isinstance(line, bytes) else json.dumps(line).encode() + b"\n")


def lists(folder, name, data, **more):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    entry = {"name": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest(), **more}
    with (folder / "manifest.jsonl").open("ab") as file:
        file.write(json.dumps(entry).encode() + b"\n")


def checkpoint(folder, name="outputs/punk.safetensors"):
    """A real checkpoint, listed as it should be."""
    half = ("F16", (2, 8), bytes(32))
    tensors = {f"lora_unet_x.lora_{side}.weight": half for side in ("down", "up")}
    write_tensors(
        folder / name, {**tensors, "lora_unet_x.alpha": ("F16", (), b"\0<")}, {"ss_epoch": "1"}
    )
    lists(folder, name, (folder / name).read_bytes())


def files_around(run_dir):
    """Every file below the folder that holds the run, but those of the run itself."""
    root = run_dir.folder.parent
    return [p for p in root.rglob("*") if p.is_file() and run_dir.folder not in p.parents]


DONE = {"event": "done", "outcome": "finished"}


def test_fake_done_without_a_checkpoint_is_a_failure(run_dir):
    ended = carry_home(run_dir, travel=EvilTravel(lambda folder: events(folder, DONE)))
    assert (ended["outcome"], ended["kind"]) == ("failed", "engine_crash")
    assert "no checkpoint" in ended["message"]
    assert "done" not in kinds(run_dir)
    assert read_run(run_dir.folder).state == "failed"


def test_a_checkpoint_that_is_none_is_a_failure(run_dir):
    def write(folder):
        lists(folder, "outputs/punk.safetensors", b"\x80\x04pickle, not weights")
        events(folder, DONE)

    ended = carry_home(run_dir, travel=EvilTravel(write))
    assert (ended["outcome"], "punk.safetensors" in ended["message"]) == ("failed", True)


def test_an_announced_checkpoint_that_is_not_listed_is_missing(run_dir):
    def write(folder):
        checkpoint(folder)
        (folder / "outputs" / "punk-000001.safetensors").write_bytes(b"x")
        events(folder, {"event": "checkpoint", "path": "outputs/punk-000001.safetensors"}, DONE)

    ended = carry_home(run_dir, travel=EvilTravel(write))
    assert (ended["outcome"], ended["kind"]) == ("failed", "network")
    assert ended["missing"] == ["outputs/punk-000001.safetensors"]
    assert "127.0.0.1" in ended["hint"]
    assert run_dir.read_job()["missing"] == ["outputs/punk-000001.safetensors"]


def test_a_wrong_hash_is_never_finished_and_kept_aside(run_dir):
    def write(folder):
        checkpoint(folder)
        lists(folder, "outputs/punk-000001.safetensors", os.urandom(5000), sha256="0" * 64)
        events(folder, DONE)

    ended = carry_home(run_dir, travel=EvilTravel(write))
    assert (ended["outcome"], ended["missing"]) == ("failed", ["outputs/punk-000001.safetensors"])
    assert (run_dir.folder / "aside" / "outputs" / "punk-000001.safetensors").is_file()
    assert not (run_dir.outputs / "punk-000001.safetensors").exists()


def test_paths_that_lead_out_write_nothing_and_the_run_ends_well(run_dir):
    outside = run_dir.folder.parent.parent / "far" / "evil.txt"

    def write(folder):
        for name in ("../evil.txt", "outputs/../../../evil.txt", str(outside), "spec.json",
                     "control/stop", "outputs/../control/release", "courier.lock"):  # fmt: skip
            data = b"evil"
            entry = {"name": name, "size": 4, "sha256": hashlib.sha256(data).hexdigest()}
            with (folder / "manifest.jsonl").open("a") as file:
                file.write(json.dumps(entry) + "\n")
            events(folder, {"event": "sample", "path": name}, {"event": "checkpoint", "path": name})
        checkpoint(folder)
        events(folder, DONE)

    spec = run_dir.spec_path.read_bytes()
    ended = carry_home(run_dir, travel=EvilTravel(write))
    assert ended["outcome"] == "finished"
    assert files_around(run_dir) == []
    assert run_dir.spec_path.read_bytes() == spec
    assert not any(run_dir.control.iterdir())
    paths = [line["path"] for line in lines_of(run_dir) if "path" in line]
    assert set(paths) == {"outputs/punk.safetensors"}


def test_a_link_on_the_machine_is_only_bytes_here(run_dir, tmp_path):
    (tmp_path / "secret").write_bytes(b"of that machine")

    def write(folder):
        checkpoint(folder)
        (folder / "outputs" / "x.png").symlink_to(tmp_path / "secret")
        data = b"of that machine"
        entry = {"name": "outputs/x.png", "size": len(data)}
        with (folder / "manifest.jsonl").open("a") as file:
            file.write(json.dumps({**entry, "sha256": hashlib.sha256(data).hexdigest()}) + "\n")
        events(folder, DONE)

    assert carry_home(run_dir, travel=EvilTravel(write))["outcome"] == "finished"
    assert not (run_dir.outputs / "x.png").is_symlink()


def test_gigantic_lines_escapes_and_wrong_types_leave_a_readable_run(run_dir):
    def write(folder):
        events(
            folder, b"x" * 30_000_000 + b"\n", b"[" * 200_000 + b"\n", b"\x00\xff\xfe\n", b"7\n",
            {"event": "log", "text": "\x1b]0;owned\x07<img src=x onerror=alert(1)>\x1b[2J" * 500},
            {"event": "progress", "step": "1; rm -rf /", "total": {}, "loss": "NaN"},
            {"event": "progress", "step": 1e308, "epoch": [1], "eta_s": -1e308},
            {"event": "metric", "name": ["gpu"], "value": {"a": {"b": {"c": {"d": {}}}}}},
            {"event": "fetched", "path": "outputs/lie.safetensors", "sha256": "0" * 64, "size": 1},
            {"event": "failed", "kind": "<b>", "message": 7, "hint": None},
        )  # fmt: skip
        checkpoint(folder)
        (folder / "log.txt").write_bytes(b"\x1b[2J\xff\x00<script>\n" * 1000)
        events(folder, b'{"event": "done", "outcome": "finished"}')
        events(folder, b"\n")

    ended = carry_home(run_dir, travel=EvilTravel(write))
    assert ended["outcome"] == "finished"
    text = run_dir.events_path.read_text("utf-8")
    assert "\x1b" not in text
    assert "\\u001b" not in text
    assert run_dir.events_path.stat().st_size < 200_000
    info = read_run(run_dir.folder)
    assert (info.state, len(info.checkpoints)) == ("finished", 1)
    assert run_dir.read_job()["rung"] == ""
    assert all(line["path"] != "outputs/lie.safetensors" for line in lines_of(run_dir)
               if line["event"] == "fetched")  # fmt: skip


def test_an_exit_that_makes_no_sense_is_a_failure_with_words(run_dir):
    said = {"outcome": ["finished"], "kind": {"a": 1}, "message": "\x1b[31m" + "m" * 100_000}
    ended = carry_home(run_dir, travel=EvilTravel(lambda folder: None, said))
    assert (ended["outcome"], ended["kind"]) == ("failed", "engine_crash")
    assert len(ended["message"]) <= 4000
    assert "\x1b" not in ended["message"]


def test_a_fault_of_ours_before_the_start_does_not_go_on_for_ever(run_dir):
    class Broken(EvilTravel):
        async def send(self, link, local, machine, limits):
            raise ZeroDivisionError("nobody thought of it")

    ended = carry_home(run_dir, travel=Broken(None))
    assert (ended["kind"], "ZeroDivisionError" in ended["message"]) == ("engine_crash", True)


def test_a_refusal_before_the_start_ends_the_run_with_its_reason(run_dir):
    class Refusing(EvilTravel):
        async def send(self, link, local, machine, limits):
            raise AppError(
                "the disk is too small", file="box", hint="take another", kind="capacity"
            )

    ended = carry_home(run_dir, travel=Refusing(None))
    assert (ended["kind"], ended["message"]) == ("capacity", "box: the disk is too small")
    assert RunDir(run_dir.folder).read_exit()["hint"] == "take another"
