"""`captions ignore` and `heed`: what the linter leaves alone, changed and listed."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.project import create_project


@pytest.fixture
def project(tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    (source / "lad.png").write_bytes(b"no image is read for this")
    (source / "lad.txt").write_text("a krypta hat, a red red tie")
    return create_project(tmp_path / "p", source).project.folder


@pytest.fixture
def ask(project, capsys):
    def ask(action, *arguments, code=0):
        found = console(["captions", action, str(project), "--json", *arguments])
        assert found == code or action == "lint"
        return json.loads(capsys.readouterr().out)

    return ask


def codes(ask):
    return {problem["code"] for problem in ask("lint")["problems"]}


def test_ignored_and_heeded_again(ask):
    assert {"spelling", "doubled_word"} <= codes(ask)
    assert ask("ignore")["left_alone"] == []
    asked = ("--dictionary", "krypta", "--words", "doubled_word", "red red", "--caption", "lad.txt")
    made = ask("ignore", *asked)
    assert [(one["kind"], one["words"], one["caption"]) for one in made["changed"]] == [
        ("words", "red red", "lad"),
        ("dictionary", "krypta", ""),
    ]
    assert not {"spelling", "doubled_word"} & codes(ask)
    assert len(ask("heed", "--dictionary", "Krypta")["left_alone"]) == 1
    assert "spelling" in codes(ask)
    assert ask("heed", "--all")["left_alone"] == []
    assert "doubled_word" in codes(ask)


def test_a_check_is_switched_off_and_on(ask):
    assert ask("ignore", "--check", "spelling")["left_alone"][0]["code"] == "spelling"
    assert "spelling" not in codes(ask)
    assert ask("heed", "--check", "spelling")["left_alone"] == []
    assert "spelling" in codes(ask)


def test_refusals(ask, tmp_path, capsys):
    ask("ignore", "--check", "no_such_check", code=2)
    assert console(["captions", "ignore", str(tmp_path)]) == 2
    assert "no project" in capsys.readouterr().err
