import pytest

from bespoke_gui.views.prepare_pages import PAGES
from bespoke_gui.views.rooms.prepare import PreparePanel


@pytest.fixture
def panel(session, qtbot):
    made = PreparePanel(session)
    qtbot.addWidget(made)
    made.resize(1340, 820)
    made.show()
    return made


def test_every_page_opens_by_its_button_and_is_built_once(panel):
    assert list(panel._pages.buttons) == sorted(PAGES, key=lambda n: PAGES[n].order)
    for name, choice in panel._pages.buttons.items():
        choice.click()
        assert panel._pages.stack.currentWidget() is panel.page(name)
        assert choice.isChecked()
    assert panel._pages.stack.count() == len(PAGES)


def test_a_page_is_built_when_first_opened(panel):
    assert set(panel._pages._built) == {"resize"}
    panel.desk.show_page("package")
    assert set(panel._pages._built) == {"resize", "package"}
    assert panel._pages.buttons["package"].isChecked()


def test_pages_share_the_image_looked_at(panel):
    assert panel.desk.current() == "lad_001.png"
    panel.page("resize").strip.select("lady_001.png")
    assert panel.desk.current() == "lady_001.png"
    panel.desk.show("lad_002.png")
    assert panel.page("resize").preview._preview.name == "lad_002.png"


def test_the_image_looked_at_is_one_of_the_open_project(panel, session, make_project):
    panel.desk.show("lady_002.png")
    folder = make_project("other")
    (folder / "dataset" / "lady_002.png").unlink()
    session.open_project(folder)
    assert panel.desk.current() == "lad_001.png"
    session.close_project()
    assert panel.desk.current() == ""
