import pytest

from bespoke_gui.core import dataset_index
from bespoke_gui.core import project as projects
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery_decision import decide
from bespoke_gui.core.health.report import read_health
from bespoke_gui.core.history import History
from bespoke_gui.core.settings import load
from bespoke_gui.qtmodels import session as sessions
from bespoke_gui.qtmodels.overview import read_overview


def test_open_project_reads_images_and_captions(session):
    assert session.project.name == "punks"
    assert [item.stem for item in session.dataset.items] == [
        "lad_001",
        "lad_002",
        "lady_001",
        "lady_002",
    ]
    assert session.captions.text("lad_002.png").endswith("blue background")


def test_open_project_is_remembered(session):
    assert load().recent == [str(session.project.folder)]


def test_opening_on_threads_ends_with_project_changed(qtbot, empty_session, make_project):
    folder = make_project()
    with qtbot.waitSignal(empty_session.project_changed):
        empty_session.open_project(folder)
    assert empty_session.project.folder == folder


@pytest.mark.usefixtures("threaded_tasks")
def test_opening_in_the_background_does_not_block(qtbot, empty_session, make_project):
    folder = make_project()
    with qtbot.waitSignal(empty_session.project_changed):
        empty_session.open_project(folder)
        assert empty_session.project is None


def test_a_folder_that_is_no_project_is_a_notice(empty_session, tmp_path):
    empty_session.open_project(tmp_path)
    level, text, _ = empty_session.told[-1]
    assert level == "error"
    assert "bespoke.toml" in text
    assert empty_session.project is None


def test_two_dataset_folders_become_one_set(empty_session, make_project):
    first, second = make_project("first"), make_project("second")
    project = projects.open_project(first)
    project.dataset_dirs = [(first / "dataset", 1), (second / "dataset", 3)]
    (second / "dataset").rename(second / "more")
    project.dataset_dirs[1] = (second / "more", 3)
    projects.save(project)
    empty_session.open_project(first)
    names = empty_session.captions.names()
    assert len(names) == len(set(names)) == 8
    assert "dataset/lad_001.png" in names
    assert "more/lad_001.png" in names


def test_show_error_tells_app_errors_in_their_words(empty_session):
    empty_session.show_error(AppError("is broken", file="x.png", hint="mend it"))
    level, text, details = empty_session.told[-1]
    assert (level, text) == ("error", "x.png: is broken (mend it)")
    assert "mend it" in details


def test_show_error_keeps_the_traceback_of_the_unexpected(empty_session):
    try:
        raise KeyError("odd")
    except KeyError as error:
        empty_session.show_error(error)
    level, text, details = empty_session.told[-1]
    assert level == "error"
    assert "KeyError" in text
    assert "Traceback" in details


def test_unknown_level_is_refused(empty_session):
    with pytest.raises(ValueError, match="level"):
        empty_session.notify("loud", "x")


def test_closing_forgets_everything(session):
    session.close_project()
    assert session.project is None
    assert session.captions.names() == []


def test_overview_sees_words_lost_since_the_newest_snapshot(session):
    first = read_overview(session.project, session.dataset).next
    assert (first.title, first.state) == ("Captions", "attention")
    assert first.detail == "1 caption lost words since “before”"
    assert first.action == "Look at the lost words"


def test_overview_names_the_next_stage(session):
    with History(session.project.folder) as history:
        history.snapshot("as they are now", session.captions.texts())
    stages = {s.title: s for s in read_overview(session.project, session.dataset).stages}
    assert stages["Captions"].state == "done"
    assert (stages["Captions"].figure, stages["Captions"].unit) == ("4", "of 4")
    assert read_overview(session.project, session.dataset).next == stages["Images"]
    read_health(session.project.folder)
    assert read_overview(session.project, session.dataset).next.title == "Prepare"


def test_overview_follows_what_was_found_about_the_images(session, tmp_path):
    def images():
        return read_overview(session.project, session.dataset).stages[0]

    assert (images().state, images().detail) == ("todo", "Not looked at yet")
    health = read_health(session.project.folder)
    assert (images().figure, images().unit, images().state) == ("4", "images", "done")
    near = len(health.near.pairs)
    assert images().detail == (f"{near} pairs nearly alike" if near > 1 else "Nothing is odd")
    folder = session.project.folder / "dataset"
    (folder / "lad_001.png").write_bytes((folder / "lad_002.png").read_bytes())
    assert images().state == "todo"
    read_health(session.project.folder)
    assert (images().state, images().detail) == ("attention", "1 there twice")
    (session.project.bespoke_dir / "health.json").write_text("[1]", encoding="utf-8")
    assert images().state == "todo"


def test_overview_ends_with_an_epoch_that_is_picked(session):
    gallery = session.project.galleries_dir / "run_1"
    (gallery / "epoch_08").mkdir(parents=True)

    def last():
        return read_overview(session.project, session.dataset).stages[-1]

    assert (last().state, last().action) == ("todo", "Pick an epoch")
    decide(gallery, 8, "the background is green")
    assert (last().state, last().detail) == ("done", "Epoch 8 picked in run_1")
    (gallery / "reviews.json").write_text("broken", encoding="utf-8")
    assert last().state == "todo"


def test_overview_sees_missing_captions(empty_session, make_project):
    empty_session.open_project(make_project(captions={"lad_001": "one"}))
    overview = read_overview(empty_session.project, empty_session.dataset)
    assert overview.next.title == "Captions"
    assert overview.next.detail == "3 images without a caption"


def test_overview_counts_prepared_sets_packages_and_galleries(session):
    project = session.project
    prepared = project.prepared_dir / "pixel_384"
    prepared.mkdir(parents=True)
    (prepared / "manifest.json").write_text('{"settings": {"size": 384}}')
    (project.prepared_dir / "half").mkdir()
    project.packages_dir.mkdir()
    (project.packages_dir / "p.zip").write_bytes(b"x" * 1_500_000)
    (project.galleries_dir / "run_1").mkdir(parents=True)
    stages = {s.title: s for s in read_overview(project, session.dataset).stages}
    assert (stages["Prepare"].figure, stages["Prepare"].detail) == (
        "1",
        "Newest: pixel_384",
    )
    assert stages["Package"].detail == "Newest: p.zip, 1.5 MB"
    assert (stages["Gallery"].figure, stages["Gallery"].state) == ("1", "todo")
    assert stages["Train"].state == "todo"
    prepared.rename(project.prepared_dir / "mine")
    stages = {s.title: s for s in read_overview(project, session.dataset).stages}
    assert stages["Prepare"].detail == "Newest: mine, 384 px"


def test_a_large_set_shows_its_images_before_its_captions(empty_session, make_project, monkeypatch):
    monkeypatch.setattr(sessions, "LARGE", 3)
    seen = []

    def note():
        store = empty_session.captions
        seen.append((len(empty_session.dataset.items), len(store.names()), store.read_only))

    empty_session.project_changed.connect(note)
    finished = []
    empty_session.open_project(make_project(), lambda: finished.append(empty_session.is_opening))
    assert seen == [(4, 0, "the captions are still being read."), (4, 4, "")]
    assert len(finished) == 1
    assert not empty_session.is_opening
    empty_session.captions.edit("lad_001.png", "new")
    assert empty_session.captions.text("lad_001.png") == "new"


@pytest.fixture
def small_is_large(monkeypatch):
    monkeypatch.setattr(sessions, "LARGE", 3)
    monkeypatch.setattr(dataset_index, "LARGE", 3)


def test_an_old_index_is_shown_and_put_right(empty_session, make_project, small_is_large):
    folder = make_project()
    empty_session.open_project(folder)
    empty_session.close_project()
    dataset = folder / "dataset"
    (dataset / "lad_001.png").rename(dataset / "lad_900.png")
    (dataset / "lad_002.txt").write_text("written meanwhile")
    seen = []

    def note():
        store = empty_session.captions
        seen.append(([i.stem for i in empty_session.dataset.items], store.text("lad_002.png")))

    empty_session.project_changed.connect(note)
    empty_session.open_project(folder)
    old = ["lad_001", "lad_002", "lady_001", "lady_002"]
    new = ["lad_002", "lad_900", "lady_001", "lady_002"]
    assert seen == [(old, ""), (new, ""), (new, "written meanwhile")]
    assert not empty_session.is_reading
    assert not empty_session.is_opening


def test_an_index_that_is_right_keeps_what_is_shown(empty_session, make_project, small_is_large):
    folder = make_project()
    empty_session.open_project(folder)
    empty_session.close_project()
    seen = []
    empty_session.project_changed.connect(lambda: seen.append(empty_session.dataset))
    empty_session.open_project(folder)
    assert len(seen) == 2
    assert seen[0] is seen[1]
    assert len(empty_session.captions.names()) == 4


def test_a_damaged_index_does_no_harm(empty_session, make_project, small_is_large):
    folder = make_project()
    empty_session.open_project(folder)
    index = folder / ".bespoke" / "dataset.index"
    whole = index.read_bytes()
    index.write_bytes(whole[:-20] + b"x" * 20)
    empty_session.rescan()
    assert len(empty_session.captions.names()) == 4
    assert index.read_bytes() == whole


def test_a_dataset_that_goes_away_while_it_is_read_is_told(
    empty_session, make_project, small_is_large, monkeypatch
):
    notices = []
    empty_session.notice.connect(lambda *what: notices.append(what))
    folder = make_project()
    empty_session.open_project(folder)
    empty_session.close_project()
    real = sessions.check_files

    def check_files(opened):
        (folder / "dataset").rename(folder / "away")
        return real(opened)

    monkeypatch.setattr(sessions, "check_files", check_files)
    empty_session.open_project(folder)
    assert "no such folder" in notices[-1][1]
    assert not empty_session.is_opening
    assert empty_session.captions.read_only


def test_captions_that_come_late_do_not_fill_another_project(
    empty_session, make_project, monkeypatch
):
    monkeypatch.setattr(sessions, "LARGE", 3)
    first, second = make_project("first"), make_project("second")
    real, opened = sessions.caption_files.read_all, []

    def read_all(dataset):
        if not opened:
            opened.append(True)
            empty_session.open_project(second)
        return real(dataset)

    monkeypatch.setattr(sessions.caption_files, "read_all", read_all)
    empty_session.open_project(first)
    assert empty_session.project.folder == second
    store = empty_session.captions
    assert {store.on_disk(name).path.parent.parent for name in store.names()} == {second}
