"""Export of a package as a task: shown before it is written, limits and refusals said in words."""

import pytest
from PySide6.QtWidgets import QWidget

from bespoke_gui.core.package import build_package
from bespoke_gui.qtmodels.prepare_desk import PrepareDesk
from bespoke_gui.views.widgets.cloud_task_dialog import CloudTaskDialog
from bespoke_gui.views.widgets.package_page import PackagePage
from tests.core._packages import write_config, write_pairs


@pytest.fixture
def package(session, tmp_path):
    path = session.project.packages_dir / "punks.zip"
    path.parent.mkdir(exist_ok=True)
    build_package(write_pairs(tmp_path / "2_punk"), write_config(tmp_path), path)
    return path


@pytest.fixture
def window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return window


@pytest.fixture
def dialog(session, package, qtbot, window):
    made = CloudTaskDialog(session, package, window)
    with qtbot.waitSignal(made.model.made):
        made.show()
    return made


def changed(dialog, qtbot, change):
    with qtbot.waitSignal(dialog.model.made):
        change()
    return dialog.text.toPlainText()


def test_the_shelf_opens_it(session, package, qtbot):
    page = PackagePage(PrepareDesk(session))
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.model.shelf_changed):
        page.model.refresh()
    page.shelf.rows[0].task.click()
    (dialog,) = page.findChildren(CloudTaskDialog)
    assert dialog.model.package == package
    dialog.close()


def test_what_is_shown_is_what_is_written(dialog, qtbot, ask, tmp_path, session):
    told = []
    session.notice.connect(lambda level, text, _: told.append((level, text)))
    assert '- "A100-80GB:1"' in dialog.text.toPlainText()
    assert "sky launch" in dialog.words.text()
    text = changed(dialog, qtbot, lambda: dialog.count.setValue(2))
    assert "GPUS=2" in text
    ask.answers.append(tmp_path / "out")
    dialog.go_on.click()
    (path,) = (tmp_path / "out").iterdir()
    assert path.read_text() == text
    assert told == [("good", "Exported: bespoke-punks.sky.yaml")]


def test_other_tools_and_their_limits(dialog, qtbot):
    index = dialog.tools.findData("dstack")
    text = changed(dialog, qtbot, lambda: dialog.tools.setCurrentIndex(index))
    assert 'type: "task"' in text
    assert "max_duration" not in text
    text = changed(dialog, qtbot, lambda: dialog.hours.setValue(2))
    assert 'max_duration: "120m"' in text
    index = dialog.tools.findData("accelerate")
    text = changed(dialog, qtbot, lambda: dialog.tools.setCurrentIndex(index))
    assert "# ---- accelerate_node1.yaml" in text
    assert dialog.words.text().startswith("Untested:")
    assert (dialog.nodes.isEnabled(), dialog.bucket.isEnabled()) == (True, False)


def test_what_cannot_be_meant_is_said(dialog, qtbot, ask, tmp_path):
    changed(dialog, qtbot, lambda: dialog.gpus.setText(" "))
    assert "no card is named" in dialog.words.text()
    assert not dialog.go_on.isEnabled()
    changed(dialog, qtbot, lambda: dialog.gpus.setText("H100"))
    (tmp_path / "bespoke-punks.sky.yaml").write_text("mine")
    ask.answers += [tmp_path, None]
    dialog.go_on.click()
    assert dialog.isVisible()
    dialog.go_on.click()
    assert (tmp_path / "bespoke-punks.sky.yaml").read_text() == "mine"
