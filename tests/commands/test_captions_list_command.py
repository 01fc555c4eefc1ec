"""`captions list` and `--where`: the query language on folders."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.history import History

TEXTS = {
    "lad_001": "portrait of a lad, brown hair, red hat",
    "lad_002": "portrait of a lad, red red tie",
    "lady_001": "portrait of a lady, golden earrings",
}


@pytest.fixture
def folder(tmp_path):
    for name, text in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text(text)
        (tmp_path / f"{name}.png").write_bytes(b"no image is read for this")
    (tmp_path / "lady_002.png").write_bytes(b"nor for this")
    (tmp_path / "excluded.txt").write_text("lady_001.png\n")
    with History(tmp_path) as history:
        before = {f"{name}.txt": text for name, text in TEXTS.items()}
        history.snapshot("first", {**before, "lad_001.txt": TEXTS["lad_001"] + ", moustache"})
        history.snapshot("second", before)
        history.set_review("lad_001.txt", "accepted", text=TEXTS["lad_001"])
        history.set_review("lady_001.txt", "accepted", text="words before an edit")
        history.set_review("lad_002.txt", "needs_work", "which tie?")
    return tmp_path


@pytest.fixture
def ask(folder, capsys):
    def ask(*arguments, code=0):
        assert console(["captions", "list", str(folder), "--json", *arguments]) == code
        return json.loads(capsys.readouterr().out)

    return ask


def names(answer):
    return [name.removesuffix(".txt") for name in answer["files"]]


def test_all_captions_with_their_facts(ask):
    answer = ask()
    assert answer["summary"] == {"files": 4, "found": 4}
    row = answer["files"]["lad_002.txt"]
    assert (row["tokens"], row["phrases"], row["review"]) == (8, 2, "needs_work")
    assert "doubled_word" in row["lint"]
    assert answer["files"]["lady_002.txt"]["status"] == ["todo", "missing"]


@pytest.mark.parametrize(
    ("where", "wanted"),
    [
        ("red", ["lad_001", "lad_002"]),
        ("red -tie", ["lad_001"]),
        ("status:accepted", ["lad_001"]),
        ("status:todo", ["lady_001", "lady_002"]),
        ("status:excluded", ["lady_001"]),
        ("status:missing", ["lady_002"]),
        ("note:tie", ["lad_002"]),
        ("lint:doubled_word OR earrings", ["lad_002", "lady_001"]),
        ("tokens:>9", ["lad_001"]),
        ("lossy:yes", []),
    ],
)
def test_where(ask, where, wanted):
    assert names(ask("--where", where)) == wanted


def test_changes_are_counted_against_the_snapshot_asked_for(ask):
    answer = ask("--where", "lossy:yes", "--against", "first")
    assert names(answer) == ["lad_001"]
    assert answer["files"]["lad_001.txt"]["lost"] == ["moustache"]


def test_a_mistake_is_told_with_its_place(folder, capsys):
    assert console(["captions", "list", str(folder), "--where", "red AND ("]) == 2
    assert "never closed. (character 9 of the query)" in capsys.readouterr().err


def test_an_unknown_snapshot_is_told(folder, capsys):
    assert console(["captions", "list", str(folder), "--against", "third"]) == 2
    assert "no snapshot 'third'" in capsys.readouterr().err


def test_for_people(folder, capsys):
    assert console(["captions", "list", str(folder), "--where", "tie"]) == 0
    out = capsys.readouterr().out
    assert "lad_002.txt: 8 tokens; 2 phrases; needs_work; lint: doubled_word" in out
    assert "1 of 4 captions" in out


def test_rules_run_only_where_the_query_holds(folder, tmp_path_factory, capsys):
    rules = tmp_path_factory.mktemp("rules") / "r.toml"
    rules.write_text('schema = 1\n[[rules]]\nname = "end"\naction = "append"\ntext = "sharp"\n')
    command = ["captions", "apply", str(rules), str(folder), "--where", "status:needs_work"]
    assert console([*command, "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["files"]) == ["lad_002.txt"]
    assert (folder / "lad_002.txt").read_text() == TEXTS["lad_002"] + ", sharp"
    assert (folder / "lad_001.txt").read_text() == TEXTS["lad_001"]


def test_the_linter_looks_only_where_the_query_holds(folder, capsys):
    command = ["captions", "lint", str(folder), "--json"]
    console([*command, "--where", "status:needs_work"])
    assert {p["file"] for p in json.loads(capsys.readouterr().out)["problems"]} == {"lad_002.txt"}
    console([*command, "--where", "status:accepted", "--fix", "doubled_word"])
    assert (folder / "lad_002.txt").read_text() == TEXTS["lad_002"]
    console([*command, "--where", "tie", "--fix", "doubled_word"])
    assert (folder / "lad_002.txt").read_text() == "portrait of a lad, red tie"


@pytest.mark.punks
def test_the_reference_captions(punks, capsys):
    where = 'phrase:"sharp pixel edges" tokens:>75'
    folder = str(punks / "captions_after")
    assert console(["captions", "list", folder, "--where", where, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["summary"]["files"] == 203
    assert all(row["tokens"] > 75 for row in answer["files"].values())
    assert answer["files"]
