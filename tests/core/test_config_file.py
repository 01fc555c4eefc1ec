"""Training config: read as the trainer reads it, edited as a person wrote it."""

import difflib

import pytest
import toml
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.errors import AppError
from tests.core._packages import CONFIG, write_config


def changed_lines(before: str, after: str) -> list[str]:
    diff = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in diff if line[0] in "+-"]


def test_sections_dissolve_and_the_last_one_wins():
    config = TrainingConfig("top = 1\n[a]\nx = 1\ny = 2\n[b]\nx = 3\ntop = 4\n[b.deep]\nz = 1\n")
    assert config.values == {"top": 4, "x": 3, "y": 2, "deep": {"z": 1}}
    assert config.duplicates == {"top": ["", "b"], "x": ["a", "b"]}


def test_values_are_a_copy():
    config = TrainingConfig("x = 1")
    config.values["x"] = 2
    assert config.get("x") == 1


def test_editing_keeps_comments_and_order():
    config = TrainingConfig(CONFIG)
    config.set("network_dim", 16)
    assert changed_lines(CONFIG, config.text()) == [
        "- network_dim = 8               # KEEP",
        "+ network_dim = 16               # KEEP",
    ]
    assert config.get("network_dim") == 16


def test_setting_the_same_value_changes_no_byte():
    text = CONFIG.replace("learning_rate = 1e-4", "learning_rate =   1.0E-4   # full")
    config = TrainingConfig(text)
    config.set("learning_rate", 0.0001)
    assert config.text() == text


def test_a_new_name_goes_behind_the_last_one_not_behind_closing_notes():
    config = TrainingConfig("[training_arguments]\nseed = 42\n\n# notes\n# more notes\n")
    config.set("sdpa", True)
    assert config.text().splitlines()[:3] == ["[training_arguments]", "seed = 42", "sdpa = true"]


def test_a_value_is_set_where_the_trainer_reads_it():
    config = TrainingConfig("[a]\nx = 1\n[b]\nx = 2\n")
    config.set("x", 3)
    assert config.text() == "[a]\nx = 1\n[b]\nx = 3\n"
    config.unset("x")
    assert config.values == {}
    assert config.text() == "[a]\n[b]\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# only a comment\n",
        "x = 1\n",
        "[s]\n",
        "[s]\na = 1\n[[s.p]]\nq = 1\n",
        "[[s]]\na = 1\n",
        "x = 1\n[s]\na = 1\n[t]\n[t.u]\nz = 1\n",
        "s = {a = 1}\n",
        "a = 1\r\n[s]\r\nb = 2\r\n",
    ],
)
def test_names_can_be_added_and_taken_away_anywhere(text):
    config = TrainingConfig(text)
    config.set("new", [1, 2])
    assert TrainingConfig(config.text()).get("new") == [1, 2]
    config.set("new", "x")
    assert toml.loads(config.text()) == toml.loads(TrainingConfig(config.text()).text())
    config.unset("new")
    assert config.values == TrainingConfig(text).values


def test_windows_line_ends_stay():
    config = TrainingConfig("a = 1\r\nb = 2\r\n")
    config.set("c", 3)
    assert config.text().count("\r\n") == config.text().count("\n") == 3


def test_saving_is_refused_when_the_file_changed_meanwhile(tmp_path):
    path = write_config(tmp_path)
    config = TrainingConfig.load(path)
    config.set("seed", 1)
    path.write_text("seed = 7\n")
    with pytest.raises(AppError) as caught:
        config.save()
    assert caught.value.kind == "conflict"
    assert path.read_text() == "seed = 7\n"
    config.save(tmp_path / "other.toml")
    assert TrainingConfig.load(tmp_path / "other.toml").get("seed") == 1


def test_saving_twice_works(tmp_path):
    config = TrainingConfig.load(write_config(tmp_path))
    for seed in (1, 2):
        config.set("seed", seed)
        config.save()
    assert TrainingConfig.load(tmp_path / "training_config.toml").get("seed") == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x = ", "not readable TOML"),
        (b"[a\nx=1", "not readable TOML"),
        (b"x = 1\nx = 2", "not readable TOML"),
        (b"\xef\xbb\xbfx = 1", "byte-order mark"),
        ("x = 1".encode("utf-16"), "UTF-16"),
        (b"x = 1\ny = '\xff'", r"not UTF-8 \(line 2\)"),
        (b"# " + b"x" * (1 << 20), "far too large"),
    ],
)
def test_broken_files_name_file_and_line(tmp_path, data, said):
    path = tmp_path / "c.toml"
    path.write_bytes(data)
    with pytest.raises(AppError, match=said) as caught:
        TrainingConfig.load(path)
    assert caught.value.kind == "bad_config"
    assert "c.toml" in str(caught.value)


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(AppError, match="no such file"):
        TrainingConfig.load(tmp_path / "no.toml")


@given(st.text(st.characters(codec="utf-8"), max_size=60))
def test_any_text_is_read_or_refused_in_words(text):
    try:
        toml.loads(text)
        readable = True
    except Exception:  # noqa: BLE001 the library lets nearly anything escape
        readable = False
    if readable:
        assert TrainingConfig(text).text() == text
    else:
        with pytest.raises(AppError, match="TOML"):
            TrainingConfig(text)
