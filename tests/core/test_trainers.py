"""Export to other trainers: what maps is right, what does not is named, nothing is dropped."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.options import option_table
from bespoke_gui.core.config.presets import preset
from bespoke_gui.core.config.train_data import as_packaged, read_train_data
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.trainers.base import EXPORTERS, export_config
from bespoke_gui.core.yaml_text import BLOCK, to_yaml

DATA = read_train_data(
    "training_data",
    [f"3_lad/{n}.png" for n in range(100)] + [f"1_lady/{n}.png" for n in range(103)],
)
BOTH = ["aitoolkit", "onetrainer"]
# Names that OneTrainer's TrainConfig has (23df3832), of those written here.
ONETRAINER_KEYS = {
    "__version", "training_method", "model_type", "base_model_name", "workspace_dir", "cache_dir",
    "output_model_destination", "output_model_format", "output_dtype", "save_filename_prefix",
    "save_every", "save_every_unit", "resolution", "batch_size", "gradient_accumulation_steps",
    "aspect_ratio_bucketing", "latent_caching", "clip_grad_norm", "epochs", "lora_rank",
    "lora_alpha", "peft_type", "layer_filter", "layer_filter_preset", "train_dtype",
    "learning_rate", "unet", "text_encoder", "text_encoder_layer_skip", "vae",
    "attention_mechanism", "learning_rate_scheduler", "learning_rate_warmup_steps",
    "learning_rate_cycles", "optimizer", "offset_noise_weight", "loss_weight_fn",
    "loss_weight_strength", "force_v_prediction", "rescale_noise_scheduler_to_zero_terminal_snr",
    "concepts",
}  # fmt: skip


def edited(name="sd15_512", **values) -> TrainingConfig:
    config = preset(name).config()
    for key, value in values.items():
        if value is None:
            config.unset(key)
        else:
            config.set(key, value)
    return config


def lost(exported) -> dict[str, str]:
    return {one.key: one.why for one in exported.unmapped}


def process(config, data=DATA) -> dict:
    return export_config(config, "aitoolkit", data).document["config"]["process"][0]


def test_both_are_there():
    assert list(EXPORTERS) == BOTH
    with pytest.raises(AppError, match="there is no trainer"):
        export_config(edited(), "kohya")


@pytest.mark.parametrize("name", BOTH)
def test_every_option_is_mapped_or_named(name):
    config = edited(bucket_resolution=512, multires_noise_iterations=6, save_state=True)
    exported = export_config(config, name, DATA)
    assert set(exported.mapped) | set(lost(exported)) == set(config.values)
    assert not set(exported.mapped) & set(lost(exported))
    assert "no option of sd-scripts" in lost(exported)["bucket_resolution"]
    assert "75 tokens" in lost(exported)["max_token_length"]
    assert "multires" in lost(exported)["multires_noise_iterations"]
    assert {"learning_rate", "network_dim", "resolution", "seed"} <= set(exported.mapped)
    assert all(one.why for one in exported.unmapped)


@pytest.mark.parametrize("name", BOTH)
def test_the_embedded_base_stays_here(name):
    with pytest.raises(AppError, match="embedded"):
        export_config(edited(pretrained_model_name_or_path="embedded"), name)


# -- OneTrainer ------------------------------------------------------------------------------------


def test_onetrainer_file():
    exported = export_config(edited(), "onetrainer", DATA)
    document = json.loads(exported.text)
    assert document == exported.document
    assert set(document) <= ONETRAINER_KEYS
    assert document["model_type"] == "STABLE_DIFFUSION_15"
    assert document["base_model_name"] == "stable-diffusion-v1-5/stable-diffusion-v1-5"
    assert (document["lora_rank"], document["lora_alpha"]) == (32, 16)
    assert (document["epochs"], document["batch_size"], document["resolution"]) == (8, 4, "512")
    assert document["unet"]["learning_rate"] == 1e-4
    assert document["text_encoder"]["learning_rate"] == 5e-5
    assert (document["loss_weight_fn"], document["loss_weight_strength"]) == ("MIN_SNR_GAMMA", 5)
    assert document["output_model_format"] == "KOHYA_LORA"
    assert (document["save_every"], document["save_every_unit"]) == (1, "EPOCH")


def test_onetrainer_trains_the_text_encoder_to_the_end():
    part = export_config(edited(), "onetrainer", DATA).document["text_encoder"]
    assert (part["stop_training_after"], part["stop_training_after_unit"]) == (None, "NEVER")
    off = export_config(edited(network_train_unet_only=True), "onetrainer", DATA).document
    assert (off["text_encoder"]["train"], off["unet"]["train"]) == (False, True)


def test_onetrainer_concepts_have_the_repeats_and_the_captions():
    concepts = export_config(edited(), "onetrainer", DATA).document["concepts"]
    assert [(c["path"], c["balancing"], c["name"]) for c in concepts] == [
        ("/workspace/training_data/3_lad", 3.0, "lad"),
        ("/workspace/training_data/1_lady", 1.0, "lady"),
    ]
    assert concepts[0]["text"] == {
        "prompt_source": "sample", "enable_tag_shuffling": True, "tag_delimiter": ",",
        "keep_tags_count": 1,
    }  # fmt: skip
    (unknown,) = export_config(edited(), "onetrainer").document["concepts"]
    assert unknown["include_subdirectories"] is True


@pytest.mark.parametrize(
    ("values", "kind", "warmup"),
    [
        ({"lr_warmup_steps": 100}, "CONSTANT", 100),
        ({"lr_warmup_steps": 0.1}, "CONSTANT", 0.1),
        ({"lr_warmup_steps": 1}, "CONSTANT", 0),
        ({"lr_warmup_steps": 50, "gradient_accumulation_steps": 4}, "CONSTANT", 200),
        ({"lr_scheduler": "cosine_with_restarts"}, "COSINE_WITH_HARD_RESTARTS", 0.05),
        ({"lr_scheduler": "linear"}, "LINEAR", 0.05),
    ],
)
def test_onetrainer_schedules(values, kind, warmup):
    document = export_config(edited(**values), "onetrainer", DATA).document
    assert document["learning_rate_scheduler"] == kind
    assert document["learning_rate_warmup_steps"] == warmup


def test_onetrainer_what_is_not_there_is_said():
    config = edited(
        lr_scheduler="polynomial", optimizer_type="SGDNesterov", lr_warmup_steps=1,
        optimizer_args=["weight_decay=0.1", "nesterov=True"], network_args=["conv_dim=8"],
        caption_extension=".caption", network_module="lycoris.kohya",
    )  # fmt: skip
    exported = export_config(config, "onetrainer", DATA)
    expected = {"lr_scheduler", "optimizer_type", "lr_warmup_steps", "optimizer_args",
                "network_args", "caption_extension", "network_module"}  # fmt: skip
    assert expected <= set(lost(exported))
    assert exported.document["optimizer"] == {"optimizer": "ADAMW", "weight_decay": 0.1}
    assert exported.document["layer_filter_preset"] == "full"


def test_onetrainer_epochs_from_steps():
    config = edited(max_train_epochs=None, max_train_steps=1000)
    assert export_config(config, "onetrainer", DATA).document["epochs"] == 10
    assert "max_train_steps" in lost(export_config(config, "onetrainer"))


# -- ai-toolkit ------------------------------------------------------------------------------------


def test_aitoolkit_counts_steps():
    found = process(edited())
    # 3 x 100 + 103 images in batches of 4.
    assert found["train"]["steps"] == 101 * 8
    assert found["save"] == {"dtype": "float16", "save_every": 101, "max_step_saves_to_keep": 8}
    assert found["training_seed"] == 42
    unknown = export_config(edited(), "aitoolkit")
    assert {"max_train_epochs", "save_every_n_epochs"} <= set(lost(unknown))


def test_aitoolkit_folders_are_flat_with_repeats():
    first, second = process(edited())["datasets"]
    assert (first["folder_path"], first["num_repeats"]) == ("/workspace/training_data/3_lad", 3)
    assert second["num_repeats"] == 1
    assert (first["caption_ext"], first["caption_dropout_rate"]) == ("txt", 0.02)
    assert first["resolution"] == [512]


def test_aitoolkit_shuffling_moves_the_kept_phrases_too():
    assert "shuffling" in lost(export_config(edited(), "aitoolkit", DATA))["keep_tokens"]
    calm = edited(shuffle_caption=False)
    assert "keep_tokens" not in lost(export_config(calm, "aitoolkit", DATA))


def test_aitoolkit_schedules():
    warm = process(edited(lr_warmup_steps=0.05))["train"]
    assert warm["lr_scheduler"] == "constant_with_warmup"
    assert warm["lr_scheduler_params"] == {"num_warmup_steps": int(0.05 * 808)}
    assert process(edited(lr_scheduler="cosine"))["train"]["lr_scheduler"] == "cosine"
    waves = edited(lr_scheduler="cosine_with_restarts", lr_scheduler_num_cycles=3)
    exported = export_config(waves, "aitoolkit", DATA)
    assert process(waves)["train"]["lr_scheduler"] == "constant"
    assert {"lr_scheduler", "lr_scheduler_num_cycles", "lr_warmup_steps"} <= set(lost(exported))


def test_aitoolkit_reads_back():
    yaml = pytest.importorskip("yaml")
    exported = export_config(edited(output_name="on: yes # 1e-4"), "aitoolkit", DATA)
    assert yaml.safe_load(exported.text) == exported.document


# -- the YAML that is written ----------------------------------------------------------------------

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), WORDS, st.floats(allow_nan=False),
    st.from_regex(BLOCK, fullmatch=True),
    st.sampled_from(["a\nb\n", "a\nb", "a\n\nb\n", " a\nb\n"]),
    st.sampled_from(["yes", "1e-4", "null", "2026-11-26", "- a", "a: b", "#", "'", '"', "\n", "~"]),
)  # fmt: skip
TREES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4)
)


@given(st.dictionaries(WORDS, TREES, max_size=5))
def test_yaml_round_trip(data):
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(to_yaml(data)) == data


def test_yaml_refuses_what_it_cannot_write():
    with pytest.raises(TypeError):
        to_yaml({"a": {1, 2}})


VALUES = st.one_of(
    st.integers(-5, 10**6), st.floats(), st.just(10**400), st.booleans(),
    st.text(max_size=5), st.lists(st.text(max_size=8), max_size=2),
)  # fmt: skip


@given(
    st.dictionaries(st.sampled_from(sorted(option_table().options)), VALUES, max_size=8),
    st.sampled_from(BOTH),
)
def test_any_value_is_exported_or_refused_in_words(values, name):
    class Config(TrainingConfig):
        """A config with exactly these values, however odd."""

        @property
        def values(self):
            return values

    data = as_packaged("1_x", ["a.png"])
    try:
        exported = export_config(Config(""), name, data)
    except AppError:
        return
    assert set(exported.mapped) | set(lost(exported)) == set(values)
