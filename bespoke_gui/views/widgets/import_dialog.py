"""Import dialog: what captions from elsewhere would change, lost words in red, a tick for each."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QListView,
    QPlainTextEdit,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.exchange.preview import Change, Preview
from bespoke_gui.qtmodels.import_rows import ImportRows, Role
from bespoke_gui.qtmodels.rows import Index
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.diff_painter import paint_diff
from bespoke_gui.views.widgets.parts import badge, button, elided, heading, muted, row
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

IMAGE = 72
MARGIN = 8
HEAD = 22
HEIGHT = IMAGE + 2 * MARGIN
PROBLEMS_SHOWN = 200


class ImportDelegate(TickDelegate):
    """Paints one change: tick, image, name with what is wrong, and the diff."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(320, HEIGHT)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        painter.save()
        rect = QRectF(option.rect)
        draw_ground(painter, option)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_tick(painter, check_rect(rect), is_ticked(index))
        box = QRectF(rect.left() + 2 * MARGIN + BOX, rect.top() + MARGIN, IMAGE, IMAGE)
        draw_picture(painter, box, index.data(Role.IMAGE))
        words = QRectF(box.right() + 12, box.top(), rect.right() - box.right() - 24, IMAGE)
        self._paint_head(painter, words, index.data(Role.CHANGE))
        paint_diff(painter, words.adjusted(0, HEAD, 0, 0), index.data(Role.PIECES), theme.font())
        painter.restore()

    def tick_room(self, rect: QRectF) -> QRectF:
        """Return where in a row a click is meant for the tick."""
        return QRectF(rect.left(), rect.top(), 2 * MARGIN + BOX, rect.height())

    def _paint_head(self, painter: QPainter, box: QRectF, change: Change) -> None:
        painter.setFont(theme.font(1.0, bold=True))
        painter.setPen(theme.tokens().text)
        metrics = painter.fontMetrics()
        room = min(metrics.horizontalAdvance(change.name) + 2, int(box.width() * 0.5))
        name = metrics.elidedText(change.name, Qt.TextElideMode.ElideMiddle, room)
        line = QRectF(box.left(), box.top() - 2, room + 2, 20)
        painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, name)
        left = box.left() + room + 10
        for words, kind in marks(change):
            if left + pill_width(words) <= box.right():
                draw_pill(painter, words, left, line.center().y(), kind)
            left += pill_width(words) + 6


class ImportTable(QListView):
    """The changes; Space turns the tick of what is selected."""

    def __init__(self, rows: ImportRows, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        set_up(self, "What the import would change", many=True)
        self.setModel(rows)
        self.setItemDelegate(ImportDelegate(self))
        self.setUniformItemSizes(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not turn_by_key(self, event):
            super().keyPressEvent(event)


class ImportDialog(QDialog):
    """Shows a preview. `accepted_names` carries the captions that are to be taken."""

    accepted_names = Signal(list)

    def __init__(self, session: Session, preview: Preview, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview = preview
        self.setWindowTitle("Import captions")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(880, 620)
        self.rows = ImportRows(session, preview, self)
        self.table = ImportTable(self.rows)
        self.all = button("Tick all", "Also those that would lose words", "ghost")
        self.safe = button("Only without loss", "Tick what loses no words", "ghost")
        self.none = button("Tick none", "Untick every row", "ghost")
        self.cancel = button("Cancel", "Change nothing (Esc)")
        self.take = button(
            "Import", "Take the ticked captions over; undo brings them back", "primary"
        )
        self._lay_out(preview)
        self.all.clicked.connect(lambda: self.rows.tick_all(True))
        self.safe.clicked.connect(lambda: self.rows.tick_all(False))
        self.none.clicked.connect(self.rows.tick_none)
        self.cancel.clicked.connect(self.reject)
        self.take.clicked.connect(self._on_take)
        self.rows.ticked_changed.connect(self._tell)
        self._tell()
        if self.rows.rowCount():
            self.table.setCurrentIndex(self.rows.index(0))
        self.table.setFocus()

    def _lay_out(self, preview: Preview) -> None:
        counts = preview.summary
        badges = [badge(f"{counts['added']} new", "badge-good")] if counts["added"] else []
        badges += [badge(f"{counts['changed']} changed")] if counts["changed"] else []
        lost = f"{counts['lossy']} lose words"
        badges += [badge(lost, "badge-danger")] if counts["lossy"] else []
        same = f"{counts['unchanged']} are the same already." if counts["unchanged"] else ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 16)
        layout.setSpacing(10)
        layout.addLayout(row(heading("Import captions"), *badges, muted(same, wrap=False), None))
        layout.addWidget(elided(str(preview.source), kind="muted"))
        if preview.changes:
            layout.addWidget(self.table, 1)
        else:
            self.table.hide()
            layout.addWidget(muted(nothing(preview)), 1, Qt.AlignmentFlag.AlignCenter)
        if preview.problems:
            layout.addWidget(_problems(preview.problems))
        ticks = (self.all, self.safe, self.none) if preview.changes else ()
        layout.addLayout(row(*ticks, None, self.cancel, self.take))
        for tick in (self.all, self.safe, self.none):
            tick.setVisible(bool(preview.changes))

    def _tell(self) -> None:
        count = len(self.rows.ticked())
        what = "1 caption" if count == 1 else f"{count} captions"
        self.take.setText(f"Import {what}" if count else "Import")
        self.take.setEnabled(count > 0)

    def _on_take(self) -> None:
        self.accepted_names.emit(self.rows.ticked())
        self.accept()


def marks(change: Change) -> list[tuple[str, str]]:
    """Return what is said about a change in pills, with their kinds."""
    found = [("new", "good")] if change.diff.status == "added" else []
    if change.lossy:
        words = ", ".join(change.diff.lost[:4]) + ("…" if len(change.diff.lost) > 4 else "")
        found.append((f"loses {words}", "danger"))
    return found


def nothing(preview: Preview) -> str:
    """Say why there is nothing to import."""
    if preview.unchanged:
        return "Every caption in it is as it is here already."
    return "None of it belongs to an image of this project."


def check_rect(rect: QRectF) -> QRectF:
    """Return where the tick of a row is."""
    return QRectF(rect.left() + MARGIN, rect.top() + (HEIGHT - BOX) / 2, BOX, BOX)


def _problems(problems: list[Problem]) -> QPlainTextEdit:
    lines = [" ".join(f"{p.where} {p.message}".split()) for p in problems[:PROBLEMS_SHOWN]]
    count = len(problems)
    title = "1 row cannot be used:" if count == 1 else f"{count} remarks, row by row:"
    shown = QPlainTextEdit("\n".join([title, *lines]))
    shown.setReadOnly(True)
    shown.setAccessibleName("Rows that cannot be used")
    shown.setFixedHeight(96)
    return shown
