"""Diff painter: a few lines of a diff inside a row, ending in "…" where there is no more room."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QPainter, QTextLayout, QTextLine, QTextOption

from bespoke_gui.core.diff_pieces import Piece
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_runs import formats, runs


def paint_diff(
    painter: QPainter, box: QRectF, pieces: Iterable[Piece], font: QFont, centred: bool = False
) -> None:
    """Draw pieces into a box, as many lines as fit; `centred` puts few lines in the middle."""
    text, ranges = formats(runs(pieces))
    layout = QTextLayout(text.replace("\n", "⏎"), font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.setFormats(ranges)
    height, shown, is_whole = _lay_out(layout, box)
    top = box.top() + max(0.0, (box.height() - height) / 2) if centred else box.top()
    painter.setPen(theme.tokens().text)
    last = shown if is_whole else shown - 1
    for number in range(last):
        layout.lineAt(number).draw(painter, QPointF(box.left(), top))
    if last < shown:
        _cut_line(painter, layout.lineAt(last), QPointF(box.left(), top), box.right(), font)


def _lay_out(layout: QTextLayout, box: QRectF) -> tuple[float, int, bool]:
    """Break the text into lines; return their height, how many fit, and whether all do."""
    height, shown = 0.0, 0
    layout.beginLayout()
    is_whole = True
    while (line := layout.createLine()).isValid():
        line.setLineWidth(max(1.0, box.width()))
        if shown and height + line.height() > box.height() + 0.5:
            is_whole = False
            break
        line.setPosition(QPointF(0, height))
        height += line.height()
        shown += 1
    layout.endLayout()
    return height, shown, is_whole


def _cut_line(painter: QPainter, line: QTextLine, at: QPointF, right: float, font: QFont) -> None:
    """Draw a line with "…" at its end, which hides the last letters where there is no room."""
    painter.save()
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(" …")
    left = min(at.x() + line.naturalTextWidth(), right - width)
    box = QRectF(at.x(), at.y() + line.y(), left - at.x(), line.height())
    painter.setClipRect(box, Qt.ClipOperation.IntersectClip)
    line.draw(painter, at)
    painter.restore()
    painter.save()
    painter.setFont(font)
    painter.setPen(theme.tokens().muted)
    painter.drawText(QRectF(left, box.top(), width, box.height()), " …")
    painter.restore()
