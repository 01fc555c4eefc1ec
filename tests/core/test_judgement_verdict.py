"""The verdict: reviewed words, shares with basis and interval, criteria, baseline, suggestion."""

import json
from dataclasses import replace

import pytest

from bespoke_gui.core.bootstrap import (
    mean_interval,
    nested_difference,
    nested_interval,
    ratio_interval,
    share_interval,
)
from bespoke_gui.core.criteria import Words, builtin_criteria, criteria_from
from bespoke_gui.core.gallery import EpochInfo, open_gallery, record
from bespoke_gui.core.gallery_decision import decide
from bespoke_gui.core.judgement.blind import next_pairs
from bespoke_gui.core.judgement.reviews import Reviews, add_reviews, new_review, new_vote
from bespoke_gui.core.judgement.summary import judged
from bespoke_gui.core.judgement.verdict import judge_gallery
from bespoke_gui.core.judgement.weights import weighted_index
from bespoke_gui.core.score import score_gallery
from bespoke_gui.core.verdicts import reviewed
from tests.core.gallery_kit import BLUE, GREEN, make_gallery, portrait, protocol, write_png

COUNTED = replace(
    builtin_criteria(), baseline={"pixel_defects": 0.6, "accessories": 0.5, "clean": 0.4}
)
SEEDS = protocol(seeds=tuple(range(10)))


@pytest.fixture(scope="module")
def training(tmp_path_factory):
    folder = tmp_path_factory.mktemp("train")
    for n in range(12):
        write_png(folder / f"{n}.png", portrait(BLUE if n % 2 else GREEN, seed=n))
    return folder


def said(score=None, tags=(), judge="ann", accessories=None):
    return {judge: new_review(score, tags, accessories)}


@pytest.mark.parametrize(
    ("review", "word"),
    [((8, ()), "clean"), ((7, ()), "clean"), ((6, ()), "fair"), ((4, ()), "messy"),
     ((9, ("hat",)), "pixel defect"), ((9, ("hat", "eyes")), "messy"), ((9, ("prompt",)), "clean"),
     ((None, ("hair",)), "pixel defect"), ((3, ("hat",)), "messy"), ((8, ("own",)), "clean")],
)  # fmt: skip
def test_words_of_the_design_for_reviewed_images(review, word):
    verdict = reviewed(judged(said(*review)), Words())
    assert (verdict.verdict, verdict.basis) == (word, "reviewed")


def test_a_review_takes_the_place_of_what_was_predicted(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path, epochs=(1, 2)))
    name = gallery.images()[0].name
    add_reviews(tmp_path, Reviews({name: said(3, ["eyes"])}))
    report = score_gallery(gallery, reference=training)
    assert report.verdicts[name].verdict == "messy"
    assert report.verdicts[name].reason == "score 3: eyes"
    assert (report.epochs["1"]["reviewed"], report.epochs["1"]["score"]) == (1, 3)
    assert report.epochs["2"]["score"] is None


def lines_of(verdict):
    return {line.name: line for line in verdict.lines}


def test_a_half_reviewed_epoch_cannot_be_judged_yet(tmp_path, training):
    """Of 2 prompts x 10 seeds in epoch 1, eight are scored."""
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(1,)))
    report = score_gallery(gallery, reference=training)
    line = lines_of(judge_gallery(gallery, report, epoch=1))["clean"]
    assert (line.basis, line.count, line.missing) == ("predicted", 20, 0)
    names = [image.name for image in gallery.images()][:8]
    add_reviews(tmp_path, Reviews({name: said(8) for name in names}))
    verdict = judge_gallery(gallery, score_gallery(gallery, reference=training), epoch=1)
    line = lines_of(verdict)["clean"]
    assert line.text == "cannot be judged yet: 12 of 20 images unscored (so far 100%)"
    assert (line.level, line.basis, line.count, line.missing) == ("", "reviewed", 8, 12)
    assert (verdict.reviewed, verdict.images) == (8, 20)
    assert "12 of 20 images unscored" in verdict.notes


def review_all(gallery, epoch, bad, accessories=None):
    """Score every image of an epoch; `bad` ones, spread over prompts, have two defects."""
    names = [image.name for image in gallery.images() if image.epoch == epoch]
    add_reviews(gallery.folder, Reviews({
        name: said(3 if n * 7 % 20 < bad else 8, ["hat", "eyes"] if n * 7 % 20 < bad else (),
                   accessories=(accessories or {}) if "blue" in name else {})
        for n, name in enumerate(names)
    }))  # fmt: skip


def test_every_line_shows_figure_basis_count_interval_and_level(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(0, 1)))
    review_all(gallery, 1, 5, {"earrings": True})
    verdict = judge_gallery(gallery, score_gallery(gallery, reference=training), criteria=COUNTED)
    assert verdict.epoch == 1
    lines = lines_of(verdict)
    clean, messy, defects = (lines[name] for name in ("clean", "messy", "pixel_defects"))
    assert (clean.figure, clean.level, clean.sure) == (0.75, "best", False)
    assert clean.interval == pytest.approx((0.531, 0.888), abs=0.001)
    assert clean.text == "75% (53% to 89%): best reached, but it may be chance"
    assert (messy.value, messy.level, messy.sure) == (0.25, "target", False)
    assert (defects.baseline, defects.level) == (0.6, "target")
    assert defects.value == pytest.approx(1 - 0.25 / 0.6, abs=1e-3)
    assert defects.basis == "reviewed, baseline declared, not proven like for like"
    assert defects.text.startswith("58% fewer (")
    assert "), from 60% to 25%: target reached" in defects.text
    accessories = lines["accessories"]
    assert (accessories.figure, accessories.count, accessories.level) == (1, 10, "target")
    assert (lines["better_epochs"].value, lines["better_epochs"].level) == (1, "minimum")
    json.dumps(verdict.as_dict(), allow_nan=False)


def test_a_figure_that_got_worse_is_said_in_words(tmp_path):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(1,)))
    review_all(gallery, 1, 18)
    verdict = judge_gallery(gallery, score_gallery(gallery), criteria=COUNTED)
    line = lines_of(verdict)["pixel_defects"]
    assert line.value == pytest.approx(-0.5)
    assert line.text == "50% more, from 60% to 90%: not reached"
    assert line.sure


def test_without_a_baseline_only_shares_of_its_own_are_judged(tmp_path):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(1,)))
    review_all(gallery, 1, 0, {"earrings": True})
    verdict = judge_gallery(gallery, score_gallery(gallery))
    lines = lines_of(verdict)
    assert verdict.baseline.kind == "none"
    for name in ("pixel_defects", "accessories", "better_epochs"):
        assert lines[name].text.startswith("there is nothing to compare with: give a baseline")
        assert lines[name].level == ""
        assert lines[name].basis == "reviewed"
    assert lines["pixel_defects"].text.endswith("give a baseline (here 0%)")
    assert lines["clean"].level == "best"


def test_accessories_are_never_predicted(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path, epochs=(1,)))
    verdict = judge_gallery(gallery, score_gallery(gallery, reference=training), epoch=1)
    line = lines_of(verdict)["accessories"]
    assert line.text == "cannot be judged yet: accessories of 2 of 2 images unanswered"
    assert line.level == ""


def test_without_limits_nothing_is_predicted(tmp_path):
    gallery = open_gallery(make_gallery(tmp_path, epochs=(1,)))
    line = lines_of(judge_gallery(gallery, score_gallery(gallery), epoch=1))["clean"]
    assert line.value is None
    assert line.text.startswith("cannot be predicted: no limits for 4 of 4 images")


def two(tmp_path, bad_mine=2, bad_theirs=12, theirs=SEEDS):
    mine = open_gallery(make_gallery(tmp_path / "new", SEEDS, epochs=(1, 2)))
    old = open_gallery(make_gallery(tmp_path / "old", theirs, epochs=(1,)))
    for epoch in (1, 2):
        review_all(mine, epoch, bad_mine, {"earrings": True})
    review_all(old, 1, bad_theirs, {"earrings": False})
    return mine, old


def test_a_baseline_made_alike_is_compared_image_by_image(tmp_path, training):
    mine, old = two(tmp_path)
    report = score_gallery(mine, reference=training)
    verdict = judge_gallery(mine, report, baseline=old, reference=training)
    lines = lines_of(verdict)
    assert (verdict.baseline.kind, verdict.baseline.epoch) == ("gallery", 1)
    defects = lines["pixel_defects"]
    assert (defects.baseline, defects.figure) == (0.6, 0.1)
    assert defects.value == pytest.approx(1 - 0.1 / 0.6, abs=1e-3)
    assert (defects.level, defects.sure) == ("target", True)
    assert defects.basis == "reviewed, baseline epoch 1"
    assert (lines["better_epochs"].value, lines["better_epochs"].level) == (2, "minimum")
    assert "baseline's figure is 0" in lines["accessories"].text


def test_a_baseline_made_otherwise_is_refused_and_nothing_is_ranked(tmp_path, training):
    """The 256 px way against the 512 px one: the differences are named, no level is given."""
    mine, old = two(tmp_path, theirs=replace(SEEDS, width=256, height=256))
    report = score_gallery(mine, reference=training)
    verdict = judge_gallery(mine, report, baseline=old, reference=training)
    assert verdict.baseline.kind == "not comparable"
    assert verdict.baseline.differences == ["width: 192 against 256", "height: 192 against 256"]
    for name in ("pixel_defects", "accessories", "better_epochs"):
        line = lines_of(verdict)[name]
        assert (line.value, line.level) == (None, "")
        assert line.text.startswith("not comparable: width, height differ")
    assert lines_of(verdict)["clean"].level == "best", "its own share needs no baseline"


def test_reviewed_images_are_not_compared_with_predicted_ones(tmp_path, training):
    mine, _ = two(tmp_path)
    old = open_gallery(make_gallery(tmp_path / "unseen", SEEDS, epochs=(1,)))
    report = score_gallery(mine, reference=training)
    lines = lines_of(judge_gallery(mine, report, baseline=old, reference=training))
    assert "baseline's 20 images are unscored" in lines["pixel_defects"].text
    assert "baseline's 20 images are unscored" in lines["better_epochs"].text


def test_votes_come_before_scores_and_scores_before_measures(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(0, 1, 2, 3)))

    def suggestion():
        report = score_gallery(gallery, reference=training)
        return judge_gallery(gallery, report).suggestion

    found = suggestion()
    assert found.evidence == "measures"
    assert any("nobody has looked yet" in text for text in found.against)
    assert not any("ahead of 0" in text for text in found.reasons), "a tie is no reason"
    for epoch, bad in ((1, 9), (2, 9), (3, 1)):
        review_all(gallery, epoch, bad)
    found = suggestion()
    assert (found.evidence, found.epoch, found.tied) == ("scores", 3, [])
    assert found.reasons[0].startswith("mean score 7.8")
    votes = []
    for pair in next_pairs(gallery, [], "ann", 24):
        winner = (
            "left" if "epoch_02" in pair.left else "right" if "epoch_02" in pair.right else "tie"
        )
        votes.append(new_vote("ann", pair.left, pair.right, winner))
    add_reviews(tmp_path, Reviews(votes=votes))
    found = suggestion()
    assert (found.evidence, found.epoch) == ("blind votes", 2)
    assert "blind pairs" in found.reasons[0]


def test_a_rate_that_is_not_annealed_speaks_against_an_epoch(tmp_path):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(1, 2)))
    for epoch, bad in ((1, 0), (2, 9)):
        review_all(gallery, epoch, bad)
    rates = {1: EpochInfo("a", "b", 1e-4), 2: EpochInfo("c", "d", 2.3e-8)}
    record(tmp_path, SEEDS, epochs=rates)
    gallery = open_gallery(tmp_path)
    found = judge_gallery(gallery, score_gallery(gallery)).suggestion
    assert found.epoch == 1
    assert any("not annealed" in text for text in found.against)


@pytest.mark.parametrize(("earlier", "warned"), [(0.0390, True), (0.0412, False), (0.05, False)])
def test_a_risen_held_out_loss_speaks_against_an_epoch(tmp_path, earlier, warned):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(0, 1, 2)))
    for epoch, bad in ((1, 9), (2, 0)):
        review_all(gallery, epoch, bad)
    losses = {0: 0.01, 1: earlier, 2: 0.0414}
    known = {epoch: EpochInfo("a", "b", None, loss) for epoch, loss in losses.items()}
    record(tmp_path, SEEDS, epochs=known)
    gallery = open_gallery(tmp_path)
    found = judge_gallery(gallery, score_gallery(gallery)).suggestion
    assert found.epoch == 2
    assert any("by heart" in text for text in found.against) is warned
    if warned:
        assert any("0.0414, is above the 0.0390 of epoch 1" in text for text in found.against)


def test_the_decided_epoch_is_judged_in_place_of_the_suggested(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(1, 2)))
    review_all(gallery, 1, 0)
    review_all(gallery, 2, 15)
    report = score_gallery(gallery, reference=training)
    decide(tmp_path, 2, "I like it")
    verdict = judge_gallery(gallery, report)
    assert (verdict.epoch, verdict.suggestion.epoch) == (2, 1)
    assert verdict.decision.reason == "I like it"
    assert "the lines judge epoch 2 (decided)" in verdict.notes
    assert lines_of(verdict)["messy"].level == "not reached"
    assert lines_of(verdict)["messy"].sure


def test_weights_turn_the_index(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path, SEEDS, epochs=(1, 2)))
    for image in gallery.images():
        spots = portrait(GREEN if "green" in image.name else BLUE, seed=image.seed or 0)
        if image.epoch == 1:
            spots[1, 1:22:3] = (255, 0, 255)
        else:
            spots[(spots == spots[0, 0]).all(-1)] = (120, 80, 40)
        write_png(image.path, spots)
    images = score_gallery(open_gallery(tmp_path), reference=training).images
    only = dict.fromkeys(
        ("distinct_colours", "grid_alignment", "cell_impurity", "anti_aliased", "style_distance",
         "palette_distance", "background_uniformity"), 0.0,
    )  # fmt: skip
    strays = weighted_index(gallery, images, {**only, "strays": 9.0, "background_match": 1.0})
    background = weighted_index(gallery, images, {**only, "strays": 1.0, "background_match": 9.0})
    assert (strays.best, background.best) == ("2", "1")
    assert strays.tied == background.tied == []
    assert (
        weighted_index(gallery, images, {**only, "strays": 0, "background_match": 0}).epochs == {}
    )


def test_intervals_of_shares_and_ratios():
    """Wilson (1927): 0 of 10 is 0 to 27.8 %; 5 of 10 is 23.7 to 76.3 %."""
    assert share_interval(0, 10).high == pytest.approx(0.2775, abs=1e-3)
    assert share_interval(5, 10).low == pytest.approx(0.2366, abs=1e-3)
    assert share_interval(10, 10).high == 1
    less = ratio_interval([0.0] * 8 + [1.0] * 2, [1.0] * 6 + [0.0] * 4, -1)
    assert less.mean == pytest.approx(2 / 3)
    assert less.low < less.mean < less.high
    for call in (lambda: share_interval(0, 0), lambda: ratio_interval([1], [0]),
                 lambda: ratio_interval([], []), lambda: ratio_interval([1], [1, 2])):  # fmt: skip
        with pytest.raises(ValueError, match=r"needs"):
            call()


def test_seeds_of_one_prompt_are_not_prompts():
    """Two prompts of 20 seeds each that differ: the interval is that of two, not of forty."""
    apart = {(p, seed): float(p) for p in (0, 1) for seed in range(20)}
    wide = nested_interval(apart)
    plain = mean_interval(list(apart.values()))
    assert wide.high - wide.low > 2 * (plain.high - plain.low)
    assert wide.mean == plain.mean == 0.5
    single = {(p, 0): float(p % 3) for p in range(9)}
    one, two = nested_interval(single), mean_interval([float(p % 3) for p in range(9)])
    assert one.low == pytest.approx(two.low, abs=0.12)
    assert nested_interval(dict(reversed(single.items()))) == one
    uneven = {("a", 1): 1.0, ("a", 2): 1.0, ("b", 1): 0.0}
    assert nested_interval(uneven).low == 0
    assert nested_difference({("a", 1): 3.0}, {("b", 1): 1.0}) is None
    assert nested_difference({("a", 1): 3.0, ("c", 1): 1.0}, {("a", 1): 1.0}).mean == 2
    with pytest.raises(ValueError, match="at least one"):
        nested_interval({})


def test_weights_of_the_criteria_are_read():
    assert builtin_criteria().weights == {"background_match": 2.0}
    with pytest.raises(ValueError, match="weights"):
        criteria_from({"weights": {"strays": -1}})


@pytest.mark.punks
def test_the_reference_run_is_judged_and_its_ties_are_said(punks):
    """Measures alone: epochs 1 to 3 are not suggested, and the app says how little it knows."""
    gallery = open_gallery(punks / "epoch_grid_24px")
    report = score_gallery(gallery, reference=punks / "native_24px")
    verdict = judge_gallery(gallery, report)
    assert {verdict.suggestion.epoch, *verdict.suggestion.tied} >= {7, 8}
    assert not {verdict.suggestion.epoch, *verdict.suggestion.tied} & {1, 2, 3}
    text = "\n".join(verdict.suggestion.against)
    assert "one seed an image" in text
    assert "tied with" in text
    assert "one seed an image: most differences between epochs are ties" in report.notes
    line = lines_of(verdict)["clean"]
    assert (line.basis, line.count) == ("predicted", 7)
