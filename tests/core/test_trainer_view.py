"""What the trainer reads: draws, cuts, class word, and everything that goes wrong in silence."""

import pytest

from bespoke_gui.core import clip_tokens
from bespoke_gui.core.trainer_view import Borrowed, borrowed_stem, class_word, setup_from, view

CAPTION = "pixel art, 24x24, portrait of bespoke punk lad, brown hair, green background"
TRIGGER = "portrait of bespoke punk"
# The reference run's own options (runpod_package/training_config.toml).
VALUES = {
    "caption_extension": ".txt", "shuffle_caption": True, "keep_tokens": 1,
    "caption_dropout_rate": 0.02, "max_token_length": 225,
}  # fmt: skip


def seen(caption, changes=None, **more):
    return view(caption, setup_from({**VALUES, **(changes or {})}), **more)


def words(found):
    return "\n".join(
        f"{remark.severity}: {remark.text}" for remark in (*found.remarks, *found.chances)
    )


def test_samples_are_shuffled_and_the_same_for_the_same_seed():
    found = seen(CAPTION, seed=4, count=5)
    assert found == seen(CAPTION, seed=4, count=5)
    assert found.random
    assert len({sample.text for sample in found.samples}) > 2
    for sample in found.samples:
        assert sorted(sample.text.split(", ")) == sorted(CAPTION.split(", "))
        assert [sample.text[a:b] for a, b in sample.fixed] == ["pixel art"]
        assert (sample.tokens, sample.cut) == (clip_tokens.count(CAPTION), None)
    assert "info: Phrases are shuffled each time; fixed by keep_tokens = 1: 'pixel art'." in words(
        found
    )
    assert "info: 2% of the time the whole caption is left out." in words(found)


def test_the_trigger_that_keep_tokens_does_not_hold():
    moving = words(seen(CAPTION, trigger=TRIGGER))
    assert "warning: The trigger 'portrait of bespoke punk' moves about: keep_tokens = 3" in moving
    held = words(seen(CAPTION, {"keep_tokens": 3}, trigger=TRIGGER))
    assert "info: The trigger 'portrait of bespoke punk' is among the fixed phrases." in held
    marked = seen(
        f"brown hair ||| x ||| {TRIGGER}", {"keep_tokens_separator": "|||"}, trigger=TRIGGER
    )
    assert "is among the fixed phrases" in words(marked)
    assert "fixed by keep_tokens_separator: 'brown hair', 'portrait" in words(marked)
    absent = words(seen("brown hair", trigger=TRIGGER))
    assert "warning: The trigger 'portrait of bespoke punk' is not in this caption." in absent
    assert "trigger" not in words(seen(CAPTION, {"shuffle_caption": False}, trigger=TRIGGER))


def test_a_trigger_of_several_phrases():
    assert "keep_tokens = 2 would hold it" in words(seen(CAPTION, trigger="pixel art, 24x24"))


@pytest.mark.parametrize(
    ("option", "limit"),
    [(None, 75), (75, 75), (77, 75), (149, 75), (150, 150), (225, 225), (20, 20)],
)
def test_what_is_beyond_the_limit_is_cut(option, limit):
    text = "word " * 300
    found = seen(text, {"max_token_length": option, "shuffle_caption": False})
    sample = found.samples[0]
    assert sample.tokens == 300
    assert clip_tokens.count(sample.text[: sample.cut]) == limit
    assert f"warning: 300 tokens, the trainer reads {limit}" in words(found)


def test_an_empty_file_stops_the_trainer():
    found = seen("")
    assert found.samples == ()
    assert words(found).startswith("error: The file is empty: the trainer stops here")


def test_a_file_that_is_not_utf_8_stops_it_too_and_a_mark_is_read():
    found = seen("caf\xe9", encoding="windows-1252")
    assert found.samples == ()
    assert "windows-1252, not UTF-8: the trainer stops" in words(found)
    marked = seen("\ufeffred hat")
    assert "byte order mark" in words(marked)
    assert marked.samples[0].tokens > seen("red hat").samples[0].tokens


def test_only_line_1_is_read_unless_wildcards_are_on():
    text = "red hat\nblue hat\n"
    found = seen(text)
    assert {sample.text for sample in found.samples} == {"red hat"}
    assert found.remarks[0].text == "Only line 1 is read; the rest is ignored."
    assert found.remarks[0].place == (7, len(text))
    assert "Only line 1" not in words(seen("red hat\n \n"))
    assert "warning: Line 1 is blank" in words(seen("\nred hat"))
    chosen = seen(text, {"enable_wildcard": True}, count=30)
    assert {sample.text for sample in chosen.samples} == {"red hat", "blue hat"}
    assert "info: One of 2 lines is taken at random each time." in words(chosen)


def test_the_class_word_stands_in_for_a_missing_caption():
    found = seen(None, class_word="bespoke_baby")
    assert {sample.text for sample in found.samples} == {"bespoke_baby"}
    assert "There is no caption file: the trainer reads the class word 'bespoke_baby'." in words(
        found
    )
    assert "reads an empty caption" in words(seen(None))


def test_an_image_without_a_caption_may_get_another_ones():
    assert borrowed_stem("lad_006_red_shift") is None
    assert borrowed_stem("lad_006_1_2_3_4") == "lad_006"
    other = Borrowed("lad_006.txt", "red hat\nmore")
    found = seen(None, {"shuffle_caption": False}, class_word="baby", borrowed=other)
    assert {sample.text for sample in found.samples} == {"red hat"}
    assert "the trainer takes 'lad_006.txt', the name without its last four parts" in words(found)
    own = seen("tie", class_word="baby", borrowed=other)
    assert {sample.text for sample in own.samples} == {"tie"}


def test_another_extension_means_no_caption():
    trainer = setup_from({"shuffle_caption": False})
    found = view(CAPTION, trainer, class_word="baby")
    assert [sample.text for sample in found.samples] == ["baby"]
    assert 'looks for ".caption" files and this one ends with ".txt"' in words(found)
    assert view(CAPTION, setup_from({}, ".txt")).samples[0].text == CAPTION


@pytest.mark.parametrize(
    ("image", "folder", "word"),
    [
        ("a.png", "dataset", "My_Punks"),
        ("a.png", "7_baby", "baby"),
        ("2_lads/a.png", "dataset", "lads"),
        ("384/a.png", "512", "My_Punks"),
    ],
)
def test_class_words_are_those_of_the_package(image, folder, word):
    assert class_word(image, folder, "My Punks") == word


def test_what_cannot_be_shown_is_said():
    more = {"dataset_config": "x.toml", "token_warmup_step": 10, "caption_tag_dropout_rate": 0.1}
    text = words(seen(CAPTION, {**more, "caption_dropout_every_n_epochs": 3}))
    assert "dataset_config" in text
    assert "see only 1 of the moving phrases" in text
    assert "Each phrase not fixed is left out 10% of the time." in text
    assert "Every epoch divisible by 3 sees empty captions." in text


@pytest.mark.punks
def test_real_captions_under_the_real_configs(punks):
    from bespoke_gui.core.config.trainer_config import TrainingConfig

    config = TrainingConfig.load(punks / "configs" / "training_config_phase1b.toml")
    setup = setup_from(config.values)
    assert (setup.limit, setup.options.keep_tokens, setup.options.shuffle) == (225, 1, True)
    cut, plain = 0, setup_from({**config.values, "max_token_length": 75})
    for path in sorted((punks / "captions_after").glob("*.txt")):
        text = path.read_text("utf-8")
        assert all(sample.cut is None for sample in view(text, setup).samples), path.name
        cut += view(text, plain, count=1).samples[0].cut is not None
    assert cut >= 80
