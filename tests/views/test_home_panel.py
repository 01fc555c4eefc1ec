from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtTest import QTest

from bespoke_gui.core.health.report import read_health
from bespoke_gui.core.history import History
from bespoke_gui.qtmodels.overview import Overview, read_overview
from bespoke_gui.views import new_project, theme
from bespoke_gui.views.new_project import NewProject, NewProjectDialog
from bespoke_gui.views.rooms.home import HomePanel
from bespoke_gui.views.widgets.thumbnail_wall import wall_boxes
from tests.qt_fixtures import draw_portrait


@pytest.fixture
def panel(session, qtbot):
    made = HomePanel(session)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


@pytest.fixture
def welcome(empty_session, qtbot):
    made = HomePanel(empty_session)
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


def test_welcome_offers_recent_projects(welcome, empty_session, make_project):
    empty_session.settings.remember(make_project())
    welcome.refresh()
    line = welcome._welcome._recent
    assert line.isVisible()
    link = next(b for b in line.findChildren(type(welcome._project.next.button)))
    assert link.text() == "punks"
    link.click()
    assert empty_session.project.name == "punks"
    assert welcome._project.isVisible()


def test_welcome_is_never_empty(welcome, qtbot):
    faces = welcome._welcome.faces
    qtbot.waitUntil(lambda: bool(faces._faces))
    assert len(faces._faces) > 20
    assert {(face.width(), face.height()) for face in faces._faces} == {(24, 24)}
    assert len(wall_boxes(QSize(8 * 104, 3 * 104), 60)) == 8 * 3
    assert wall_boxes(QSize(50, 50), 60) == []


def accept_captions(session):
    """A new snapshot says that the captions are right as they are, and the images were seen."""
    with History(session.project.folder) as history:
        history.snapshot("as they are", session.captions.texts())
    read_health(session.project.folder)
    session.snapshots_changed.emit()


def test_lost_words_come_first_until_a_snapshot_accepts_them(panel, session):
    page = panel._project
    assert page.next.button.text() == "Look at the lost words"
    accept_captions(session)
    assert page.next.button.text() == "Prepare the images"


def test_project_page_shows_stages_and_the_next_step(panel, session):
    accept_captions(session)
    page = panel._project
    assert page._name.text() == "punks"
    assert page.stages["Captions"]._figure.text() == "4"
    assert page.stages["Captions"]._state.text() == "Done"
    assert page.stages["Prepare"]._state.text() == "Next"
    assert page.next.button.text() == "Prepare the images"


def test_the_next_step_opens_its_panel(panel, session, qtbot):
    accept_captions(session)
    with qtbot.waitSignal(session.go_to) as told:
        panel._project.next.button.click()
    assert told.args == ["prepare/resize"]


def test_the_images_are_to_be_looked_at_first(panel, session, qtbot):
    with History(session.project.folder) as history:
        history.snapshot("as they are", session.captions.texts())
    session.snapshots_changed.emit()
    page = panel._project
    assert page.next.button.text() == "Look at the images"
    assert page.next._detail.text() == "Not looked at yet."
    with qtbot.waitSignal(session.go_to) as told:
        page.stages["Images"].open.click()
    assert told.args == ["prepare/health"]


def test_lost_words_lead_to_the_page_of_changes(panel, session, qtbot):
    page = panel._project
    assert "snapshot" in page.next._why.text()
    with qtbot.waitSignal(session.go_to) as told:
        page.next.button.click()
    assert told.args == ["captions/changes"]


def test_signs_tell_the_state_of_each_stage(panel, session):
    accept_captions(session)
    stages = panel._project.stages
    assert stages["Captions"].sign.accessibleName() == "Stage 2: Done"
    assert stages["Prepare"].sign.accessibleName() == "Stage 3: Next"
    done, todo = (stages[title].sign.grab().toImage() for title in ("Captions", "Package"))
    assert done != todo


def test_nothing_left_to_do_is_said(panel, session):
    stages = read_overview(session.project, session.dataset).stages
    closed = Overview([replace(stage, state="done") for stage in stages])
    panel._project._show(closed)
    assert panel._project.next._title.text() == "The loop is closed"
    assert panel._project.next.button.text() == closed.stages[-1].action


def test_the_page_follows_the_project(panel, session):
    accept_captions(session)
    prepared = session.project.prepared_dir / "pixel_96"
    prepared.mkdir(parents=True)
    (prepared / "manifest.json").write_text("{}")
    session.prepared_changed.emit()
    assert panel._project.stages["Prepare"]._figure.text() == "1"
    assert panel._project.next.button.text() == "Build the package"


def test_wall_shows_real_thumbnails_and_opens_their_captions(panel, session, qtbot):
    wall = panel._project.wall
    assert [item.stem for item in wall.shown()] == ["lad_001", "lad_002", "lady_001", "lady_002"]
    wall.grab()
    session.thumbnails._start()
    shot = wall.grab().toImage()
    wanted = draw_portrait(1).getpixel((0, 0))
    assert shot.pixelColor(wall._box(1).topLeft().toPoint() + QPoint(1, 1)).getRgb()[:3] == wanted
    with qtbot.waitSignal(session.caption_wanted) as told:
        QTest.mouseClick(wall, Qt.MouseButton.LeftButton, pos=wall._box(2).center().toPoint())
    assert told.args == ["lady_001.png"]


def test_a_large_set_is_picked_evenly(panel, session):
    wall = panel._project.wall
    wall.resize(2 * 104, 104)
    wall.set_items(session.dataset.items * 25)
    shown = wall.shown()
    assert 1 <= len(shown) <= 2


def test_new_project_is_made_and_opened(panel, session, tmp_path):
    images = tmp_path / "images"
    images.mkdir()
    draw_portrait(1, 48).save(images / "one.png")
    (images / "one.txt").write_text("a caption")
    new_project.make_project(session, NewProject(tmp_path / "made", images, None, "Made"))
    assert session.project.name == "Made"
    assert session.captions.text("one.png") == "a caption"
    assert session.told[0][0] == "good"


def test_new_project_without_images_is_told(panel, session, tmp_path):
    empty = tmp_path / "empty"
    empty.mkdir()
    new_project.make_project(session, NewProject(tmp_path / "made", empty, None, "Made"))
    assert session.told[-1][0] == "error"
    assert "holds no images" in session.told[-1][1]


def test_demo_is_written_and_opened(
    welcome, empty_session, ask, tmp_path, monkeypatch, make_project
):
    from bespoke_gui.core import demo

    made = make_project("drawn")
    monkeypatch.setattr(demo, "write_demo", lambda folder: made.rename(folder))
    ask.answers = [tmp_path]
    welcome.make_demo()
    assert empty_session.project.folder == tmp_path / "bespoke-demo"


@pytest.fixture
def dialog(ask, qtbot):
    made = NewProjectDialog(ask)
    qtbot.addWidget(made)
    return made


def test_dialog_says_what_is_missing(dialog):
    assert not dialog.make.isEnabled()
    dialog.images.setText("/somewhere/faces")
    assert "name" in dialog._problem.text()
    dialog.name.setText("a/b")
    assert not dialog.make.isEnabled()
    dialog.name.setText("faces")
    assert dialog.make.isEnabled()


def test_dialog_proposes_the_folders_name(dialog, ask, tmp_path):
    ask.answers = [tmp_path / "my faces"]
    dialog._choose(dialog.images, "Folder with your images")
    dialog.place.setText(str(tmp_path))
    answer = dialog.answer()
    assert answer == NewProject(tmp_path / "my faces", tmp_path / "my faces", None, "my faces")


def test_an_unreadable_image_says_so_on_the_wall(panel, session):
    wall = panel._project.wall
    (session.project.folder / "dataset" / "lad_001.png").write_bytes(b"no image")
    session.thumbnails.clear()
    wall.grab()
    session.thumbnails._start()
    plain = wall.grab(wall._box(1).toRect()).toImage()
    bad = wall.grab(wall._box(0).toRect()).toImage()
    danger = theme.tokens().danger
    pixels = {bad.pixelColor(x, y).name() for x in range(bad.width()) for y in range(40, 56)}
    assert danger.name() in pixels
    assert plain != bad
