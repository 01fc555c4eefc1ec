"""The packed config: paths where they will be, nothing secret, nothing of this machine."""

import zipfile
from pathlib import Path

import pytest

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.lorafile import write_tensors
from bespoke_gui.core.models.store import add_model
from bespoke_gui.core.package import build_package, verify_package
from bespoke_gui.core.package_config import packaged_config
from bespoke_gui.core.package_secrets import is_local_path, is_secret, without_secrets
from tests.core._packages import CONFIG, write_config, write_pairs

CANARIES = {
    "huggingface_token": "canary-one",
    "wandb_api_key": "canary-two",
    "my_api_key": "canary-three",
    "CIVITAI_TOKEN": "canary-four",
    "db_password": "canary-five",
    "huggingface_path_in_repo": "hf_CanaryCanaryCanary6",
    "log_tracker_name": "sk-canary7canary7canary7",
}
COMMENTS = """\
# token: hf_CanaryCanaryCanary8 and ghp_CanaryCanaryCanaryCanary9
# wandb login 0123456789abcdef0123456789abcdef01234567
# push to https://me:canary10@example.org/repo
"""


def packed(config: str, tmp_path: Path, **options) -> tuple[TrainingConfig, dict[str, object]]:
    made = packaged_config(
        TrainingConfig(config, tmp_path / "c.toml"), "runpod_package", ".txt", False, **options
    )
    return made.config, {problem.where or problem.code: problem for problem in made.problems}


def test_planted_canaries_stay_at_home_and_are_named(tmp_path):
    lines = "\n".join(f'{key} = "{value}"' for key, value in CANARIES.items())
    config = write_config(tmp_path, f"{COMMENTS}{CONFIG}{lines}\n")
    report = build_package(write_pairs(tmp_path / "1_x"), config, tmp_path / "p.zip")
    data = report.package.read_bytes()
    for canary in (b"anary", b"0123456789abcdef", str(tmp_path).encode()):
        assert canary not in data
    left_out = {p.where: p for p in report.problems if p.code == "secret_left_out"}
    assert set(left_out) == set(CANARIES)
    assert "HF_TOKEN" in left_out["huggingface_token"].hint
    assert not any("anary" in str(told) for told in [*report.problems, *report.changes])
    (shortened,) = [p for p in report.problems if p.code == "comment_shortened"]
    assert "line 1 held a key" in shortened.message
    with zipfile.ZipFile(report.package) as source:
        readme = source.read("runpod_package/README.md").decode()
    assert "export WANDB_API_KEY=..." in readme


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("keep_tokens", "3"),
        ("max_token_length", "225"),
        ("keep_tokens_separator", "|||"),
        ("token_warmup_min", "1"),
        ("secondary_separator", ";;;"),
        ("tokenizer_cache_dir", "cache"),
        ("huggingface_repo_id", "me/lora"),
        ("output_name", "sk-short"),
    ],
)
def test_options_that_only_sound_like_secrets_stay(key, value):
    assert not is_secret(key, value)


def test_models_of_this_machine_get_a_place_and_are_said(tmp_path):
    text = CONFIG.replace(
        '"stable-diffusion-v1-5/stable-diffusion-v1-5"', '"/home/anna/models/sd15.safetensors"'
    )
    text += (
        'vae = "C:\\\\Users\\\\anna\\\\vae.pt"\nbase_weights = ["~/a.safetensors", "org/name"]\n'
    )
    text += 'tokenizer_cache_dir = "/workspace/cache"\nmy_images = "/home/anna/punks"\n'
    config, told = packed(text, tmp_path)
    assert config.get("pretrained_model_name_or_path") == "/workspace/models/sd15.safetensors"
    assert config.get("vae") == "/workspace/models/vae.pt"
    assert config.get("base_weights") == ["/workspace/models/a.safetensors", "org/name"]
    assert config.get("tokenizer_cache_dir") == "/workspace/cache"
    assert config.get("my_images") is None
    assert "/workspace/models/vae.pt" in told["vae"].hint
    assert "anna" not in config.text()


def test_sample_prompts_travel_along(tmp_path):
    (tmp_path / "prompts.txt").write_text("a red hat", "utf-8")
    config = write_config(tmp_path, CONFIG + 'sample_prompts = "./prompts.txt"\n')
    report = build_package(write_pairs(tmp_path / "1_x"), config, tmp_path / "p.zip")
    assert "runpod_package/sample_prompts.txt" in report.files
    with zipfile.ZipFile(report.package) as source:
        text = source.read("runpod_package/training_config.toml").decode()
    assert 'sample_prompts = "/workspace/runpod_package/sample_prompts.txt"' in text


def test_captions_are_found_whatever_the_config_said(tmp_path):
    without = "\n".join(line for line in CONFIG.splitlines() if "caption_ext" not in line) + "\n"
    config, told = packed(without, tmp_path)
    assert config.get("caption_extension") == ".txt"
    assert "looked for .caption" in told["caption_extension"].message
    config, _ = packed(without + 'caption_extention = ".txt"\n', tmp_path)
    assert config.get("caption_extension") is None
    config, _ = packed(without + 'caption_extention = ".cap"\n', tmp_path)
    assert (config.get("caption_extension"), config.get("caption_extention")) == (".txt", None)


def test_regularisation_that_only_the_config_names_travels_along(tmp_path):
    write_pairs(tmp_path / "people" / "2_person", ["r"])
    text = CONFIG + f'reg_data_dir = "{tmp_path / "people"}"\n'
    report = build_package(
        write_pairs(tmp_path / "1_x"), write_config(tmp_path, text), tmp_path / "p.zip"
    )
    assert "runpod_package/reg/2_person/r.png" in report.files
    assert report.regularisation == 1
    assert str(tmp_path).encode() not in report.package.read_bytes()
    assert [p for p in verify_package(report.package) if p.severity == "error"] == []


def test_regularisation_that_is_nowhere_is_an_error(tmp_path):
    text = CONFIG + f'reg_data_dir = "{tmp_path / "gone"}"\n'
    build_package(write_pairs(tmp_path / "1_x"), write_config(tmp_path, text), tmp_path / "p.zip")
    errors = [p.code for p in verify_package(tmp_path / "p.zip") if p.severity == "error"]
    assert errors == ["no_reg_data"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("# from /home/anna/punks/v2 today", "# from …/v2 today"),
        ("# C:\\Users\\anna\\punks", "# …/punks"),
        ("# see https://example.org/home/page and a/home/b", None),
        ("# 3/4 of /workspace/output", None),
        ("# commit 48d368fa557731ad0488c07304dfeba8c07910eb", None),
    ],
)
def test_comments_lose_folders_and_keep_the_rest(text, wanted):
    assert without_secrets(text)[0] == (wanted or text)
    assert bool(without_secrets(text)[1]) is (wanted is not None)


@pytest.mark.parametrize(
    ("value", "local"),
    [
        ("/workspace/x", False),
        ("/workspace", False),
        ("/workspaces/x", True),
        ("org/model", False),
        ("../x", True),
        ("D:/x", True),
        ("\\\\nas\\x", True),
        ("1e-4", False),
    ],
)
def test_what_is_a_path_of_this_machine(value, local):
    assert is_local_path(value) is local


def test_a_name_of_a_base_model_becomes_what_it_stands_for(tmp_path):
    model = tmp_path / "mine.safetensors"
    write_tensors(model, {"cond_stage_model.transformer.x": ("F16", (2,), bytes(4))}, {})
    add_model(str(model), "my base")
    add_model("stable-diffusion-v1-5/stable-diffusion-v1-5", "sd")
    key = "pretrained_model_name_or_path"
    config, problems = packed(f'{key} = "my base"\n', tmp_path)
    assert config.get(key) == "/workspace/models/mine.safetensors"
    assert problems[key].code == "needs_file"
    config, problems = packed(f'{key} = "sd"\n', tmp_path)
    assert config.get(key) == "stable-diffusion-v1-5/stable-diffusion-v1-5"
    assert key not in problems
