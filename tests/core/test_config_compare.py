"""Comparing configs: what changed, and which of the changes the trainer does not even see."""

import pytest

from bespoke_gui.core.config.compare import compare_configs, compare_texts
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError


def by_key(diff):
    return {change.key: change for change in diff.changes}


def test_kinds_and_words():
    diff = compare_texts("seed = 1\nresolution = '512'\n", "seed = 2\nnetwork_dim = 8\n")
    assert [(c.key, c.kind) for c in diff.changes] == [
        ("seed", "changed"), ("resolution", "removed"), ("network_dim", "added"),
    ]  # fmt: skip
    assert diff.words == "3 changes"
    assert (
        str(by_key(diff)["network_dim"])
        == "network_dim: not set -> 8 (before, the trainer took nothing)"
    )
    assert compare_texts("seed = 1", "[a]\nseed = 1").words == "no changes"


def test_an_unknown_option_has_no_effect():
    diff = compare_texts("bucket_resolution = 512\nseed = 1", "bucket_resolution = 256\nseed = 2")
    assert by_key(diff)["bucket_resolution"].no_effect == "the trainer has no such option"
    assert by_key(diff)["seed"].counts
    assert diff.words == "2 changes, 1 without effect"


def test_a_value_that_is_ignored_on_both_sides_has_no_effect():
    start = "enable_bucket = true\nbucket_no_upscale = {}\nmax_bucket_reso = {}\n"
    same = compare_texts(start.format("true", 1024), start.format("true", 512))
    assert by_key(same)["max_bucket_reso"].no_effect.startswith("bucket_no_upscale is on")
    now_read = compare_texts(start.format("true", 1024), start.format("false", 512))
    assert by_key(now_read)["max_bucket_reso"].counts


def test_writing_a_default_out_or_taking_it_away_has_no_effect():
    assert compare_texts("a = 1", "a = 1\nmax_grad_norm = 1.0").without_effect
    assert compare_texts("train_batch_size = 1", "").without_effect
    removed = compare_texts("train_batch_size = 4", "").changes[0]
    assert removed.counts
    assert removed.meaning == "the trainer takes 1"
    # False is not the number 0 to a strict schema.
    assert compare_texts("keep_tokens = false", "").changes[0].counts


def test_sections_do_not_count():
    before = TrainingConfig("a = 1\nb = 'x'\nc = true\n")
    after = TrainingConfig("[s]\na = 1.0\nc = true\nd = [1]\n")
    changes = [(c.key, c.before, c.after) for c in compare_configs(before, after).changes]
    assert changes == [("a", 1, 1.0), ("b", "x", None), ("d", None, [1])]


def test_one_and_one_point_nought_differ():
    assert [c.key for c in compare_texts("lr_warmup_steps = 1", "lr_warmup_steps = 1.0").changes]


def test_an_unreadable_text_is_an_error_in_words():
    with pytest.raises(AppError):
        compare_texts("a = ", "a = 1")


@pytest.mark.punks
def test_the_four_changes_of_the_reference_run(punks):
    """The plan's "4 changes for 256px" were 8, and the trainer never saw two of the 4."""
    configs = [
        TrainingConfig.load(punks / "configs" / f"training_config_{name}.toml")
        for name in ("512px", "256px")
    ]
    diff = compare_configs(*configs)
    assert [c.key for c in diff.changes] == [
        "bucket_resolution", "max_bucket_reso", "output_name", "max_train_epochs",
        "optimizer_type", "train_data_dir", "resolution", "log_prefix",
    ]  # fmt: skip
    assert {c.key for c in diff.without_effect} == {"bucket_resolution", "max_bucket_reso"}
    assert diff.words == "8 changes, 2 without effect"
