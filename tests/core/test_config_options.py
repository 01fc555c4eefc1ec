"""Options: the table is the trainer's, whole, and finds the nearest real name."""

import json

import pytest

from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.resources import resource


def test_the_table_names_its_source():
    table = option_table()
    assert table.source == "kohya-ss/sd-scripts"
    assert len(table.commit) == 40


def test_defaults_that_surprise():
    table = option_table()
    assert table["caption_extension"].default == ".caption"
    assert table["max_train_steps"].default == 1600
    assert table["learning_rate"].default == 2e-6
    assert table["max_token_length"].choices == (150, 225)
    assert table["lr_warmup_steps"].kind == "int_or_float"
    assert table["optimizer_args"].many


@pytest.mark.parametrize(
    ("name", "real"),
    [
        ("bucket_resolution", "resolution"),
        ("batch_size", "train_batch_size"),
        ("rank", "network_dim"),
        ("netwrok_dim", "network_dim"),
        ("Learning_Rate", "learning_rate"),
        ("max_train_epoch", "max_train_epochs"),
        ("zzzzzzzz", ""),
    ],
)
def test_nearest_real_name(name, real):
    assert option_table().nearest(name) == real


def test_effective_values_are_defaults_and_known_values():
    effective = option_table().effective({"network_dim": 8, "no_such": 1})
    assert effective["network_dim"] == 8
    assert effective["lr_scheduler"] == "constant"
    assert "no_such" not in effective
    assert None not in effective.values()


@pytest.mark.punks
def test_the_table_equals_the_dumped_schema(fixtures):
    dumped = json.loads((fixtures / "sdscripts" / "train_network_options.json").read_text())
    table = option_table()
    assert set(table.options) == {entry["name"] for entry in dumped["options"]}
    assert len(table.options) == dumped["count"] == 193
    for entry in dumped["options"]:
        option = table[entry["name"]]
        assert option.default == entry["default"]
        assert list(option.choices) == [c for c in entry["choices"] or [] if c is not None]
        assert option.many == (entry["nargs"] == "*")


def test_the_file_is_compact():
    assert resource("trainer_options.json").stat().st_size < 20_000
