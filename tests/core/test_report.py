import base64
import csv
import io
import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.collage import CollageText, collage
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.gallery import EpochInfo, open_gallery, record
from bespoke_gui.core.gallery_decision import decide
from bespoke_gui.core.judgement.reviews import Reviews, add_reviews, new_review, new_vote
from bespoke_gui.core.measures import ORDER
from bespoke_gui.core.report import REPORTS, write_report
from bespoke_gui.core.report.svg_plot import Point, interval_plot, nice_ticks
from tests.core.gallery_kit import make_gallery, portrait, protocol, write_png


@pytest.fixture
def gallery(tmp_path):
    folder = make_gallery(tmp_path / "g", epochs=(0, 1, 2))
    record(folder, protocol(), run="r", epochs={1: EpochInfo("a", "b", 5e-5)})
    return open_gallery(folder)


def test_held_out_losses_stand_in_every_report_that_has_them(gallery, tmp_path):
    def texts():
        paths = [write_report(gallery, tmp_path / f"r.{kind}") for kind in ("html", "md", "json")]
        return [path.read_text(encoding="utf-8") for path in paths]

    assert not any("eld-out" in text for text in texts()[:2])
    losses = {0: EpochInfo(held_out_loss=0.0912), 1: EpochInfo("a", "b", 5e-5, 0.0415)}
    gallery.info.epochs.update(losses)
    page, markdown, figures = texts()
    assert "<small>held-out loss 0.0415</small>" in page
    assert "Held-out loss: on images that were not taught" in page
    assert "| Epoch | Learning rate | Held-out loss |" in markdown
    assert "| LoRA off | – | 0.0912 |" in markdown
    assert "| epoch 2 | – | – |" in markdown
    found = json.loads(figures)
    assert [found["epochs"][n]["held_out_loss"] for n in ("0", "1", "2")] == [0.0912, 0.0415, None]


def test_every_format_of_the_design_is_there():
    assert set(REPORTS) == {"html", "md", "png", "csv", "json"}


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.images, self.open, self.links = [], [], []

    def handle_starttag(self, tag, attrs):
        values = dict(attrs)
        if tag == "img":
            self.images.append(values)
        elif tag not in ("meta", "wbr", "link"):
            self.open.append(tag)
        self.links += [values[key] for key in ("href", "src") if key in values]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def read_html(path):
    reader = Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    assert reader.open == []
    return reader


def test_the_web_page_carries_every_image_at_its_native_size(gallery, tmp_path):
    path = write_report(gallery, tmp_path / "out" / "report.html", chosen=2, title="a & b <c>")
    text, reader = path.read_text(encoding="utf-8"), read_html(path)
    assert len(reader.images) == 12
    for image in reader.images:
        data = base64.b64decode(image["src"].removeprefix("data:image/png;base64,"))
        assert Image.open(io.BytesIO(data)).size == (24, 24)
    assert all(link.startswith("data:") for link in reader.links), "self-contained"
    assert "image-rendering: pixelated" in text
    assert "prefers-color-scheme: dark" in text
    assert "a &amp; b &lt;c&gt;" in text
    assert "Chosen: epoch 2" in text
    assert "LoRA off" in text
    assert "5.0e-05" in text
    assert "predicted" in text
    assert "columns-4{--zoom:4}" in text, "as large as was asked for, where there is room"
    assert "columns-4{--zoom:5}" not in text


def test_markdown_holds_a_table_with_a_row_for_every_epoch(gallery, tmp_path):
    text = write_report(gallery, tmp_path / "r.md", chosen=1).read_text(encoding="utf-8")
    assert "| epoch 1 (chosen) | 5.0e-05 |" in text
    for table in re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE):
        widths = {line.count("|") for line in table.splitlines()}
        assert len(widths) == 1
        assert len(table.splitlines()) == 2 + 3


@pytest.fixture
def judged(gallery):
    """Every image of epoch 2 reviewed, one with a note; a few blind votes; epoch 2 decided."""
    names = [image.name for image in gallery.images() if image.epoch == 2]
    said = {name: {"ann": new_review(8, accessories={"earrings": True})} for name in names}
    said[names[0]] = {"ann": new_review(3, ["hat", "eyes"], notes="brim <off> | way off")}
    votes = [
        new_vote("ann", f"epoch_0{e}/{p}_{s}.png", f"epoch_0{3 - e}/{p}_{s}.png", "left")
        for e in (1, 2) for p in ("green_lad", "blue_lady") for s in (1, 2)
    ]  # fmt: skip
    add_reviews(gallery.folder, Reviews(said, votes))
    decide(gallery.folder, 2, "truly green")
    return gallery


def test_the_web_page_shows_verdict_judges_plots_and_remarks(judged, tmp_path):
    path = write_report(judged, tmp_path / "r.html")
    text = path.read_text(encoding="utf-8")
    read_html(path)
    for part in (
        "Chosen: epoch 2, ",
        ": truly green",
        "<h2>Verdict</h2>",
        "Suggested epoch",
        "For it",
        "Against it",
        "4 of 12 images reviewed",
        "brim &lt;off&gt; | way off",
        "left image",
    ):
        assert part in text, part
    shapes = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert len(shapes) > 6
    for shape in shapes:
        ElementTree.fromstring(shape)
    assert "Blind votes: strength" in text
    assert 'class="point picked"' in text


def test_markdown_has_the_boxes_of_the_artists_own_reports(judged, tmp_path):
    text = write_report(judged, tmp_path / "r.md").read_text(encoding="utf-8")
    for part in (
        "### Minimum acceptable",
        "### Target success",
        "### Best case",
        "**Date:** 20",
        "**Chosen: epoch 2** (20",
        "## What people saw",
        "brim <off> \\| way off",
    ):
        assert part in text, part
    assert "- [x] Messy images, at most 30%: 25% (" in text
    assert "- [x] Clean images, at least 70%: 75% (" in text
    assert (
        "- [ ] Fewer images with a pixel defect, at least 30%: there is nothing to compare" in text
    )
    rows = list(csv.DictReader(io.StringIO(write_report(judged, tmp_path / "r.csv").read_text())))
    assert {(row["basis"], row["score"]) for row in rows} == {
        ("predicted", ""), ("reviewed", "3.0"), ("reviewed", "8.0"),
    }  # fmt: skip
    assert rows[-4]["defects"] == "hat; eyes"
    data = json.loads(write_report(judged, tmp_path / "r.json").read_text("utf-8"))
    assert data["chosen"] == 2
    assert data["verdict"]["decision"]["reason"] == "truly green"
    assert len(data["judgement"]["votes"]) == 8


def test_a_baseline_made_otherwise_is_refused_in_the_report(gallery, tmp_path):
    other = open_gallery(make_gallery(tmp_path / "o", protocol(steps=5), epochs=(1,)))
    text = write_report(gallery, tmp_path / "r.md", baseline=other).read_text()
    assert "- Baseline o: not comparable: steps differs\n- steps: 30 against 5" in text
    assert "[x] Fewer images" not in text


@pytest.mark.parametrize("span", [(0, 1), (0.02, 0.034), (-3, 4), (216, 336), (5, 5), (0, 0)])
def test_ticks_are_round_and_hold_everything(span):
    ticks = nice_ticks(*span)
    assert ticks[0] <= span[0] <= span[1] <= ticks[-1]
    assert 2 <= len(ticks) <= 7
    steps = np.diff(ticks)
    assert np.allclose(steps, steps[0])


def test_a_plot_puts_larger_values_higher_and_whiskers_around_them():
    points = [Point("1", 0.2, 0.1, 0.3), Point("<2>", 0.8, 0.7, 0.9, picked=True)]
    svg = ElementTree.fromstring(interval_plot(points, "a & b", lambda v: f"{v:.1f}", 0.3))
    dots = [float(dot.get("cy")) for dot in svg.iter("circle")]
    assert dots[0] > dots[1]
    groups = svg.findall("g")
    for group, dot in zip(groups, dots, strict=True):
        line = group.find("line")
        assert float(line.get("y1")) > dot > float(line.get("y2"))
    assert groups[1].find("title").text == "<2>: 0.8 (0.7 to 0.9)"
    assert [line.get("class") for line in svg.findall("line")].count("limit") == 1
    with pytest.raises(ValueError, match="at least one point"):
        interval_plot([], "", str)


def drawn(points, limit=None, **words):
    """The ticks as written, the height of the limit's line, and what is said of a far one."""
    svg = ElementTree.fromstring(interval_plot(points, "x", lambda v: f"{v:.2f}", limit, **words))
    lines = [float(line.get("y1")) for line in svg.findall("line") if line.get("class") == "limit"]
    texts = {kind: [t.text for t in svg.findall("text") if t.get("class") == kind]
             for kind in ("side", "far")}  # fmt: skip
    return texts["side"], lines, texts["far"]


def test_a_limit_that_is_far_away_is_said_and_not_drawn_at_the_edge():
    points = [Point("1", 0.51, 0.50, 0.52), Point("2", 0.55, 0.53, 0.56)]
    _, lines, far = drawn(points, 0.9)
    assert (lines, far) == ([], ["limit 0.90 ↑"])
    assert drawn(points, 0.1)[2] == ["limit 0.10 ↓"]
    _, lines, far = drawn(points, 0.6)
    assert (len(lines), far) == (1, [])


def test_an_axis_shows_no_value_that_cannot_be_and_no_two_alike():
    equal = [Point(str(n), 1.0, 1.0, 1.0) for n in range(3)]
    ticks, _, _ = drawn(equal, bounds=(-1.0, 1.0))
    assert max(map(float, ticks)) == 1.0
    ticks, lines, _ = drawn([Point("1", 0, 0, 0)] * 2, 0.01, bounds=(0.0, 1.0))
    assert min(map(float, ticks)) == 0.0
    assert len(lines) == 1
    for low, high in ((0.981, 0.989), (0.9, 1.0), (30, 31), (0.0398, 0.0421), (-2, 3)):
        ticks, _, _ = drawn([Point("1", low, low, low), Point("2", high, high, high)])
        assert len(set(ticks)) == len(ticks)
        steps = np.diff([float(tick) for tick in ticks])
        assert np.allclose(steps, steps[0]), ticks


def test_csv_and_json_hold_all_figures(gallery, tmp_path):
    path = write_report(gallery, tmp_path / "r.csv")
    rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert len(rows) == 12
    data = json.loads(write_report(gallery, tmp_path / "r.json", chosen=1).read_text("utf-8"))
    assert data["chosen"] == 1
    for row in rows:
        for name in ORDER:
            value = data["images"][row["image"]][name]
            assert row[name] == ("" if value is None else str(value))
    assert data["gallery"]["epochs"]["1"]["learning_rate"] == 5e-5


def test_a_file_name_is_no_formula_in_a_spreadsheet(tmp_path):
    write_png(tmp_path / "epoch_01" / "=1+1.png", portrait())
    path = write_report(open_gallery(tmp_path), tmp_path / "r.csv")
    assert ",'=1+1," in path.read_text()


def test_the_collage_shows_true_cells_at_integer_zoom(gallery):
    picture = np.array(collage(gallery, 4))
    cells = portrait((30, 210, 70), seed=1 + 10 + 0).repeat(4, axis=0).repeat(4, axis=1)
    side = len(cells)
    height, width = picture.shape[:2]
    places = [
        (y, x)
        for y in range(height - side + 1)
        for x in range(width - side + 1)
        if (picture[y, x] == cells[0, 0]).all()
        and np.array_equal(picture[y : y + side, x : x + side], cells)
    ]
    assert len(places) == 1


def test_a_missing_and_an_unreadable_image_leave_a_grey_field(gallery):
    gallery.images()[0].path.unlink()
    bad = gallery.images()[5].path
    bad.write_bytes(b"x")
    again = open_gallery(gallery.folder)
    picture = collage(again, 2, text=CollageText("t", {"a": "b"}, {0: ["x"]}, ["foot"], 1))
    grey = (np.array(picture) == (232, 232, 230)).all(axis=-1).sum()
    assert grey == 2 * 48 * 48


def test_long_prompt_names_stay_in_their_columns(tmp_path):
    name = "a_very_long_prompt_name_that_no_column_can_hold_at_all"
    write_png(tmp_path / "epoch_01" / f"{name}.png", portrait())
    write_png(tmp_path / "epoch_01" / "b.png", portrait())
    picture = np.array(collage(open_gallery(tmp_path), 4))
    assert picture.shape[1] < 340


def test_the_picture_report_is_a_png(gallery, tmp_path):
    path = write_report(gallery, tmp_path / "r.png", scale=2)
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width > 4 * 48


def test_wrong_wishes_are_said(gallery, tmp_path):
    with pytest.raises(AppError, match="no suffix of a report"):
        write_report(gallery, tmp_path / "r.pdf")
    with pytest.raises(AppError, match="zoom"):
        collage(gallery, 0)


@pytest.mark.punks
def test_the_reference_run_becomes_a_report(punks, tmp_path):
    gallery = open_gallery(punks / "epoch_grid_24px")
    path = write_report(gallery, tmp_path / "r.html", reference=punks / "native_24px")
    assert len(read_html(path).images) == 70
    text = write_report(gallery, tmp_path / "r.md").read_text()
    assert "| epoch 8 | 222 | 261 | 146 | 202 | 301 | 167 | 217 |" in text
