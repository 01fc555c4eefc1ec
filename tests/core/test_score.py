import json

import pytest

from bespoke_gui.core.criteria import Words, builtin_criteria, load_criteria
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import EpochInfo, open_gallery
from bespoke_gui.core.judgement.reviews import new_review, save_review
from bespoke_gui.core.measures import ORDER
from bespoke_gui.core.resources import resource
from bespoke_gui.core.score import judged_anew, score_gallery
from bespoke_gui.core.verdicts import predict
from tests.core.gallery_kit import BLUE, GREEN, make_gallery, portrait, protocol, write_png

REPORTED = {
    1: (314, 378, 216, 498, 352, 290, 219), 2: (296, 529, 286, 409, 298, 183, 349),
    3: (208, 363, 244, 324, 254, 303, 212), 4: (237, 373, 350, 330, 320, 283, 308),
    5: (156, 360, 223, 223, 345, 178, 187), 6: (291, 289, 205, 226, 418, 319, 447),
    7: (475, 256, 241, 229, 291, 153, 427), 8: (222, 261, 146, 202, 301, 167, 217),
    9: (321, 266, 212, 171, 404, 109, 462), 10: (293, 380, 154, 328, 329, 329, 398),
}  # fmt: skip
MEANS = {1: 323.9, 2: 335.7, 3: 272.6, 4: 314.4, 5: 238.9, 6: 313.6, 7: 296.0, 8: 216.6,
         9: 277.9, 10: 315.9}  # fmt: skip


@pytest.fixture
def training(tmp_path):
    for n in range(12):
        write_png(tmp_path / "train" / f"{n}.png", portrait(BLUE if n % 2 else GREEN, seed=n))
    return tmp_path / "train"


def test_every_image_has_every_measure_and_every_epoch_its_means(tmp_path, training):
    folder = make_gallery(tmp_path / "g", epochs=(0, 1))
    seen = []
    report = score_gallery(
        open_gallery(folder), reference=training, progress=lambda n, all_: seen.append((n, all_))
    )
    assert len(report.images) == 8
    for values in report.images.values():
        assert set(values) == set(ORDER)
        none = {name for name, value in values.items() if value is None}
        assert none <= {"epoch_change"}
    assert seen[-1] == (16, 16)
    assert report.epochs["1"]["background_match"] > 0.8
    assert report.epochs["0"]["background_match"] < 0.3
    assert report.epochs["1"]["n"] == 4
    low, high = report.epochs["1"]["intervals"]["unique_colours"]
    assert low <= report.epochs["1"]["unique_colours"] <= high
    json.dumps(report.as_dict(), allow_nan=False)


def test_the_learning_rate_stands_beside_its_epoch(tmp_path):
    from bespoke_gui.core.gallery import record

    folder = make_gallery(tmp_path, epochs=(1, 2))
    record(
        folder, protocol(), epochs={1: EpochInfo("a", "b", 5e-5), 2: EpochInfo("c", "d", 2.6e-9)}
    )
    epochs = score_gallery(open_gallery(folder)).epochs
    assert [epochs[n]["learning_rate"] for n in ("1", "2")] == [5e-5, 2.6e-9]


def test_the_held_out_loss_stands_beside_its_epoch_and_the_lora_off_row(tmp_path):
    from bespoke_gui.core.gallery import record

    losses = {0: 0.09, 1: 0.05, 2: None}
    folder = make_gallery(tmp_path, epochs=(0, 1, 2))
    known = {epoch: EpochInfo("a", "b", None, loss) for epoch, loss in losses.items()}
    record(folder, protocol(), epochs=known)
    gallery = open_gallery(folder)
    assert {epoch: gallery.held_out_loss(epoch) for epoch in losses} == losses
    epochs = score_gallery(gallery).epochs
    assert {int(number): row["held_out_loss"] for number, row in epochs.items()} == losses


def test_verdicts_need_a_training_set_and_are_predicted(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path / "g", epochs=(1,)))
    without = score_gallery(gallery)
    assert {verdict.verdict for verdict in without.verdicts.values()} == {"unknown"}
    assert without.epochs["1"]["clean_rate"] is None
    assert any("no reference set" in note for note in without.notes)
    judged = score_gallery(gallery, reference=training)
    assert {verdict.basis for verdict in judged.verdicts.values()} == {"predicted"}
    assert judged.epochs["1"]["judged"] == 4


def test_strays_beyond_the_training_set_are_a_defect(tmp_path, training):
    dirty = portrait(seed=3)
    for x in range(1, 23, 3):
        dirty[1, x] = (255, 0, 255)
    write_png(tmp_path / "g" / "epoch_01" / "lad.png", dirty)
    write_png(tmp_path / "g" / "epoch_02" / "lad.png", portrait(seed=3))
    report = score_gallery(open_gallery(tmp_path / "g"), reference=training)
    assert "strays" in report.verdicts["epoch_01/lad.png"].defects
    assert report.verdicts["epoch_02/lad.png"].verdict == "clean"
    assert "training set at most" in report.verdicts["epoch_01/lad.png"].reason


CASES = {
    "clean": ({"strays": 1.0, "anti_aliased": 0.01, "cell_impurity": None}, "clean"),
    "one": ({"strays": 5.0, "anti_aliased": 0.01, "cell_impurity": 0.0}, "pixel defect"),
    "two": ({"strays": 5.0, "anti_aliased": 0.2, "cell_impurity": 0.0}, "messy"),
    "impure": ({"strays": None, "anti_aliased": 0.01, "cell_impurity": 0.02}, "pixel defect"),
    "nothing known": ({"strays": None, "anti_aliased": None, "cell_impurity": None}, "unknown"),
}
LIMITS = {"strays": 4.2, "anti_aliased": 0.0885, "cell_impurity": 0.01}


@pytest.mark.parametrize("case", CASES)
def test_words_of_the_verdict(case):
    values, expected = CASES[case]
    assert predict(values, LIMITS, Words()).verdict == expected


def test_a_limit_of_the_protocol_wins_over_the_training_set(tmp_path, training):
    asked = protocol(thresholds={"strays": 0.25})
    gallery = open_gallery(make_gallery(tmp_path / "g", asked, epochs=(1,)))
    assert score_gallery(gallery, reference=training).thresholds["strays"] == 0.25


def test_epochs_that_chance_could_explain_are_ties(tmp_path):
    asked = protocol(seeds=tuple(range(8)))
    gallery = open_gallery(make_gallery(tmp_path, asked, epochs=(1, 2)))
    ties = score_gallery(gallery).ties
    assert ties["background_match"]["tied"] == [
        number for number in ("1", "2") if number != ties["background_match"]["best"]
    ]
    for seed in asked.seeds:
        for name in ("green_lad", "blue_lady"):
            brown = portrait((120, 80, 40), scale=8, seed=seed)
            write_png(tmp_path / "epoch_01" / f"{name}_{seed}.png", brown)
    ties = score_gallery(open_gallery(tmp_path)).ties
    assert ties["background_match"] == {"best": "2", "tied": [], "pairs": 16}
    assert "unique_colours" not in ties
    assert "memorisation" not in ties


def test_one_bad_image_is_named_and_the_rest_goes_on(tmp_path):
    folder = make_gallery(tmp_path, epochs=(1,))
    bad = folder / "epoch_01" / "green_lad_1.png"
    bad.write_bytes(bad.read_bytes()[:200])
    report = score_gallery(open_gallery(folder))
    assert [problem.file for problem in report.problems] == ["epoch_01/green_lad_1.png"]
    assert len(report.images) == 3
    assert report.epochs["1"]["n"] == 3


def test_change_is_measured_from_epoch_to_epoch_and_diversity_over_seeds(tmp_path):
    folder = make_gallery(tmp_path, epochs=(1, 2, 5))
    (folder / "epoch_05" / "blue_lady_1.png").write_bytes(
        (folder / "epoch_02" / "blue_lady_1.png").read_bytes()
    )
    (folder / "epoch_01" / "blue_lady_1.png").unlink()
    images = score_gallery(open_gallery(folder)).images
    assert images["epoch_01/green_lad_1.png"]["epoch_change"] is None
    assert images["epoch_02/green_lad_1.png"]["epoch_change"] > 0.01
    assert images["epoch_02/blue_lady_1.png"]["epoch_change"] is None
    assert images["epoch_05/blue_lady_1.png"]["epoch_change"] == 0
    assert images["epoch_01/blue_lady_2.png"]["seed_diversity"] is None
    assert images["epoch_02/blue_lady_2.png"]["seed_diversity"] > 0


def test_captions_of_the_training_set_say_which_backgrounds_are_plain(tmp_path):
    for n in range(6):
        split = portrait(seed=n)
        split[:, : 4 * n] = BLUE
        write_png(tmp_path / "train" / f"{n}.png", split)
        words = "bright green background" if n < 2 else "split background"
        (tmp_path / "train" / f"{n}.txt").write_text(f"a lad, {words}")
    gallery = open_gallery(make_gallery(tmp_path / "g", epochs=(1,)))
    limit = score_gallery(gallery, reference=tmp_path / "train").thresholds
    assert 0.6 < limit["background_uniformity"] < 0.8


def test_no_readable_image_is_an_error(tmp_path):
    (tmp_path / "epoch_01").mkdir()
    (tmp_path / "epoch_01" / "a.png").write_bytes(b"nothing")
    with pytest.raises(AppError, match="none of the 1 images"):
        score_gallery(open_gallery(tmp_path))


def test_scoring_twice_gives_the_same_figures(tmp_path, training):
    gallery = open_gallery(make_gallery(tmp_path / "g", epochs=(1,)))
    first, second = (score_gallery(gallery, reference=training).as_dict() for _ in range(2))
    assert first == second


def test_criteria_hold_the_three_levels_of_the_seed():
    criteria = builtin_criteria()
    lines = {line.name: line for line in criteria.lines}
    assert (lines["pixel_defects"].minimum, lines["pixel_defects"].target) == (0.3, 0.5)
    assert (lines["accessories"].minimum, lines["accessories"].target) == (0.25, 0.4)
    assert lines["messy"].target == 0.3
    assert lines["clean"].best == 0.7
    assert criteria.baseline == {}, "what one artist counted is no other's baseline"
    assert criteria.words == Words()


def test_the_example_of_a_baseline_can_be_used_as_it_stands(tmp_path):
    text = resource("criteria.toml").read_text(encoding="utf-8")
    lines = [line.removeprefix("# ") if "[baseline]" in line or " = 0." in line else line
             for line in text.splitlines()]  # fmt: skip
    (tmp_path / "criteria.toml").write_text("\n".join(lines))
    found = load_criteria(tmp_path / "criteria.toml").baseline
    assert found == {"pixel_defects": 0.6, "accessories": 0.5, "clean": 0.4}


@pytest.mark.parametrize(
    "text", ["[words", "[words]\nclean = 7", '[[criteria]]\nname = "a"\nkind = "x"', "words = 3"]
)
def test_broken_criteria_give_one_line(tmp_path, text):
    (tmp_path / "criteria.toml").write_text(text)
    with pytest.raises(AppError, match=r"criteria\.toml"):
        load_criteria(tmp_path / "criteria.toml")


@pytest.mark.punks
def test_unique_colours_are_those_of_the_reference_run(punks):
    names = ("green_bg_lad", "brown_eyes_lady", "golden_earrings", "sunglasses_lad", "melon_lady",
             "cash_lad", "carbon_lad")  # fmt: skip
    report = score_gallery(open_gallery(punks / "epoch_grid_24px"), native=24)
    found = {
        epoch: tuple(
            report.images[f"epoch_{epoch:02d}/{name}.png"]["unique_colours"] for name in names
        )
        for epoch in REPORTED
    }
    assert found == REPORTED
    for epoch, mean in MEANS.items():
        assert report.epochs[str(epoch)]["unique_colours"] == pytest.approx(mean, abs=0.05)
    assert any("one seed an image" in note for note in report.notes)


@pytest.mark.punks
def test_the_grid_of_the_reference_run_is_judged_as_measured_before(punks):
    """facts/pixels.md: means of background_match and of strays over the epochs."""
    report = score_gallery(open_gallery(punks / "epoch_grid_24px"), reference=punks / "native_24px")
    background = {n: row["background_match"] for n, row in report.epochs.items()}
    strays = {n: row["strays"] for n, row in report.epochs.items()}
    facts = {
        "7": 0.63,
        "8": 0.58,
        "4": 0.51,
        "10": 0.44,
        "9": 0.41,
        "3": 0.20,
        "2": 0.16,
        "1": 0.06,
    }
    for number, value in facts.items():
        assert background[number] == pytest.approx(value, abs=0.08), number
    for number, value in {"10": 0.5, "8": 0.9, "7": 1.0, "5": 1.3, "4": 2.1}.items():
        assert strays[number] == pytest.approx(value, abs=0.25), number
    assert report.ties["background_match"]["best"] == "7"
    assert "8" in report.ties["background_match"]["tied"]
    assert not {"1", "2", "3"} & set(report.ties["background_match"]["tied"])


def test_the_criteria_of_the_project_count(tmp_path, training):
    """With one defect enough for messy, an image with strays is messy."""
    dirty = portrait(seed=3)
    for x in range(1, 23, 3):
        dirty[1, x] = (255, 0, 255)
    folder = tmp_path / "project" / "galleries" / "g"
    write_png(folder / "epoch_01" / "lad.png", dirty)
    gallery = open_gallery(folder)
    before = score_gallery(gallery, reference=training).verdicts["epoch_01/lad.png"].verdict
    (tmp_path / "project" / "bespoke.toml").write_text('schema = 1\nname = "p"\n')
    (tmp_path / "project" / "criteria.toml").write_text("[words]\nmessy_defects = 1\n")
    after = score_gallery(gallery, reference=training).verdicts["epoch_01/lad.png"].verdict
    assert (before, after) == ("pixel defect", "messy")


def test_judging_anew_equals_scoring_again(tmp_path):
    gallery = open_gallery(make_gallery(tmp_path / "g"))
    before = score_gallery(gallery)
    name = gallery.images()[0].name
    save_review(gallery.folder, name, "Bo", new_review(3, ["hat"]))
    after = judged_anew(gallery, before)
    assert after.verdicts[name].is_reviewed
    assert not before.verdicts[name].is_reviewed
    assert after.as_dict() == score_gallery(gallery).as_dict()
