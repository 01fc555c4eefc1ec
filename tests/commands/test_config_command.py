"""Commands config and cost: edits keep comments, the past comes back, a cost has a basis."""

import json

import pytest

from bespoke_gui.__main__ import console
from bespoke_gui.core.config.presets import preset
from bespoke_gui.core.trainers.base import EXPORTERS
from tests.core._packages import write_pairs


@pytest.fixture
def config(tmp_path):
    path = tmp_path / "first.toml"
    assert console(["config", "new", "sd15_384", str(path), "--name", "punk"]) == 0
    return path


@pytest.fixture
def said(capsys):
    """Run a command; return its exit code and its JSON object, or its text."""

    def run(*words, text=False):
        capsys.readouterr()
        code = console([*map(str, words), *([] if text else ["--json"])])
        out = capsys.readouterr()
        return code, out.out if text else json.loads(out.out or out.err)

    return run


def test_new_writes_a_preset_once(config, said):
    assert 'output_name = "punk"' in config.read_text("utf-8")
    code, answer = said("config", "new", "sd15_384", config)
    assert code == 1
    assert "is there already" in answer["error"]["message"]


def test_set_keeps_comments_and_order(config, said):
    before = config.read_text("utf-8")
    code, answer = said("config", "set", config, "network_dim=16", "learning_rate=5e-5")
    assert code == 0
    assert answer["words"] == "2 changes"
    after = config.read_text("utf-8")
    assert "network_dim = 16" in after
    assert "learning_rate = 5e-5" in after
    lines = zip(before.splitlines(), after.splitlines(), strict=True)
    assert sum(old != new for old, new in lines) == 2


def test_a_wrong_value_changes_nothing(config, said):
    before = config.read_bytes()
    for words in (["network_dim=many"], ["netwrok_dim=4"], ["network_dim=8", "--unset", "nothing"]):
        code, answer = said("config", "set", config, *words)
        assert code in (1, 2)
        assert answer["error"]["message"]
    assert config.read_bytes() == before


def test_history_diff_and_restore(config, said):
    said("config", "set", config, "network_dim=16")
    said("config", "set", config, "max_train_epochs=4", "--unset", "seed")
    versions = said("config", "history", config)[1]["versions"]
    assert [v["changes"] for v in versions] == [
        "2 changes", "1 change", "the first text that was kept",
    ]  # fmt: skip
    assert versions[-1]["text"] == preset("sd15_384").config("punk").text()
    diff = said("config", "diff", config, "--version", 3)[1]
    assert {c["key"] for c in diff["changes"]} == {"network_dim", "max_train_epochs", "seed"}
    assert said("config", "restore", config, 3)[0] == 0
    assert config.read_text("utf-8") == versions[-1]["text"]
    assert said("config", "history", config)[1]["versions"][0]["source"].startswith("restored from")


def test_check_tells_what_will_happen(config, said):
    code, answer = said("config", "check", config, "--images", 203, "--gpu", "H100")
    assert code == 0
    assert (answer["total_steps"], answer["epochs"]) == (408, 8)
    assert answer["checkpoints"][-1] == "punk.safetensors"
    assert answer["lr_curve"][0][0] == 1
    assert answer["lr_curve"][-1] == [408, answer["lr_at_epoch"][-1]]
    assert answer["time"]["low"] < answer["time"]["seconds"] < answer["time"]["high"]
    assert answer["usd"] is None
    text = said("config", "check", config, "--images", 203, "--gpu", "A100", text=True)[1]
    assert "epoch 8: punk.safetensors, learning rate 1.0e-04" in text
    assert "not today's" in text


def test_check_names_what_stops_the_trainer_in_the_images_too(config, said, tmp_path):
    folder = write_pairs(tmp_path / "1_x", size=(384, 384))
    assert said("config", "check", config, "--dataset", folder)[1]["problems"] == []
    (folder / "a.txt").write_text("  ", "utf-8")
    (folder / "b.txt").write_text("wearing hair hair, skin skin", "utf-8")
    (folder / "c.png").write_bytes(b"no image")
    code, answer = said("config", "check", config, "--dataset", folder)
    assert code == 1
    # What is only odd in a caption's words is for `captions lint`.
    assert {p["code"] for p in answer["problems"]} == {"empty_caption", "unreadable_image"}


def test_values_that_json_has_no_word_for(config, capsys):
    text = config.read_text("utf-8")
    text = text.replace("learning_rate = 1e-4", "learning_rate = nan", 1)
    config.write_text(
        text.replace("\nseed = 42", "\nseed = 2026-11-26\nnoise_offset = inf"), "utf-8"
    )

    def refuse(word):
        raise AssertionError(word)

    for words in (["check", str(config), "--images", "8"], ["diff", str(config), str(config)]):
        capsys.readouterr()
        console(["config", *words, "--json"])
        answer = json.loads(capsys.readouterr().out, parse_constant=refuse)
        assert answer
    other = config.with_name("other.toml")
    other.write_text("seed = 1", "utf-8")
    capsys.readouterr()
    assert console(["config", "diff", str(config), str(other), "--json"]) == 0
    changes = json.loads(capsys.readouterr().out, parse_constant=refuse)["changes"]
    assert ("seed", "2026-11-26") in {(c["key"], c["before"]) for c in changes}


def test_restarts_are_warned_of_with_a_number_of_images_alone(config, said):
    said("config", "set", config, "lr_scheduler=cosine_with_restarts", "lr_scheduler_num_cycles=3",
         "lr_warmup_steps=100")  # fmt: skip
    answer = said("config", "check", config, "--images", 203)[1]
    assert answer["annealed_epochs"] == [6, 8]
    assert "uneven_epochs" in {p["code"] for p in answer["problems"]}


def test_a_card_that_cannot_do_it_is_an_error(config, said):
    said("config", "set", config, "mixed_precision=bf16")
    code, answer = said("config", "check", config, "--images", 8, "--gpu", "T4")
    assert code == 1
    assert {p["code"] for p in answer["problems"]} == {"no_bf16"}


@pytest.mark.parametrize("name", list(EXPORTERS))
def test_export(config, said, tmp_path, name):
    out = tmp_path / f"out{EXPORTERS[name].suffix}"
    code, answer = said("config", "export", config, "--to", name, "--out", out)
    assert code == 0
    assert answer["path"] == str(out)
    assert "max_token_length" in {row["key"] for row in answer["unmapped"]}
    assert out.stat().st_size > 500
    code, answer = said("config", "export", config, "--to", name, "--out", config)
    assert "is the config itself" in answer["error"]["message"]


def test_cost_with_a_price_a_sample_and_none(said):
    words = ("cost", "--steps", 408, "--batch", 4, "--gpu")
    given = said(*words, "A100", "--usd-per-hour", 2)[1]
    sample = said(*words, "A100")[1]
    none = said(*words, "H200")[1]
    assert given["hours"] == sample["hours"]
    assert given["usd"] == pytest.approx(given["hours"] * 2, rel=0.01)
    assert given["usd_range"][0] < given["usd"] < given["usd_range"][1]
    assert (given["price"]["sample"], sample["price"]["sample"]) == (False, True)
    assert "not today's" in sample["basis"]
    assert none["usd"] is None
    assert "measured on NVIDIA H200" in none["basis"]


def test_nothing_is_guessed_for_an_unknown_card(said):
    code, answer = said("cost", "--gpu", "Abacus", "--steps", 408)
    assert (code, answer["hours"], answer["usd"]) == (1, None, None)
    assert "nothing is known about Abacus" in answer["basis"]
