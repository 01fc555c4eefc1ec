"""Blind votes: fair pairs, strengths that are recovered, intervals that hold, steady judges."""

import numpy as np
import pytest

from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.judgement import bradley_terry as bt
from bespoke_gui.core.judgement.blind import choices, next_pairs
from bespoke_gui.core.judgement.judges import agreement, steadiness
from bespoke_gui.core.judgement.reviews import new_vote
from bespoke_gui.core.judgement.standing import standing
from tests.core.gallery_kit import make_gallery, protocol


def chosen(pair, rng, truth, ties=0.0):
    """A judge who is right as often as Bradley and Terry say."""
    one, other = (int(name[6:8]) for name in (pair.left, pair.right))
    if rng.random() < ties:
        return "tie"
    return "left" if rng.random() < 1 / (1 + np.exp(truth[other] - truth[one])) else "right"


def judge_pairs(gallery, truth, count, seed, judge="ann", ties=0.0):
    rng = np.random.default_rng(seed)
    votes = []
    while len(votes) < count:
        pairs = next_pairs(gallery, votes, judge, 5, seed)
        if not pairs:
            break
        for pair in pairs:
            votes.append(new_vote(judge, pair.left, pair.right, chosen(pair, rng, truth, ties),
                                  time=f"{len(votes):05d}"))  # fmt: skip
    return votes[:count]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory):
    asked = protocol(seeds=(1, 2, 3, 4))
    return open_gallery(make_gallery(tmp_path_factory.mktemp("g"), asked, epochs=range(7)))


def test_pairs_are_of_two_epochs_and_one_prompt_and_seed(gallery):
    images = {image.name: image for image in gallery.images()}
    pairs = next_pairs(gallery, [], "ann", 60, seed=3)
    assert len(pairs) == 60
    assert len({tuple(sorted((p.left, p.right))) for p in pairs}) == 60
    for pair in pairs:
        one, other = images[pair.left], images[pair.right]
        assert (one.prompt, one.seed) == (other.prompt, other.seed)
        assert one.epoch != other.epoch
        assert 0 not in (one.epoch, other.epoch), "the LoRA-off row takes no part"
    right = sum(images[p.left].epoch > images[p.right].epoch for p in pairs)
    assert 15 < right < 45, "neither side is that of the later epoch"
    assert pairs == next_pairs(gallery, [], "ann", 60, seed=3)
    assert pairs != next_pairs(gallery, [], "ann", 60, seed=4)
    assert pairs != next_pairs(gallery, [], "bo", 60, seed=3)
    assert any("epoch_00" in p.left + p.right
               for p in next_pairs(gallery, [], "ann", 60, lora_off=True))  # fmt: skip


def test_all_pairs_are_seen_once_then_repeats_are_all_that_is_left(gallery):
    votes = judge_pairs(gallery, np.zeros(8), 400, seed=1)
    fresh = {vote.pair for vote in votes}
    assert len(fresh) == 8 * 15
    assert len(votes) < 400
    counts = [sum(v.pair == pair for v in votes) for pair in fresh]
    assert max(counts) == 2


def test_repeats_come_with_changed_sides_and_not_at_once(gallery):
    votes = judge_pairs(gallery, np.zeros(8), 60, seed=2)
    first = {}
    again = 0
    for number, vote in enumerate(votes):
        if vote.pair in first:
            again += 1
            before = first[vote.pair]
            assert number - before > 3
            assert votes[before].left == vote.right
        first.setdefault(vote.pair, number)
    assert 3 <= again <= 18


def test_the_least_known_epochs_come_first_and_all_are_shown_equally_often(gallery):
    first = next_pairs(gallery, [], "ann", 3, seed=1)
    assert {name[:8] for p in first for name in (p.left, p.right)} == {
        f"epoch_{n:02d}" for n in range(1, 7)
    }
    votes = judge_pairs(gallery, np.array([0, -4, -4, -4, 0, 3, 3.2, 0]), 60, seed=5)
    shown = [sum(f"epoch_{n:02d}" in v.left + v.right for v in votes) for n in range(1, 7)]
    assert max(shown) - min(shown) <= 6
    assert max(shown) >= 20 >= min(shown)


def test_known_strengths_of_two_are_found():
    """3 of 4 games: the log odds are log 3; the imagined draws pull a little to nothing."""
    fit = bt.fit(np.array([[0, 300.0], [100, 0]]))
    assert fit.theta[0] - fit.theta[1] == pytest.approx(np.log(3), abs=0.02)
    half = fit.difference(0, 1)[2] - fit.difference(0, 1)[0]
    assert half == pytest.approx(1.96 / np.sqrt(400 * 0.75 * 0.25), rel=0.05)


def test_strengths_are_the_maximum_of_the_likelihood():
    rng = np.random.default_rng(4)
    wins = rng.integers(0, 12, (5, 5)).astype(float)
    np.fill_diagonal(wins, 0)
    fit = bt.fit(wins)

    def loss(theta):
        own = np.log(bt.chances(theta))
        draws = -np.logaddexp(0, -theta) - np.logaddexp(0, theta)
        return -(wins * own).sum() - 0.5 * draws.sum()

    theta, step = fit.theta - fit.theta.mean(), 1e-3
    base = min(loss(theta + shift) for shift in np.linspace(-2, 2, 4001))
    for number in range(5):
        for sign in (-1, 1):
            moved = theta.copy()
            moved[number] += sign * 0.05
            assert min(loss(moved + s) for s in np.linspace(-2, 2, 401)) > base - step * step


@pytest.mark.parametrize("wins", [np.zeros((2, 3)), -np.ones((2, 2)), np.zeros(3)])
def test_a_table_that_is_none_is_refused(wins):
    with pytest.raises(ValueError, match="square"):
        bt.fit(wins)


def test_an_epoch_that_always_wins_has_a_finite_strength(gallery):
    truth = np.array([0, 0, 0, 0, 0, 0, 50, 0])
    found = standing(gallery, judge_pairs(gallery, truth, 60, seed=1))
    assert found.epochs[0].epoch == 6
    assert np.isfinite([found.epochs[0].strength, found.epochs[0].high]).all()


def test_intervals_hold_and_strengths_are_recovered_by_simulated_judges(gallery):
    """95 % intervals of all differences hold the truth about that often; order is recovered."""
    truth = np.array([0, -1.2, -0.6, -0.1, 0.2, 0.6, 1.1, 0])
    inside, total, ranks, slopes = 0, 0, [], []
    for seed in range(14):
        votes = judge_pairs(gallery, truth, 110, seed)
        fit = bt.fit(bt.count_wins(6, choices(gallery, votes, range(1, 7))))
        for one in range(6):
            for other in range(one):
                _, low, high = fit.difference(one, other)
                inside += low <= truth[one + 1] - truth[other + 1] <= high
                total += 1
        slopes.append(np.polyfit(truth[1:7], fit.theta, 1)[0])
        ranks.append(np.corrcoef(fit.theta, truth[1:7])[0, 1])
    assert 0.92 < inside / total <= 0.995
    assert np.mean(ranks) > 0.9
    assert 0.85 < np.mean(slopes) < 1.15, "strengths are not stretched by the choice of pairs"


def test_equal_epochs_are_tied_and_the_hint_says_so(gallery):
    found = standing(gallery, judge_pairs(gallery, np.zeros(8), 120, seed=6, ties=0.3))
    assert not found.decided
    assert sum(item.tied for item in found.epochs) >= 2
    assert "part" in found.hint


def test_a_clear_winner_ends_the_test(gallery):
    truth = np.array([0, 0, 0, 0, 0, 0, 4, 0])
    found = standing(gallery, judge_pairs(gallery, truth, 110, seed=2))
    assert found.decided
    assert found.epochs[0].epoch == 6
    assert not any(item.tied for item in found.epochs)
    assert "ahead of all others" in found.hint


def test_too_few_votes_say_nothing(gallery):
    assert standing(gallery, []).hint.startswith("no blind votes yet")
    votes = judge_pairs(gallery, np.array([0, 0, 0, 0, 0, 0, 9, 0]), 4, seed=1)
    found = standing(gallery, votes)
    assert not found.decided
    assert "too few" in found.hint


def test_strengths_of_a_tie_are_equal(gallery):
    votes = [new_vote("ann", "epoch_01/green_lad_1.png", "epoch_02/green_lad_1.png", "tie")]
    found = {item.epoch: item for item in standing(gallery, votes).epochs}
    assert found[1].strength == found[2].strength
    assert (found[1].wins, found[1].votes) == (0.5, 1)


def test_judges_are_measured_by_repeats_and_sides():
    def votes(answers, judge="ann"):
        return [
            new_vote(judge, *(("a", f"b{n}") if turn else (f"b{n}", "a")), winner)
            for n, (turn, winner) in enumerate(answers)
        ]

    steady = [*votes([(True, "left")] * 6), *votes([(False, "right")] * 6)]
    found = steadiness(steady)[0]
    assert (found.repeated, found.same.mean, found.hint) == (6, 1.0, "")
    assert found.same.low < 0.7, "six repeats prove little"
    lazy = [*votes([(True, "left")] * 8, "bo"), *votes([(False, "left")] * 8, "bo")]
    found = steadiness(lazy)[0]
    assert found.same.mean == 0
    assert "left image" in found.hint
    assert (agreement(steady + lazy).mean, agreement(steady + lazy).count) == (1, 6)
    assert agreement(steady) is None
