"""Colours of TOML: sections, names, texts, numbers and comments told apart."""

from __future__ import annotations

import re

from PySide6.QtGui import QColor, QSyntaxHighlighter, QTextCharFormat

from bespoke_gui.views import theme

_NAME = re.compile(r"""^\s*("[^"]*"|'[^']*'|[A-Za-z0-9_.-]+)(?=\s*=)""")
_SECTION = re.compile(r"^\s*\[\[?[^\]\"'=]*\]?\]?\s*(?=#|$)")
_VALUE = re.compile(r"(?<![\w.])(?:true|false|[+-]?\d[\d_.eE+-]*)(?![\w])")
_OPEN_DOUBLE, _OPEN_SINGLE = 1, 2
_LONG = {_OPEN_DOUBLE: '"' * 3, _OPEN_SINGLE: "'" * 3}


class TomlColours(QSyntaxHighlighter):
    """Colours a document line by line; a text over several lines goes on in the next."""

    def highlightBlock(self, text: str) -> None:
        state = self.previousBlockState()
        at = 0
        if state in _LONG:
            at = self._long_text(text, 0, 0, state)
            if at < 0:
                return
        else:
            self.setCurrentBlockState(0)
            at = self._start(text)
        self._values(text, at)

    def _start(self, text: str) -> int:
        """Colour a section or a name; return where the rest begins."""
        colours = theme.tokens()
        section = _SECTION.match(text)
        if section and section.group().strip():
            self._paint(0, section.end(), colours.accent_text, bold=True)
            return section.end()
        name = _NAME.match(text)
        if name:
            self._paint(name.start(1), name.end(1) - name.start(1), colours.text, bold=True)
            return name.end()
        return 0

    def _values(self, text: str, at: int) -> None:
        colours = theme.tokens()
        while 0 <= at < len(text):
            sign = text[at]
            if sign == "#":
                self._paint(at, len(text) - at, colours.muted)
                return
            if sign in "\"'":
                at = self._text(text, at)
                continue
            value = _VALUE.match(text, at)
            if value:
                self._paint(at, value.end() - at, colours.accent_text)
            at = value.end() if value else at + 1

    def _text(self, text: str, at: int) -> int:
        """Colour a text from its first quote; return where it ends, -1 when it goes on."""
        for state, quote in _LONG.items():
            if text.startswith(quote, at):
                return self._long_text(text, at, at + 3, state)
        sign, end = text[at], at + 1
        while end < len(text) and text[end] != sign:
            end += 2 if text[end] == "\\" and sign == '"' else 1
        end = min(end + 1, len(text))
        self._paint(at, end - at, theme.tokens().good)
        return end

    def _long_text(self, text: str, start: int, search: int, state: int) -> int:
        end = text.find(_LONG[state], search)
        stop = len(text) if end < 0 else end + 3
        self._paint(start, stop - start, theme.tokens().good)
        self.setCurrentBlockState(state if end < 0 else 0)
        return -1 if end < 0 else stop

    def _paint(self, start: int, length: int, colour: QColor, bold: bool = False) -> None:
        style = QTextCharFormat()
        style.setForeground(colour)
        if bold:
            style.setFontWeight(600)
        self.setFormat(start, length, style)
