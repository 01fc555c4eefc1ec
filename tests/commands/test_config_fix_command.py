"""Commands config fix and config options: what the window does, from the command line."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.config.history import config_versions

TEXT = """\
# mine
pretrained_model_name_or_path = "runwayml/stable-diffusion-v1-5" # base
network_module = "networks.lora"
network_dim = 32
output_dir = "/workspace/output"
train_data_dir = "/workspace/training_data"
resolution = "512,512"
bucket_resolution = 512
caption_extension = ".txt"
max_train_epochs = 8
learning_rate = 1e-4
save_every_n_epochs = 1
sdpa = true
seed = 42
"""
MENDED = TEXT.replace("runwayml/", "stable-diffusion-v1-5/").replace(
    "bucket_resolution = 512\n", ""
)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "a.toml"
    path.write_text(TEXT)
    return path


def run(capsys, *words):
    code = console([*map(str, words), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_plain_fixes_are_made_and_kept_in_the_history(path, capsys):
    code, found = run(capsys, "config", "fix", path)
    assert code == 0
    assert found["written"] is True
    assert {row["key"] for row in found["fixes"]} == {
        "pretrained_model_name_or_path", "bucket_resolution",
    }  # fmt: skip
    assert path.read_text() == MENDED
    assert [version.text for version in config_versions(path)] == [MENDED, TEXT]
    assert run(capsys, "config", "fix", path)[1]["written"] is False


def test_a_dry_run_writes_nothing(path, capsys):
    _, found = run(capsys, "config", "fix", path, "--dry-run")
    assert len(found["fixes"]) == 2
    assert path.read_text() == TEXT


def test_only_the_option_named(path, capsys):
    run(capsys, "config", "fix", path, "--only", "bucket_resolution")
    assert path.read_text() == TEXT.replace("bucket_resolution = 512\n", "")


def test_options_are_found_by_words(capsys):
    _, found = run(capsys, "config", "options", "overfits", "rank")
    assert [row["key"] for row in found["options"]] == ["network_dim"]
    assert found["options"][0]["default"] is None
    assert len(run(capsys, "config", "options")[1]["options"]) == 193
    assert console(["config", "options", "zebra"]) == 2
