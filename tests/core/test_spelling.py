"""Spelling: right words are left alone, wrong ones corrected, and a project adds its own."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import spelling
from bespoke_gui.core.breathing import Breath
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lint_ignored import (
    Ignored,
    heed_place,
    ignore_code,
    ignore_place,
    read_ignored,
)
from bespoke_gui.core.spelling import speller
from bespoke_gui.core.spelling_project import add_words, read_dictionary, remove_words


@pytest.mark.parametrize("word", ["hair", "hoodies", "ombre", "woman's", "don't", "don’t"])
def test_right_words_are_known(word):
    assert speller().is_known(word)


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("emdium", "medium"),
        ("exschange", "exchange"),
        ("thinener", "thinner"),
        ("sivlery", "silvery"),
        ("fidora", "fedora"),
        ("translcuent", "translucent"),
        ("yellowsih", "yellowish"),
        ("goetee", "goatee"),
    ],
)
def test_the_likeliest_correction_comes_first(wrong, right):
    assert speller().proposals(wrong)[0] == right


def test_a_projects_words_are_known_and_proposed_first():
    own = frozenset({"kryptik"})
    assert speller().is_known("kryptik", own)
    assert not speller().is_known("kryptik")
    assert speller().proposals("kryptk", own)[0] == "kryptik"
    assert speller().unknown({"kryptik", "hair"}) == {"kryptik"}
    assert speller().unknown({"kryptik", "hair"}, own) == set()


@pytest.mark.parametrize(
    ("word", "halves"),
    [
        ("greybackground", ("grey", "background")),
        ("purpleyes", ("purple", "eyes")),
        ("capwearing", ("cap", "wearing")),
        ("zzzhair", None),
    ],
)
def test_glued_words_are_parted(word, halves):
    assert speller().halves(word) == halves


@given(st.text("abcdeö", min_size=1, max_size=14))
def test_any_word_can_be_asked_about(word):
    assert len(speller().proposals(word)) <= 3
    pair = speller().halves(word)
    assert pair is None or word.startswith(pair[0])


def test_distance_counts_letters_and_exchanges():
    codes = [spelling.np.frombuffer(w, "u1") for w in (b"brwon", b"brown")]
    table = spelling.np.stack([codes[1]])
    assert spelling._slips(codes[0], table, spelling.np.array([5])).tolist() == [1]


def test_dictionary_is_a_plain_file(tmp_path):
    assert read_dictionary(tmp_path) == frozenset()
    assert add_words(tmp_path, ["Ombré", "ombré", " lad "]) == ["Ombré", "lad"]
    path = tmp_path / "dictionary.txt"
    path.write_text(path.read_text(encoding="utf-8") + "mine # by hand\n", encoding="utf-8")
    assert add_words(tmp_path, ["MINE"]) == []
    assert read_dictionary(tmp_path) == {"ombré", "lad", "mine"}
    remove_words(tmp_path, ["LAD"])
    assert read_dictionary(tmp_path) == {"ombré", "mine"}
    assert "# by hand" in path.read_text(encoding="utf-8")


def test_a_dictionary_in_another_encoding_is_told(tmp_path):
    (tmp_path / "dictionary.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(AppError, match="UTF-8"):
        read_dictionary(tmp_path)


def test_ignored_places_and_checks_are_kept_in_a_file(tmp_path):
    ignore_place(tmp_path, "doubled_word", "Long long", "a/lad.png")
    ignore_place(tmp_path, "doubled_word", "long long", "a/lad.txt")
    ignore_place(tmp_path, "spelling", "yees")
    ignore_code(tmp_path, "sensitive_words")
    kept = read_ignored(tmp_path)
    places = {("doubled_word", "long long", "a/lad"), ("spelling", "yees", "")}
    assert kept == Ignored(frozenset({"sensitive_words"}), frozenset(places))
    assert kept.hides("spelling", "Yees", "any.png")
    assert not kept.hides("doubled_word", "long long", "b.png")
    text = (tmp_path / "lint.toml").read_text(encoding="utf-8")
    (tmp_path / "lint.toml").write_text(f"# mine\n{text}", encoding="utf-8")
    ignore_code(tmp_path, "sensitive_words", off=False)
    heed_place(tmp_path, "doubled_word", "long LONG", "a/lad.txt")
    heed_place(tmp_path, "spelling", "yees", "")
    assert read_ignored(tmp_path) == Ignored()
    assert "# mine" in (tmp_path / "lint.toml").read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["ignore = 3", "[[ignored]]\nwords = 'a'", "a = = b"])
def test_a_broken_lint_file_is_told(tmp_path, text):
    (tmp_path / "lint.toml").write_text(text, encoding="utf-8")
    with pytest.raises(AppError) as error:
        read_ignored(tmp_path)
    assert "lint.toml" in str(error.value)


def test_a_breath_passes_everything_on():
    assert list(Breath().over(range(5))) == [0, 1, 2, 3, 4]
