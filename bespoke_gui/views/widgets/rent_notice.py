"""Rent notice: money that runs and files not here after an end; a run nobody follows or keeps."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from bespoke_gui.qtmodels import run_place
from bespoke_gui.views import theme
from bespoke_gui.views.widgets.parts import button, plain_label, row


class RentNotice(QFrame):
    """`asked` names a control of the run folder: "fetch" or "release"; or "follow"."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        theme.set_kind(self, "notice-warning")
        self.words = plain_label()
        self.fetch = button("Fetch what is missing", "Try again to bring every file here")
        self.fetch.clicked.connect(lambda: self.asked.emit("fetch"))
        self.follow = button("Follow it again", "Start the program that follows this run once more")
        self.follow.clicked.connect(lambda: self.asked.emit("follow"))
        self.release = button("Give it back…", "End the machine; it costs no more then", "danger")
        self.release.clicked.connect(lambda: self.asked.emit("release"))
        line = row(self.words, self.follow, self.fetch, self.release)
        line.setStretch(0, 1)
        line.setContentsMargins(12, 8, 12, 8)
        self.setLayout(line)

    def show_job(self, job: Mapping[str, Any], ended: bool) -> bool:
        """Show what is not in order by job.json; return whether there is something."""
        lost = "" if ended else str(job.get("courier_trouble") or "")
        stuck = str(job.get("local_trouble") or "")
        words = run_place.left_over(job) if ended else lost or stuck
        self.setVisible(bool(words))
        self.words.setText(words)
        self.follow.setVisible(bool(lost))
        self.fetch.setVisible(bool(job.get("missing")) and ended)
        self.release.setVisible(run_place.bills(job))
        return bool(words)
