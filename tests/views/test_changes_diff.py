"""Diff view and piece list: moved phrases in their own calm look, with the way back."""

import pytest

from bespoke_gui.core.worddiff import compare
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_runs import ADDED, AFTER, BEFORE, MOVED_IN, MOVED_OUT, runs
from bespoke_gui.views.widgets.diff_view import SIDES, DiffView
from bespoke_gui.views.widgets.piece_list import PieceList

BEFORE_TEXT = "a hat, blue eyes, smile, red tie"
AFTER_TEXT = "blue eyes, smile, dark red tie, a hat"


@pytest.fixture
def view(qtbot):
    made = DiffView()
    qtbot.addWidget(made)
    made.resize(600, 200)
    made.show()
    made.show_diff(compare(BEFORE_TEXT, AFTER_TEXT))
    return made


def test_a_moved_phrase_has_arrows_at_both_places(view):
    assert view.plain_text() == "a hat →, blue eyes, smile, dark red tie, → a hat"
    looks = [run.look for run in runs(compare(BEFORE_TEXT, AFTER_TEXT).pieces) if run.id]
    assert looks == [MOVED_OUT, ADDED, MOVED_IN]


def test_sides_show_each_text_as_it_is(view):
    view.set_mode(SIDES)
    assert view.plain_text() == f"{BEFORE_TEXT}\n{AFTER_TEXT}"
    pieces = compare(BEFORE_TEXT, AFTER_TEXT).pieces
    assert "".join(run.text for run in runs(pieces, BEFORE)) == BEFORE_TEXT
    assert "".join(run.text for run in runs(pieces, AFTER)) == AFTER_TEXT


def test_the_menu_puts_a_piece_or_a_phrase_back(view, qtbot):
    browser = view._right
    shown = browser.toPlainText()
    menu = view.menu(browser, shown.index("red tie"))
    piece, phrase = menu.actions()[:2]
    assert not piece.isEnabled()
    with qtbot.waitSignal(view.phrase_clicked) as told:
        phrase.trigger()
    assert AFTER_TEXT[told.args[0] :].startswith("red tie")
    menu = view.menu(browser, len(shown))
    with qtbot.waitSignal(view.piece_clicked) as told:
        menu.actions()[0].trigger()
    diff = compare(BEFORE_TEXT, AFTER_TEXT)
    assert told.args[0] == next(piece.id for piece in diff.pieces if piece.kind == "moved")


def test_moved_words_are_neither_red_nor_green(view):
    colours = theme.tokens()
    block, inks = view._right.document().begin(), {}
    iterator = block.begin()
    while not iterator.atEnd():
        fragment = iterator.fragment()
        inks[fragment.text()] = fragment.charFormat().foreground().color()
        iterator += 1
    assert inks[", → a hat"] == colours.accent_text


def test_the_list_tells_a_move_once(qtbot):
    made = PieceList()
    qtbot.addWidget(made)
    made.show_diff(compare(BEFORE_TEXT, AFTER_TEXT))
    assert made.rows() == ["moved: a hat", "dark"]


def test_lines_filled_twice_in_a_row_open_no_window(qtbot, qapp):
    """Qt shows what a layout took a moment later: lines already gone came up as windows."""
    pieces = PieceList()
    qtbot.addWidget(pieces)
    pieces.show()
    for words in ("red hair", "blue hair", "green hair"):
        pieces.show_diff(compare("a lad, brown hair", f"a lad, {words}"))
    qapp.processEvents()
    opened = [w for w in qapp.topLevelWidgets() if w.isVisible() and w is not pieces]
    assert opened == []
