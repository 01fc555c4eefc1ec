"""Gallery notice: what is wrong with the open gallery, and images that are being made for it."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, elided, row


class GalleryNotice(QWidget):
    """One line above the pages, there only while it has something to say."""

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__()
        self._desk = desk
        self.words = elided()
        theme.set_kind(self.words, "warning")
        self.mend = button("Make them", "Go on where the generation ended; what is there stays")
        self.mend.clicked.connect(desk.making.make_missing)
        self.stage = elided(kind="muted")
        self.bar = QProgressBar(textVisible=False)
        self.bar.setAccessibleName("Images made")
        self.bar.setFixedWidth(180)
        self.cancel = button("Cancel", "End now; the images so far are kept", "danger", "stop")
        self.cancel.clicked.connect(desk.making.cancel)
        self._told, self._going = QWidget(), QWidget()
        self._told.setLayout(row(self.words, self.mend))
        self._going.setLayout(row(self.stage, self.bar, self.cancel))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 4, 14, 4)
        layout.setSpacing(4)
        layout.addWidget(self._told)
        layout.addWidget(self._going)
        desk.opened_changed.connect(self._show)
        desk.making.progressed.connect(self._show)
        self._show()

    def _show(self) -> None:
        making, opened = self._desk.making, self._desk.opened
        problems = list(opened.gallery.problems) if opened else []
        # A LoRA without effect first: every figure about its epoch would mislead.
        problems.sort(key=lambda one: one.code != "identical_epochs")
        missing = opened.missing if opened else 0
        lines = [f"{one.file}: {one.message}" if one.file else one.message for one in problems
                 if not (missing and one.code == "missing_images")]  # fmt: skip
        if missing:
            lines.append(f"{wording.count(missing, 'image')} not made yet")
        busy = making.is_busy
        lines = [line[:1].upper() + line[1:] for line in lines]
        self.words.setText("   ·   ".join(lines[:2]) + (f" (and {len(lines) - 2} more)"
                           if len(lines) > 2 else ""))  # fmt: skip
        hints = [one.hint for one in problems if one.hint]
        self.words.setToolTip("\n".join([*lines[:40], *dict.fromkeys(hints)]))
        self.mend.setVisible(bool(missing) and not busy)
        self._told.setVisible(bool(lines))
        self._going.setVisible(busy)
        self.stage.setText(making.words() if busy else "")
        self.bar.setRange(0, making.story.total if busy else 0)
        self.bar.setValue(making.story.step)
        self.setVisible(bool(lines) or busy)
