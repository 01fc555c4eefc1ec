"""Suggestions in the window: kept apart from captions until a person says so, one undo step."""

import json

import keyring
import pytest

from bespoke_gui.core.suggest.answer import Answer
from bespoke_gui.core.suggest.answers import Answers
from bespoke_gui.core.suggest.options import SuggestOptions
from bespoke_gui.qtmodels.suggest_setup import SuggestSetup
from bespoke_gui.qtmodels.suggest_work import SuggestWork
from bespoke_gui.qtmodels.suggestions import Suggestions
from tests.core.endpoint import Canned, reply, said, serving
from tests.memory_keyring import MemoryKeyring

KEY = "sk-window-0123456789"
GOOD = "portrait of bespoke punk lad, brown hair, wearing a gray hat, smiling, green background"


@pytest.fixture
def server():
    with serving() as found:
        yield found
        assert not found.problems


@pytest.fixture
def options(server):
    return SuggestOptions(model="llava:7b", base_url=server.url, timeout_s=5)


@pytest.fixture
def suggestions(session, qtbot):
    return Suggestions(session)


@pytest.fixture
def work(session, suggestions, qtbot):
    return SuggestWork(session, suggestions)


def answer(session, **texts):
    answers = Answers(session.project.folder)
    for stem, text in texts.items():
        answers.keep(f"key {stem} {text}", f"{stem}.png", Answer(text), "m")
    return answers


def disk(session):
    folder = session.project.dataset_dirs[0][0]
    return {path.name: path.read_bytes() for path in folder.glob("*.txt")}


def test_answers_wait_as_diffs_and_lossy_ones_are_not_ticked(session, qtbot):
    texts = session.captions.texts()
    answer(session, lad_001=GOOD, lad_002="a lad", lady_001=texts["lady_001.png"])
    found = Suggestions(session)
    assert found.names() == ["lad_001.png", "lad_002.png", "lady_001.png"]
    assert found.ticked() == ["lad_001.png"]
    assert found.proposal("lad_001.png").diff.gained == ["smiling"]
    assert found.proposal("lad_002.png").diff.lossy
    assert not found.proposal("lady_001.png").is_change
    assert (found.counts().all, found.counts().ticked, found.counts().lossy) == (3, 1, 1)
    assert session.captions.texts() == texts
    found.tick(["lad_002.png", "lady_001.png"], True)
    assert found.ticked() == ["lad_001.png", "lad_002.png"]
    assert found.counts().ticked_lossy == 1


def test_accepting_one_is_one_step_and_undo_brings_both_back(session, qtbot):
    before = session.captions.text("lad_001.png")
    answer(session, lad_001=GOOD)
    found = Suggestions(session)
    found.accept(["lad_001.png"])
    assert session.captions.text("lad_001.png") == GOOD
    assert found.names() == []
    assert Answers(session.project.folder).pending() == {}
    assert session.captions.undo_stack.count() == 1
    assert "suggestion for lad_001" in session.captions.undo_stack.undoText()
    session.captions.undo_stack.undo()
    assert session.captions.text("lad_001.png") == before
    assert found.names() == ["lad_001.png"]
    session.captions.undo_stack.redo()
    assert not found.proposal("lad_001.png").is_change


def test_accepting_many_is_one_step_after_a_snapshot(session, qtbot):
    before = session.captions.texts()
    answer(session, lad_001=GOOD, lady_002=f"{before['lady_002.png']}, tie")
    found = Suggestions(session)
    found.accept(found.ticked())
    assert session.captions.undo_stack.count() == 1
    assert session.captions.text("lady_002.png").endswith(", tie")
    from bespoke_gui.core.history import History

    with History(session.project.folder) as history:
        newest = next(s for s in history.snapshots() if s.automatic)
        assert history.load(newest.name, list(before)) == before
    session.captions.undo_stack.undo()
    assert session.captions.texts() == before
    assert len(found.names()) == 2


def test_pieces_can_be_put_back_before_accepting(session, qtbot):
    answer(session, lad_001=GOOD.replace("brown", "red"))
    found = Suggestions(session)
    diff = found.proposal("lad_001.png").diff
    piece = next(piece for piece in diff.pieces if "brown" in piece.before)
    found.put_back("lad_001.png", piece.id)
    assert found.proposal("lad_001.png").text == GOOD
    assert found.proposal("lad_001.png").edited
    found.put_phrase_back("lad_001.png", GOOD.index("smiling") + 1)
    assert not found.proposal("lad_001.png").is_change
    assert session.captions.text("lad_001.png") != GOOD


def test_words_can_be_changed_and_dismissed(session, qtbot):
    before = session.captions.texts()
    answer(session, lad_001=GOOD, lad_002="a lad")
    found = Suggestions(session)
    found.edit("lad_001.png", f" {GOOD}, tie ")
    found.edit("nobody.png", "x")
    assert found.proposal("lad_001.png").text == f"{GOOD}, tie"
    found.dismiss(["lad_001.png", "nobody.png"])
    assert found.names() == ["lad_002.png"]
    assert session.captions.texts() == before
    assert Suggestions(session).names() == ["lad_002.png"]


def test_a_caption_edited_meanwhile_gives_another_diff(session, qtbot):
    answer(session, lad_001=GOOD)
    found = Suggestions(session)
    session.captions.edit("lad_001.png", "a lad with a moustache")
    assert "moustache" in found.proposal("lad_001.png").diff.lost
    assert found.ticked() == []


def test_many_diffs_are_made_in_the_background(session, qtbot, monkeypatch):
    from bespoke_gui.qtmodels import suggestions

    monkeypatch.setattr(suggestions, "AT_ONCE", 1)
    answer(session, lad_001=GOOD, lad_002="a lad", lady_001="a lady")
    assert len(Suggestions(session).names()) == 3


def test_a_batch_brings_suggestions_and_writes_nothing(session, suggestions, work, server, options):
    before, files = session.captions.texts(), disk(session)
    told = []
    work.progressed.connect(told.append)
    server.script = lambda asked: said(f"{asked.prompt}!")
    work.start(SuggestOptions(**{**options.as_dict(), "prompt": "{caption}"}),
               session.captions.names())  # fmt: skip
    assert suggestions.names() == session.captions.names()
    assert suggestions.proposal("lad_001.png").text == before["lad_001.png"] + "!"
    assert (told[-1].done, told[-1].total, told[-1].failed) == (4, 4, 0)
    assert not work.is_busy
    assert session.captions.texts() == before
    assert disk(session) == files
    assert not session.captions.unsaved()


def test_an_unsaved_caption_is_what_the_model_is_told(session, suggestions, work, server, options):
    session.captions.edit("lad_001.png", "just typed")
    work.start(SuggestOptions(**{**options.as_dict(), "prompt": "{caption}"}), ["lad_001.png"])
    assert server.questions()[0].prompt == "just typed"


def test_failures_are_counted_and_a_stop_is_told(session, suggestions, work, server, options):
    ended, told = [], []
    work.ended.connect(ended.append)
    work.progressed.connect(told.append)
    server.plan = [reply({}, 413)]
    work.start(options, session.captions.names())
    assert told[-1].failed == 1
    assert len(suggestions.names()) == 3
    server.plan = [reply({}, 401)]
    work.start(options, ["lad_001.png"])
    assert "key" in str(ended[-1].stopped)
    work.start(SuggestOptions(base_url=server.url), ["lad_001.png"])
    assert "no model is named" in str(ended[-1].stopped)
    assert session.told == []


def test_without_captions_are_found(session, work):
    assert work.missing() == []
    session.captions.edit("lady_001.png", " ")
    assert work.missing() == ["lady_001.png"]


def test_a_cancel_while_the_server_hangs_comes_back(
    session, suggestions, work, server, options, threaded_tasks, qtbot
):
    server.plan = [said("first"), Canned(hang=True)]
    with qtbot.waitSignal(work.ended, timeout=20_000) as ended:
        work.start(options, session.captions.names())
        assert work.is_busy
        qtbot.waitUntil(lambda: len(server.questions()) == 2, timeout=10_000)
        work.cancel()
    assert ended.args[0].cancelled
    qtbot.waitUntil(lambda: not work.is_busy, timeout=5_000)
    assert suggestions.names() == ["lad_001.png"]


def test_it_is_off_and_nothing_is_remembered_but_options(session, qtbot):
    setup = SuggestSetup(session)
    assert not setup.options.enabled
    assert setup.who() == ""
    setup.change(enabled=True, model="m", per_minute=-5, base_url="https://api.example.com/v1")
    assert setup.options.enabled
    assert setup.options.per_minute == 0
    assert setup.who() == "m at api.example.com"
    assert SuggestSetup(session).options == setup.options
    setup.change(source="local", folder="/models/blip")
    assert setup.who() == "blip"


def test_a_key_is_kept_for_its_host_and_never_in_the_settings(session, own_settings, qtbot):
    before = keyring.get_keyring()
    keyring.set_keyring(MemoryKeyring())
    try:
        setup, told = SuggestSetup(session), []
        setup.key_told.connect(lambda *words: told.append(words))
        setup.change(base_url="https://api.example.com/v1")
        setup.look_for_key()
        setup.keep_key(KEY)
        setup.keep_key("not a key")
        setup.change(base_url="https://other.example.com/v1")
        setup.look_for_key()
        assert [has for has, _ in told] == [False, True, False, False]
        assert "keyring" in told[1][1]
        assert "no key" in told[2][1] or "spaces" in told[2][1]
        setup.change(base_url="https://api.example.com/v1")
        setup.forget_key()
        assert told[-1][0] is False
        assert KEY not in json.dumps(session.settings.suggest)
        assert all(KEY not in p.read_text() for p in own_settings.rglob("*") if p.is_file())
    finally:
        keyring.set_keyring(before)


def test_a_test_lists_the_models_or_says_what_is_wrong(session, server, tmp_path, qtbot):
    setup, told, models = SuggestSetup(session), [], []
    setup.tested.connect(lambda *words: told.append(words))
    setup.models_found.connect(models.append)
    setup.change(base_url=server.url)
    setup.test()
    assert told[-1][0] is True
    assert models[-1] == ["llava:7b", "qwen3-vl:8b"]
    setup.change(model="gpt")
    setup.test()
    assert "no model 'gpt'" in told[-1][1]
    setup.change(source="local", folder=str(tmp_path))
    setup.test()
    assert "no folder of a transformers model" in told[-1][1]
    (tmp_path / "config.json").write_text("{}")
    setup.test()
    assert "safetensors" in told[-1][1]
    (tmp_path / "model.safetensors").write_bytes(b"")
    setup.test()
    assert told[-1][0] is True


@pytest.fixture
def rows(session, suggestions, qtmodeltester):
    from bespoke_gui.qtmodels.suggest_list_model import SuggestListModel

    model = SuggestListModel(suggestions, session.thumbnails, lambda name: session.item(name).image)
    qtmodeltester.check(model)
    return model


def stems(model):
    return [model.index(row).data() for row in range(model.rowCount())]


@pytest.mark.parametrize("most", [0, 32])
def test_rows_come_and_go_in_the_order_of_the_captions(
    session, suggestions, rows, qtbot, monkeypatch, most
):
    from bespoke_gui.qtmodels import suggest_list_model

    monkeypatch.setattr(suggest_list_model, "MOST_RUNS", most)
    for stem in ("lady_001", "lad_001", "lady_002", "lad_002"):
        suggestions.answers.keep(f"k {stem}", f"{stem}.png", Answer("words"), "m")
        suggestions.refresh()
    assert stems(rows) == ["lad_001", "lad_002", "lady_001", "lady_002"]
    suggestions.dismiss(["lad_001.png", "lady_001.png", "lady_002.png"])
    assert stems(rows) == ["lad_002"]
    suggestions.answers.close(["lad_001.png", "lady_002.png"], "")
    suggestions.refresh()
    assert stems(rows) == ["lad_001", "lad_002", "lady_002"]
    assert [rows.row_of(f"{stem}.png") for stem in stems(rows)] == [0, 1, 2]
    assert rows.row_of("lady_001.png") == -1


@pytest.mark.engine
def test_a_local_model_is_asked_in_the_background(
    session, suggestions, work, tmp_path, threaded_tasks, qtbot
):
    pytest.importorskip("torch")
    from tests.engines.tiny_captioners import blip

    options = SuggestOptions(source="local", folder=str(blip(tmp_path / "m")), max_tokens=16)
    with qtbot.waitSignal(work.ended, timeout=120_000) as ended:
        work.start(options, session.captions.names())
    assert ended.args[0].stopped is None
    assert len(suggestions.names()) == 4
    qtbot.waitUntil(lambda: not work.is_busy, timeout=5_000)
