"""Theme: one set of design tokens for light and dark, as palette, style sheet and plain colours.

The style sheet lies on the windows, not on the application: Qt gives every widget its style anew
whenever it is put into another under a sheet of the application, which took four fifths of the
time in which a room was built. Now a room is made bare and takes its looks once, in the window.
"""

from __future__ import annotations

from dataclasses import fields
from string import Template
from weakref import WeakSet

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid

from bespoke_gui.core.resources import resource
from bespoke_gui.views import icons
from bespoke_gui.views.tokens import PROPERTY, Tokens, is_dark, tokens, tokens_of

__all__ = [
    "MODES",
    "Tokens",
    "apply",
    "dress",
    "fixed_font",
    "font",
    "is_dark",
    "set_kind",
    "style_sheet",
    "tokens",
]

MODES = ("system", "light", "dark")
_dressed: WeakSet[QWidget] = WeakSet()


def apply(app: QApplication, mode: str) -> None:
    """Put the theme named `mode` (system, light, dark) on the application and dressed windows."""
    dark = mode == "dark" or (mode == "system" and _system_is_dark(app))
    if app.property(PROPERTY) is None:
        # Once: a style set again would polish every widget again.
        app.setStyle("Fusion")
    app.setProperty(PROPERTY, "dark" if dark else "light")
    app.setPalette(_palette(tokens_of(dark)))
    for window in filter(isValid, list(_dressed)):
        window.setStyleSheet(style_sheet())


def dress(window: QWidget) -> None:
    """Give a window without a parent, and all within and over it, the looks of every theme."""
    _dressed.add(window)
    window.setStyleSheet(style_sheet())


def font(scale: float = 1.0, bold: bool = False, tabular: bool = False) -> QFont:
    """Return the system font at a multiple of its size; `tabular` keeps digits in columns."""
    result = QFont(QApplication.font())
    result.setPointSizeF(result.pointSizeF() * scale)
    if bold:
        result.setWeight(QFont.Weight.DemiBold)
    if tabular:
        result.setFeature(QFont.Tag("tnum"), 1)
    return result


def fixed_font(scale: float = 1.0) -> QFont:
    """Return the system's monospaced font."""
    result = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    result.setPointSizeF(QApplication.font().pointSizeF() * scale)
    return result


def set_kind(widget: QWidget, kind: str) -> QWidget:
    """Give a widget one of the style sheet's kinds (primary, ghost, danger, card, muted ...)."""
    if widget.property("kind") == kind:
        return widget
    widget.setProperty("kind", kind)
    # One that was never shown takes its looks when it is.
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        widget.style().unpolish(widget)
        widget.style().polish(widget)
    return widget


def _system_is_dark(app: QApplication) -> bool:
    return app.styleHints().colorScheme() == Qt.ColorScheme.Dark


def _palette(colours: Tokens) -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in {
        roles.Window: colours.background,
        roles.WindowText: colours.text,
        roles.Base: colours.surface,
        roles.AlternateBase: colours.raised,
        roles.Text: colours.text,
        roles.PlaceholderText: colours.muted,
        roles.Button: colours.surface,
        roles.ButtonText: colours.text,
        roles.BrightText: colours.danger,
        roles.Highlight: colours.accent,
        roles.HighlightedText: colours.on_accent,
        roles.Link: colours.accent_text,
        roles.LinkVisited: colours.accent_text,
        roles.ToolTipBase: colours.raised,
        roles.ToolTipText: colours.text,
        roles.Light: colours.raised,
        roles.Midlight: colours.hover,
        roles.Mid: colours.line,
        roles.Dark: colours.line_strong,
        roles.Shadow: colours.line_strong,
        roles.Accent: colours.accent,
    }.items():
        palette.setColor(role, colour)
    faded = QColor(colours.muted)
    faded.setAlpha(140)
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, faded)
    palette.setColor(QPalette.ColorGroup.Disabled, roles.Highlight, colours.line_strong)
    return palette


def style_sheet() -> str:
    """Return the style sheet of the theme in use."""
    colours = tokens()
    names = {field.name: _css(getattr(colours, field.name)) for field in fields(colours)}
    files = {
        "chevron": icons.path("chevron_grey"),
        "chevron_up": icons.path("chevron_up_grey"),
        "check": icons.path("check_white"),
        "dot": icons.path("dot_white"),
        "handle": icons.path("handle_grey"),
    }
    source = resource("theme.qss").read_text(encoding="utf-8")
    return Template(source).substitute(names | {k: v.as_posix() for k, v in files.items()})


def _css(colour: QColor) -> str:
    formats = QColor.NameFormat
    return colour.name(formats.HexArgb if colour.alpha() < 255 else formats.HexRgb)
