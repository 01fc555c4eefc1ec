import pytest
from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QAction, QCloseEvent, QGuiApplication, QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit

from bespoke_gui.core import demo
from bespoke_gui.core.settings import load
from bespoke_gui.views import theme
from bespoke_gui.views.caption_pages import PAGES as CAPTION_PAGES
from bespoke_gui.views.gallery_pages import PAGES as GALLERY_PAGES
from bespoke_gui.views.main_window import MainWindow
from bespoke_gui.views.new_project import NewProjectDialog
from bespoke_gui.views.page import Page, in_order
from bespoke_gui.views.page_switch import PageSwitch
from bespoke_gui.views.panels import PANELS, Panel
from bespoke_gui.views.prepare_pages import PAGES as PREPARE_PAGES
from bespoke_gui.views.train_pages import TRAIN_PAGES


@pytest.fixture
def window(session, ask, qtbot):
    made = MainWindow(session)
    session.ask = ask
    qtbot.addWidget(made, before_close_func=lambda w: setattr(w, "_close_agreed", True))
    made.resize(1200, 800)
    made.show()
    return made


@pytest.fixture
def empty_window(empty_session, ask, qtbot):
    made = MainWindow(empty_session)
    empty_session.ask = ask
    qtbot.addWidget(made)
    made.resize(1200, 800)
    made.show()
    return made


def test_all_five_places_are_there_in_order():
    names = [panel.name for panel in in_order(PANELS)]
    assert names[:3] == ["home", "captions", "prepare"]
    assert set(names) <= {"home", "captions", "prepare", "train", "gallery"}


def test_a_place_opens_at_one_of_its_pages(window):
    window.session.go_to.emit("prepare/package")
    assert window.current_panel() == "prepare"
    room = window.panel("prepare")
    assert room._pages.stack.currentWidget() is room.page("package")
    window.session.go_to.emit("home/no such page")
    assert window.current_panel() == "home"


def test_starts_at_home_and_builds_panels_late(window):
    assert window.current_panel() == "home"
    assert set(window._panels) == {"home"}
    window.show_panel("captions")
    assert set(window._panels) == {"home", "captions"}


@pytest.mark.parametrize("index", [1, 2, 3])
def test_ctrl_digit_opens_a_place(window, index, qtbot):
    action = next(
        a for a in window.findChildren(type(window._save_all)) if a.shortcut() == f"Ctrl+{index}"
    )
    action.trigger()
    assert window.current_panel() == in_order(PANELS)[index - 1].name


def test_rail_opens_a_place(window):
    QTest.mouseClick(window.rail.buttons["captions"], Qt.MouseButton.LeftButton)
    assert window.current_panel() == "captions"
    assert window.rail.buttons["captions"].isChecked()


def test_without_a_project_only_home_is_open(empty_window):
    assert not empty_window.rail.buttons["captions"].isEnabled()
    empty_window.show_panel("captions")
    assert empty_window.current_panel() == "home"


def test_every_panel_survives_without_and_with_a_project(window, session):
    for panel in in_order(PANELS):
        window.show_panel(panel.name)
    session.close_project()
    assert window.current_panel() == "home"
    assert not session.told


def test_a_panel_that_cannot_be_built_is_told_not_fatal(window, session):
    def broken(session):
        raise RuntimeError("no such luck")

    shown = window._build(Panel("x", "Broken", 9, "home", broken))
    assert "no such luck" in session.told[-1][1]
    shown.deleteLater()


def test_title_tells_project_and_unsaved(window, session):
    assert window.windowTitle() == "punks[*] – Bespoke"
    assert not window.isWindowModified()
    session.captions.edit("lad_001.png", "x")
    assert window.isWindowModified()
    assert window.status.save_button.text().startswith("1 unsaved")


def test_theme_changes_everywhere_and_is_remembered(window, qapp):
    window.set_theme("dark")
    assert theme.is_dark()
    assert qapp.palette().window().color() == theme.tokens().background
    assert load().theme == "dark"
    assert theme.tokens().surface.name() in window.styleSheet()
    window.toggle_theme()
    assert not theme.is_dark()
    assert theme.tokens().surface.name() in window.styleSheet()


def test_the_window_wears_the_style_sheet_and_not_the_application(window, qapp):
    """Under a sheet of the application Qt styles a widget anew whenever it gets another parent."""
    qapp.setStyleSheet("")
    window.set_theme("dark")
    assert qapp.styleSheet() == ""
    frame = window.findChild(QAbstractButton)
    assert frame.testAttribute(Qt.WidgetAttribute.WA_StyleSheet)


class Windows(QObject):
    """Notes every widget that is shown as a window."""

    def __init__(self):
        super().__init__()
        self.shown = []

    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Show and watched.isWidgetType() and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_no_room_shows_a_part_of_it_as_a_window(empty_window, empty_session, qapp, qtbot, tmp_path):
    """A part that is shown before it has a parent flashes, and takes the keyboard with it."""
    demo.write_demo(tmp_path / "demo")
    empty_session.open_project(tmp_path / "demo")
    windows = Windows()
    qapp.installEventFilter(windows)
    pages = {"captions": CAPTION_PAGES, "prepare": PREPARE_PAGES, "gallery": GALLERY_PAGES}
    for room, names in {"home": [""], "train": ["run", *TRAIN_PAGES], **pages}.items():
        for name in names:
            empty_window.show_panel(f"{room}/{name}")
            qtbot.wait(20)
    qapp.removeEventFilter(windows)
    assert windows.shown == []


def test_undo_in_the_menu_undoes_captions(window, session):
    session.captions.edit("lad_001.png", "x")
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.captions.unsaved() == []


def close(window):
    event = QCloseEvent()
    QApplication.sendEvent(window, event)
    return event.isAccepted()


def test_closing_without_edits_asks_nothing(window, ask):
    assert close(window)
    assert ask.asked == []
    assert load().geometry


@pytest.fixture
def by_hand(session):
    """Captions are saved only when somebody says so."""
    session.settings.autosave = False


def test_closing_with_edits_asks_and_cancel_keeps_the_window(by_hand, window, session, ask):
    session.captions.edit("lad_001.png", "x")
    ask.answers = [""]
    assert not close(window)
    assert session.captions.unsaved() == ["lad_001.png"]
    assert "1 caption is not saved" in ask.asked[0][0]


def test_closing_with_save_writes_and_closes(by_hand, window, session, ask, qtbot):
    session.captions.edit("lad_001.png", "x")
    ask.answers = ["save"]
    close(window)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert session.captions.on_disk("lad_001.png").path.read_text() == "x"


def test_closing_with_discard_leaves_the_file_and_no_journal(by_hand, window, session, ask, qtbot):
    path = session.captions.on_disk("lad_001.png").path
    before = path.read_text()
    session.captions.edit("lad_001.png", "x")
    ask.answers = ["discard"]
    close(window)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert path.read_text() == before
    assert not list((session.project.bespoke_dir / "journal").glob("captions-*"))


def test_closing_saves_by_itself_and_asks_nothing(window, session, ask, qtbot):
    path = session.captions.on_disk("lad_001.png").path
    session.captions.edit("lad_001.png", "x")
    close(window)
    qtbot.waitUntil(lambda: not window.isVisible())
    assert path.read_text() == "x"
    assert ask.asked == []


def test_a_save_that_fails_keeps_the_window_open(window, session, ask, qtbot):
    path = session.captions.on_disk("lad_001.png").path
    session.captions.edit("lad_001.png", "mine")
    path.write_text("theirs")
    ask.answers = [""]
    assert not close(window)
    assert window.isVisible()
    assert path.read_text() == "theirs"
    assert window.clashes.isVisible()


def test_what_cannot_be_saved_can_be_kept_for_next_time(window, session, ask, qtbot):
    path = session.captions.on_disk("lad_001.png").path
    session.captions.edit("lad_001.png", "mine")
    path.write_text("theirs")
    ask.answers = ["keep"]
    close(window)
    qtbot.waitUntil(lambda: not window.isVisible())
    session.open_project(session.project.folder)
    assert session.captions.left_over["lad_001.png"].text == "mine"
    assert path.read_text() == "theirs"


def test_a_clash_shows_both_texts_until_it_is_decided(window, session, ask):
    first, second = (session.captions.on_disk(n).path for n in ("lad_001.png", "lad_002.png"))
    for path, name in ((first, "lad_001.png"), (second, "lad_002.png")):
        session.captions.edit(name, "my words")
        path.write_text("their words")
    window.save_all()
    bar = window.clashes
    assert bar.isVisible()
    assert "lad_001.png" in bar._title.text()
    assert bar._more.text() == "1 more"
    assert "my words" in bar.diff._left.toPlainText()
    assert "their words" in bar.diff._right.toPlainText()
    bar.both.click()
    assert session.captions.text("lad_001.png") == "my words, their words"
    bar.theirs.click()
    assert not bar.isVisible()
    window.save_all()
    assert (first.read_text(), second.read_text()) == ("my words, their words", "their words")
    session.captions.undo_stack.undo()
    assert session.captions.text("lad_002.png") == "my words"
    assert ask.asked == []


def test_read_only_is_said_in_the_status_line(window, session):
    session.captions.make_read_only("another window has it.")
    assert window.status._read_only.isVisible()
    session.captions.edit("lad_001.png", "x")
    assert "another window has it" in session.told[-1][1]


def test_geometry_is_restored(session, qtbot):
    first = MainWindow(session)
    qtbot.addWidget(first)
    first.resize(1111, 777)
    close(first)
    second = MainWindow(session)
    qtbot.addWidget(second)
    # The screen of the tests is small, and Qt keeps a window inside it.
    assert abs(second.height() - 777) < 8


@pytest.mark.parametrize("geometry", ["nonsense", "AAAA", "%%"])
def test_broken_geometry_does_not_stop_the_start(session, qtbot, geometry):
    session.settings.geometry = geometry
    window = MainWindow(session)
    qtbot.addWidget(window)
    assert window.width() >= 960


def test_errors_appear_with_details_to_copy(window, session):
    session.notify("error", "It broke.", "line 1")
    bar = window.notices
    assert bar.isVisible()
    assert bar.notices()[-1].text == "It broke."
    bar.copy()
    assert QGuiApplication.clipboard().text() == "It broke.\n\nline 1"
    bar.dismiss()
    assert not bar.isVisible()


def test_errors_stack_and_news_do_not(window, session):
    session.notify("info", "one")
    session.notify("error", "two")
    session.notify("error", "two")
    session.notify("error", "three")
    assert [n.text for n in window.notices.notices()] == ["two", "three"]
    window.notices.dismiss()
    assert window.notices.notices()[-1].text == "two"


def test_news_hide_by_themselves_and_errors_do_not(window, session):
    session.notify("info", "soon gone")
    assert window.notices._timer.isActive()
    session.notify("error", "stays")
    assert not window.notices._timer.isActive()


def test_a_long_error_is_shown_whole(window, session):
    session.notify("error", "word " * 120)
    bar = window.notices
    QApplication.processEvents()
    label = bar._text
    assert label.height() >= label.heightForWidth(label.width())
    assert window._room.rect().contains(bar.geometry())


def test_recent_projects_in_the_menu(window, session, make_project):
    other = make_project("other")
    session.settings.remember(other)
    window._fill_recent()
    texts = [action.text() for action in window._recent.actions()]
    assert texts[0] == str(other)
    window._recent.actions()[0].trigger()
    assert session.project.folder == other


def test_a_new_project_can_be_made_from_every_room(window, qtbot):
    window.show_panel("captions")
    window.new_project()
    dialog = window.findChild(NewProjectDialog)
    assert dialog.isVisible()
    dialog.reject()


@pytest.mark.parametrize("name", ["home", "captions", "prepare"])
def test_every_control_has_a_name_for_screen_readers(window, name):
    window.show_panel(name)
    panel = window.panel(name)
    for kind in (QAbstractButton, QLineEdit):
        for widget in panel.findChildren(kind):
            inner = widget.objectName().startswith("qt_") or not widget.parent().isVisible()
            if widget.isVisible() and not inner and type(widget.parent()) is not QLineEdit:
                said = widget.accessibleName() or getattr(widget, "text", str)()
                assert said or widget.toolTip(), (name, widget, widget.parent())


@pytest.mark.parametrize("name", ["home", "captions", "prepare"])
def test_panels_fit_a_small_window(window, name, qtbot):
    window.show_panel(name)
    window.resize(1024, 700)
    QApplication.processEvents()
    assert window.width() <= 1024
    assert window.height() <= 700


def test_panels_registry_holds_what_it_says():
    for panel in PANELS.values():
        assert isinstance(panel, Page)
        assert callable(panel.build)


def all_pages(window):
    """Open every page of every room, one after the other."""
    for panel in in_order(PANELS):
        window.show_panel(panel.name)
        switch = window.panel(panel.name).findChild(PageSwitch)
        for name in switch.buttons if switch else ():
            switch.show(name)
            yield switch.page(name)


def test_a_key_of_the_menu_does_one_thing_on_every_page(window, session):
    session.captions.edit("lad_001.png", "an edit, so that there is something to undo")
    menu = {
        keys.toString(): action
        for action in window.findChildren(QAction)
        for keys in action.shortcuts()
    }
    done, shared = [], set()
    for page in all_pages(window):
        for shortcut in page.findChildren(QShortcut):
            keys = shortcut.key().toString()
            if keys in menu and shortcut.parent().isVisible():
                menu[keys].triggered.connect(lambda: done.append("menu"))
                shortcut.activated.connect(lambda: done.append("page"))
                shortcut.parent().setFocus()
                QTest.keySequence(shortcut.parent(), shortcut.key())
                shared.add(keys)
                assert done == ["page"], keys
                done.clear()
    assert shared == {"Ctrl+Z"}
    assert session.captions.text("lad_001.png").startswith("an edit")


def test_read_folder_again_looks_at_the_images_again(window, session):
    window.show_panel("prepare")
    switch = window.panel("prepare").findChild(PageSwitch)
    switch.show("health")
    page = switch.page("health")
    before = page.model.health
    page.refresh_tool.setFocus()
    QTest.keyClick(page, Qt.Key.Key_F5)
    assert page.model.health is not before
