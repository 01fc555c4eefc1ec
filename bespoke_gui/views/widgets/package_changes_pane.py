"""Changes pane: what is different from the last package, with every detail to read."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QTextBrowser, QVBoxLayout, QWidget

from bespoke_gui.core.package_changes import CaptionChange, PackageChanges
from bespoke_gui.core.worddiff import diff
from bespoke_gui.views import theme
from bespoke_gui.views.tokens import Tokens
from bespoke_gui.views.widgets.parts import card, column, elided, heading

SHOWN = 60


class PackageChangesPane(QWidget):
    """Shows a PackageChanges: counts first, then config keys, images and captions."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._changes: PackageChanges | None = None
        self._since = ""
        self.since = elided(kind="muted")
        self.text = QTextBrowser()
        self.text.setAccessibleName("What changed since the last package")
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(0)
        theme.set_kind(self.text, "plain")
        inner = column(heading("Since the last package"), self.since, spacing=4)
        inner.addWidget(self.text, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner))
        self.show_changes(None, "")

    def show_changes(self, changes: PackageChanges | None, since: str) -> None:
        """Show what is different from the package called `since`; "" where there is none yet."""
        self._changes, self._since = changes, since
        self.since.setText(f"Compared with {since}" if since else "There is no package yet.")
        self.since.setToolTip(since)
        self._draw()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.PaletteChange:
            self._draw()
        super().changeEvent(event)

    def _draw(self) -> None:
        if self._changes is not None:
            self.text.setHtml(changes_html(self._changes, theme.tokens()))
        elif self._since:
            self.text.setPlainText("It cannot be read, so nothing is compared.")
        else:
            self.text.setPlainText("The first one you build is what the next one is compared with.")


def changes_html(changes: PackageChanges, colours: Tokens) -> str:
    """Return the difference as a page of text."""
    if not changes:
        return "<p>Nothing changed.</p>"
    counts = "".join(f"<p style='margin:0 0 2px 0'><b>{escape(p)}</b></p>" for p in changes.parts)
    return counts + "".join(
        part
        for part in (
            _config(changes, colours),
            _images(changes, colours),
            _captions(changes, colours),
        )
        if part
    )


def _title(words: str, colours: Tokens) -> str:
    return f"<p style='margin:12px 0 4px 0; color:{colours.muted.name()}'>{words}</p>"


def _config(changes: PackageChanges, colours: Tokens) -> str:
    found = changes.config.changes
    lines = []
    for change in found[:SHOWN]:
        before, after = (
            "not set" if value is None else escape(str(value))
            for value in (change.before, change.after)
        )
        note = f" <span style='color:{colours.muted.name()}'>{escape(change.no_effect)}</span>"
        old = f"<span style='color:{colours.diff_removed.name()}'>{before}</span>"
        new = f"<span style='color:{colours.diff_added.name()}'>{after}</span>"
        lines.append(
            _line(f"{escape(change.key)}: {old} → {new}{note if change.no_effect else ''}")
        )
    return _title("Training config", colours) + "".join(lines) if lines else ""


def _line(html: str) -> str:
    return f"<p style='margin:0 0 4px 0'>{html}</p>"


def _images(changes: PackageChanges, colours: Tokens) -> str:
    lines = []
    for change in changes.images_changed[:SHOWN]:
        sizes = " → ".join(f"{w}x{h}" for w, h in (change.size_before, change.size_after))
        counted = change.colours_before and change.colours_after
        told = f", {change.colours_before} → {change.colours_after} colours" if counted else ""
        lines.append(_line(f"{escape(change.name)}: {sizes}{told}"))
    for names, word, ink in (
        (changes.images_added, "added", colours.diff_added),
        (changes.images_removed, "removed", colours.diff_removed),
    ):
        for name in names[:SHOWN]:
            lines.append(_line(f"<span style='color:{ink.name()}'>{word}</span> {escape(name)}"))
    for before, after in changes.folders:
        lines.append(_line(f"folder {escape(before or 'none')} → {escape(after or 'none')}"))
    return _title("Images", colours) + "".join(lines) if lines else ""


def _captions(changes: PackageChanges, colours: Tokens) -> str:
    found = changes.captions_changed
    lines = [_caption(change, colours) for change in found[:SHOWN]]
    if len(found) > SHOWN:
        lines.append(_line(f"and {len(found) - SHOWN} more, all of them in the log"))
    return _title("Captions", colours) + "".join(lines) if lines else ""


def _caption(change: CaptionChange, colours: Tokens) -> str:
    """One caption with what went struck through and what came marked."""
    removed = (
        f"color:{colours.diff_removed.name()}; background-color:"
        f"{colours.diff_removed_back.name()}; text-decoration:line-through"
    )
    added = f"color:{colours.diff_added.name()}; background-color:{colours.diff_added_back.name()}"
    parts = []
    for op in diff(change.before, change.after):
        if op.op == "equal":
            parts.append(escape(_short(op.before)))
            continue
        if op.before:
            parts.append(f"<span style='{removed}'>{escape(op.before)}</span>")
        if op.after:
            parts.append(f"<span style='{added}'>{escape(op.after)}</span>")
    lost = f" <span style='color:{colours.warning.name()}'>lost words</span>"
    head = f"<b>{escape(change.name)}</b>{lost if change.lossy else ''}"
    return f"<p style='margin:0 0 8px 0'>{head}<br>{''.join(parts)}</p>"


def _short(text: str) -> str:
    """Keep both ends of a long stretch that is the same."""
    return text if len(text) <= 60 else f"{text[:24]} … {text[-24:]}"
