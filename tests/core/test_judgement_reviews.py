"""Reviews and votes: nothing is lost by merging, by a csv round trip or by two writers."""

import json
import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.gallery_decision import decide, read_decision
from bespoke_gui.core.judgement import store
from bespoke_gui.core.judgement.current import Pixels, current
from bespoke_gui.core.judgement.reviews import (
    Review,
    Reviews,
    merged,
    new_review,
    new_vote,
    read_reviews,
    reviews_from,
    save_review,
    save_vote,
)
from bespoke_gui.core.judgement.summary import judged
from bespoke_gui.core.judgement.table import from_csv, to_csv
from bespoke_gui.core.judgement.tags import TAGS, clean_tag, is_defect
from tests.core.gallery_kit import make_gallery, portrait, write_png

IMAGES = ["epoch_01/a.png", "epoch_02/a.png", "epoch_02/=b.png"]
TIMES = st.sampled_from([f"2026-11-2{n}T10:00:00.000000+00:00" for n in range(9)])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), max_size=20)
REVIEWS = st.builds(
    new_review,
    st.none() | st.floats(0, 10),
    st.lists(st.sampled_from([*TAGS, "own word"]), max_size=3),
    st.dictionaries(st.sampled_from(["hat", "bow", "earrings"]), st.booleans()),
    WORDS | st.sampled_from(["=1+1", "'quoted", "a, \"b\"; c", "line\nline"]),
    st.sampled_from(["", "ab12"]), TIMES,
)  # fmt: skip
VOTES = st.builds(
    lambda judge, pair, winner, time, number: new_vote(
        judge, *pair, winner, time=time, id=f"v{number}"
    ),
    st.sampled_from(["ann", "bo"]), st.permutations(IMAGES).map(lambda p: p[:2]),
    st.sampled_from(["left", "right", "tie", "withdrawn"]), TIMES, st.integers(0, 5),
)  # fmt: skip
SETS = st.builds(
    lambda images, votes: Reviews(images, list({vote.id: vote for vote in votes}.values())),
    st.dictionaries(
        st.sampled_from(IMAGES),
        st.dictionaries(st.sampled_from(["ann", "bo"]), REVIEWS, min_size=1),
    ),
    st.lists(VOTES, max_size=4),
)  # fmt: skip


def as_text(reviews):
    data = reviews.as_dict()
    data["votes"].sort(key=lambda vote: vote["id"])
    return json.dumps(data, sort_keys=True)


@given(SETS, SETS, SETS)
def test_merging_is_the_same_in_any_order_and_loses_nothing_newer(one, two, three):
    assert as_text(merged(one, two)) == as_text(merged(two, one))
    left, right = merged(merged(one, two), three), merged(one, merged(two, three))
    assert as_text(left) == as_text(right) == as_text(merged(left, one))
    for part in (one, two):
        for image, judges in part.by_image.items():
            for judge, review in judges.items():
                assert merged(one, two).by_image[image][judge].time >= review.time


@given(SETS)
def test_a_csv_round_trip_changes_nothing(reviews):
    back, problems = from_csv(to_csv(reviews), IMAGES)
    assert problems == []
    assert as_text(back) == as_text(reviews)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(SETS)
def test_a_file_holds_what_was_saved(tmp_path, reviews):
    data = json.loads(json.dumps(reviews.as_dict()))
    assert as_text(reviews_from(data, tmp_path)) == as_text(reviews)


def test_a_table_by_hand_needs_only_a_few_columns_and_says_what_is_wrong():
    text = (
        "\ufeffimage;score;tags;accessories;winner;other\n"
        "epoch_01/a.png;7,5;hat; hat=yes;;\n"
        "epoch_01/x.png;7;;;;\n"
        "epoch_02/a.png;11;;;;\n"
        "epoch_02/a.png;5;;hat=maybe;;\n"
        "epoch_02/a.png;;;;LEFT;epoch_01/a.png\n"
    )
    found, problems = from_csv(text, IMAGES, "ann")
    review = found.by_image["epoch_01/a.png"]["ann"]
    assert (review.score, review.tags, review.accessories) == (7.5, ("hat",), {"hat": True})
    assert (found.votes[0].chosen, found.votes[0].judge) == ("epoch_02/a.png", "ann")
    assert [problem.file for problem in problems] == ["line 3", "line 4", "line 5"]
    with pytest.raises(AppError, match="no column image"):
        from_csv("a,b\n", IMAGES)
    _, problems = from_csv("image,score\nepoch_01/a.png,3\n", IMAGES)
    assert "judge" in problems[0].message


def test_reviews_decisions_and_strange_keys_live_in_one_file(tmp_path):
    (tmp_path / "reviews.json").write_text('{"mine": [1]}')
    decide(tmp_path, 8, "fewest strays")
    save_review(tmp_path, "a.png", "ann", new_review(7, ["Stray_Pixels"], {"hat": True}, "ok"))
    save_review(tmp_path, "a.png", "bo", new_review(4))
    decide(tmp_path, 7)
    vote = new_vote("ann", "a.png", "b.png", "left")
    save_vote(tmp_path, vote)
    found = read_reviews(tmp_path)
    assert found.of("a.png")["ann"].tags == ("stray pixels",)
    assert found.judges() == ["ann", "bo"]
    assert [one.chosen for one in found.cast()] == ["a.png"]
    assert read_decision(tmp_path).epoch == 7
    assert store.read(tmp_path)["mine"] == [1]


def test_taking_back_is_not_undone_by_an_older_copy(tmp_path):
    save_review(tmp_path, "a.png", "ann", new_review(7))
    vote = new_vote("ann", "a.png", "b.png", "left")
    older = save_vote(tmp_path, vote)
    save_review(tmp_path, "a.png", "ann", new_review())
    save_vote(tmp_path, new_vote("ann", "a.png", "b.png", "withdrawn", id=vote.id))
    found = merged(read_reviews(tmp_path), older)
    assert found.of("a.png") == {}
    assert found.cast() == []


def test_many_writers_at_once_lose_nothing(tmp_path):
    def work(judge):
        for number in range(8):
            save_review(tmp_path, f"{number}.png", judge, new_review(number))

    threads = [threading.Thread(target=work, args=(f"judge {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = read_reviews(tmp_path)
    assert {name: len(found.of(name)) for name in found.by_image} == {
        f"{number}.png": 4 for number in range(8)
    }


def test_a_change_of_another_program_in_between_is_kept(tmp_path):
    seen = []

    def edit(data):
        if not seen:
            (tmp_path / "reviews.json").write_text('{"schema": 1, "other": true}')
        seen.append(data)
        return {**data, "mine": True}

    assert store.change(tmp_path, edit) == {"schema": 1, "other": True, "mine": True}
    assert seen == [{}, {"schema": 1, "other": True}]


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '{"schema": 2}', '{"reviews": 5}', '{"reviews": {"a": {"b": {"score": 11}}}}',
     '{"votes": [{"judge": "a"}]}', '{"votes": 3}'],
)  # fmt: skip
def test_a_broken_file_is_named_and_left_alone(tmp_path, text):
    path = tmp_path / "reviews.json"
    path.write_text(text)
    for call in (lambda: read_reviews(tmp_path), lambda: save_review(tmp_path, "a", "b", Review())):
        with pytest.raises(AppError, match=r"reviews\.json"):
            call()
    assert path.read_text() == text


@pytest.mark.parametrize(
    "make",
    [lambda: new_review(10.5), lambda: new_review(-1), lambda: new_review(float("nan")),
     lambda: new_review(5, ["a;b"]), lambda: new_review(5, [" "]),
     lambda: new_vote("", "a", "b", "left"), lambda: new_vote("x" * 61, "a", "b", "left"),
     lambda: new_vote("ann", "a", "b", "both"), lambda: new_vote("ann", "a", "a", "left")],
)  # fmt: skip
def test_wrong_words_are_refused(make):
    with pytest.raises(AppError) as caught:
        make()
    assert caught.value.kind == "usage"


def test_tags_of_the_design():
    assert [name for name in TAGS if is_defect(name)] == [
        "hat", "sunglasses", "earrings", "bow", "eyes", "hair", "stray pixels", "structure",
        "colour",
    ]  # fmt: skip
    assert not is_defect("prompt")
    assert not is_defect(clean_tag("My  OWN_word"))


def test_an_image_made_anew_is_not_judged_yet(tmp_path):
    gallery = open_gallery(make_gallery(tmp_path, epochs=(1,)))
    one, two = (image.name for image in gallery.images()[:2])
    pixels = Pixels(gallery)
    said = Reviews({name: {"ann": new_review(7, pixels=pixels.of(name))} for name in (one, two)})
    said.votes = [new_vote("ann", one, two, "left", left_pixels=pixels.of(one))]
    said.by_image["gone.png"] = {"ann": new_review(1)}
    kept, problems = current(gallery, said)
    assert set(kept.by_image) == {one, two}
    assert [p.message for p in problems] == [
        "1 reviews and 0 votes are about images that were made anew or are gone"
    ]
    write_png(gallery.folder / one, portrait((1, 2, 3), scale=8))
    kept, problems = current(open_gallery(tmp_path), said)
    assert (set(kept.by_image), kept.votes) == ({two}, [])
    assert problems[0].code == "stale_reviews"


def test_several_judges_are_taken_together():
    said = {
        "ann": new_review(8, ["hat", "prompt"], {"hat": True, "bow": False}),
        "bo": new_review(5, ["eyes"], {"hat": False}),
        "cy": new_review(notes="nice"),
        "di": Review(),
    }
    found = judged(said)
    assert (found.judges, found.score, found.spread) == (3, 6.5, 3)
    assert (found.defects, found.other_tags) == (("hat", "eyes"), ("prompt",))
    assert found.accessories == {"hat": True, "bow": False}
    assert found.disputed == ("hat",)
    assert judged({"cy": said["cy"]}) is None
    assert judged({"bo": new_review(tags=["eyes"])}).score is None
