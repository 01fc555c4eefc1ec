"""Words, places and fixes of config options: pure parts that form and raw text stand on."""

import pytest

from bespoke_gui.core.config.doctor import check_config
from bespoke_gui.core.config.fixes import apply_fix, fix_all, fix_for
from bespoke_gui.core.config.option_words import described_options, option_groups
from bespoke_gui.core.config.options import Option, option_table
from bespoke_gui.core.config.places import error_line, key_lines, line_of, rename_key
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.config.values import parse_typed, written
from bespoke_gui.core.errors import AppError

TEXT = '''\
# network_dim = 1
[general]
enable_bucket = true   # yes
network_args = [
  "conv_dim = 8",  # seed = 3
  "a]b",
]
training_comment = """
seed = 5
"""
[training_arguments]
"learning_rate" = 1e-4
seed = 42
seed2 = '[' # ]
max_token_length = 225
'''


class TestWords:
    def test_every_option_is_in_one_group(self):
        keys = [one.key for group in option_groups() for one in group.options]
        assert sorted(keys) == sorted(option_table().options)
        assert len(described_options()) == len(keys) == 193

    def test_most_options_have_a_label_and_an_explanation(self):
        told = [one for one in described_options().values() if one.help]
        assert len(told) >= 130
        assert all(one.label and one.help.endswith(".") for one in told)

    def test_labels_within_a_group_differ(self):
        for group in option_groups():
            labels = [one.label for one in group.options if one.label]
            assert len(set(labels)) == len(labels)

    def test_what_is_offered_is_of_the_options_kind(self):
        for one in described_options().values():
            for offer in one.offers:
                assert parse_typed(one.option, str(offer)) == offer

    @pytest.mark.parametrize(
        ("search", "found"),
        [
            ("rank", "network_dim"),
            ("min snr", "min_snr_gamma"),
            ("keep_tok", "keep_tokens"),
            ("overfits sooner", "network_dim"),
            ("RESTARTS full", "lr_scheduler"),
        ],
    )
    def test_search_looks_in_name_label_and_explanation(self, search, found):
        assert found in [key for key, one in described_options().items() if one.matches(search)]

    def test_search_wants_every_word(self):
        assert not any(one.matches("rank zebra") for one in described_options().values())


class TestPlaces:
    def test_lines_of_keys_outside_of_texts_lists_and_comments(self):
        lines = key_lines(TEXT)
        assert lines == {
            "enable_bucket": [3], "network_args": [4], "training_comment": [8],
            "learning_rate": [12], "seed": [13], "seed2": [14], "max_token_length": [15],
        }  # fmt: skip

    def test_the_last_place_counts(self):
        assert line_of("a = 1\n[x]\na = 2\n", "a") == 3
        assert line_of("", "a") is None

    def test_a_broken_line_hides_no_other(self):
        assert key_lines("a = 'x\nb = \nc = 1") == {"a": [1], "b": [2], "c": [3]}
        assert key_lines("[broken\nb = 1") == {"b": [2]}

    def test_the_line_of_an_error(self):
        with pytest.raises(AppError) as caught:
            TrainingConfig("a = 1\nb = \n")
        assert error_line(caught.value) == 2
        assert error_line(AppError("no line")) is None

    def test_renaming_touches_only_the_name(self):
        assert rename_key(TEXT, "seed", "sown") == TEXT.replace("\nseed = 42", "\nsown = 42")


class TestValues:
    @pytest.mark.parametrize(
        ("kind", "text", "value"),
        [
            ("int", " 8 ", 8),
            ("float", "1e-4", 1e-4),
            ("float", "1", 1.0),
            ("float", ".5", 0.5),
            ("int_or_float", "0.1", 0.1),
            ("int_or_float", "100", 100),
            ("bool", "Yes", True),
            ("str", ' "x" ', '"x"'),
        ],
    )
    def test_typed(self, kind, text, value):
        found = parse_typed(Option("x", kind), text)
        assert found == value
        assert isinstance(found, type(value))

    def test_numbers_keep_their_writing_in_the_file(self):
        config = TrainingConfig("learning_rate = 0.5 # high\n")
        config.set("learning_rate", parse_typed(Option("learning_rate", "float"), "1e-4"))
        assert config.text() == "learning_rate = 1e-4 # high\n"

    def test_lists(self):
        words = Option("network_args", "str", many=True)
        assert parse_typed(words, "conv_dim=8\n\nbetas=0.9,0.99") == [
            "conv_dim=8",
            "betas=0.9,0.99",
        ]
        rates = Option("text_encoder_lr", "float", many=True)
        assert parse_typed(rates, "5e-5") == 5e-5
        assert parse_typed(rates, "5e-5, 1e-5") == [5e-5, 1e-5]

    @pytest.mark.parametrize(
        ("option", "text", "words"),
        [
            (Option("seed", "int"), "four", "'four' is not a whole number"),
            (Option("seed", "int"), "1.5", "whole number"),
            (Option("rate", "float"), "1e", "a number such as 1e-4"),
            (Option("rate", "float"), "", "a number"),
            (Option("on", "bool"), "perhaps", "neither yes nor no"),
            (Option("length", "int", choices=(150, 225)), "200", "one of 150, 225"),
        ],
    )
    def test_refused_in_words(self, option, text, words):
        with pytest.raises(AppError, match=words):
            parse_typed(option, text)

    def test_written(self):
        values = (1e-4, 5e-5, 2.5e-6, 0.05, 1.0, 32, True, [1e-4, 2e-5], ["a=1", "b=2"])
        assert [written(value) for value in values] == [
            "1e-4", "5e-5", "2.5e-6", "0.05", "1", "32", "yes", "1e-4, 2e-5", "a=1\nb=2",
        ]  # fmt: skip


GOOD = """\
pretrained_model_name_or_path = "stable-diffusion-v1-5/stable-diffusion-v1-5"
network_module = "networks.lora"
network_dim = 32
network_alpha = 16
output_dir = "/workspace/output"
train_data_dir = "/workspace/training_data"
resolution = "512,512"
caption_extension = ".txt"
max_train_epochs = 8
learning_rate = 1e-4
save_every_n_epochs = 1
sdpa = true
seed = 42
"""


def mended(text, code, **facts):
    """Check, make the fix of the one finding `code`, check again; return the fixed text."""
    config = TrainingConfig(text)
    problem = next(p for p in check_config(config, **facts) if p.code == code)
    fix = fix_for(problem, config)
    assert fix is not None
    after = apply_fix(text, fix)
    left = [(p.code, p.where) for p in check_config(TrainingConfig(after), **facts)]
    assert (code, problem.where) not in left
    return after


class TestFixes:
    @pytest.mark.parametrize(
        ("line", "code", "after"),
        [
            ("bucket_resolution = 512\n", "unknown_key", ""),
            ("rank = 16\n", "unknown_key", ""),
            ("lr_scheduller = 'cosine' # why\n", "unknown_key", "lr_scheduler = 'cosine' # why\n"),
            ("keep_tokens = 1\n", "ignored_value", ""),
            ("max_token_length = 75\n", "bad_choice", ""),
            ("lr_scheduler = 'cosin'\n", "bad_choice", 'lr_scheduler = "cosine"\n'),
            ("mixed_precision = 'bf17'\n", "bad_choice", 'mixed_precision = "bf16"\n'),
            ("min_snr_gamma = '5'\n", "wrong_type", "min_snr_gamma = 5.0\n"),
            ("shuffle_caption = 'false'\n", "wrong_type", "shuffle_caption = false\n"),
            ("in_json = ''\n", "empty_in_json", ""),
        ],
    )  # fmt: skip
    def test_a_line_is_mended(self, line, code, after):
        assert mended(GOOD + line, code) == GOOD + after

    @pytest.mark.parametrize(
        ("old", "new", "code", "after"),
        [
            ("stable-diffusion-v1-5/", "runwayml/", "withdrawn_model", "stable-diffusion-v1-5/"),
            ("sdpa = true", "xformers = true # fast", "needs_xformers",
             "xformers = false # fast"),
            ('"512,512"', "512", "wrong_type", '"512,512"'),
            ('"512,512"', "[512, 384]", "wrong_type", '"512,384"'),
            ("sdpa = true\n", "", "slow_attention", ""),
            ("save_every_n_epochs = 1\n", "", "few_checkpoints", ""),
            ("seed = 42\n", "", "default_taken", ""),
            ('"networks.lora"', '""', "missing_option", '"networks.lora"'),
            ('".txt"', '"txt"', "caption_extension", '".txt"'),
        ],
    )  # fmt: skip
    def test_a_value_is_mended(self, old, new, code, after):
        assert after in mended(GOOD.replace(old, new), code)

    def test_captions_that_are_cut_off(self):
        captions = {"a.png": "red hat, " * 40}
        after = mended(GOOD, "captions_cut_off", captions=captions)
        assert after == GOOD + "max_token_length = 150\n"

    def test_bucket_limits(self):
        text = GOOD.replace("512,512", "192,192") + "enable_bucket = true\n"
        assert "min_bucket_reso = 192" in mended(text, "bucket_limits")

    def test_the_schedule_and_its_warm_up(self):
        text = GOOD + "lr_warmup_steps = 10\n"
        assert 'lr_scheduler = "constant_with_warmup"' in mended(text, "conflict")

    def test_states_that_fill_the_disk(self):
        text = GOOD + "save_state = true\n"
        config = TrainingConfig(text)
        problem = next(p for p in check_config(config) if p.code == "disk_for_states")
        after = apply_fix(text, fix_for(problem, config))
        assert after == text + "save_last_n_epochs_state = 1\n"
        left = next(p for p in check_config(TrainingConfig(after)) if p.code == "disk_for_states")
        assert "keeps 2 states," in left.message  # the newest of an epoch, and the last
        assert fix_for(left, TrainingConfig(after)) is None

    def test_where_a_person_must_decide_there_is_no_fix(self):
        config = TrainingConfig(GOOD + "network_train_unet_only = true\n"
                                "network_train_text_encoder_only = true\n")  # fmt: skip
        problem = next(p for p in check_config(config) if p.code == "conflict")
        assert fix_for(problem, config) is None

    def test_all_plain_fixes_at_once(self):
        text = GOOD.replace("seed = 42\n", "") + "keep_tokens = 1\nrank = 8\n"
        after, made = fix_all(TrainingConfig(text), check_config)
        assert [problem.where for problem, _ in made] == ["rank", "keep_tokens"]
        assert after == GOOD.replace("seed = 42\n", "")

    def test_named_ones_are_mended_even_if_a_person_should_look(self):
        text = GOOD.replace("seed = 42\n", "") + "keep_tokens = 1\n"
        after, made = fix_all(TrainingConfig(text), check_config, ["seed"])
        assert [problem.where for problem, _ in made] == ["seed"]
        assert after == text + "seed = 42\n"
