"""Lint model: only what changed is looked at again, the set after a pause, files as well."""

from dataclasses import replace

import pytest
from PIL import Image

from bespoke_gui.core import lints as core_lints
from bespoke_gui.core.lint_ignored import ignore_code
from bespoke_gui.core.project import create_project
from bespoke_gui.core.spelling_project import add_words
from bespoke_gui.qtmodels import caption_lints, lint_work
from bespoke_gui.qtmodels.caption_lints import LintModel, place

SAME = "portrait of bespoke punk lad, black hair, blue background"


@pytest.fixture(autouse=True)
def short_pause(monkeypatch):
    monkeypatch.setattr(caption_lints, "SET_DELAY_MS", 60)
    monkeypatch.setattr(caption_lints, "DELAY_MS", 20)


@pytest.fixture
def lints(session):
    return LintModel(session)


def codes(lints, name):
    return [problem.code for problem in lints.problems(name)]


def settle(lints, qtbot):
    qtbot.waitUntil(lambda: not lints.is_busy, timeout=20_000)


def test_problems_and_codes_agree(lints, session, qtbot):
    session.captions.edit("lad_002.png", "a lad, a lad, red red hair, hair")
    settle(lints, qtbot)
    assert set(codes(lints, "lad_002.png")) == set(lints.codes("lad_002.png"))
    assert lints.statistics()["duplicate_phrase"] == 1
    assert lints.count() >= 1


def test_only_the_edited_caption_is_looked_at_again(lints, session, qtbot, monkeypatch):
    settle(lints, qtbot)
    looked = []
    look = lint_work.Tools.look
    monkeypatch.setattr(
        lint_work.Tools,
        "look",
        lambda self, name, *rest: looked.append(name) or look(self, name, *rest),
    )
    with qtbot.waitSignal(lints.updated):
        session.captions.edit("lad_002.png", "red red hair")
    assert looked == ["lad_002.png"]
    assert "doubled_word" in codes(lints, "lad_002.png")


def test_words_are_of_the_text_as_it_is_now(lints, session, qtbot):
    settle(lints, qtbot)
    session.captions.edit("lad_002.png", "hat hat")
    problem = next(p for p in lints.problems("lad_002.png") if p.code == "doubled_word")
    assert place(problem) == (0, 7)


def test_the_whole_set_is_looked_at_after_a_pause(lints, session, qtbot):
    session.captions.edit_many({"lad_001.png": SAME, "lad_002.png": SAME}, "same")
    settle(lints, qtbot)
    assert "identical_captions" in codes(lints, "lad_001.png")
    assert "identical_captions" in lints.codes("lad_002.png")
    session.captions.edit("lad_001.png", "another")
    settle(lints, qtbot)
    assert "identical_captions" not in codes(lints, "lad_002.png")


def test_the_image_is_compared(lints, session, qtbot):
    image = session.item("lad_002.png").image
    Image.new("RGB", (96, 96), (210, 20, 20)).save(image)
    lints.run()
    settle(lints, qtbot)
    found = [p for p in lints.problems("lad_002.png") if p.code == "background_contradicts"]
    assert place(found[0]) == (42, 57)
    assert found[0].fix is None
    assert found[0].suggestions


def test_a_change_of_dictionary_or_lint_file_is_noticed(lints, session, qtbot):
    session.captions.edit("lad_002.png", "krypta hat, hispanic man")
    settle(lints, qtbot)
    assert {"spelling", "sensitive_words"} <= set(lints.codes("lad_002.png"))
    add_words(session.project.folder, ["krypta"])
    ignore_code(session.project.folder, "sensitive_words")
    session.captions.edit("lad_001.png", "anything")
    settle(lints, qtbot)
    qtbot.waitUntil(lambda: "spelling" not in lints.codes("lad_002.png"), timeout=5000)
    assert "sensitive_words" not in lints.codes("lad_002.png")


def test_files_are_findings_too(session, make_project, qtbot):
    folder = make_project("files")
    data = folder / "dataset"
    (data / "lad_001.txt").write_bytes(b"a lad, caf\xe9 hat")
    (data / "lad_002.txt").rename(data / "lad_002.caption")
    (data / "lady_001.txt").unlink()
    session.open_project(folder)
    lints = LintModel(session)
    settle(lints, qtbot)
    assert place(lints.problems("lad_001.png")[0]) == (10, 11)
    assert lints.codes("lad_001.png")[0] == "not_utf8"
    assert codes(lints, "lad_002.png") == ["wrong_extension"]
    assert codes(lints, "lady_001.png") == []


def test_without_a_project_there_is_nothing(empty_session):
    lints = LintModel(empty_session)
    assert (lints.problems("x"), lints.codes("x"), lints.count()) == ([], (), 0)


def test_closing_the_project_while_it_works(session, threaded_tasks, qtbot):
    lints = LintModel(session)
    session.close_project()
    settle(lints, qtbot)
    assert lints.count() == 0


def test_real_threads_find_the_same(session, threaded_tasks, qtbot):
    lints = LintModel(session)
    settle(lints, qtbot)
    texts = session.captions.texts()
    seen = sorted(code for name in texts for code in lints.codes(name))
    context = lints.tools.linter.context
    assert seen == sorted(p.code for p in core_lints.lint(texts, context=context) if p.file)


@pytest.fixture
def a_process(monkeypatch):
    monkeypatch.setattr(lint_work, "PROCESS_ABOVE", 0)
    monkeypatch.setattr(lint_work, "MOST_IMAGES", 0)


def test_a_process_finds_the_same(session, threaded_tasks, qtbot, a_process):
    lints = LintModel(session)
    settle(lints, qtbot)
    process = lints.tools.process
    session.captions.edit("lad_001.png", SAME)
    settle(lints, qtbot)
    assert lints.tools.process is process
    texts = session.captions.texts()
    assert "identical_captions" in lints.codes("lad_001.png")
    context = lints.tools.linter.context
    seen = {name: sorted(lints.codes(name)) for name in texts}
    blind = core_lints.lint(texts, context=replace(context, native=None))
    assert all(p.code in seen[p.file] for p in blind if p.file)
    told = [problem.code for problem in lints.problems("lad_001.png")]
    assert sorted(told) == sorted(lints.codes("lad_001.png"))
    session.captions.edit("lad_001.png", "something else, a green hat")
    settle(lints, qtbot)
    assert "identical_captions" not in lints.codes("lad_002.png")
    session.close_project()
    qtbot.waitUntil(lambda: not process._process.is_alive(), timeout=20_000)


def test_many_edits_at_once_go_to_the_process(
    session, threaded_tasks, qtbot, a_process, monkeypatch
):
    monkeypatch.setattr(caption_lints, "CHUNK", 2)
    lints = LintModel(session)
    settle(lints, qtbot)
    names = session.captions.names()
    session.captions.edit_many(dict.fromkeys(names, "red red hair"), "all the same")
    settle(lints, qtbot)
    assert all("doubled_word" in lints.codes(name) for name in names)
    assert all("identical_captions" in lints.codes(name) for name in names)


@pytest.fixture
def many(empty_session, tmp_path):
    """A project of sixty captions, pairs of which are the same."""
    source = tmp_path / "many"
    source.mkdir()
    for number in range(60):
        Image.new("RGB", (24, 24), (4 * number, 90, 90)).save(source / f"lad_{number:02d}.png")
        text = f"lad {number // 2}, red red hair, blue background"
        (source / f"lad_{number:02d}.txt").write_text(text, encoding="utf-8")
    empty_session.open_project(create_project(tmp_path / "p", source).project.folder)
    return empty_session


def test_no_slot_gets_more_than_a_few_names_and_all_arrive_in_order(
    many, threaded_tasks, qtbot, a_process, monkeypatch
):
    whole = LintModel(many)
    settle(whole, qtbot)
    names = many.captions.names()
    found = {name: whole.codes(name) for name in names}
    assert all("identical_captions" in codes for codes in found.values())
    monkeypatch.setattr(caption_lints, "CHUNK", 4)
    monkeypatch.setattr(caption_lints, "MOST_TOLD", 8)
    monkeypatch.setattr(caption_lints, "TELL_EVERY", 2)
    told, asked = [], []
    of = lint_work.LintJob.of.__func__

    def spied(cls, store, names, with_image):
        asked.append(list(names))
        return of(cls, store, names, with_image)

    monkeypatch.setattr(lint_work.LintJob, "of", classmethod(spied))
    lints = LintModel(many)
    lints.updated.connect(told.append)
    settle(lints, qtbot)
    assert max(map(len, told)) <= 8
    assert max(map(len, asked)) <= 4
    assert [name for part in told for name in part] == names
    assert told[-1] == [], "what the set shows is new of all captions"
    assert {name: lints.codes(name) for name in names} == found
    asked.clear()
    many.captions.edit_many(dict.fromkeys(names[:30], "red red hair"), "all the same")
    settle(lints, qtbot)
    assert max(map(len, asked)) <= 4
    assert {name for part in asked for name in part} == set(names[:30])


def test_reading_all_anew_forgets_those_that_are_gone(many, qtbot):
    lints = LintModel(many)
    settle(lints, qtbot)
    assert lints.count() == 60
    captions = {name: many.captions.on_disk(name) for name in many.captions.names()[10:]}
    many.captions.reconcile(captions)
    lints.run()
    settle(lints, qtbot)
    assert lints.count() == 50


def test_a_process_that_dies_is_done_without(session, threaded_tasks, qtbot, a_process):
    lints = LintModel(session)
    settle(lints, qtbot)
    lints.tools.process._process.kill()
    session.captions.edit("lad_001.png", SAME)
    settle(lints, qtbot)
    assert lints.tools.process is None
    assert "identical_captions" in lints.codes("lad_001.png")
    assert session.told == []


def test_a_broken_lint_file_is_told(session, ask):
    (session.project.folder / "lint.toml").write_text("= no", encoding="utf-8")
    LintModel(session)
    assert session.told[-1][0] == "error"
    assert "lint.toml" in session.told[-1][1]
