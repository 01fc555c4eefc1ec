"""What was written can be opened and found from the message about it, and nothing else opened."""

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QWidget

from bespoke_gui.views.local_file import can_open, open_file, show_in_folder
from bespoke_gui.views.notices import NoticeBar


@pytest.fixture
def opened(monkeypatch):
    found = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: found.append(url) or True)
    return found


@pytest.fixture
def bar(qtbot, empty_session):
    over = QWidget()
    qtbot.addWidget(over)
    over.resize(900, 500)
    over.show()
    return NoticeBar(empty_session, over)


def test_a_report_is_opened_and_shown_in_its_folder(bar, empty_session, opened, tmp_path):
    report = tmp_path / "a # b report.html"
    report.write_text("<p>")
    empty_session.notify_written(f"Written: {report}", report)
    assert bar.open_button.isVisible()
    bar.open_button.click()
    bar.folder_button.click()
    assert all(url.isLocalFile() for url in opened)
    assert [url.toLocalFile() for url in opened] == [str(report), str(tmp_path)]
    assert "the system" in bar.open_button.toolTip()


def test_a_folder_is_shown_and_other_messages_offer_nothing(bar, empty_session, opened, tmp_path):
    empty_session.notify_written("2 files written", tmp_path, "warning", "one cannot be read")
    assert not bar.open_button.isVisible()
    bar.folder_button.click()
    assert opened[0].toLocalFile() == str(tmp_path)
    empty_session.notify("good", "Saved")
    assert not bar.folder_button.isVisible()
    bar.dismiss()
    assert bar.folder_button.isVisible(), "the message behind it still knows its place"


def test_only_files_to_read_are_handed_to_a_program(opened, tmp_path):
    for name in ("run.sh", "model.safetensors", "setup.exe", "page.desktop"):
        (tmp_path / name).write_text("x")
        assert not can_open(tmp_path / name)
        assert not open_file(tmp_path / name)
    assert not open_file(tmp_path / "gone.html")
    assert not show_in_folder(tmp_path / "gone" / "gone.html")
    assert not opened
