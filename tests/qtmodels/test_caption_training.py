"""Which config decides about captions, and what it makes of them."""

import os

import pytest

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.caption_training import CaptionTraining

SHUFFLED = 'caption_extension = ".txt"\nshuffle_caption = true\nkeep_tokens = 1\n'


@pytest.fixture
def training(session):
    return CaptionTraining(session)


def write(session, name, text, when):
    path = session.project.configs_dir / f"{name}.toml"
    path.write_text(text, "utf-8")
    os.utime(path, (when, when))
    return path


def test_without_a_config_the_trainers_defaults_hold(training, session):
    assert (training.configs(), training.config(), training.limit()) == ([], None, None)
    seen = training.view("lad_001.png")
    assert seen.samples[0].text == session.captions.text("lad_001.png")
    assert not seen.random


def test_the_newest_config_counts_until_another_is_chosen(training, session, qtbot):
    old = write(session, "old", SHUFFLED + "max_token_length = 150\n", 1000)
    new = write(session, "new", SHUFFLED, 2000)
    write(session, "broken", "= nothing", 3000)
    training.reload()
    assert training.configs() == [new, old]
    assert (training.config(), training.limit()) == (new, 75)
    assert training.view("lad_001.png").random
    with qtbot.waitSignal(training.changed):
        training.choose(old)
    assert (training.config(), training.limit()) == (old, 150)
    session.open_project(session.project.folder)
    assert training.config() == old  # the choice is remembered
    old.unlink()
    training.reload()
    assert training.config() == new


def test_the_lint_follows_a_config_chosen_at_an_earlier_time(session):
    write(session, "short", SHUFFLED + "max_token_length = 10\n", 1000)
    write(session, "long", SHUFFLED, 2000)
    session.view.set("training_config", "short.toml")
    desk = CaptionDesk(session)
    assert "many_tokens" in desk.lints.codes("lad_001.png")


def test_a_config_that_was_changed_is_read_anew(training, session, qtbot):
    path = write(session, "one", SHUFFLED, 1000)
    training.reload()
    with qtbot.waitSignal(training.changed):
        path.write_text(SHUFFLED + "max_token_length = 225\n", "utf-8")
    assert training.limit() == 225


def test_the_lint_follows_the_chosen_config(session):
    desk = CaptionDesk(session)
    write(session, "short", SHUFFLED + "max_token_length = 10\n", 1000)
    write(session, "long", SHUFFLED, 2000)
    desk.training.reload()
    assert "many_tokens" not in desk.lints.codes("lad_001.png")
    desk.training.choose(session.project.configs_dir / "short.toml")
    assert "many_tokens" in desk.lints.codes("lad_001.png")
    write(session, "short", SHUFFLED, 1000)
    desk.training.reload()
    assert "many_tokens" not in desk.lints.codes("lad_001.png")


def test_nothing_was_edited_when_a_project_is_opened(session, qtbot):
    write(session, "one", SHUFFLED, 1000)
    training = CaptionTraining(session)
    told = []
    training.edited.connect(lambda: told.append(1))
    session.open_project(session.project.folder)
    training.reload()
    assert told == []
    write(session, "two", SHUFFLED + "max_token_length = 150\n", 2000)
    training.reload()
    assert told == [1]


def test_edits_count_before_they_are_saved(training, session):
    session.captions.edit("lad_001.png", "red hat", "typing")
    assert training.view("lad_001.png").samples[0].text == "red hat"


def test_a_missing_caption_gives_the_class_word(empty_session, make_project):
    empty_session.open_project(make_project(captions={"lad_002": "red hat"}))
    training = CaptionTraining(empty_session)
    assert training.view("lad_001.png").samples[0].text == "punks"
    assert training.view("lad_002.png").samples[0].text == "red hat"


def test_a_missing_caption_is_borrowed_from_a_shorter_name(empty_session, make_project):
    folder = make_project(captions={"lad_002": "red hat"})
    dataset = folder / "dataset"
    (dataset / "lad_001.png").rename(dataset / "lad_002_1_2_3_4.png")
    (dataset / "lady_001.png").rename(dataset / "gone_1_2_3_4.png")
    empty_session.open_project(folder)
    training = CaptionTraining(empty_session)
    seen = training.view("lad_002_1_2_3_4.png")
    assert seen.samples[0].text == "red hat"
    assert "'lad_002.txt'" in seen.remarks[0].text
    assert training.view("gone_1_2_3_4.png").samples[0].text == "punks"
    (dataset / "gone.txt").write_text("a tie", "utf-8")
    assert training.view("gone_1_2_3_4.png").samples[0].text == "a tie"


def test_files_as_they_lie_on_disk(training, session):
    path = session.captions.on_disk("lad_001.png").path
    for raw, words in (
        (b"", "The file is empty"),
        (b"\n", "Line 1 is blank"),
        (b"caf\xe9", "not UTF-8"),
        (b"\xef\xbb\xbfred hat", "byte order mark"),
    ):
        path.write_bytes(raw)
        session.open_project(session.project.folder)
        remarks = training.view("lad_001.png").remarks
        assert words in remarks[0].text, raw
