"""Check: the reference run's package as it was, every fault in it; and a good package, none."""

import json
import shutil

import pytest

from bespoke_gui.commands.check import run
from bespoke_gui.core.check import check_target
from bespoke_gui.core.config.presets import preset
from bespoke_gui.core.package import build_package
from tests.core._packages import write_pairs

# Every fault of the seed's package: code and file of the finding, and what its fix says.
FAULTS = {
    ("no_data", "train_data_dir"): "a folder such as 1_portrait",
    ("path_will_not_exist", "train_data_dir"): '"/workspace/runpod_package/training_data"',
    ("unknown_key", "bucket_resolution"): "the option resolution sets the training size",
    ("withdrawn_model", "pretrained_model_name_or_path"): "stable-diffusion-v1-5/",
    ("ignored_value", "min_bucket_reso"): "take it out",
    ("ignored_value", "max_bucket_reso"): "take it out",
    ("ignored_value", "prior_loss_weight"): "take it out",
    ("uneven_epochs", "lr_scheduler"): "constant_with_warmup",
    ("two_noises", "noise_offset"): "keep one",
    ("disk_for_states", "save_state"): "save_last_n_epochs_state = 1",
    # What depends on the machine is said as a condition.
    ("needs_bitsandbytes", "optimizer_type"): "AdamW",
    ("needs_xformers", "xformers"): "sdpa = true",
    ("needs_bf16", "mixed_precision"): "fp16",
}


@pytest.fixture
def seed(punks, tmp_path):
    """The layout of the plan: flat training_data, the 512 px config."""
    folder = tmp_path / "runpod_package"
    shutil.copytree(punks / "train_512px", folder / "training_data")
    for caption in (punks / "captions_after").glob("*.txt"):
        shutil.copy(caption, folder / "training_data")
    shutil.copy(punks / "configs" / "training_config_512px.toml", folder / "training_config.toml")
    return folder


@pytest.mark.punks
def test_the_seeds_package_lists_every_fault(seed):
    report = check_target(seed)
    assert not report.ok
    found = {(p.code, p.where): p for p in report.problems}
    assert set(found) == set(FAULTS)
    for key, problem in found.items():
        assert FAULTS[key] in problem.hint
        assert problem.file == "runpod_package/training_config.toml"
    errors = {key for key, problem in found.items() if problem.severity == "error"}
    assert {code for code, _ in errors} == {"no_data", "path_will_not_exist"}
    assert (report.stats.images, report.stats.captions) == (203, 203)


@pytest.mark.punks
def test_its_data_folder_with_the_config_beside_it(seed):
    config = seed / "training_config.toml"
    report = check_target(seed / "training_data", config)
    assert "no_data" in {p.code for p in report.problems if p.file == str(config)}


@pytest.mark.punks
def test_a_good_package_of_the_same_images_is_clean(seed, tmp_path):
    config = tmp_path / "training_config.toml"
    config.write_text(preset("sd15_512").text, "utf-8")
    package = build_package(seed / "training_data", config, tmp_path / "good.zip")
    report = check_target(tmp_path / "good.zip")
    assert report.problems == []
    assert report.stats.images == 203
    assert package


def test_the_command_says_it_in_json(tmp_path):
    import argparse

    write_pairs(tmp_path / "pkg" / "training_data")
    text = preset("sd15_256").text
    (tmp_path / "pkg" / "training_config.toml").write_text(text, "utf-8")
    result = run(argparse.Namespace(target=tmp_path / "pkg", config=None))
    assert result.code == 1
    data = json.loads(json.dumps(result.data))
    first = data["problems"][0]
    assert (first["code"], first["severity"]) == ("no_data", "error")
    assert first["hint"]
    assert "No data found" in result.text
    assert "[no_data]" in result.text
