"""Parts: the few building blocks all panels share, so that they look like one window."""

from __future__ import annotations

import re
from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPlainTextEdit,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QSplitter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.views import icons, theme


def plain_label(text: str = "", wrap: bool = True) -> QLabel:
    """Return a label that shows text as it is: names, captions and other machines may say "<b>"."""
    label = QLabel(text, wordWrap=wrap)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label


def heading(text: str, scale: float = 1.25) -> QLabel:
    """Return a heading; 1.6 for a page, 1.25 for a card, 1.0 for a group."""
    label = plain_label(text, wrap=False)
    label.setFont(theme.font(scale, bold=True))
    theme.set_kind(label, "title")
    return label


class ElidedLabel(QLabel):
    """A label of one line that may be narrower than its words; `mode` says where "…" stands."""

    mode = Qt.TextElideMode.ElideRight

    def minimumSizeHint(self) -> QSize:
        return QSize(24, super().minimumSizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(self.palette().windowText().color())
        words = self.fontMetrics().elidedText(self.text(), self.mode, self.width())
        painter.drawText(self.rect(), self.alignment(), words)
        painter.end()


def elided(text: str = "", scale: float = 1.0, bold: bool = False, kind: str = "") -> ElidedLabel:
    """Return a label of one line that gives way where room is short."""
    label = ElidedLabel(text)
    label.setFont(theme.font(scale, bold, tabular=True))
    if kind:
        theme.set_kind(label, kind)
    return label


def shortened(text: str = "") -> ElidedLabel:
    """Return a label as wide as its words where there is room, else without their middle."""
    label = ElidedLabel(text)
    label.mode = Qt.TextElideMode.ElideMiddle
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
    return label


def muted(text: str = "", wrap: bool = True) -> QLabel:
    """Return quiet explaining text."""
    label = plain_label(text, wrap)
    theme.set_kind(label, "muted")
    return label


def badge(text: str = "", kind: str = "badge") -> QLabel:
    """Return a small label on a tinted ground; kind: badge, badge-good, -warning, -danger."""
    label = plain_label(text, wrap=False)
    label.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
    theme.set_kind(label, kind)
    return label


def figure(text: str = "", scale: float = 1.0) -> QLabel:
    """Return a label for numbers: digits of equal width."""
    label = plain_label(text, wrap=False)
    label.setFont(theme.font(scale, bold=True, tabular=True))
    return label


def button(text: str, tip: str = "", kind: str = "", icon: str = "") -> QPushButton:
    """Return a push button; kind: "" (plain), primary, ghost, danger, link."""
    result = QPushButton(text)
    result.setCursor(Qt.CursorShape.PointingHandCursor)
    if tip:
        result.setToolTip(tip)
    if kind:
        theme.set_kind(result, kind)
    if icon:
        tokens = {"primary": "on_accent", "danger": "danger", "link": "accent_text"}
        icons.attach(result, icon, tokens.get(kind, "text"))
    return result


def tool(icon: str, name: str, shortcut: str = "") -> QToolButton:
    """Return an icon button whose tooltip tells its name and shortcut."""
    result = QToolButton()
    result.setAccessibleName(name)
    result.setToolTip(f"{name} ({shortcut})" if shortcut else name)
    icons.attach(result, icon)
    return result


def card(layout: QLayout | None = None, margin: int = 16) -> QFrame:
    """Return a surface with a thin border that holds `layout`."""
    frame = QFrame()
    theme.set_kind(frame, "card")
    if layout is not None:
        layout.setContentsMargins(margin, margin, margin, margin)
        frame.setLayout(layout)
    return frame


def line() -> QFrame:
    """Return a thin horizontal line."""
    frame = QFrame()
    theme.set_kind(frame, "line")
    return frame


def row(*widgets: QWidget | None, spacing: int = 8) -> QHBoxLayout:
    """Return a row without margins; None stands for the stretch."""
    layout = QHBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        else:
            layout.addWidget(widget)
    return layout


def column(*widgets: QWidget | QLayout | None, spacing: int = 8) -> QVBoxLayout:
    """Return a column without margins; None stands for the stretch."""
    layout = QVBoxLayout()
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    for widget in widgets:
        if widget is None:
            layout.addStretch(1)
        elif isinstance(widget, QLayout):
            layout.addLayout(widget)
        else:
            layout.addWidget(widget)
    return layout


def field(label: str, widget: QWidget, hint: str = "") -> QVBoxLayout:
    """Return a labelled control: word above, control, quiet hint below."""
    name = plain_label(label, wrap=False)
    name.setBuddy(widget)
    if not widget.accessibleName():
        widget.setAccessibleName(label)
    layout = column(name, widget, spacing=4)
    if hint:
        layout.addWidget(muted(hint))
    return layout


def splitter(
    direction: Qt.Orientation, parts: Sequence[QWidget], shares: Sequence[int]
) -> QSplitter:
    """Return parts beside or below each other with handles; `shares` say who takes new room."""
    result = QSplitter(direction)
    result.setChildrenCollapsible(False)
    result.setHandleWidth(8)
    for index, (part, share) in enumerate(zip(parts, shares, strict=True)):
        result.addWidget(part)
        result.setStretchFactor(index, share)
    return result


def text_field(edit: QPlainTextEdit) -> QPlainTextEdit:
    """Give a text of several lines the border and the inset of a line edit; Tab leaves it."""
    edit.setTabChangesFocus(True)
    edit.document().setDocumentMargin(8)
    theme.set_kind(edit, "field")
    return edit


def scrolling(page: QWidget | None = None) -> QScrollArea:
    """Return a scroll area round a page that is taller than the window may be, or for one."""
    area = QScrollArea(widgetResizable=True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    theme.set_kind(area, "plain")
    if page is not None:
        theme.set_kind(page, "page")
        area.setWidget(page)
    return area


def elide_path(text: str, longest: int = 72) -> str:
    """Shorten long paths in a sentence to their last parts."""

    def short(match: re.Match[str]) -> str:
        path = match.group(0)
        return path if len(path) <= longest else "…/" + "/".join(path.split("/")[-2:])

    return re.sub(r"(?<!\S)/\S+", short, text)
