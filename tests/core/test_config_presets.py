"""Presets: readable, complete, and without a single finding of the doctor."""

import pytest

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.forecast import forecast
from bespoke_gui.core.config.presets import preset, presets
from bespoke_gui.core.config.train_data import as_packaged
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError

NAMES = ["sd15_512", "sd15_384", "sd15_256"]


def test_the_sizes_of_the_reference_run_largest_first():
    assert list(presets()) == NAMES
    assert [p.size for p in presets().values()] == [512, 384, 256]
    for one in presets().values():
        assert str(one.size) in one.title
        assert one.words.endswith(".")


@pytest.mark.parametrize("name", NAMES)
def test_the_doctor_finds_nothing(name):
    size = preset(name).size
    facts = {
        "data": as_packaged("1_punk", [f"{n}.png" for n in range(203)]),
        "sizes": {(size, size): 203},
        "captions": {"a.png": "word " * 137},
    }
    assert check_config(preset(name).config(), **facts) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_line_has_its_reason(name):
    lines = preset(name).text.splitlines()
    assert sum(line.startswith("#") for line in lines) >= 20
    assert max(len(line) for line in lines) <= 120


def test_it_trains_as_the_reference_run_did():
    course = forecast(preset("sd15_512").config().values, 203).plan
    assert (course.steps_per_epoch, course.total_steps, course.epochs) == (51, 408, 8)
    values = preset("sd15_512").config().values
    assert (values["network_dim"], values["network_alpha"], values["seed"]) == (32, 16, 42)


def test_names_can_be_given_and_comments_stay():
    config = preset("sd15_384").config("punk", "/workspace/p/training_data")
    assert config.get("output_name") == "punk"
    assert config.get("train_data_dir") == "/workspace/p/training_data"
    assert config.text().count("#") == preset("sd15_384").text.count("#")
    assert preset("sd15_384").config().get("output_name") == "my_style"
    assert isinstance(config, TrainingConfig)


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(AppError) as error:
        preset("sdxl")
    assert "sd15_384" in error.value.hint
