"""Exchange at the command line: export and import of captions."""

import json

import pytest

from tests.commands.test_contract import bespoke
from tests.core._packages import write_pairs


@pytest.fixture
def at(tmp_path):
    write_pairs(tmp_path / "set")
    return tmp_path


def test_out_and_in_again(at):
    code, answer, _ = bespoke("captions export {at}/set --to jsonl --out {at}/m.jsonl", at)
    assert (code, answer["captions"], answer["path"]) == (0, 3, str(at / "m.jsonl"))
    rows = [json.loads(line) for line in (at / "m.jsonl").read_text().splitlines()]
    rows[0]["text"] = "pixel art"
    rows[1]["text"] += ", smiling"
    (at / "m.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\nbroken")
    code, answer, told = bespoke("captions import {at}/set {at}/m.jsonl --dry-run", at)
    assert (code, answer["format"]) == (1, "jsonl")
    assert answer["summary"] == {
        "added": 0, "changed": 2, "unchanged": 1, "lossy": 1, "written": 0, "skipped": 0,
        "snapshot": "",
    }  # fmt: skip
    assert answer["files"]["a.png"]["lossy"]
    assert answer["files"]["a.png"]["where"] == "row 1"
    assert "row 4" in told[0]
    assert (at / "set" / "a.txt").read_text() == "pixel art, red hat, portrait a"
    code, answer, _ = bespoke("captions import {at}/set {at}/m.jsonl --skip-lossy", at)
    assert (answer["summary"]["written"], answer["summary"]["skipped"]) == (1, 1)
    assert (at / "set" / "b.txt").read_text().endswith(", smiling")
    assert bespoke("captions snapshots {at}/set", at)[1]["snapshot"].endswith("import: m.jsonl")
    answer = bespoke("captions import {at}/set {at}/m.jsonl --only b*", at)[1]
    assert answer["summary"]["written"] == 0


def test_formats_that_are_not_there(at):
    code, answer, _ = bespoke("captions export {at}/set --to word --out {at}/x", at)
    assert (code, answer["error"]["kind"]) == (2, "usage")
    code, _, _ = bespoke("captions export {at}/set --to txt --out {at}/set", at)
    assert code == 2
