"""Word counts: the answers of a dict, in a tenth of its memory."""

import gzip
import json
import sys
from importlib.resources import files

from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core.spelling import _english
from bespoke_gui.core.word_counts import WordCounts

words = st.text("ab'é", max_size=4) | st.text(max_size=5)


@given(st.lists(st.tuples(words, st.integers(0, 2**32 - 1))), st.lists(words))
def test_it_answers_as_a_dict_does(pairs, others):
    pairs = [(word, count) for word, count in pairs if _is_text(word)]
    plain, compact = dict(pairs), WordCounts(pairs)
    assert len(compact) == len(plain)
    for word in (*plain, *others):
        assert compact.get(word, 7) == plain.get(word, 7)
        assert (word in compact) == (word in plain)
    assert dict(compact.at_least(5)) == {w: n for w, n in plain.items() if n >= 5}


def _is_text(word):
    return not any("\ud800" <= sign <= "\udfff" for sign in word)


def test_half_a_character_is_no_word():
    assert "\ud800" not in WordCounts([("a", 1)])


def test_the_english_list_is_the_one_that_was_read():
    data = (files("spellchecker") / "resources" / "en.json.gz").read_bytes()
    plain, compact = json.loads(gzip.decompress(data)), _english()
    assert len(compact) == len(plain)
    assert all(compact.get(word) == count for word, count in plain.items())
    assert all(word[::-1] + "q" not in compact for word in list(plain)[::97])
    assert sorted(compact.at_least(150)) == [(w, n) for w, n in plain.items() if n >= 150]
    held = sum(sys.getsizeof(each) for row in compact._rows.values() for each in row)
    assert held < 4_000_000
