"""Gallery model: right picture in the right cell, real figures, seeds, bad files, decisions."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt

from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.core.reference import Reference
from bespoke_gui.qtmodels.gallery_facts import (
    Training,
    background_words,
    look_close,
    marks_reader,
    native_reader,
)
from bespoke_gui.qtmodels.gallery_model import GalleryFigures, GalleryModel, MeasureView, Role
from bespoke_gui.qtmodels.gallery_work import read_gallery

COLUMNS = (
    "green_bg_lad", "brown_eyes_lady", "golden_earrings", "sunglasses_lad", "melon_lady",
    "cash_lad", "carbon_lad",
)  # fmt: skip
# mission/reference_run.md: the table as the artist reported it, epochs 1 to 10 ("Final").
REFERENCE = (
    (314, 378, 216, 498, 352, 290, 219), (296, 529, 286, 409, 298, 183, 349),
    (208, 363, 244, 324, 254, 303, 212), (237, 373, 350, 330, 320, 283, 308),
    (156, 360, 223, 223, 345, 178, 187), (291, 289, 205, 226, 418, 319, 447),
    (475, 256, 241, 229, 291, 153, 427), (222, 261, 146, 202, 301, 167, 217),
    (321, 266, 212, 171, 404, 109, 462), (293, 380, 154, 328, 329, 329, 398),
)  # fmt: skip


def write(path, value, size=24):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = np.full((24, 24, 3), value, np.uint8)
    cells[:, :, 1] = np.arange(24, dtype=np.uint8)[:, None] * 3
    image = Image.fromarray(cells).resize((size, size), Image.Resampling.NEAREST)
    image.save(path)


@pytest.fixture
def folder(tmp_path):
    for epoch in (1, 2):
        for prompt in ("lad", "lady"):
            for seed in (11, 42):
                name = f"epoch_{epoch:02d}/{prompt}_{seed}.png"
                write(tmp_path / "g" / name, 40 * epoch + seed, 192)
    return tmp_path / "g"


def loaded(model, qtbot):
    def all_there():
        rows, columns = model.rowCount(), model.columnCount()
        for row in range(rows):
            for column in range(columns):
                model.native(row, column)
        return model.loader.is_idle

    qtbot.waitUntil(all_there, timeout=20_000)


def test_pictures_arrive_native_and_in_their_cell(folder, qtbot):
    model = GalleryModel()
    model.show(open_gallery(folder), native_reader(24, "median"))
    assert (model.rowCount(), model.columnCount()) == (2, 2)
    assert model.index(0, 0).data(Role.IMAGE) is None
    loaded(model, qtbot)
    image = model.index(1, 1).data(Role.IMAGE)
    assert (image.width(), image.height()) == (24, 24)
    assert image.pixelColor(3, 5).getRgb()[:3] == (91, 15, 91)
    assert model.index(1, 1).data(Role.CAPTION) == "24"


def test_seeds_stand_side_by_side_on_demand(folder, qtbot):
    model = GalleryModel()
    model.show(open_gallery(folder), native_reader(24, "median"))
    model.show_seed(None, all_seeds=True)
    assert model.columnCount() == 4
    note = model.headerData(1, Qt.Orientation.Horizontal, Role.NOTE)
    assert note == "seed 42"
    assert model.image(0, 1).seed == 42
    model.show_seed(11)
    assert model.columnCount() == 2
    assert model.image(0, 1).seed == 11


def test_a_damaged_file_is_a_cell_that_says_so(folder, qtbot):
    (folder / "epoch_02" / "lad_11.png").write_bytes(b"\x89PNG nothing")
    (folder / "epoch_02" / "lady_11.png").unlink()
    model = GalleryModel()
    model.show(open_gallery(folder), native_reader(24, "median"))
    model.show_seed(11)
    loaded(model, qtbot)
    assert "lad_11.png" in model.index(1, 0).data(Role.ERROR)
    assert model.index(1, 1).data(Role.ERROR) == ""
    assert model.index(0, 0).data(Role.ERROR) is None
    assert model.index(0, 0).data(Role.IMAGE) is not None


def test_figures_beyond_their_limit_are_marked(folder):
    model = GalleryModel()
    gallery = open_gallery(folder)
    model.show(gallery, native_reader(24, "median"))
    names = [image.name for image in gallery.images()]
    model.show_figures(GalleryFigures({names[0]: {"strays": 9.0}, names[2]: {"strays": 1.0}}))
    model.show_measure(MeasureView("strays", "Stray cells", "lower", 4.2, 1))
    tones = [model.index(0, column).data(Role.TONE) for column in (0, 1)]
    assert tones == ["warning", ""]
    assert model.index(1, 0).data(Role.CAPTION) == "–"


def test_header_names_rate_mean_and_pick(folder, qtbot):
    from bespoke_gui.core.gallery_info import EpochInfo

    gallery = open_gallery(folder)
    gallery.info.epochs[2] = EpochInfo("x", "y", 2.3e-8)
    model = GalleryModel()
    model.show(gallery, native_reader(24, "median"), picked=2)
    loaded(model, qtbot)
    down = Qt.Orientation.Vertical
    assert model.headerData(1, down) == "Epoch 2"
    assert model.headerData(1, down, Role.NOTE) == "lr 2.3e-8\nmean 24"
    assert [model.headerData(row, down, Role.PICKED) for row in (0, 1)] == [False, True]


def test_annealed_epochs_are_told_from_those_saved_at_a_high_rate(folder, qtbot):
    from bespoke_gui.core.gallery_info import EpochInfo

    gallery = open_gallery(folder)
    gallery.info.epochs |= {1: EpochInfo(learning_rate=1e-4), 2: EpochInfo(learning_rate=2e-6)}
    model = GalleryModel()
    model.show(gallery, native_reader(24, "median"))
    down = Qt.Orientation.Vertical
    notes = [model.headerData(row, down, Role.NOTE) for row in (0, 1)]
    assert notes == ["lr 1.0e-4", "lr 2.0e-6\nannealed"]
    assert [model.headerData(row, down, Role.RATE_SHARE) for row in (0, 1)] == pytest.approx(
        [1, 0.02]
    )
    tips = [model.headerData(row, down, Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert "still moved the weights" in tips[0]
    assert "2% of the highest of the run: annealed" in tips[1]


def test_the_held_out_loss_stands_beside_each_epoch_that_has_one(folder, qtbot):
    from bespoke_gui.core.gallery_info import EpochInfo

    gallery = open_gallery(folder)
    losses = {1: EpochInfo(held_out_loss=0.0398), 2: EpochInfo(held_out_loss=0.0412)}
    gallery.info.epochs |= losses
    model = GalleryModel()
    model.show(gallery, native_reader(24, "median"))
    down = Qt.Orientation.Vertical
    notes = [model.headerData(row, down, Role.NOTE) for row in (0, 1)]
    assert notes == ["held-out 0.0398", "held-out 0.0412"]
    tips = [model.headerData(row, down, Qt.ItemDataRole.ToolTipRole) for row in (0, 1)]
    assert tips[0].endswith("0.0398, the lowest.")
    assert "lowest at epoch 1 with 0.0398" in tips[1]
    assert "by heart" in tips[1]


def test_an_imported_gallery_says_nothing_of_rates(folder):
    model = GalleryModel()
    model.show(open_gallery(folder), native_reader(24, "median"))
    down = Qt.Orientation.Vertical
    for role in (Role.RATE_SHARE, Role.NOTE, Qt.ItemDataRole.ToolTipRole):
        assert not model.headerData(0, down, role)


@pytest.mark.punks
def test_unique_colours_are_those_of_the_reference_table(punks, qtbot):
    opened = read_gallery(punks / "epoch_grid_24px")
    model = GalleryModel()
    model.show(opened.gallery, native_reader(24, "median"), None, opened.expected)
    loaded(model, qtbot)
    across = Qt.Orientation.Horizontal
    assert tuple(model.headerData(c, across) for c in range(7)) == COLUMNS
    found = tuple(
        tuple(int(model.index(row, column).data(Role.CAPTION)) for column in range(7))
        for row in range(10)
    )
    assert found == REFERENCE
    assert model.headerData(7, Qt.Orientation.Vertical, Role.NOTE) == "mean 217"


def test_marks_are_looked_for_only_when_they_are_wanted(folder, qtbot):
    model = GalleryModel()
    gallery = open_gallery(folder)
    model.show(gallery, native_reader(24, "median"))
    model.mark_with(marks_reader(24, "median", Training(lambda: None)))
    loaded(model, qtbot)
    assert model.index(0, 0).data(Role.CELL).marks is None
    assert not model.marks._ready
    model.show_marks(frozenset({"strays"}))
    model.index(0, 0).data(Role.CELL)
    qtbot.waitUntil(lambda: model.marks.is_idle)
    assert model.index(0, 0).data(Role.CELL).marks.strays.shape == (24, 24)
    assert list(model.marks._ready) == [model.image(0, 0).path]


def test_a_cell_is_worked_out_once_and_anew_after_every_change(folder, qtbot):
    model = GalleryModel()
    model.show(open_gallery(folder), native_reader(24, "median"))
    model.mark_with(marks_reader(24, "median", Training(lambda: None)))
    loaded(model, qtbot)
    cell = model.index(1, 1)
    first = cell.data(Role.CELL)
    assert cell.data(Role.CELL) is first
    model.show_measure(MeasureView("strays", "Strays", "lower", 0.5))
    assert (cell.data(Role.CELL).caption, cell.data(Role.CELL).tone) == ("–", "")
    model.show_figures(GalleryFigures({model.image(1, 1).name: {"strays": 3.0}}))
    assert (cell.data(Role.CELL).caption, cell.data(Role.CELL).tone) == ("3", "warning")
    model.show_marks(frozenset({"strays"}))
    assert cell.data(Role.CELL).marks is None
    qtbot.waitUntil(lambda: model.marks.is_idle)
    assert cell.data(Role.CELL).marks is model.marks.peek(model.image(1, 1).path).marks
    model.show_marks(frozenset())
    assert cell.data(Role.CELL).marks is None
    model.show_seed(42)
    loaded(model, qtbot)
    assert cell.data(Role.CELL).image == model.native(1, 1).image != first.image
    model.read_with(native_reader(12, "median"))
    assert cell.data(Role.CELL).image is None


def test_palette_locked_shows_colours_of_the_training_set_only(folder, qtbot):
    reference = Reference([np.array([[(9, 9, 9), (200, 90, 70)]], np.uint8)])
    model = GalleryModel()
    told = []
    model.loader.progressed.connect(lambda *args: told.append(args))
    gallery = open_gallery(folder)
    model.show(gallery, native_reader(24, "palette_locked", Training(lambda: reference)))
    loaded(model, qtbot)
    image = model.index(1, 1).data(Role.IMAGE)
    seen = {image.pixelColor(x, y).getRgb()[:3] for x in range(24) for y in range(24)}
    assert seen <= {(9, 9, 9), (200, 90, 70)}
    assert told[-1][0] == told[-1][1]
    model.read_with(native_reader(24, "palette_locked", Training(lambda: None)))
    loaded(model, qtbot)
    assert "needs a palette" in model.index(1, 1).data(Role.ERROR)


@pytest.mark.punks
def test_backgrounds_are_told_in_words(punks):
    opened = read_gallery(punks / "epoch_grid_24px")
    prompt = opened.expected.prompt("green_bg_lad")
    words = {}
    for epoch in opened.gallery.epochs:
        path = opened.gallery.find(epoch, "green_bg_lad").path
        words[epoch] = look_close(path, 24, "median", prompt, Training(lambda: None)).background
    assert words[5].sentence == "brown, prompt asks bright green"
    assert [epoch for epoch, said in words.items() if said.tone == "good"] == [6, 7, 9, 10]
    assert words[8].tone == "warning"
    assert all(words[epoch].tone == "danger" for epoch in (1, 2, 3, 4, 5))


def test_no_plain_colour_named_means_no_verdict():
    cells = np.full((24, 24, 3), (20, 30, 200), np.uint8)
    said = background_words(cells, "")
    assert said.tone == ""
    assert "names no plain colour" in said.sentence
    assert said.colour.getRgb()[:3] == (20, 30, 200)
