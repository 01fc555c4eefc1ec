"""Gallery notice: what is wrong with the open gallery, and images that are being made for it."""

from __future__ import annotations

from PySide6.QtWidgets import QProgressBar, QVBoxLayout, QWidget

from bespoke_gui.core.errors import Problem
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
        for holder, parts in (
            (self._told, (self.words, self.mend)),
            (self._going, (self.stage, self.bar, self.cancel)),
        ):
            line = row(*parts)
            line.setStretch(0, 1)
            holder.setLayout(line)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 4, 14, 4)
        layout.setSpacing(4)
        layout.addWidget(self._told)
        layout.addWidget(self._going)
        desk.opened_changed.connect(self._show)
        desk.making.progressed.connect(self._show)
        self._show()

    def _show(self) -> None:
        making = self._desk.making
        busy, lines = making.is_busy, self._lines()
        more = f" (and {len(lines) - 2} more)" if len(lines) > 2 else ""
        self.words.setText("   ·   ".join(lines[:2]) + more)
        self.words.setToolTip("\n".join([*lines[:40], *self._hints()]))
        self.mend.setVisible(bool(self._missing) and not busy)
        self.stage.setText(making.words() if busy else "")
        self.bar.setRange(0, making.story.total if busy else 0)
        self.bar.setValue(making.story.step)
        self._told.setVisible(bool(lines))
        self._going.setVisible(busy)
        self.setVisible(bool(lines) or busy)

    @property
    def _missing(self) -> int:
        return self._desk.opened.missing if self._desk.opened else 0

    def _problems(self) -> list[Problem]:
        """What is wrong; a LoRA without effect first: every figure about its epoch misleads."""
        found = self._desk.opened.gallery.problems if self._desk.opened else []
        told = [one for one in found if not (self._missing and one.code == "missing_images")]
        return sorted(told, key=lambda one: one.code != "identical_epochs")

    def _lines(self) -> list[str]:
        lines = [f"{one.file}: {one.message}" if one.file else one.message
                 for one in self._problems()]  # fmt: skip
        if self._missing and not self._desk.making.is_busy:
            lines.append(f"{wording.count(self._missing, 'image')} not made yet")
        return [line[:1].upper() + line[1:] for line in lines]

    def _hints(self) -> list[str]:
        return list(dict.fromkeys(one.hint for one in self._problems() if one.hint))
