"""manifest.jsonl names a file only when it is complete, however an engine writes it."""

import json
import os
import signal
import struct

import pytest

from bespoke_gui.launch.remote.supervisor import Manifest, complete
from tests.launch.supervised import stand_in

WRITERS = {
    "piece by piece": """
with open(path + "slow.bin", "wb") as file:
    for part in range(12):
        file.write(bytes(1000)); file.flush(); time.sleep(0.12)
""",
    "with long rests between pieces, the file open": """
with open(path + "slow.bin", "wb") as file:
    for part in range(3):
        file.write(bytes(4000)); file.flush(); time.sleep(0.7)
""",
    "at full length from the beginning": """
with open(path + "slow.bin", "wb") as file:
    file.truncate(12000); time.sleep(0.7)
    file.seek(0); file.write(b"x" * 12000); time.sleep(0.7)
""",
    "under another name first": """
for name in (".hidden", "slow.bin.tmp", "slow.bin.part"):
    with open(path + name, "wb") as file:
        file.write(bytes(6000)); file.flush(); time.sleep(0.4)
        file.write(bytes(6000))
    os.replace(path + name, path + "other.txt" if name != "slow.bin.part" else path + "slow.bin")
os.remove(path + "other.txt")
""",
    "in two openings, tensors": """
header = json.dumps({"a": {"dtype": "F16", "shape": [6000], "data_offsets": [0, 12000]}}).encode()
with open(path + "slow.safetensors", "wb") as file:
    file.write(len(header).to_bytes(8, "little") + header + bytes(5000))
time.sleep(0.8)
with open(path + "slow.safetensors", "ab") as file:
    file.write(bytes(7000))
time.sleep(0.4)
""",
}


@pytest.mark.parametrize("how", WRITERS)
def test_a_line_comes_only_for_a_complete_file(new, tmp_path, how):
    prefix = "path = sys.argv[1] + '/outputs/'\n"
    done = "\ntime.sleep(0.5)\njson.dump({'outcome': 'finished'}, open(sys.argv[1] + '/' + "
    code = stand_in(tmp_path, prefix + WRITERS[how] + done + "os.environ['BESPOKE_EXIT'], 'w'))")
    run = new()
    run.start(code=code)
    assert run.ended()["outcome"] == "finished"
    lines = (run.folder / "manifest.jsonl").read_text().splitlines()
    items = [json.loads(line) for line in lines]
    whole = [item for item in items if item["name"].startswith("outputs/slow")]
    assert len(whole) == 1
    assert whole[0]["size"] >= 12000
    assert len(run.check_manifest()) == 1


def test_a_file_listed_while_the_run_goes_on(new):
    run = new(seconds_per_step=0.03, epochs=400, steps_per_epoch=5)
    run.start()
    run.wait(lambda: len(run.manifest()) >= 2)
    assert run.state()["running"]
    run.check_manifest()


def test_half_a_checkpoint_of_a_killed_engine_is_named_not_listed(new, tmp_path):
    body = """
with open(sys.argv[1] + "/outputs/a.safetensors", "wb") as file:
    file.write((500).to_bytes(8, "little") + b"{}"); file.flush(); time.sleep(600)
"""
    run = new()
    run.start(code=stand_in(tmp_path, body))
    run.wait(lambda: list(run.run_dir.outputs.glob("*.safetensors")))
    os.kill(run.job["engine"]["pid"], signal.SIGKILL)
    assert run.ended()["unfinished"] == ["outputs/a.safetensors"]
    assert run.manifest() == {}


def test_a_file_removed_again_is_told(tmp_path):
    (tmp_path / "outputs").mkdir()
    manifest = Manifest(tmp_path, "x")
    file = tmp_path / "outputs" / "a.txt"
    file.write_text("one")
    manifest.scan(0)
    file.unlink()
    manifest.scan(0)
    file.write_text("two again")
    manifest.last_scan(with_state=False)
    items = [json.loads(line) for line in manifest.path.read_text().splitlines()]
    assert [(i["name"], i.get("gone"), i.get("size")) for i in items] == [
        ("outputs/a.txt", None, 3), ("outputs/a.txt", True, None), ("outputs/a.txt", None, 9),
    ]  # fmt: skip


def test_a_second_supervisor_lists_nothing_twice_and_mends_a_torn_line(tmp_path):
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "a.txt").write_text("one")
    Manifest(tmp_path, "x").scan(0)
    before = (tmp_path / "manifest.jsonl").read_bytes()
    (tmp_path / "manifest.jsonl").write_bytes(before + b'{"name": "outp')
    Manifest(tmp_path, "x").last_scan(with_state=False)
    assert (tmp_path / "manifest.jsonl").read_bytes() == before


def test_links_hidden_files_and_states_are_no_outputs(tmp_path):
    outputs = tmp_path / "outputs"
    (outputs / "last-000001-state").mkdir(parents=True)
    (outputs / "last-000001-state" / "optimizer.bin").write_text("x")
    (outputs / ".hidden").write_text("x")
    (outputs / "link.txt").symlink_to("/etc/hostname")
    manifest = Manifest(tmp_path, "x")
    manifest.scan(0)
    assert not manifest.path.exists()
    manifest.last_scan(with_state=True)
    assert json.loads(manifest.path.read_text())["name"].endswith("-state/optimizer.bin")


@pytest.mark.parametrize(
    ("name", "raw", "whole"),
    [
        ("a.safetensors", b"", False),
        ("a.safetensors", struct.pack("<Q", 2) + b"{}", True),
        ("a.safetensors", struct.pack("<Q", 2) + b"{}x", False),
        ("a.safetensors", struct.pack("<Q", 1 << 60) + b"{}", False),
        ("a.safetensors", struct.pack("<Q", 4) + b"null", False),
        ("a.png", b"\x89PNG\r\n\x1a\n", False),
        ("a.png", b"\x89PNG\0\0\0\0IEND\xaeB`\x82", True),
        ("a.txt", b"", True),
    ],
)
def test_what_is_complete(tmp_path, name, raw, whole):
    (tmp_path / name).write_bytes(raw)
    assert complete(tmp_path / name) is whole
