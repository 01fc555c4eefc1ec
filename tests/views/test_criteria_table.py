"""Criteria changed on the verdict page: kept in the project, judged by at once, undone by keys."""

import pytest
from PySide6.QtCore import Qt

from bespoke_gui.core.criteria import builtin_criteria, load_criteria
from bespoke_gui.views.widgets.level_box import LevelBox
from tests.views.test_measures_dialog import page  # noqa: F401


@pytest.fixture
def table(page, qtbot):  # noqa: F811
    page.change.click()
    qtbot.waitUntil(lambda: page.table is not None and page.table.isVisible())
    return page.table


def place(table, name, kind="share"):
    lines = table.document.criteria.lines
    return next(n for n, one in enumerate(lines) if (one.name, one.kind) == (name, kind))


def kept(qtbot, document):
    """Wait until criteria.toml says what is shown."""
    path = path_of(document)
    qtbot.waitUntil(lambda: path.is_file() and load_criteria(path) == document.criteria)
    return load_criteria(path_of(document))


def path_of(document):
    return document._session.project.criteria_path


def test_a_level_is_kept_judged_by_and_undone(page, table, qtbot):  # noqa: F811
    messy = place(table, "messy")
    assert not page.lines.isVisible()
    assert table.now[messy].text() == "0%"
    box = table.boxes[messy, "target"]
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, "12.5")
    qtbot.keyClick(box, Qt.Key.Key_Return)
    assert kept(qtbot, table.document).lines[messy].target == 0.125
    qtbot.waitUntil(lambda: page.work.verdict.lines[messy].levels == {"target": 0.125})
    qtbot.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert box.level() == 0.3
    assert kept(qtbot, table.document).lines == builtin_criteria().lines
    qtbot.keyClick(
        box, Qt.Key.Key_Z,
        Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier,
    )  # fmt: skip
    assert box.level() == 0.125


def test_one_is_switched_off_one_is_added_and_the_reference_comes_back(
    page,  # noqa: F811
    table,
    qtbot,
):
    clean = place(table, "clean")
    table.switches[clean].click()
    assert not table.boxes[clean, "best"].isEnabled()
    qtbot.waitUntil(lambda: "clean" not in [one.name for one in page.work.verdict.lines])
    table.menu.aboutToShow.emit()
    titles = [action.text() for action in table.menu.actions()]
    assert "Fewer messy images" in titles
    table.menu.actions()[titles.index("Fewer messy images")].trigger()
    fewer = place(table, "messy", "reduction")
    table.boxes[fewer, "minimum"].setValue(20)
    assert kept(qtbot, table.document).lines[fewer].minimum == 0.2
    table.document.use_reference()
    assert [one.off for one in table.document.criteria.lines] == [False] * 5 + [True]
    for _ in range(4):
        table.undo.click()
    assert not table.document.can_undo
    assert kept(qtbot, table.document).lines == builtin_criteria().lines


def test_the_run_before_is_declared_and_said_so(page, table, qtbot):  # noqa: F811
    table.base_boxes["clean"].setValue(40)
    qtbot.waitUntil(lambda: page.work.verdict.baseline.kind == "declared")
    assert page.work.verdict.baseline.figures == {"clean": 0.4}
    assert "not proven" in page.base_words.text()
    table.base_boxes["clean"].stepBy(-8)
    assert table.base_boxes["clean"].level() == 0
    table.base_boxes["clean"].stepBy(-1)
    qtbot.waitUntil(lambda: page.work.verdict.baseline.kind == "none")


def test_when_an_image_is_called_clean(page, table, qtbot):  # noqa: F811
    table.word_boxes["clean_score"].setValue(8.5)
    assert kept(qtbot, table.document).words.clean_score == 8.5
    table.word_boxes["messy_score"].setValue(9)
    assert "cannot be clean and messy" in table.trouble.text()
    box = table.word_boxes["messy_score"]
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert table.word_boxes["messy_score"].value() == 4
    assert not table.trouble.text()


def test_what_contradicts_itself_is_said_and_not_kept(table, qtbot):
    messy = place(table, "messy")
    table.boxes[messy, "minimum"].setValue(10)
    assert table.trouble.text() == "Not kept: Messy images: target asks for less than minimum"
    qtbot.wait(250)
    assert not path_of(table.document).is_file()
    table.boxes[messy, "target"].setValue(10)
    assert not table.trouble.isVisible()
    assert kept(qtbot, table.document).lines[messy].minimum == 0.1


def test_a_change_of_another_program_is_read_not_written_over(table, qtbot, session):
    messy = place(table, "messy")
    table.boxes[messy, "target"].setValue(20)
    kept(qtbot, table.document)
    path = path_of(table.document)
    theirs = path.read_text(encoding="utf-8").replace("best = 0.70", "best = 0.55")
    path.write_text(theirs, encoding="utf-8")
    table.boxes[messy, "target"].setValue(15)
    qtbot.waitUntil(lambda: table.boxes[place(table, "clean"), "best"].level() == 0.55)
    assert path.read_text(encoding="utf-8") == theirs
    assert "changed meanwhile" in session.told[-1][1]


def test_a_box_takes_nothing_commas_and_no_nonsense(qtbot):
    box = LevelBox("Clean images, target")
    qtbot.addWidget(box)
    heard = []
    box.entered.connect(heard.append)
    for typed, level in (("40", 0.4), ("12,5", 0.125), ("", None), ("170", None)):
        box.selectAll()
        qtbot.keyClicks(box, typed)
        if not typed:
            qtbot.keyClick(box, Qt.Key.Key_Delete)
        qtbot.keyClick(box, Qt.Key.Key_Return)
        if typed == "170":
            assert box.level() == 0.17
        else:
            assert box.level() == level
    assert heard == [0.4, 0.125, None, 0.17]
