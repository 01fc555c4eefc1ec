"""Preview pane: one image before and after preparing, at the same place, with its figures."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import (
    QButtonGroup,
    QGridLayout,
    QLabel,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.prepare_preview import Preview
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.compared_view import ComparedView, SharedScale
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    figure,
    heading,
    plain_label,
    row,
)
from bespoke_gui.views.widgets.picture_pane import ColourReader

ROOM_FOR_SIZES = 400
MODES = {
    "after": ("After", "Show the prepared image", "Alt+Shift+1"),
    "changed": ("Changed", "Mark every pixel that is no native pixel's colour", "Alt+Shift+2"),
    "heat": ("Heat", "Colour each cell by how much of it changed", "Alt+Shift+3"),
}


class PreparePreviewPane(QWidget):
    """Shows a Preview. Both views zoom and move together; the right one can show what changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._preview: Preview | None = None
        self.scale = SharedScale(self)
        self.before, self.after = ComparedView(self.scale), ComparedView(self.scale)
        self.before.setAccessibleName("Before")
        self.after.setAccessibleName("After")
        self._before_facts, self._after_facts = figure(), figure()
        self._before_size, self._after_size = elided(kind="muted"), elided(kind="muted")
        self._name = elided("", 1.25, bold=True)
        self._verdict = badge()
        self._note = plain_label()
        self._note.setMinimumHeight(20)
        theme.set_kind(self._note, "warning")
        self.modes = self._mode_buttons()
        self.colour = ColourReader()
        for view, other in ((self.before, self.after), (self.after, self.before)):
            view.setMinimumSize(120, 120)
            view.moved.connect(other.move_to)
            view.hovered.connect(self._read_colour)
            view.left.connect(self.colour.clear)
        head = row(self._name, self._verdict, *self.modes.values(), spacing=4)
        head.setStretch(0, 1)
        self._verdict.setMinimumHeight(24)
        inner = column(head, self._views(), self._note, self.colour)
        inner.setStretch(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 12))
        self.modes["after"].setChecked(True)

    def _mode_buttons(self) -> dict[str, QPushButton]:
        made: dict[str, QPushButton] = {}
        group = QButtonGroup(self)
        for mode, (words, tip, keys) in MODES.items():
            choice = made[mode] = button(words, f"{tip} ({keys})", "ghost")
            choice.setCheckable(True)
            choice.toggled.connect(lambda on: self._show_after() if on else None)
            add_shortcut(self, keys, tip, choice.click)
            group.addButton(choice)
        return made

    def _views(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(4)
        grid.addLayout(self._head("Before", self._before_facts, self._before_size), 0, 0)
        grid.addLayout(self._head("After", self._after_facts, self._after_size), 0, 1)
        grid.addWidget(self.before, 1, 0)
        grid.addWidget(self.after, 1, 1)
        grid.setRowStretch(1, 1)
        for index in (0, 1):
            grid.setColumnStretch(index, 1)
        return grid

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the sizes out where they would only be dots; the tool tips tell them."""
        super().resizeEvent(event)
        for label in (self._before_size, self._after_size):
            label.setVisible(self.width() >= ROOM_FOR_SIZES)

    def show_preview(self, preview: Preview) -> None:
        """Show an image before and after."""
        same = self._preview is not None and self._preview.name == preview.name
        self._preview = preview
        self._name.setText(preview.name)
        self.before.set_image(preview.before, keep_view=same)
        if not same:
            self.scale.fit()
        self.scale.show_sizes(preview.before.size(), QSize(preview.columns, preview.rows))
        self._before_facts.setText(f"{preview.colours_before:,} colours")
        self._before_size.setText(_size(preview.before.width(), preview.before.height()))
        self._after_facts.setText(f"{preview.colours_after:,} colours")
        more = preview.colours_after > preview.colours_before
        theme.set_kind(self._after_facts, "danger" if more else "title")
        self._after_size.setText(_size(preview.after.width(), preview.after.height()))
        words, good = _verdict(preview)
        self._verdict.setText(words)
        theme.set_kind(self._verdict, "badge-good" if good else "badge-warning")
        self.before.setToolTip(self._before_size.text())
        self.after.setToolTip(self._after_size.text())
        self._note.setText(f"{preview.note[:1].upper()}{preview.note[1:]}")
        self._show_after(same)

    def show_problem(self, text: str) -> None:
        """Say in words why there is no preview."""
        self._preview = None
        self.before.set_message(text)
        self.after.set_image(None)
        for label in (self._before_facts, self._after_facts, self._name, self._note):
            label.setText("")

    def _head(self, title: str, facts: QLabel, size: QLabel):
        head = row(heading(title, 1.0), size, facts)
        head.insertStretch(2, 1)
        return head

    def _show_after(self, keep: bool = True) -> None:
        preview = self._preview
        if preview is None:
            return
        images = {"after": preview.after, "changed": preview.changed, "heat": preview.heat}
        mode = next(mode for mode, choice in self.modes.items() if choice.isChecked())
        self.after.set_image(images[mode], keep_view=keep)
        share = 100 * preview.differing / max(1, preview.pixels)
        words = MODES["changed"][0]
        self.modes["changed"].setText(f"{words} {share:.0f}%" if preview.differing else words)

    def _read_colour(self, x: int, y: int, colour: QColor) -> None:
        self.colour.show_colour(x, y, colour)


def _size(width: int, height: int) -> str:
    return f"{width}×{height}"


def _verdict(preview: Preview) -> tuple[str, bool]:
    """Return what became of the cells, and whether it is what was drawn."""
    if preview.native_exact:
        return "Native pixels exact", True
    if preview.cells_damaged:
        return f"{preview.cells_damaged} of {preview.columns * preview.rows} cells damaged", False
    return ("Native pixels recovered", True) if preview.resampled else ("Not exact", False)
