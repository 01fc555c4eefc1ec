"""The trainer tab shows draws of the current caption, marks and all."""

import pytest
from PySide6.QtCore import QUrl

from bespoke_gui.core.trainer_view import setup_from, view
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views import theme
from bespoke_gui.views.widgets import trainer_html
from bespoke_gui.views.widgets.trainer_pane import NO_CONFIG, TrainerPane

SHUFFLED = 'caption_extension = ".txt"\nshuffle_caption = true\nkeep_tokens = 1\n'


@pytest.fixture
def desk(session):
    desk = CaptionDesk(session)
    desk.take_current("lad_001.png")
    return desk


@pytest.fixture
def pane(desk, qtbot):
    pane = TrainerPane(desk)
    qtbot.addWidget(pane)
    pane.resize(360, 300)
    pane.show()
    return pane


def use_config(desk, text):
    (desk.session.project.configs_dir / "mine.toml").write_text(text, "utf-8")
    desk.training.reload()


def test_without_a_config_the_caption_is_shown_as_it_is(pane, desk):
    assert pane.config.currentText() == NO_CONFIG
    text = pane.text.toPlainText()
    assert "Nothing is shuffled" in text
    assert "Every time · 16 tokens" in text
    assert desk.session.captions.text("lad_001.png") in text
    assert not pane.again.isEnabled()


def test_another_shuffle_gives_other_samples(pane, desk):
    use_config(desk, SHUFFLED)
    assert pane.config.currentText() == "mine"
    first = pane.text.toPlainText()
    assert "Sample 3 · 16 tokens" in first
    assert first.count("portrait of bespoke punk lad, ") >= 3
    pane.again.click()
    assert pane.text.toPlainText() != first


def test_follows_edits_and_the_current_caption(pane, desk):
    desk.session.captions.edit("lad_001.png", "red hat", "typing")
    assert "red hat" in pane.text.toPlainText()
    desk.take_current("lady_001.png")
    assert "golden earrings" in pane.text.toPlainText()
    desk.take_current("")
    assert pane.text.toPlainText() == "Choose an image."


def test_a_link_selects_what_is_not_read(pane, desk, qtbot):
    desk.session.captions.edit("lad_001.png", "red hat\nblue hat", "typing")
    assert "Only line 1 is read; the rest is ignored. Show" in pane.text.toPlainText()
    with qtbot.waitSignal(desk.place_wanted) as caught:
        pane.text.anchorClicked.emit(QUrl("place:7-16"))
    assert caught.args == [7, 16]


def test_what_is_cut_off_is_struck_through_and_fixed_phrases_are_marked():
    setup = setup_from({"shuffle_caption": True, "keep_tokens": 1, "max_token_length": 6}, ".txt")
    (sample, *_) = view("a <b> hat, tie, red coat", setup).samples
    html = trainer_html.marked(sample, theme.tokens())
    assert html.startswith("<span")
    assert "&lt;b&gt;" in html
    assert "line-through" in html.split("</span>", 1)[1]


def test_a_draw_that_was_left_out_says_so():
    setup = setup_from({"caption_dropout_rate": 1.0}, ".txt")
    (sample, *_) = view("red hat", setup).samples
    assert "left out this time" in trainer_html.marked(sample, theme.tokens())
