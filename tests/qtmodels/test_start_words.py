"""One question before money is spent, and clear choices before a run is stopped."""

import pytest

from bespoke_gui.core.errors import Problem
from bespoke_gui.launch.runpod.catalog import Offer
from bespoke_gui.qtmodels import place_work, start_words
from bespoke_gui.qtmodels.place_desk import PlaceDesk
from bespoke_gui.qtmodels.place_work import Market

CARDS = (Offer("NVIDIA L4", "L4", 24, "secure", 0.39, "HIGH"),
         Offer("NVIDIA L40S", "L40S", 48, "secure", 0.86, "HIGH"))  # fmt: skip
ERROR = Problem("x", "error", "no images", hint="add some")


@pytest.fixture
def desk(session, monkeypatch):
    monkeypatch.setattr(place_work, "market", lambda cloud: Market(CARDS, has_key=True))
    desk = PlaceDesk(session)
    yield desk
    desk.deleteLater()


@pytest.fixture
def renting(desk):
    desk.choose("runpod")
    desk.tick("NVIDIA L4", True)
    desk.tick("NVIDIA L40S", True)
    return desk


def test_here_nothing_is_asked_unless_something_is_in_the_way(desk):
    assert start_words.start_question(desk, None, None) is None
    question = start_words.start_question(desk, ERROR, None)
    assert question is not None
    title, text, choices = question
    assert title == "Start in spite of errors?"
    assert text == "no images\nadd some"
    assert [key for key, _ in choices] == ["back", "start"]


def test_renting_is_asked_once_with_price_caps_and_end(renting):
    question = start_words.start_question(renting, None, None)
    assert question is not None
    title, text, choices = question
    assert title == "Rent a machine and start?"
    assert "L4: $0.39 an hour." in text
    assert "Tried after it: L40S." in text
    assert "saved and ended at $5.00 or 12 h" in text
    assert "given back once every checkpoint is here" in text
    assert choices == [("start", "Rent and start")]


def test_errors_and_money_are_one_question(renting):
    question = start_words.start_question(renting, ERROR, None)
    assert question is not None
    assert "no images" in question[1]
    assert "$0.39 an hour" in question[1]


def test_no_caps_and_a_kept_machine_are_said(renting):
    renting.ask_for(max_usd=None, max_hours=None, keep_pod=True)
    text = start_words.money_words(renting, None)
    assert "There is no cap." in text
    assert "goes on costing money" in text
    assert "is not known" in text


def test_where_it_starts_is_a_tooltip(desk, renting):
    assert start_words.place_words(renting).startswith("Rents a L4 at $0.39 an hour")
    renting.choose("local")
    assert start_words.place_words(renting) == "Starts on this computer"


RENTED = {"backend": "runpod", "pod": {"id": "a"}, "usd_per_hour": 1.39}


def test_a_rented_run_is_stopped_with_its_machine_in_mind():
    text, choices = start_words.stop_question(RENTED, False)
    assert "$1.39 an hour" in text
    assert [key for key, _ in choices] == ["stop", "epoch", "leave"]
    text, choices = start_words.stop_question({"backend": "local"}, False)
    assert "$" not in text
    assert [key for key, _ in choices] == ["stop", "epoch"]
    assert [key for key, _ in start_words.stop_question({}, True)[1]] == ["stop"]


def test_giving_back_says_what_would_be_lost():
    text, choices = start_words.release_question({**RENTED, "missing": ["a", "b"]}, "failed")
    assert "2 files not here yet would be lost: a and others." in text
    assert [key for key, _ in choices] == ["fetch", "release"]
    text, choices = start_words.release_question(RENTED, "running")
    assert "ends at once, without saving" in text
    assert [key for key, _ in choices] == ["release"]
