"""Command `captions`: keys, exit codes, and that files change only when they should."""

import json
from pathlib import Path

import pytest
from PIL import Image

from bespoke_gui.__main__ import console
from bespoke_gui.commands._captions_text import coloured, marked_pieces
from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.core.project import Project, save

RULES = """
name = "Caps"
[[rules]]
name = "caps"
action = "replace"
find = "red hat"
with = "cap"
[[rules]]
name = "end"
action = "append"
text = "sharp"
"""


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for name, text in (("a", "a lad, red hat"), ("b", "a lad, tie"), ("c", "a lady, sharp")):
        (folder / f"{name}.txt").write_bytes(text.encode())
    return folder


@pytest.fixture
def rules(tmp_path):
    path = tmp_path / "caps.toml"
    path.write_text(RULES, encoding="utf-8")
    return path


@pytest.fixture
def bespoke(capsys):
    def call(*args, code=0):
        found = console(["captions", *map(str, args), "--json"])
        captured = capsys.readouterr()
        assert found == code, captured.err
        return json.loads(captured.out)

    return call


@pytest.fixture
def said(capsys):
    def call(*args, code=0):
        assert console(["captions", *map(str, args)]) == code
        captured = capsys.readouterr()
        return captured.out + captured.err

    return call


def raw(folder):
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}


def test_diff_of_two_folders(bespoke, folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_bytes(b"a lad, red cap")
    (other / "b.txt").write_bytes(b"a lad, tie")
    (other / "d.txt").write_bytes(b"new")
    data = bespoke("diff", folder, other)
    statuses = {name: entry["status"] for name, entry in data["files"].items()}
    assert statuses == {
        "a.txt": "changed",
        "b.txt": "equal",
        "c.txt": "removed",
        "d.txt": "added",
    }
    assert data["files"]["a.txt"]["lost"] == ["hat"]
    assert data["files"]["a.txt"]["gained"] == ["cap"]
    assert data["files"]["a.txt"]["lossy"] is True
    assert {"op": "replace", "before": "hat", "after": "cap"} in data["files"]["a.txt"]["ops"]
    assert (data["summary"]["equal"], data["summary"]["changed"]) == (1, 1)
    assert data["summary"]["lossy"] == 2
    assert not bespoke("diff", folder, other, "--synonym", "hat=cap")["files"]["a.txt"]["lossy"]
    assert list(bespoke("diff", folder, other, "--lossy")["files"]) == ["a.txt", "c.txt"]


def test_diff_for_people(said, folder, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_bytes(b"a lad, red cap, x")
    text = said("diff", folder, other)
    assert "a.txt: changed LOSSY" in text
    assert "a lad, red [-hat-]{+cap, x+}" in text
    assert "3 captions: 0 equal, 1 changed, 0 added, 2 removed; 3 of them lost words" in text
    assert "    1 x [-hat-]{+cap, x+}" in said("diff", folder, other, "--changes")


def test_diff_tells_what_moved_and_each_change_once(bespoke, said, folder, tmp_path):
    (folder / "a.txt").write_bytes(b"a lad, red hat, tie, smile")
    other = tmp_path / "other"
    other.mkdir()
    (other / "a.txt").write_bytes(b"a lad, tie, smile, red hat")
    (other / "b.txt").write_bytes(b"a lad")
    (other / "c.txt").write_bytes(b"a lady")
    entry = bespoke("diff", folder, other)["files"]["a.txt"]
    assert (entry["moved"], entry["lossy"]) == (["red hat"], False)
    halves = [piece for piece in entry["pieces"] if piece["kind"] == "moved"]
    assert [(half["before"], half["after"]) for half in halves] == [
        (", red hat", ""),
        ("", ", red hat"),
    ]
    assert len({half["id"] for half in halves}) == 1
    assert "a lad[>, red hat>], tie, smile{>, red hat>}" in said("diff", folder, other)
    text = said("diff", folder, other, "--changes")
    assert "    1 x moved: {>red hat>}" in text
    assert "    1 x [-, tie-]  lost in 1: tie" in text
    changes = bespoke("diff", folder, other, "--changes")["changes"]
    assert sorted((change["op"], change["before"]) for change in changes) == [
        ("delete", ", sharp"),
        ("delete", ", tie"),
        ("moved", "red hat"),
    ]


def test_now_is_a_side(bespoke, said, folder):
    bespoke("snapshot", folder, "one")
    (folder / "a.txt").write_bytes(b"a lad, red hat, tie")
    data = bespoke("diff", "one", "now", "--project", folder)
    assert data["files"]["a.txt"]["gained"] == ["tie"]
    assert bespoke("diff", "now", "one", "--project", folder)["files"]["a.txt"]["lost"] == ["tie"]
    bespoke("snapshot", folder, "now")
    (folder / "a.txt").write_bytes(b"gone")
    assert "3 equal" not in said("diff", "one", "now", "--project", folder)


def test_a_terminal_shows_colours(folder, tmp_path, monkeypatch):
    piece = Piece("replace", "hat", "cap", 1)
    assert marked_pieces([piece]) == "[-hat-]{+cap+}"
    assert marked_pieces([piece], colour=True) == "\033[31m\033[9mhat\033[0m\033[32mcap\033[0m"
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert coloured()
    monkeypatch.setenv("NO_COLOR", "1")
    assert not coloured()


def test_snapshots_diff_and_restore(bespoke, folder):
    before = raw(folder)
    assert bespoke("snapshot", folder, "one")["captions"] == 3
    (folder / "a.txt").write_bytes(b"a lad")
    data = bespoke("diff", "one", folder)
    assert data["files"]["a.txt"]["lost"] == ["red", "hat"]
    assert data["summary"]["equal"] == 2
    assert bespoke("diff", folder, "one")["files"]["a.txt"]["gained"] == ["red", "hat"]
    assert bespoke("diff", "one", "one", "--project", folder)["summary"]["equal"] == 3
    restored = bespoke("restore", folder, "one")
    assert restored["written"] == ["a.txt"]
    assert raw(folder) == before
    listed = bespoke("snapshots", folder)["snapshots"]
    assert [entry["name"] for entry in listed] == [restored["snapshot"], "one"]
    assert [entry["automatic"] for entry in listed] == [True, False]


def test_snapshots_are_renamed_noted_and_deleted(bespoke, said, folder):
    bespoke("snapshot", folder, "one")
    bespoke("snapshot", folder, "two")
    bespoke("snapshots", folder, "--rename", "one", "first")
    listed = bespoke("snapshots", folder, "--note", "first", "as it came")["snapshots"]
    assert [(entry["name"], entry["note"]) for entry in listed] == [
        ("two", ""),
        ("first", "as it came"),
    ]
    listed = bespoke("snapshots", folder, "--delete", "two")["snapshots"]
    assert [entry["name"] for entry in listed] == ["first"]
    assert "no snapshot 'two'" in said("snapshots", folder, "--delete", "two", code=2)


def test_changes_are_taken_back(bespoke, said, folder):
    bespoke("snapshot", folder, "one")
    before = raw(folder)
    for name, text in (("a", b"a lad, red cap, x"), ("b", b"a lad, scarf, x"), ("c", b"c, sharp")):
        (folder / f"{name}.txt").write_bytes(text)
    data = bespoke("revert", folder, "one", "--change", "hat => cap, x", "--dry-run")
    assert data["files"] == {
        "a.txt": {"before": "a lad, red cap, x", "after": "a lad, red hat", "written": False}
    }
    assert "3 captions would go back" in said("revert", folder, "one", "--dry-run")
    assert bespoke("revert", folder, "one", "--only", "b*")["summary"]["written"] == 1
    assert raw(folder)["b.txt"] == before["b.txt"]
    data = bespoke("revert", folder, "one", "--lossy")
    assert raw(folder) == before
    bespoke("restore", folder, data["summary"]["snapshot"])
    assert raw(folder)["a.txt"] == b"a lad, red cap, x"
    assert "nothing to take back" in said("revert", folder, "one", "--change", "zebra => gnu")
    assert "OLD => NEW" in said("revert", folder, "one", "--change", "hat", code=2)
    assert "what is to be taken back" in said("revert", folder, code=2)
    assert "no snapshot 'two'" in said("revert", folder, "two", code=2)


def test_a_rule_is_taken_back(bespoke, said, folder, rules):
    before = raw(folder)
    bespoke("apply", rules, folder)
    (folder / "a.txt").write_bytes(b"a lad, cap, sharp, smile")
    data = bespoke("revert", folder, "--rule", "end")
    assert data["files"]["a.txt"]["after"] == "a lad, cap, smile"
    assert raw(folder)["b.txt"] == before["b.txt"]
    assert bespoke("revert", folder, "--rule", "caps")["summary"]["written"] == 1
    assert raw(folder)["a.txt"] == b"a lad, red hat, smile"
    assert "recorded are: Caps, caps, end" in said("revert", folder, "--rule", "x", code=2)


def test_the_history_of_a_caption(bespoke, said, folder, rules):
    bespoke("snapshot", folder, "one")
    bespoke("apply", rules, folder)
    versions = bespoke("history", folder, "a.txt")["versions"]
    assert [(version["text"], version["source"]) for version in versions] == [
        ("a lad, cap, sharp", "rules: Caps"),
        ("a lad, red hat", "snapshot: one"),
    ]
    assert "a lad, [-red hat-]{+cap+}{+, sharp+}" in said("history", folder, "a")
    assert said("history", folder, "c").endswith("snapshot: one\n  a lady, sharp\n")
    assert "there is no caption 'x'" in said("history", folder, "x", code=2)


def test_an_unknown_snapshot_is_wrong_usage(said, folder):
    assert "neither a folder nor a snapshot" in said("diff", "one", folder, code=2)
    assert "no snapshot 'one'" in said("restore", folder, "one", code=2)
    assert "no snapshots yet" in said("snapshots", folder)
    assert [path.name for path in folder.iterdir() if path.suffix != ".txt"] == []


def test_two_snapshots_need_to_know_whose(said, folder, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    assert "--project DIR" in said("diff", "one", "two", code=2)
    save(Project(tmp_path, "p", [(folder, 1)]))
    said("snapshot", tmp_path, "one")
    assert "3 equal" in said("diff", "one", "one")


def test_a_dry_run_writes_nothing(bespoke, folder, rules):
    before = raw(folder)
    data = bespoke("apply", rules, folder, "--dry-run")
    assert data["files"]["a.txt"] | {"hits": []} == {
        "before": "a lad, red hat",
        "after": "a lad, cap, sharp",
        "rules": ["caps", "end"],
        "lost": ["red", "hat"],
        "gained": ["cap", "sharp"],
        "crosses_separator": False,
        "lossy": True,
        "hits": [],
        "overlaps": [],
        "lost_by_rule": {"caps": ["red", "hat"]},
        "written": False,
    }
    assert data["rules"]["caps"]["lost"] == {"red": 1, "hat": 1}
    assert data["summary"]["changed"] == 2
    assert data["summary"]["written"] == 0
    assert raw(folder) == before
    assert not (folder / ".bespoke").exists()


def test_lost_words_are_what_a_person_reads_last(said, folder, rules):
    text = said("apply", rules, folder, "--dry-run")
    assert "a.txt: caps, end LOSSY" in text
    assert "  caps: 1 caption, 1 LOSE WORDS" in text
    assert text.rstrip().endswith("LOST WORDS:\n  a.txt: red, hat")


def test_apply_keeps_what_was_before(bespoke, folder, rules):
    before = raw(folder)
    data = bespoke("apply", rules, folder, "--skip-lossy")
    assert data["summary"]["written"] == 1
    assert data["summary"]["skipped"] == 1
    assert raw(folder) == before | {"b.txt": b"a lad, tie, sharp"}
    data = bespoke("apply", rules, folder, "--only", "a*")
    assert list(data["files"]) == ["a.txt"]
    assert raw(folder)["a.txt"] == b"a lad, cap, sharp"
    bespoke("restore", folder, data["summary"]["snapshot"])
    assert raw(folder)["a.txt"] == before["a.txt"]
    assert raw(folder)["b.txt"] == b"a lad, tie, sharp"


def test_apply_leaves_captions_without_image_alone(bespoke, folder, rules):
    (folder / "a.png").write_bytes(b"not decoded")
    (folder / "x.png").write_bytes(b"not decoded")
    data = bespoke("apply", rules, folder)
    assert list(data["files"]) == ["a.txt"]
    assert raw(folder)["b.txt"] == b"a lad, tie"
    assert not (folder / "x.txt").exists()
    codes = {problem["file"]: problem["code"] for problem in data["problems"]}
    assert codes["b.txt"] == "caption_without_image"
    assert codes["x.txt"] == "missing_caption"


def test_a_shipped_rule_set_goes_by_name(bespoke, folder):
    assert bespoke("apply", "pixel_clarity", folder)["summary"]["written"] == 3
    assert raw(folder)["b.txt"] == b"a lad, tie, hard color borders, sharp pixel edges"


def test_rules_that_fight_each_other_are_told(said, folder, tmp_path):
    path = tmp_path / "grow.toml"
    path.write_text('[[rules]]\naction="replace"\nfind="tie"\nwith="red tie"\n', encoding="utf-8")
    text = said("apply", path, folder, "--dry-run")
    assert "a second run would change 1 caption again" in text
    assert "a lad, {+red +}tie" in text


def test_a_bad_rule_set_changes_nothing(said, folder, tmp_path):
    before = raw(folder)
    path = tmp_path / "bad.toml"
    path.write_text('[[rules]]\naction="fly"\n', encoding="utf-8")
    assert "rule 1 (line 1): there is no rule action 'fly'" in said("apply", path, folder, code=1)
    assert raw(folder) == before


def test_lint(bespoke, said, folder):
    (folder / "a.txt").write_bytes(b"hair, caf\xe9")
    data = bespoke("lint", folder, code=1)
    found = [(problem["file"], problem["code"], problem["where"]) for problem in data["problems"]]
    assert found == [("a.txt", "not_utf8", "9-10"), ("a.txt", "unfilled_slot", "0-4")]
    assert data["stats"]["captions"] == 3
    assert data["stats"]["codes"]["unfilled_slot"] == {"files": 1, "hits": 1}
    assert "a.txt: warning: says only 'hair' [0-4]" in said("lint", folder, code=1)
    assert bespoke("lint", folder, "--code", "hex_colour", code=1)["stats"]["codes"].keys() == {
        "not_utf8"
    }
    (folder / "a.txt").write_bytes(b"fine words")
    assert "nothing found" in said("lint", folder)


def test_lint_tells_what_to_do_and_fixes_what_is_safe(bespoke, said, folder):
    before = raw(folder)
    (folder / "a.txt").write_bytes(b"red red hat, tie, tie, medium/dark hair\n")
    data = bespoke("lint", folder, "--code", "doubled_word", code=1)
    assert data["problems"][0]["fix"] == {
        "label": "Replace with “red”",
        "edits": [[0, 7, "red"]],
    }
    assert data["checks"]["doubled_word"]["explanation"]
    slash = bespoke("lint", folder, "--code", "slash_alternatives")["problems"][0]
    assert slash["fix"] is None
    assert slash["suggestions"][0]["label"] == "Replace with “medium”"
    fix = ("lint", folder, "--fix", "doubled_word", "--fix", "duplicate_phrase")
    shown = bespoke(*fix, "--dry-run")
    assert shown["files"]["a.txt"]["after"] == "red hat, tie, medium/dark hair"
    assert shown["written"] == []
    assert "red[- red-] hat" in said(*fix, "--dry-run")
    data = bespoke(*fix)
    assert data["written"] == ["a.txt"]
    assert raw(folder) == {**before, "a.txt": b"red hat, tie, medium/dark hair\n"}
    assert [s["name"] for s in bespoke("snapshots", folder)["snapshots"]] == [data["snapshot"]]
    assert "doubled_word" not in data["stats"]["codes"]


def test_lint_refuses_to_guess(said, folder):
    assert "can be mended safely" in said("lint", folder, "--fix", "spelling", code=2)
    assert "there is no lint check 'x'" in said("lint", folder, "--fix", "x", code=2)


def test_lint_knows_the_project(bespoke, folder, tmp_path):
    save(Project(tmp_path, "p", [(folder, 1)]))
    (folder / "a.txt").write_bytes(b"krypta hat, hispanic man")
    codes = set(bespoke("lint", tmp_path, code=1)["stats"]["codes"])
    assert {"spelling", "sensitive_words"} <= codes
    (tmp_path / "dictionary.txt").write_text("Krypta\n", encoding="utf-8")
    (tmp_path / "lint.toml").write_text('ignore = ["sensitive_words"]\n', encoding="utf-8")
    assert bespoke("lint", tmp_path)["problems"] == []
    assert bespoke("lint", tmp_path, "--code", "sensitive_words")["problems"]


def test_lint_finds_captions_of_another_suffix(bespoke, folder):
    (folder / "b.txt").rename(folder / "b.caption")
    data = bespoke("lint", folder, code=1)
    found = [(p["file"], p["code"], p["severity"]) for p in data["problems"]]
    assert ("b.caption", "wrong_extension", "error") in found
    Image.new("RGB", (24, 24)).save(folder / "b.png")
    data = bespoke("lint", folder, code=1)
    found = [(p["file"], p["code"]) for p in data["problems"]]
    assert ("b.txt", "wrong_extension") in found
    assert ("b.txt", "missing_caption") not in found


def test_lint_looks_at_the_images(bespoke, folder, tmp_path):
    (folder / "a.txt").write_bytes(b"red background, hat")
    images = tmp_path / "images"
    images.mkdir()
    Image.new("RGB", (96, 96), (20, 60, 220)).save(images / "a.png")
    problem = bespoke("lint", folder, "--images", images, code=1)["problems"][0]
    assert (problem["code"], problem["where"]) == ("background_contradicts", "0-14")
    assert problem["suggestions"][0]["edits"] == [[0, 3, "bright blue"]]


def test_a_project_keeps_its_history_in_one_place(bespoke, folder, tmp_path):
    project = Project(tmp_path, "p", [(folder, 1)], separator=";", caption_extension=".caption")
    for path in folder.glob("*.txt"):
        path.rename(path.with_suffix(".caption"))
    save(project)
    assert bespoke("snapshot", tmp_path, "one")["captions"] == 3
    (folder / "a.caption").write_bytes(b"a lad; ; hat")
    data = bespoke("diff", "one", folder)
    assert data["files"]["a.caption"]["status"] == "changed"
    assert (tmp_path / ".bespoke" / "history.sqlite").is_file()
    assert not (folder / ".bespoke").exists()
    assert "doubled_separator" in {p["code"] for p in bespoke("lint", tmp_path, code=1)["problems"]}


def test_several_datasets_are_told_apart_by_folder(bespoke, folder, tmp_path):
    more = tmp_path / "more"
    more.mkdir()
    (more / "a.txt").write_bytes(b"another")
    save(Project(tmp_path, "p", [(folder, 1), (more, 2)]))
    bespoke("snapshot", tmp_path, "one")
    (more / "a.txt").write_bytes(b"changed")
    data = bespoke("restore", tmp_path, "one")
    assert data["written"] == ["more/a.txt"]
    assert raw(more) == {"a.txt": b"another"}


def test_no_folder_is_one_clear_line(said, tmp_path):
    text = said("lint", tmp_path / "nowhere", code=1)
    assert "nowhere: is not a folder" in text
    assert text.count("\n") == 1


@pytest.mark.punks
def test_the_reference_captions(bespoke, said, punks):
    data = bespoke("diff", punks / "captions_before", punks / "captions_after")
    assert data["summary"]["changed"] == 203
    assert sum(entry["lossy"] for entry in data["files"].values()) == 52
    text = said("diff", punks / "captions_before", punks / "captions_after", "--changes")
    assert text.startswith("  203 x {+, hard color borders, sharp pixel edges+}")


@pytest.mark.punks
def test_the_artists_rules_are_seen_through(bespoke, said, punks):
    rules = Path(__file__).parents[1] / "core" / "rules_data" / "artist_phase1a.toml"
    data = bespoke("apply", rules, punks / "captions_before", "--dry-run")
    summary = data["summary"]
    assert (summary["files"], summary["changed"]) == (203, 203)
    assert (summary["lossy"], summary["crosses_separator"], summary["written"]) == (52, 28, 0)
    assert data["rules"]["brown hair, brown eyes"]["crossing"] == 20
    copper = data["files"]["lad_005_copper.txt"]
    assert "mustache" in copper["lost_by_rule"]["brown hair, brown eyes"]
    text = said("apply", rules, punks / "captions_before", "--dry-run")
    assert "  brown hair, brown eyes: 20 captions, 20 over a separator, 19 LOSE WORDS" in text
