"""Run controls: the buttons by which a person asks something of a run that goes on or has ended."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from bespoke_gui.views.widgets.parts import button, row

ENDED = ("finished", "failed", "cancelled", "lost")
RESUMABLE = ("failed", "cancelled", "lost")


class RunControls(QWidget):
    """`asked` names a control of the run folder, or "resume" for the end of a pause."""

    asked = Signal(str)
    gallery_wanted = Signal()
    resume_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._paused = False
        self.pause = self._asking("", "Pause", "Wait after this step; nothing is lost", "pause")
        self.pause.clicked.connect(lambda: self.asked.emit("resume" if self._paused else "pause"))
        self.save = self._asking(
            "save", "Save now", "Save now: a checkpoint of this very step", "save"
        )
        self.sample = self._asking(
            "sample", "Sample now", "Sample now: the pictures of this very step", "image"
        )
        self.after_epoch = self._asking(
            "stop_after_epoch", "Stop after epoch", "Finish this epoch, save it, then end"
        )
        self.after_epoch.setCheckable(True)
        self.stop = button("Stop", "Save and end now", "danger", "stop")
        self.stop.clicked.connect(lambda: self.asked.emit("stop"))
        self.resume = button("Continue", "Go on from the last saved state", icon="play")
        self.resume.clicked.connect(self.resume_wanted)
        self.gallery = button(
            "Generate gallery", "Make the pictures of every epoch and prompt", "primary", "gallery"
        )
        self.gallery.clicked.connect(self.gallery_wanted)
        self.setLayout(
            row(self.pause, self.save, self.sample, self.after_epoch, None, self.stop,
                self.resume, self.gallery, spacing=6)
        )  # fmt: skip

    def show_run(self, state: str, generates: bool, paused: bool, after_epoch: bool) -> None:
        """Offer what can be asked of a run in this state. A generation can only be cancelled."""
        running, self._paused = state == "running", paused
        for one in (self.pause, self.save, self.sample, self.after_epoch):
            one.setVisible(running and not generates)
        self.stop.setVisible(running)
        self.stop.setText("Cancel" if generates else "Stop")
        self.pause.setText("Resume" if paused else "Pause")
        self.pause.setAccessibleName(self.pause.text())
        self.after_epoch.setText("Stops after this epoch" if after_epoch else "Stop after epoch")
        self.after_epoch.setChecked(after_epoch)
        self.resume.setVisible(state in RESUMABLE and not generates)

    def show_narrow(self, narrow: bool) -> None:
        """Leave the words of what an icon and a tooltip tell as well where room is short."""
        for one, words in ((self.save, "Save now"), (self.sample, "Sample now")):
            one.setText("" if narrow else words)

    def offer_gallery(self, offered: bool) -> None:
        """Offer to generate a gallery of the run's checkpoints."""
        self.gallery.setVisible(offered)

    def _asking(self, control: str, words: str, tip: str, icon: str = "") -> QPushButton:
        result = button(words, tip, icon=icon)
        result.setAccessibleName(words)
        if control:
            result.clicked.connect(lambda: self.asked.emit(control))
        return result
