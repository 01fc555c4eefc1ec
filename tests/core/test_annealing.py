"""Annealing: shares of the highest rate, and where nothing can be told apart."""

from bespoke_gui.core.annealing import is_annealed, shares


def test_restarts_leave_annealed_epochs_between_those_at_a_high_rate():
    rates = {0: None, 3: 5.3e-5, 5: 2.3e-8, 6: 1e-4, 10: 0.0}
    found = shares(rates)
    assert found == {3: 0.53, 5: 2.3e-4, 6: 1.0, 10: 0.0}
    assert [epoch for epoch, share in found.items() if is_annealed(share)] == [5, 10]


def test_one_rate_or_none_tells_nothing_apart():
    assert shares({}) == {}
    assert shares({1: None, 2: 1e-4}) == {}
    assert shares({1: 0.0, 2: 0.0}) == {}


def test_a_constant_rate_anneals_no_epoch():
    assert not any(map(is_annealed, shares({1: 1e-4, 2: 1e-4}).values()))
