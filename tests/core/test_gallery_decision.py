"""Gallery decision: recorded with date, earlier ones and reviews kept, a broken file refused."""

import json

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery_decision import decide, read_decision, withdraw


def test_the_newest_decision_counts_and_older_ones_stay(tmp_path):
    assert read_decision(tmp_path) is None
    decide(tmp_path, 8, "fewest\ncolours")
    decide(tmp_path, 7, "truly green")
    decision = read_decision(tmp_path)
    assert (decision.epoch, decision.reason) == (7, "truly green")
    assert decision.date[:2] == "20"
    data = json.loads((tmp_path / "reviews.json").read_text())
    assert [entry["epoch"] for entry in data["decisions"]] == [8, 7]
    assert data["decisions"][0]["reason"] == "fewest colours"


def test_withdrawing_leaves_no_decision(tmp_path):
    decide(tmp_path, 8)
    withdraw(tmp_path)
    assert read_decision(tmp_path) is None


def test_reviews_of_others_are_kept(tmp_path):
    (tmp_path / "reviews.json").write_text('{"scores": {"a.png": 7}, "schema": 1}')
    decide(tmp_path, 3)
    assert json.loads((tmp_path / "reviews.json").read_text())["scores"] == {"a.png": 7}


@pytest.mark.parametrize("text", ["{", "[]", '{"decisions": 5}', '{"decisions": [{"epoch": "x"}]}'])
def test_a_broken_file_is_named_and_left_alone(tmp_path, text):
    path = tmp_path / "reviews.json"
    path.write_text(text)
    for call in (lambda: read_decision(tmp_path), lambda: decide(tmp_path, 1)):
        with pytest.raises(AppError, match=r"reviews\.json"):
            call()
    assert path.read_text() == text
