"""The web page in a real browser, where one is found: sharp pixels, light, dark and on paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bespoke_gui.core.collage import columns_of
from bespoke_gui.core.gallery import open_gallery, record
from bespoke_gui.core.gallery_decision import decide
from bespoke_gui.core.gallery_info import EpochInfo
from bespoke_gui.core.look import Look, read_cells
from bespoke_gui.core.report import write_report
from bespoke_gui.core.report.html_grid import _blocks
from tests.core.gallery_kit import make_gallery, protocol

BROWSER = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))),
               None)  # fmt: skip
FIXED = ("--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
         "--force-device-scale-factor=1", "--disable-background-networking")  # fmt: skip
PAPER = {"light": (250, 250, 249), "dark": (23, 24, 26)}

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = make_gallery(tmp_path_factory.mktemp("page") / "g", protocol(seeds=(1, 2, 3)))
    known = {0: EpochInfo(held_out_loss=0.09), 1: EpochInfo("a", "b", 1e-4, 0.05),
             2: EpochInfo("c", "d", 1e-8, 0.04)}  # fmt: skip
    record(folder, protocol(seeds=(1, 2, 3)), epochs=known)
    decide(folder, 2, "wanted <b>so</b>")
    return write_report(open_gallery(folder), folder / "report.html", title="</title> & more")


def browse(page, *words):
    home = page.parent / "browser"
    command = [BROWSER, *FIXED, f"--user-data-dir={home}", *words, page.as_uri()]
    environment = {**os.environ, "HOME": str(page.parent)}
    return subprocess.run(command, capture_output=True, check=True, timeout=120, env=environment)


def shot(page, width, height, mode):
    out = page.parent / f"{mode}_{width}.png"
    wanted = f"--blink-settings=preferredColorScheme={int(mode == 'light')}"
    browse(page, wanted, f"--window-size={width},{height}", f"--screenshot={out}")
    return np.asarray(Image.open(out).convert("RGB"))


def places(picture, block):
    """Where `block` stands in `picture`, pixel for pixel, as (row, column)."""
    found = np.argwhere((picture[: -len(block), : -block.shape[1]] == block[0, 0]).all(axis=-1))
    rows, columns = block.shape[:2]
    return [
        (int(row), int(column))
        for row, column in found
        if (picture[row, column : column + columns] == block[0]).all()
        and (picture[row : row + rows, column : column + columns] == block).all()
    ]


WIDTHS = [(1440, "light", 4), (1440, "dark", 4), (800, "dark", 3), (600, "light", 2)]


@pytest.mark.parametrize(("width", "mode", "zoom"), WIDTHS)
def test_every_cell_is_an_exact_square_of_pixels(page, width, mode, zoom):
    picture = shot(page, width, 2400, mode)
    assert picture.shape == (2400, width, 3)
    assert tuple(picture[2, 2]) == PAPER[mode]
    rows = []
    for epoch in (0, 1, 2):
        path = page.parent / f"epoch_{epoch:02d}" / "green_lad_1.png"
        cells = read_cells(path, Look()).cells
        found = places(picture, cells.repeat(zoom, axis=0).repeat(zoom, axis=1))
        assert len(found) == 1, f"{mode} {width}: epoch {epoch} stands there {len(found)} times"
        rows.append(found[0])
    assert [row for row, _ in rows] == sorted(row for row, _ in rows)
    assert len({column for _, column in rows}) == 1


def test_the_page_says_what_was_meant_and_the_browser_nothing(page):
    done = browse(page, "--enable-logging=stderr", "--v=0", "--dump-dom")
    dom = done.stdout.decode("utf-8")
    assert b"CONSOLE" not in done.stderr
    assert "Chosen: epoch 2" in dom
    assert "wanted &lt;b&gt;so&lt;/b&gt;" in dom
    assert "<title>&lt;/title&gt; &amp; more</title>" in dom
    assert dom.rstrip().endswith("</html>")
    assert not re.findall(r"(?:src|href)=\"(?!data:)[^\"]*\"", dom)


def test_it_prints_on_few_pages_with_every_column(page):
    out = page.parent / "report.pdf"
    browse(page, "--no-pdf-header-footer", f"--print-to-pdf={out}")
    pages = re.findall(rb"/Type\s*/Page\b", out.read_bytes())
    assert 2 <= len(pages) <= 8


def test_seven_prompts_of_two_seeds_fit_a_small_window_and_more_go_on_below(tmp_path):
    asked = protocol(seeds=(1, 2))
    many = tuple(replace(asked.prompts[0], name=f"prompt_{number}") for number in range(9))
    folder = make_gallery(tmp_path / "g", replace(asked, prompts=many), epochs=(1,))
    out = write_report(open_gallery(folder), folder / "report.html")
    assert [len(block) for block in _blocks(columns_of(open_gallery(folder)), 24)] == [14, 4]
    picture = shot(out, 1024, 1600, "light")
    for name in ("prompt_0_1", "prompt_6_2"):
        cells = read_cells(folder / "epoch_01" / f"{name}.png", Look()).cells
        assert places(picture, cells.repeat(2, axis=0).repeat(2, axis=1)), name
    below = read_cells(folder / "epoch_01" / "prompt_8_2.png", Look()).cells
    assert places(picture, below.repeat(4, axis=0).repeat(4, axis=1)), "fewer columns, more zoom"
