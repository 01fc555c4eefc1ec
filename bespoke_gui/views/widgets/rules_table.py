"""Preview table: every caption that would change, lost words in red, a tick to write it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import (
    QModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QPainter,
    QTextCharFormat,
    QTextLayout,
    QTextOption,
)
from PySide6.QtWidgets import (
    QListView,
    QStyleOptionViewItem,
    QWidget,
)

from bespoke_gui.core.rules.engine import RuleResult
from bespoke_gui.core.worddiff import Op
from bespoke_gui.core.words import content_words
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.rules_rows import Role, RuleRows
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.pill_paint import draw_pill, pill_width
from bespoke_gui.views.widgets.tick_rows import (
    BOX,
    TickDelegate,
    draw_ground,
    draw_picture,
    draw_tick,
    is_ticked,
    set_up,
    turn_by_key,
)

IMAGE = 96
MARGIN = 8
HEIGHT = IMAGE + 2 * MARGIN
HEAD = 24
# Characters of what stays that are shown beside a change, in a narrow and in a wide table.
KEEP, KEEP_WIDE, WIDE = 26, 64, 700


@dataclass(frozen=True)
class Piece:
    """A stretch of text as it is shown.

    kind is "equal", "come", "gone" (content words are lost with it) or "went" (none is: a synonym
    stands for it, or the words are still there).
    """

    text: str
    kind: str


class PreviewDelegate(TickDelegate):
    """Paints one caption: tick, image, name with its flags, and the word diff."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect)
        draw_ground(painter, option)
        draw_tick(painter, check_rect(rect), is_ticked(index))
        left = rect.left() + 2 * MARGIN + BOX
        box = QRectF(left, rect.top() + MARGIN, IMAGE, IMAGE)
        draw_picture(painter, box, index.data(Role.IMAGE))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        words = QRectF(
            left + IMAGE + 12, rect.top() + MARGIN - 2, rect.right() - left - IMAGE - 24, IMAGE
        )
        result = index.data(Role.RESULT)
        if result is not None:
            self._paint_head(painter, words, index.data(), result)
            self._paint_diff(painter, words.adjusted(0, HEAD, 0, 2), index.data(Role.OPS), result)
        painter.restore()

    def _paint_head(self, painter: QPainter, box: QRectF, name: str, result: RuleResult) -> None:
        """Paint the name, what is wrong in pills, and which rules fired."""
        middle = box.top() + HEAD / 2 - 1
        font = theme.font(1.0, bold=True)
        painter.setFont(font)
        painter.setPen(theme.tokens().text)
        stem = name.rsplit(".", 1)[0]
        room = min(painter.fontMetrics().horizontalAdvance(stem) + 2, int(box.width() * 0.4))
        text = painter.fontMetrics().elidedText(stem, Qt.TextElideMode.ElideMiddle, room)
        centre = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(box.left(), middle - 10, room + 2, 20), centre, text)
        left = box.left() + room + 10
        for words, kind in flags(result):
            draw_pill(painter, words, left, middle, kind)
            left += pill_width(words) + 6
        painter.setFont(theme.font(0.92))
        painter.setPen(theme.tokens().muted)
        rest = QRectF(left + 2, middle - 10, max(0.0, box.right() - left - 2), 20)
        rules = painter.fontMetrics().elidedText(
            ", ".join(result.rules), Qt.TextElideMode.ElideRight, int(rest.width())
        )
        painter.drawText(rest, centre, rules)

    def _paint_diff(
        self, painter: QPainter, box: QRectF, ops: Sequence[Op], result: RuleResult
    ) -> None:
        size = int(box.width()), int(box.height())
        layout = _layout(tuple(ops), tuple(result.lost), *size, theme.is_dark())
        painter.setPen(theme.tokens().text)
        layout.draw(painter, QPointF(box.left(), box.top()))

    def tick_room(self, rect: QRectF) -> QRectF:
        """Return where in a row a click is meant for the tick."""
        return QRectF(rect.left(), rect.top(), 2 * MARGIN + BOX, rect.height())


class PreviewTable(QListView):
    """The rows; Space ticks what is selected. `chosen` carries the caption's name."""

    chosen = Signal(str)
    opened = Signal(str)

    def __init__(self, rows: RuleRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_up(self, "What the rules would change", many=True)
        self.setModel(rows)
        self.setItemDelegate(PreviewDelegate(self))
        self.setUniformItemSizes(True)
        self.selectionModel().currentChanged.connect(self._on_current)
        self.doubleClicked.connect(lambda index: self.opened.emit(index.data(Role.NAME)))

    def selected_names(self) -> list[str]:
        """Return the captions of the selected rows."""
        rows = sorted(self.selectionModel().selectedIndexes(), key=lambda index: index.row())
        return [index.data(Role.NAME) for index in rows]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if turn_by_key(self, event):
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and current.isValid():
            self.opened.emit(current.data(Role.NAME))
        else:
            super().keyPressEvent(event)

    def _on_current(self, now: QModelIndex) -> None:
        if now.isValid():
            self.chosen.emit(now.data(Role.NAME))


def check_rect(rect: QRectF) -> QRectF:
    """Return where the check box of a row is."""
    return QRectF(rect.left() + MARGIN, rect.top() + (HEIGHT - BOX) / 2, BOX, BOX)


def flags(result: RuleResult) -> list[tuple[str, str]]:
    """Return what a person must see of a result, in a few words each."""
    found = []
    if result.lossy:
        count = len(result.lost)
        found.append((f"{count} word{'s' if count != 1 else ''} lost", "danger"))
    if result.crosses_separator:
        found.append(("over a separator", "warning"))
    if result.overlaps:
        found.append(("rule over rule", "warning"))
    return found


def pieces(ops: Sequence[Op], lost: Sequence[str], keep: int = KEEP) -> list[Piece]:
    """Return a diff as it is shown in little room: of what stays only what is near a change."""
    found: list[Piece] = []
    missed = set(lost)
    for number, op in enumerate(ops):
        if op.op == "equal":
            first, last = number == 0, number == len(ops) - 1
            found.append(Piece(_near(op.before, first, last, keep), "equal"))
            continue
        if op.before:
            is_lost = not missed.isdisjoint(content_words(op.before))
            found.append(Piece(op.before, "gone" if is_lost else "went"))
        if op.before and op.after:
            # A little room between the two, so that they do not read as one word.
            found.append(Piece("\u2009", "equal"))
        if op.after:
            found.append(Piece(op.after, "come"))
    return found


def _near(text: str, first: bool, last: bool, keep: int) -> str:
    flat = text.replace("\n", " ")
    if len(flat) <= 2 * keep + 8:
        return flat
    start = "" if first else _cut(flat[:keep], " ", 0)
    end = "" if last else _cut(flat[-keep:], " ", 1)
    return f"{start}…{end}"


def _cut(text: str, mark: str, side: int) -> str:
    """Shorten a text to whole words, at its end (0) or beginning (1)."""
    cut = text.rpartition(mark)[0] if side == 0 else text.partition(mark)[2]
    return cut or text


@lru_cache(maxsize=512)
def _layout(
    ops: tuple[Op, ...], lost: tuple[str, ...], width: int, height: int, dark: bool
) -> QTextLayout:
    """Return the laid out diff, as many lines as fit; `dark` only tells themes apart."""
    shown = pieces(ops, lost, KEEP_WIDE if width > WIDE else KEEP)
    layout = QTextLayout("".join(piece.text for piece in shown), theme.font())
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(_formats(shown))
    layout.setCacheEnabled(True)
    layout.beginLayout()
    top, room = 0.0, QFontMetricsF(theme.font()).height()
    # What finds no room is told by the tip and by the pane below.
    while top + room <= height and (line := layout.createLine()).isValid():
        line.setLineWidth(width)
        line.setPosition(QPointF(0, top))
        top += line.height()
    layout.endLayout()
    return layout


def _formats(shown: list[Piece]) -> list[QTextLayout.FormatRange]:
    found, start = [], 0
    for piece in shown:
        if piece.kind != "equal":
            part = QTextLayout.FormatRange()
            part.start, part.length, part.format = start, len(piece.text), marked(piece.kind)
            found.append(part)
        start += len(piece.text)
    return found


def marked(kind: str) -> QTextCharFormat:
    """Return how a piece of this kind is written; not for "equal"."""
    colours = theme.tokens()
    front, back = {
        "gone": (colours.diff_removed, colours.diff_removed_back),
        "went": (colours.muted, colours.hover),
        "come": (colours.diff_added, colours.diff_added_back),
    }[kind]
    style = QTextCharFormat()
    style.setForeground(front)
    style.setBackground(back)
    style.setFontStrikeOut(kind != "come")
    style.setFontWeight(QFont.Weight.DemiBold if kind == "gone" else QFont.Weight.Normal)
    return style
