"""What the linter leaves alone: whatever was ignored can be heeded again, and nothing else."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core.left_alone import (
    CHECK,
    DICTIONARY,
    WORDS,
    LeftAlone,
    heed,
    leave_alone,
    read_left_alone,
)

CODES = st.sampled_from(["spelling", "doubled_word", "near_images"])
TEXT = st.text("abé ", min_size=1, max_size=6).map(str.strip).filter(bool)
ROWS = st.one_of(
    st.builds(LeftAlone, st.just(CHECK), CODES),
    st.builds(LeftAlone, st.just(WORDS), CODES, TEXT, st.sampled_from(["", "a/lad_1", "lad_2"])),
    st.builds(LeftAlone, st.just(DICTIONARY), words=TEXT),
)


@settings(max_examples=60, deadline=None)
@given(rows=st.lists(ROWS, unique=True, max_size=6), data=st.data())
def test_heeding_takes_out_what_was_named(tmp_path_factory, rows, data):
    folder = tmp_path_factory.mktemp("p")
    leave_alone(folder, rows)
    assert set(read_left_alone(folder)) == set(rows)
    some = data.draw(st.lists(st.sampled_from(rows), unique=True)) if rows else []
    heed(folder, some)
    assert set(read_left_alone(folder)) == set(rows) - set(some)
    leave_alone(folder, some)
    assert set(read_left_alone(folder)) == set(rows)


def test_heeding_what_was_never_ignored_writes_nothing(tmp_path):
    heed(tmp_path, [LeftAlone(CHECK, "spelling"), LeftAlone(WORDS, "spelling", "x")])
    heed(tmp_path, [LeftAlone(DICTIONARY, words="x")])
    assert list(tmp_path.iterdir()) == []


def test_what_people_wrote_stays(tmp_path):
    (tmp_path / "dictionary.txt").write_text("# mine\nlad # a boy\n", encoding="utf-8")
    (tmp_path / "lint.toml").write_text('# mine\nignore = ["spelling"]\n', encoding="utf-8")
    leave_alone(tmp_path, [LeftAlone(DICTIONARY, words="krypta")])
    heed(tmp_path, read_left_alone(tmp_path))
    assert read_left_alone(tmp_path) == []
    assert "# mine" in (tmp_path / "dictionary.txt").read_text(encoding="utf-8")
    assert "# mine" in (tmp_path / "lint.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("left", ["ignored = []", 'ignored = [{code = "spelling", words = "b"}]'])
def test_a_list_in_one_line_is_added_to(tmp_path, left):
    (tmp_path / "lint.toml").write_text(f"{left}\n[mine]\nx = 1\n", encoding="utf-8")
    before = read_left_alone(tmp_path)
    one = LeftAlone(WORDS, "spelling", "a", "lad_1")
    leave_alone(tmp_path, [one])
    assert set(read_left_alone(tmp_path)) == {*before, one}
    heed(tmp_path, [one])
    assert read_left_alone(tmp_path) == before
    assert "[mine]" in (tmp_path / "lint.toml").read_text(encoding="utf-8")
