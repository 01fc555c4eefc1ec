"""A decision is made and taken back in the window; what was decided stays on record."""

from bespoke_gui.core.gallery_decision import read_decision
from tests.views.test_measures_dialog import page  # noqa: F401


def test_a_decision_is_taken_back(page, qtbot, session):  # noqa: F811
    desk, folder = page._desk, page._desk.opened.gallery.folder
    assert not page.back.isVisible()
    assert desk.decide(2, "sharp")
    qtbot.waitUntil(page.back.isVisible)
    assert page.deploy.isEnabled()
    page.back.click()
    qtbot.waitUntil(lambda: not page.back.isVisible())
    assert read_decision(folder) is None
    assert page.decision.text() == "Nothing is decided yet"
    assert not page.deploy.isEnabled()
    assert "sharp" in "".join(path.read_text() for path in folder.glob("*.json"))
