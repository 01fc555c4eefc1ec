"""Raw log: windows of a file, and a search that misses nothing at the joints of its pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import raw_log
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.raw_log import Hits, excerpt, find_in_log, last_lines, read_window
from bespoke_gui.core.terminal_text import plain, plain_lines


@pytest.fixture
def small(monkeypatch):
    """Pieces and rows so small that every joint is met."""
    monkeypatch.setattr(raw_log, "PIECE", 16)
    monkeypatch.setattr(raw_log, "LONGEST_ROW", 8)


def write(tmp_path, text):
    path = tmp_path / "log.txt"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def plainly(data: bytes, words: str) -> list[int]:
    """The numbers of the lines that hold the words, found the plain way."""
    found, line = [], 1
    for raw in data.replace(b"\r\n", b"\n").replace(b"\n", b"\n\0").split(b"\n"):
        line += raw.startswith(b"\0")
        parts = raw.removeprefix(b"\0").split(b"\r")
        found += [line for part in parts if words in plain(part.decode("utf-8", "replace")).lower()]
    return found


ALPHABET = st.sampled_from([b"a", b"b", b"A", b"\n", b"\r", b"\r\n", "ä".encode(), b"\x1b[1m"])


@given(st.lists(ALPHABET, max_size=90).map(b"".join), st.sampled_from(["a", "ab", "aab", "bä"]))
def test_every_line_with_the_words_is_found_once_across_all_joints(tmp_path_factory, data, words):
    path = write(tmp_path_factory.getbasetemp(), data)
    whole, piece = find_in_log(path, words), raw_log.PIECE
    assert list(whole.lines) == plainly(data, words)
    raw_log.PIECE = 97
    try:
        assert list(find_in_log(path, words).lines) == list(whole.lines)
    finally:
        raw_log.PIECE = piece


@given(st.lists(ALPHABET, max_size=60).map(b"".join), st.integers(0, 60))
def test_a_search_goes_on_where_the_file_ended(tmp_path_factory, data, cut):
    base = tmp_path_factory.getbasetemp()
    known = find_in_log(write(base, data[:cut]), "ab")
    path = write(base, data)
    assert find_in_log(path, "ab", known) == find_in_log(path, "ab")


def test_words_in_a_line_longer_than_a_piece_are_found_at_every_joint(small, tmp_path):
    for before in range(40):
        path = write(tmp_path, "x" * before + "needle" + "x" * 40)
        hits = find_in_log(path, "NEEDLE".lower())
        assert list(hits.offsets) == [before]


def test_a_file_that_was_written_anew_is_searched_from_its_beginning(tmp_path):
    known = find_in_log(write(tmp_path, "one word\n" * 5), "word")
    again = find_in_log(write(tmp_path, "a word\n"), "word", known)
    assert list(again.lines) == [1]


def test_no_more_is_remembered_than_fits(tmp_path, monkeypatch):
    monkeypatch.setattr(raw_log, "MOST", 3)
    hits = find_in_log(write(tmp_path, "word\n" * 5), "word")
    assert (len(hits), hits.full) == (3, True)


def test_progress_is_told_and_may_end_the_search(small, tmp_path):
    def stop(done, total):
        told.append((done, total))
        raise AppError("enough", kind="cancelled")

    told: list = []
    with pytest.raises(AppError):
        find_in_log(write(tmp_path, "line\n" * 20), "line", None, stop)
    assert told == [(15, 100)]


def test_next_and_previous_go_round():
    hits = Hits("x")
    hits.offsets.extend([10, 20, 30])
    assert [hits.next_of(at) for at in (5, 10, 30)] == [0, 1, 0]
    assert [hits.next_of(at, backward=True) for at in (30, 10)] == [1, 2]


TERMINAL = st.sampled_from([*"a;1mb\n", "\x1b", "[", "]", "\\\\", "\x07", "\u202e", "\x85", "\t"])


@given(st.lists(TERMINAL, max_size=40).map("".join))
def test_many_lines_at_once_are_cleaned_as_each_alone(text):
    assert plain_lines(text) == "\n".join(map(plain, text.split("\n")))


def test_terminal_sequences_are_gone_and_html_is_text(tmp_path):
    path = write(tmp_path, "\x1b[31m<b>red</b>\x1b[0m\x1b]0;title\x07 \u202eevil\n")
    assert read_window(path).rows == ("<b>red</b> evil",)
    assert list(find_in_log(path, "red</b> e").lines) == [1]


def test_a_window_holds_whole_lines_and_says_where_it_is(tmp_path):
    path = write(tmp_path, "".join(f"line {n:04}\n" for n in range(1000)))
    window = read_window(path, 5003, 100)
    assert window.rows[0] == "line 0496"
    assert window.row_of(5003) == window.rows.index("line 0500")
    assert (window.begin % 10, window.end % 10, window.total) == (0, 0, 10_000)
    assert read_window(path, None, 100).rows[-1] == "line 0999"
    assert read_window(path, 0, 100).begin == 0


def test_one_endless_line_is_shown_in_rows(tmp_path):
    path = write(tmp_path, "x" * 1_000_000)
    window = read_window(path)
    assert max(map(len, window.rows)) == raw_log.LONGEST_ROW
    assert window.end - window.begin == raw_log.WINDOW
    assert len(excerpt(path, 500_000)) == 400


def test_progress_lines_of_a_terminal_are_lines(tmp_path):
    path = write(tmp_path, "steps: 1\rsteps: 2\rsteps: 3\r\ndone")
    assert read_window(path).rows == ("steps: 1", "steps: 2", "steps: 3", "done")
    assert list(find_in_log(path, "steps").lines) == [1, 1, 1]
    assert excerpt(path, find_in_log(path, "done").offsets[0]) == "done"


def test_a_missing_file_is_empty(tmp_path):
    path = tmp_path / "none.txt"
    assert read_window(path).rows == ()
    assert not find_in_log(path, "word")
    assert last_lines(path, 5) == []
    assert excerpt(path, 3) == ""


def test_the_last_lines(tmp_path):
    path = write(tmp_path, "".join(f"{n}\n" for n in range(100_000)))
    assert last_lines(path, 3) == ["99997", "99998", "99999"]
    assert len(last_lines(path, 60_000)) == 60_000
    assert last_lines(path, 0) == []
