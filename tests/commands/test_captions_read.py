"""Command `captions read`: tokens, samples and what the trainer would not read."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.project import Project, save

CONFIG = 'caption_extension = ".txt"\nshuffle_caption = true\nkeep_tokens = 1\n'


@pytest.fixture
def project(tmp_path):
    project = Project(tmp_path / "punks", "My Punks", [(tmp_path / "punks" / "set", 1)])
    (project.folder / "set").mkdir(parents=True)
    project.configs_dir.mkdir()
    save(project)
    (project.configs_dir / "one.toml").write_text(CONFIG, "utf-8")
    return project


def write(project, name, text):
    (project.folder / "set" / name).write_bytes(text.encode())


@pytest.fixture
def read(project, capsys):
    def call(*args, code=0, folder=project.folder):
        assert console(["captions", "read", str(folder), *args, "--json"]) == code
        return json.loads(capsys.readouterr().out)

    return call


def test_tokens_samples_and_what_is_fixed(project, read):
    write(project, "a.txt", "pixel art, red hat, tie, coat, ring, bow")
    found = read("--samples", "2", "--seed", "3")
    assert found["config"].endswith("one.toml")
    entry = found["files"]["a.txt"]
    assert (entry["tokens"], entry["borders"], len(entry["samples"])) == (13, [], 2)
    assert entry["samples"][0]["fixed"] == ["pixel art"]
    assert found["summary"] == {
        "captions": 1, "over_75": 0, "over_150": 0, "over_225": 0, "cut": 0, "stops": 0,
    }  # fmt: skip
    assert read("--samples", "2", "--seed", "3") == found


def test_the_phrase_that_crosses_and_what_is_cut(project, read, capsys):
    write(project, "a.txt", "word " * 74 + ", hard color borders, end")
    found = read("--only", "a*", code=1)
    entry = found["files"]["a.txt"]
    assert entry["borders"][0]["phrase"] == "hard color borders"
    assert found["summary"]["cut"] == 1
    sample = entry["samples"][0]
    assert sample["text"].startswith(sample["read"])
    assert console(["captions", "read", str(project.folder)]) == 1
    text = capsys.readouterr().out
    assert "a.txt: 80 tokens; 75 is full before 'hard color borders'" in text
    assert "-]" in text


def test_empty_files_stop_the_trainer_and_other_configs_can_be_named(project, read, tmp_path):
    write(project, "a.txt", "")
    write(project, "b.txt", "red hat")
    other = tmp_path / "other.toml"
    other.write_text("keep_tokens = 1\n", "utf-8")
    assert read(code=1)["summary"]["stops"] == 1
    found = read("--config", str(other), "--only", "b*", code=1)
    assert found["files"]["b.txt"]["samples"][0]["text"] == "My_Punks"
    assert '".caption"' in found["files"]["b.txt"]["remarks"][0]["message"]


def test_a_plain_folder_has_the_defaults(tmp_path, read):
    folder = tmp_path / "plain"
    folder.mkdir()
    (folder / "a.txt").write_text("red hat, tie", "utf-8")
    found = read(folder=folder)
    assert (found["config"], found["max_token_length"]) == (None, 75)
    assert [s["text"] for s in found["files"]["a.txt"]["samples"]] == ["red hat, tie"]


def test_a_missing_caption_is_borrowed_from_a_shorter_name(project, read):
    write(project, "a.txt", "red hat")
    (project.folder / "set" / "a_1_2_3_4.png").write_bytes(b"")
    entry = read("--only", "a_*", code=1)["files"]["a_1_2_3_4.txt"]
    assert entry["samples"][0]["text"] == "red hat"
    assert "takes 'a.txt'" in entry["remarks"][0]["message"]


def test_no_samples_are_refused(project, read):
    read("--samples", "0", code=2)


@pytest.mark.punks
def test_real_captions_under_the_real_config(punks, read):
    config = str(punks / "configs" / "training_config_phase1b.toml")
    found = read("--config", config, folder=punks / "captions_after")
    assert found["summary"] == {
        "captions": 203, "over_75": 84, "over_150": 0, "over_225": 0, "cut": 0, "stops": 0,
    }  # fmt: skip
    assert found["files"]["lady_021_diamond.txt"]["tokens"] == 137
