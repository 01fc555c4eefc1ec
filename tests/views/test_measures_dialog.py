"""The vector of measures: figures and ties as the report has them; weights kept in the project."""

import pytest
from PySide6.QtCore import Qt

from bespoke_gui.core.criteria import criteria_for, load_criteria, write_weights
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import import_gallery
from bespoke_gui.qtmodels.measure_table import Cells
from bespoke_gui.views.rooms.gallery import GalleryPanel
from bespoke_gui.views.widgets.measures_dialog import MeasuresDialog
from tests.qt_fixtures import draw_portrait


@pytest.fixture
def page(qtbot, session, tmp_path):
    """The verdict on a gallery of three epochs, three prompts and two seeds."""
    for epoch in (1, 2, 3):
        folder = tmp_path / "made" / f"epoch_{epoch:02d}"
        folder.mkdir(parents=True)
        for number in range(6):
            image = draw_portrait(number, 24)
            for place in range(3 - epoch):
                image.putpixel((2 + 5 * place, 21), (250, 10 * number, 9))
            image.save(folder / f"{'abc'[number % 3]}_{41 + number // 3}.png")
    import_gallery(tmp_path / "made", session.project.galleries_dir / "made")
    panel = GalleryPanel(session)
    qtbot.addWidget(panel)
    panel.resize(1360, 820)
    panel.show()
    panel.show_page("verdict")
    made = panel.page("verdict")
    qtbot.waitUntil(lambda: made.work.verdict is not None)
    return made


def opened(page):
    page.vector.click()
    return page.findChild(MeasuresDialog)


def line(dialog, title):
    model = dialog.model
    titles = [model.headerData(n, Qt.Orientation.Vertical) for n in range(model.rowCount())]
    return titles.index(title)


def test_figures_intervals_and_ties_are_those_of_the_report(page):
    dialog = opened(page)
    model, report = dialog.model, page._desk.report
    assert [model.headerData(n, Qt.Orientation.Horizontal) for n in range(4)] == [
        "Weight", "Epoch 1", "Epoch 2", "Epoch 3",
    ]  # fmt: skip
    strays = line(dialog, "Stray cells")
    for column, epoch in enumerate("123", 1):
        figure = model.index(strays, column).data(Cells.FIGURE)
        low, high = report.epochs[epoch]["intervals"]["strays"]
        assert figure.text == f"{report.epochs[epoch]['strays']:.1f}"
        assert figure.interval == f"{low:.1f} to {high:.1f}"
    best = model.index(strays, 3).data(Cells.FIGURE)
    assert best.standing == "best"
    assert "the best" in best.words
    same = line(dialog, "Background fits the prompt")
    assert {model.index(same, n).data(Cells.FIGURE).standing for n in (1, 2, 3)} <= {"", "tie"}
    whole = model.index(0, 3).data(Cells.FIGURE)
    assert whole.text == f"{page.work.verdict.index.epochs['3']['value']:+.2f}".replace("-", "−")
    dialog.grab()


def test_weights_are_kept_in_the_project_and_judged_by(page, session, qtbot):
    dialog = opened(page)
    path = session.project.criteria_path
    before = page.work.verdict.index.epochs["3"]["value"]
    dialog.boxes["strays"].setValue(8)
    dialog.boxes["palette_distance"].setValue(0)
    qtbot.waitUntil(lambda: page.work.verdict.index.weights.get("strays") == 8)
    assert page.work.verdict.index.epochs["3"]["value"] > before
    assert "palette_distance" not in page.work.verdict.index.weights
    kept = load_criteria(path)
    assert (kept.weights["strays"], kept.weights["palette_distance"]) == (8, 0)
    assert kept.lines == criteria_for(page._desk.opened.gallery.folder).lines != ()
    assert dialog.boxes["palette_distance"].value() == 0, "0 is not taken for never said"
    dialog.reset.click()
    qtbot.waitUntil(lambda: page.work.verdict.index.weights.get("strays") == 1)


def test_shown_only_measures_have_no_weight(page):
    dialog = opened(page)
    shown = [measure for measure in dialog.model.measures if not measure.ranked]
    assert shown
    assert not {measure.name for measure in shown} & set(dialog.boxes)


def test_writing_weights_leaves_the_rest_of_the_file(tmp_path):
    path = tmp_path / "criteria.toml"
    text = "# mine\n[words]\nclean_score = 6.0  # kind\n\n[weights]\nstrays = 2.0\n"
    path.write_text(text, encoding="utf-8")
    write_weights(path, {"memorisation": 0.5})
    now = path.read_text(encoding="utf-8")
    assert now.startswith("# mine\n[words]\nclean_score = 6.0  # kind\n")
    assert load_criteria(path).weights == {"memorisation": 0.5}
    path.write_text("[weights\n", encoding="utf-8")
    with pytest.raises(AppError, match="no valid TOML"):
        write_weights(path, {"strays": 1})
    assert path.read_text(encoding="utf-8") == "[weights\n"


def test_the_radar_lays_epochs_over_each_other_with_the_figures_of_the_table(page, qtbot):
    dialog = opened(page)
    radar, report = dialog.radar, page._desk.report
    dialog.ways.button(1).click()
    assert dialog.pages.currentWidget() is radar
    assert radar.shown == [1, 2, 3]
    plot = radar.plot
    names = [axis.measure.name for axis in plot._axes]
    strays = names.index("strays")
    first, last = plot._webs[0].spokes[strays], plot._webs[2].spokes[strays]
    assert report.epochs["1"]["strays"] > report.epochs["3"]["strays"]
    assert first.at < last.at, "outside is better"
    assert first.low <= first.at <= first.high
    assert "stray cells" in plot.accessibleDescription()
    before = plot.grab().toImage()
    radar.boxes[2].click()
    assert "Epoch 2" not in plot.accessibleName()
    assert plot.grab().toImage() != before
