import pytest

from bespoke_gui.core import clip_tokens
from bespoke_gui.core import project as projects
from bespoke_gui.core.history import History
from bespoke_gui.qtmodels import caption_compare, tasks
from bespoke_gui.qtmodels.caption_compare import Comparison
from bespoke_gui.qtmodels.caption_facts import caption_facts
from bespoke_gui.qtmodels.caption_lints import LintModel, place
from bespoke_gui.qtmodels.caption_sides import Side, folder_side
from bespoke_gui.qtmodels.phrase_model import PhraseModel
from bespoke_gui.qtmodels.snapshots import take_snapshot


@pytest.fixture
def comparison(session):
    return Comparison(session)


def test_starts_with_the_newest_snapshot(comparison):
    assert comparison.baseline.name == "before"
    diff = comparison.diff("lad_001.png")
    assert diff.lost == ["smiling", "moustache"]
    assert comparison.totals().lossy == 1


def test_follows_edits_at_once(comparison, session):
    text = session.captions.text("lad_001.png")
    session.captions.edit("lad_001.png", text + ", smiling with moustache")
    assert comparison.diff("lad_001.png").status == "equal"
    assert comparison.totals().changed == 0


def test_against_the_files(comparison, session):
    comparison.compare_with(Side())
    assert comparison.totals().changed == 0
    session.captions.edit("lad_002.png", "gone")
    assert comparison.totals().lossy == 1
    session.captions.save(["lad_002.png"], lambda report: None)
    assert comparison.totals().changed == 0


class LaterPool:
    """Does its work when it is told to."""

    def __init__(self):
        self.works = []

    def start(self, work):
        self.works.append(work)

    def wait(self, milliseconds):
        return not self.works

    def work(self):
        while self.works:
            self.works.pop(0)()


@pytest.fixture
def pool():
    made = LaterPool()
    undo = tasks.use(made)
    yield made
    undo()


def test_an_edit_while_all_are_compared_is_compared_too(comparison, session, pool):
    comparison.compare_with(Side())
    session.captions.edit("lad_001.png", "smiling with moustache")
    session.captions.edit("lad_002.png", "gone")
    pool.work()
    assert comparison.baseline == Side()
    assert comparison.totals().changed == 2
    assert comparison.diff("lad_002.png").status == "changed"


def test_a_large_edit_meanwhile_keeps_what_was_chosen(
    comparison, session, pool, qtbot, monkeypatch
):
    monkeypatch.setattr(caption_compare, "AT_ONCE", 1)
    comparison.compare_with(Side())
    session.captions.edit_many({"lad_001.png": "gone", "lad_002.png": "gone"}, "two")
    pool.work()
    qtbot.waitUntil(lambda: bool(pool.works))
    pool.work()
    assert comparison.baseline == Side()
    assert comparison.totals().changed == 2


def test_an_edit_while_phrases_are_counted_is_counted(session, pool, qtbot):
    phrases = PhraseModel(session)
    session.captions.edit("lad_001.png", "a new phrase")
    pool.work()
    qtbot.waitUntil(lambda: dict(phrases.counts()).get("a new phrase") == 1)
    assert dict(phrases.counts())["blue background"] == 1
    assert "wearing a gray hat" not in dict(phrases.counts())


def test_against_a_folder_by_stem(comparison, tmp_path):
    folder = tmp_path / "old"
    folder.mkdir()
    (folder / "lad_002.txt").write_text("old words")
    comparison.compare_with(folder_side(folder))
    assert comparison.before("lad_002.png") == "old words"
    assert comparison.diff("lad_002.png").lost == ["old", "words"]
    assert comparison.diff("lady_001.png").status == "added"


def test_a_folder_without_captions_is_told(comparison, session, tmp_path):
    comparison.compare_with(folder_side(tmp_path / "nothing"))
    assert session.told[-1][0] == "error"
    assert comparison.baseline.name == "before"


def test_revert_whole_and_in_pieces(comparison, session):
    before = comparison.before("lad_001.png")
    now = session.captions.text("lad_001.png")
    (gone,) = [piece.id for piece in comparison.diff("lad_001.png").pieces if piece.id]
    comparison.revert_piece("lad_001.png", gone)
    assert session.captions.text("lad_001.png") == before
    session.captions.undo_stack.undo()
    assert session.captions.text("lad_001.png") == now
    comparison.revert("lad_001.png")
    assert session.captions.text("lad_001.png") == before


def test_revert_a_moved_phrase_and_a_phrase(comparison, session):
    before = comparison.before("lady_001.png")
    parts = before.split(", ")
    session.captions.edit("lady_001.png", ", ".join([*parts[:1], "dark " + parts[2], parts[1]]))
    diff = comparison.diff("lady_001.png")
    assert diff.moved == []
    session.captions.edit("lady_001.png", ", ".join([*parts[:1], parts[2], parts[1] + "x"]))
    diff = comparison.diff("lady_001.png")
    comparison.revert_phrase("lady_001.png", len(diff.after) - 1)
    assert "earringsx" not in session.captions.text("lady_001.png")
    comparison.revert("lady_001.png")
    session.captions.edit("lady_001.png", ", ".join([parts[2], *parts[:2]]))
    diff = comparison.diff("lady_001.png")
    assert diff.moved == [parts[2]]
    comparison.revert_piece("lady_001.png", next(p.id for p in diff.pieces if p.kind == "moved"))
    assert session.captions.text("lady_001.png") == before


def test_snapshot_holds_unsaved_text(comparison, session):
    session.captions.edit("lad_002.png", "unsaved words")
    take_snapshot(session, "mine")
    with History(session.project.folder) as history:
        assert history.load("mine", ["lad_002.png"])["lad_002.png"] == "unsaved words"
    assert [s.name for s in comparison.snapshots] == ["mine", "before"]


def test_same_snapshot_name_is_told(comparison, session):
    take_snapshot(session, "before")
    assert session.told[-1][0] == "error"


def test_lints_come_with_their_place(session):
    lints = LintModel(session)
    session.captions.edit("lad_002.png", "a lad, a lad, blue background")
    lints.run()
    found = {p.code: p for p in lints.problems("lad_002.png")}
    assert place(found["duplicate_phrase"]) == (7, 12)
    assert lints.count() >= 1


def test_lints_follow_an_edit_by_themselves(session, qtbot):
    lints = LintModel(session)
    with qtbot.waitSignal(lints.updated):
        session.captions.edit("lad_002.png", "red red hair")
    assert any(p.code == "doubled_word" for p in lints.problems("lad_002.png"))


def test_facts_count_words_phrases_and_tokens():
    clip_tokens.load()
    facts = caption_facts("pixel art, 24x24, portrait of a lad")
    assert (facts.words, facts.phrases) == (7, 3)
    assert facts.reading.count == 2 + 1 + 5 + 1 + 4
    assert facts.reading.windows == 1
    assert caption_facts("word " * 80).reading.windows == 2


@pytest.mark.punks
def test_52_real_captions_lost_words(empty_session, tmp_path, punks):
    folder = tmp_path / "punks"
    projects.create_project(folder, punks / "train_512px", punks / "captions_after")
    empty_session.open_project(folder)
    comparison = Comparison(empty_session)
    comparison.compare_with(folder_side(punks / "captions_before"))
    totals = comparison.totals()
    assert (totals.changed, totals.lossy) == (203, 52)
    assert "mustache" in comparison.diff("lad_005_copper.png").lost


def test_a_change_of_many_captions_is_compared_in_the_background(
    comparison, session, monkeypatch, threaded_tasks, qtbot
):
    monkeypatch.setattr("bespoke_gui.qtmodels.caption_compare.AT_ONCE", 2)
    session.captions.edit_many(dict.fromkeys(session.captions.names(), "gone"), "test")
    assert comparison.diff("lady_001.png").status == "equal"
    qtbot.waitUntil(lambda: comparison.totals().changed == 4)
    assert comparison.diff("lady_001.png").lossy
    session.captions.edit("lady_001.png", comparison.before("lady_001.png"))
    totals = comparison.totals()
    assert (totals.changed, totals.lossy) == (3, 3)
