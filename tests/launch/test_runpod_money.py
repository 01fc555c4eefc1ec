"""Money: the cost does not depend on how often one looks, and caps are met to the second."""

import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.launch.runpod import money
from bespoke_gui.launch.runpod.ledger import Entry
from bespoke_gui.launch.runpod.pods import Pod

START = 1_800_000_000.0
RATE = st.floats(0.05, 20)
GAPS = st.lists(st.floats(0, 50_000), min_size=1, max_size=20)


def pod(at, rate, status="RUNNING"):
    cost = rate if status != "EXITED" else 0.0
    return Pod("p", "bespoke-x", status, usd_per_hour=cost, created=START, at=at)


def looked(entry, gaps, rate, at=START):
    for gap in gaps:
        at += gap
        entry = money.counted(entry, pod(at, rate))
    return entry, at


@given(RATE, GAPS)
def test_the_cost_is_price_times_time_however_often_one_looks(rate, gaps):
    entry, at = looked(Entry("bespoke-x", "", ""), gaps, rate)
    assert entry.spent_usd == pytest.approx(rate * (at - START) / 3600)
    assert entry.since == START


@given(RATE, GAPS, st.floats(0, 50_000))
def test_time_without_a_look_is_counted_on(rate, gaps, dark):
    entry, at = looked(Entry("bespoke-x", "", ""), gaps, rate)
    blind = money.at_most(entry, at + dark)
    seen, _ = looked(blind, [0], rate, at + dark)
    straight, _ = looked(entry, [dark], rate, at)
    assert seen.spent_usd == pytest.approx(straight.spent_usd)
    assert money.ended(entry, at + dark).spent_usd == pytest.approx(straight.spent_usd)
    assert money.ended(entry, at + dark).usd_per_hour == 0


@given(RATE, GAPS, st.floats(0, 50_000))
def test_a_stopped_pod_costs_nothing_more(rate, gaps, later):
    entry, at = looked(Entry("bespoke-x", "", ""), gaps, rate)
    stopped = money.counted(entry, pod(at, rate, "EXITED"))
    after = money.counted(stopped, pod(at + later, rate, "EXITED"))
    assert after.spent_usd == pytest.approx(entry.spent_usd)
    assert after.price == rate, "what it would cost again is known"


@given(RATE, GAPS)
def test_a_clock_that_goes_backwards_takes_nothing_back(rate, gaps):
    entry, at = looked(Entry("bespoke-x", "", ""), gaps, rate)
    again = money.counted(entry, pod(at - 100, rate))
    assert again.spent_usd == entry.spent_usd
    assert again.counted == entry.counted


@given(RATE, GAPS, st.floats(0.01, 100), st.floats(0.1, 100))
def test_after_the_seconds_left_a_cap_is_met_exactly(rate, gaps, usd, hours):
    entry = dataclasses.replace(Entry("bespoke-x", "", ""), max_usd=usd, max_hours=hours)
    entry, at = looked(entry, gaps, rate)
    left = money.seconds_left(entry)
    then, _ = looked(entry, [max(0.0, left)], rate, at)
    if left > 0:
        assert money.seconds_left(then) == pytest.approx(0, abs=1e-3)
        assert then.spent_usd <= usd * (1 + 1e-6) + 1e-9
    kept = money.reserve(entry, 300)
    assert 0 < kept <= 300
    assert kept <= 0.1 * hours * 3600 + 1e-9


def test_without_caps_there_is_no_end():
    entry, _ = looked(Entry("bespoke-x", "", ""), [5], 1.0)
    assert money.seconds_left(entry) is None
    assert (money.cap_words(entry), money.reserve(entry, 300)) == ("", 300)


def test_two_pods_of_one_run_are_added_up():
    entry, at = looked(Entry("bespoke-x", "", ""), [3600], 2.0)
    entry = dataclasses.replace(money.ended(entry, at), id="", counted=None)
    second = Pod("q", "bespoke-x", "RUNNING", usd_per_hour=1.0, created=at, at=at + 1800)
    assert money.counted(entry, second).spent_usd == pytest.approx(2.5)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (1.386, "$1.39"), (0.0123, "$0.01"), (0.0042, "$0.0042"), (0, "$0.00"),
        (None, "an unknown amount"),
    ],
)  # fmt: skip
def test_amounts_are_read_by_people(amount, words):
    assert money.usd(amount) == words
