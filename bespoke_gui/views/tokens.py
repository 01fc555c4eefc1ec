"""Design tokens: every colour of the window by what it is for, in light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from PySide6.QtCore import QCoreApplication
from PySide6.QtGui import QColor

PROPERTY = "bespoke_theme"


@dataclass(frozen=True)
class Tokens:
    """Every colour of the window by what it is for. Greys are neutral: they sit beside art."""

    background: QColor
    surface: QColor
    raised: QColor
    hover: QColor
    line: QColor
    line_strong: QColor
    edge: QColor
    text: QColor
    muted: QColor
    accent: QColor
    accent_hover: QColor
    accent_soft: QColor
    accent_text: QColor
    on_accent: QColor
    danger: QColor
    danger_soft: QColor
    warning: QColor
    warning_soft: QColor
    good: QColor
    good_soft: QColor
    diff_added: QColor
    diff_added_back: QColor
    diff_removed: QColor
    diff_removed_back: QColor
    checker_light: QColor
    checker_dark: QColor
    grid: QColor


_LIGHT = {
    "background": "#f4f4f5",
    "surface": "#ffffff",
    "raised": "#fafafa",
    "hover": "#ececee",
    "line": "#e2e2e5",
    "line_strong": "#c6c6cc",
    "edge": "#8c8c96",
    "text": "#1a1a1e",
    "muted": "#63636e",
    "accent": "#5b4fd1",
    "accent_hover": "#4b40b8",
    "accent_soft": "#ebe9fb",
    "accent_text": "#4a3fc0",
    "on_accent": "#ffffff",
    "danger": "#c3272b",
    "danger_soft": "#fdeaea",
    "warning": "#95580a",
    "warning_soft": "#fdf1dc",
    "good": "#1b7542",
    "good_soft": "#e2f4e9",
    "diff_added": "#14693a",
    "diff_added_back": "#d5f1df",
    "diff_removed": "#b3201f",
    "diff_removed_back": "#fde0df",
    "checker_light": "#ffffff",
    "checker_dark": "#dcdce0",
    "grid": "#66000000",
}
_DARK = {
    "background": "#151517",
    "surface": "#1d1d20",
    "raised": "#242428",
    "hover": "#2c2c31",
    "line": "#313137",
    "line_strong": "#4a4a53",
    "edge": "#72727e",
    "text": "#ececf0",
    "muted": "#a2a2ae",
    "accent": "#6c60e4",
    "accent_hover": "#6155da",
    "accent_soft": "#2b2850",
    "accent_text": "#aea6ff",
    "on_accent": "#ffffff",
    "danger": "#ff6b6e",
    "danger_soft": "#3c1d20",
    "warning": "#f0ae4a",
    "warning_soft": "#38290f",
    "good": "#5fc98c",
    "good_soft": "#15301f",
    "diff_added": "#7fdda6",
    "diff_added_back": "#173a26",
    "diff_removed": "#ff9393",
    "diff_removed_back": "#4a1f22",
    "checker_light": "#3a3a40",
    "checker_dark": "#2c2c31",
    "grid": "#66ffffff",
}

# Lines that lie over each other: apart in lightness too, for eyes that do not tell all hues apart.
_SERIES = (
    ("#4a3fc0", "#aea6ff"), ("#c2560a", "#ffb05c"), ("#0f7a6c", "#4fd1bd"), ("#b3205f", "#ff8fc0"),
    ("#1f6fb8", "#6fbcff"), ("#6f6a00", "#d8d25a"), ("#7a2f9e", "#d99bff"), ("#4d4d57", "#c9c9d2"),
)  # fmt: skip


def series(place: int) -> QColor:
    """Return the colour of the line at a place, counted from 0; after eight they come again."""
    return QColor(_SERIES[place % len(_SERIES)][int(is_dark())])


def tokens() -> Tokens:
    """Return the colours of the theme in use; ask at paint time, never keep them."""
    return tokens_of(is_dark())


def is_dark() -> bool:
    """Whether the dark theme is in use."""
    app = QCoreApplication.instance()
    return app is not None and app.property(PROPERTY) == "dark"


@lru_cache(maxsize=2)
def tokens_of(dark: bool) -> Tokens:
    """Return the colours of one theme."""
    names = _DARK if dark else _LIGHT
    return Tokens(**{name: QColor(value) for name, value in names.items()})
