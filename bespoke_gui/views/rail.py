"""Rail: the places of the window as icons with words, at its left edge."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QVBoxLayout, QWidget

from bespoke_gui.views import icons, theme
from bespoke_gui.views.panels import Panel
from bespoke_gui.views.widgets.parts import tool

WIDTH = 84


class RailButton(QAbstractButton):
    """One place: icon above its word; the open one is marked."""

    def __init__(self, panel: Panel, shortcut: str) -> None:
        super().__init__()
        self.panel = panel
        self.setText(panel.title)
        self.setCheckable(True)
        self.setAccessibleName(panel.title)
        self.setToolTip(f"{panel.title} ({shortcut})")
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFixedSize(WIDTH - 1, 64)

    def sizeHint(self) -> QSize:
        return QSize(WIDTH - 1, 64)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme.tokens()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(6, 3, -6, -3)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or (self.underMouse() and self.isEnabled()):
            painter.setBrush(colours.accent_soft if self.isChecked() else colours.hover)
            painter.drawRoundedRect(box, 8, 8)
        if self.hasFocus():
            painter.setPen(colours.accent)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        ink = colours.accent_text if self.isChecked() else colours.muted
        if not self.isEnabled():
            painter.setOpacity(0.4)
        icons.paint(painter, self.panel.icon, QRectF(self.width() / 2 - 11, 11, 22, 22), ink)
        painter.setPen(colours.accent_text if self.isChecked() else colours.text)
        painter.setFont(theme.font(0.92, bold=self.isChecked()))
        painter.drawText(QRectF(0, 36, self.width(), 20), Qt.AlignmentFlag.AlignCenter, self.text())
        painter.end()

    def enterEvent(self, event) -> None:
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event) -> None:
        self.update()
        super().leaveEvent(event)


class Rail(QFrame):
    """All places; `chosen` carries a panel's name, `theme_asked` the wish for the other theme."""

    chosen = Signal(str)
    theme_asked = Signal()

    def __init__(self, panels: list[Panel], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_kind(self, "rail")
        self.setFixedWidth(WIDTH)
        self.setAccessibleName("Places")
        self.buttons: dict[str, RailButton] = {}
        self._group = QButtonGroup(self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 6, 0, 8)
        layout.setSpacing(2)
        for index, panel in enumerate(panels, start=1):
            button = RailButton(panel, f"Ctrl+{index}")
            button.clicked.connect(lambda _=False, name=panel.name: self.chosen.emit(name))
            self._group.addButton(button)
            self.buttons[panel.name] = button
            layout.addWidget(button)
        layout.addStretch(1)
        self.theme_button = tool("moon", "Light or dark theme", "Ctrl+Shift+L")
        self.theme_button.setFixedSize(40, 40)
        self.theme_button.clicked.connect(self.theme_asked)
        layout.addWidget(self.theme_button, 0, Qt.AlignmentFlag.AlignHCenter)

    def mark(self, name: str) -> None:
        """Mark the place that is open."""
        self.buttons[name].setChecked(True)

    def enable(self, names: set[str]) -> None:
        """Let only these places be chosen."""
        for name, button in self.buttons.items():
            button.setEnabled(name in names)
