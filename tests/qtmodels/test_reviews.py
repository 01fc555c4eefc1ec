"""Reviews: undoable, kept on disk, and ended by an edit."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bespoke_gui.core.history import History, Review
from bespoke_gui.qtmodels.reviews import Reviews

A, B, C, D = "lad_001.png", "lad_002.png", "lady_001.png", "lady_002.png"


@pytest.fixture
def reviews(session):
    return Reviews(session, session)


def on_disk(session):
    with History(session.project.folder) as history:
        found = history.reviews(session.captions.names())
    return {name: (review.state, review.note) for name, review in found.items()}


def test_a_decision_is_kept_and_read_again(session, reviews):
    reviews.set([A, B], "accepted")
    reviews.set([C], "needs_work", "eyes")
    assert on_disk(session) == {A: ("accepted", ""), B: ("accepted", ""), C: ("needs_work", "eyes")}
    again = Reviews(session)
    assert [again.state(name) for name in (A, B, C, D)] == [
        "accepted",
        "accepted",
        "needs_work",
        "todo",
    ]
    assert again.note(C) == "eyes"
    assert again.accepted() == 2


def test_an_edit_ends_accepted_and_undo_of_it_brings_it_back(session, reviews):
    seen = []
    reviews.set([A], "accepted")
    reviews.changed.connect(seen.append)
    session.captions.edit(A, "other words")
    assert reviews.state(A) == "todo"
    session.captions.edit(B, "not reviewed at all")
    session.captions.undo_stack.undo()
    session.captions.undo_stack.undo()
    assert reviews.state(A) == "accepted"
    assert seen == [[A], [A]]
    session.captions.edit(A, "other words")
    assert Reviews(session).state(A) == "todo"


def test_an_edit_outside_ends_accepted_too(session, reviews):
    reviews.set([A], "accepted")
    session.captions.on_disk(A).path.write_text("typed in another program")
    session.open_project(session.project.folder)
    assert reviews.state(A) == "todo"
    assert reviews.state(B) == "todo"


def test_needs_work_outlives_an_edit(session, reviews):
    reviews.set([A], "needs_work", "hat?")
    session.captions.edit(A, "better words")
    assert reviews.state(A) == "needs_work"


def test_many_are_one_step_of_undo(session, reviews):
    stack = session.captions.undo_stack
    reviews.set([A], "needs_work", "hat?")
    count = stack.count()
    reviews.set([A, B, C], "accepted")
    assert stack.count() == count + 1
    assert stack.undoText() == "review: 3 captions accepted"
    assert (reviews.accepted(), reviews.note(A)) == (3, "hat?")
    stack.undo()
    assert [reviews.state(name) for name in (A, B, C)] == ["needs_work", "todo", "todo"]
    assert on_disk(session)[A] == ("needs_work", "hat?")
    stack.redo()
    assert on_disk(session)[B] == ("accepted", "")
    reviews.set([A, B, C], "accepted")
    assert stack.count() == count + 1


def test_where_nothing_may_be_written_nothing_is_decided(session, reviews):
    refused = []
    session.captions.refused.connect(refused.append)
    session.captions.make_read_only("open in another window.")
    reviews.set([A], "accepted")
    assert refused[-1] == "open in another window."
    assert reviews.state(A) == "todo"
    assert on_disk(session) == {}


def test_undo_tells_which_caption_it_was_about(session, reviews):
    seen = []
    reviews.revisited.connect(seen.append)
    reviews.set([A], "accepted")
    reviews.set([B, C], "accepted")
    assert seen == []
    session.captions.undo_stack.undo()
    session.captions.undo_stack.undo()
    session.captions.undo_stack.redo()
    assert seen == [A, A]


def test_many_captions_are_looked_at_in_the_background(
    session, reviews, monkeypatch, threaded_tasks, qtbot
):
    monkeypatch.setattr("bespoke_gui.qtmodels.reviews.AT_ONCE", 1)
    reviews.set([A, B, C], "accepted")
    qtbot.waitUntil(lambda: reviews.accepted() == 3)
    session.captions.edit_many({A: "other", B: "others"}, "test")
    qtbot.waitUntil(lambda: reviews.accepted() == 1)
    session.captions.undo_stack.undo()
    qtbot.waitUntil(lambda: reviews.accepted() == 3)
    qtbot.waitUntil(lambda: not reviews._writing and not reviews._unwritten)
    assert len(on_disk(session)) == 3


def test_next_to_do_goes_round(reviews):
    names = [A, B, C, D]
    reviews.set([B], "accepted")
    assert reviews.next_todo(names, A) == C
    assert reviews.next_todo(names, D) == A
    reviews.set([A, C, D], "accepted")
    assert reviews.next_todo(names, D) == ""
    assert reviews.next_todo([], "") == ""


def test_another_project_has_other_reviews(session, reviews, make_project):
    reviews.set([A], "accepted")
    first = session.project.folder
    session.open_project(make_project("other"))
    assert reviews.state(A) == "todo"
    reviews.set([A], "needs_work")
    session.open_project(first)
    assert reviews.state(A) == "accepted"
    session.close_project()
    assert reviews.state(A) == "todo"


def test_what_is_not_written_yet_is_written_at_the_end(session, reviews, threaded_tasks, qtbot):
    reviews.set([A], "accepted")
    reviews.set([B], "needs_work", "quick")
    reviews.flush()
    assert on_disk(session) == {A: ("accepted", ""), B: ("needs_work", "quick")}
    qtbot.waitUntil(lambda: not reviews._writing)


def test_a_folder_that_cannot_be_written_is_told(session, reviews):
    (session.project.bespoke_dir / "history.sqlite").unlink()
    (session.project.bespoke_dir / "history.sqlite").mkdir()
    reviews.set([A], "accepted")
    assert reviews.state(A) == "accepted"


STEP = st.one_of(
    st.tuples(st.just("set"), st.sampled_from([A, B]), st.sampled_from(["accepted", "todo"])),
    st.tuples(st.just("edit"), st.sampled_from([A, B]), st.sampled_from(["x", "y"])),
    st.tuples(st.just("undo")),
    st.tuples(st.just("redo")),
)


@settings(
    deadline=None,
    max_examples=25,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(STEP, max_size=12))
def test_what_is_on_disk_is_what_is_shown(session, steps):
    reviews = Reviews(session)
    reviews.set(session.captions.names(), "todo")
    stack = session.captions.undo_stack
    stack.clear()  # the steps of an earlier example belong to other reviews
    for kind, *arguments in steps:
        if kind == "set":
            reviews.set([arguments[0]], arguments[1])
        elif kind == "edit":
            session.captions.edit(*arguments)
        else:
            getattr(stack, kind)()
    again = Reviews(session)
    for name in (A, B):
        assert again.state(name) == reviews.state(name)
        review = again._reviews.get(name, Review())
        accepted = review.state_for(again_digest(session, name)) == "accepted"
        assert (reviews.state(name) == "accepted") == accepted
    reviews.deleteLater()
    again.deleteLater()


def again_digest(session, name):
    from bespoke_gui.core.history import text_digest

    return text_digest(session.captions.text(name))
