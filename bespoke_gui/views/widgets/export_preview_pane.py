"""Export preview pane: one image before and after, at whole zoom, with its figures; the sheet."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from bespoke_gui.qtmodels.export_preview import ExportPreview, Page
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import column, elided, muted, row, tool
from bespoke_gui.views.widgets.pixel_view import PixelView

SIDE = 264


class ExportPreviewPane(QWidget):
    """Goes through the images that would be written, then the sheet, by buttons or keys."""

    def __init__(self, preview: ExportPreview) -> None:
        super().__init__()
        self._pages: Sequence[Page] = ()
        self._place = 0
        self._build()
        preview.read.connect(self.show_pages)
        preview.failed.connect(self._show_trouble)

    def show_pages(self, pages: Sequence[Page], words: str) -> None:
        """Show these pages; the one that is looked at stays where it is."""
        self._pages = pages
        self.whole.setText(words)
        self._go(min(self._place, max(0, len(pages) - 1)))

    def _show_trouble(self, words: str) -> None:
        self.show_pages((), words)

    def _go(self, place: int) -> None:
        self._place = place
        page = self._pages[place] if self._pages else None
        for step, at in ((self.previous, place > 0), (self.next, place < len(self._pages) - 1)):
            step.setEnabled(at)
        self.title.setText(page.title if page else "")
        self.words.setText(page.words if page else "")
        for view, pixels in (
            (self.before, page and page.before),
            (self.after, page and page.after),
        ):
            view.setVisible(pixels is not None or view is self.after)
            if pixels is not None:
                view.set_image(pixels)
        self.sides[0].setVisible(page is not None and page.before is not None)

    def step(self, by: int) -> None:
        """Go to the next page (1) or the one before (-1)."""
        if 0 <= self._place + by < len(self._pages):
            self._go(self._place + by)

    def _build(self) -> None:
        self.title, self.words, self.whole = elided(bold=True), muted(), muted()
        self.before, self.after = _view("As it was generated"), _view("As it would be written")
        self.sides = [muted("As generated", wrap=False), muted("As written", wrap=False)]
        self.previous = tool("left", "Image before", "Alt+Left")
        self.next = tool("right", "Next image", "Alt+Right")
        self.previous.clicked.connect(lambda: self.step(-1))
        self.next.clicked.connect(lambda: self.step(1))
        head = row(self.title, self.previous, self.next, spacing=2)
        head.setStretch(0, 1)
        self.words.setMinimumHeight(self.words.fontMetrics().height() * 2 + 4)
        self.words.setAlignment(Qt.AlignmentFlag.AlignTop)
        pairs = (column(name, view, spacing=4) for name, view in
                 zip(self.sides, (self.before, self.after), strict=True))  # fmt: skip
        pictures = row(spacing=12)
        for pair in pairs:
            pictures.addLayout(pair)
        whole = column(head, pictures, self.words, self.whole, spacing=8)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def add_keys(self, owner: QWidget) -> None:
        """Let the keys work in the whole dialog."""
        add_shortcut(owner, "Alt+Left", "Image before", lambda: self.step(-1))
        add_shortcut(owner, "Alt+Right", "Next image", lambda: self.step(1))


def _view(name: str) -> PixelView:
    view = PixelView()
    view.setAccessibleName(name)
    view.setMinimumSize(SIDE, SIDE)
    return view
