"""Verdict work: the verdict on the open gallery, worked out anew when something changes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from bespoke_gui.core.criteria import criteria_for, write_weights
from bespoke_gui.core.gallery import open_gallery
from bespoke_gui.qtmodels.criteria_document import CriteriaDocument
from bespoke_gui.qtmodels.measure_table import MeasureTable
from bespoke_gui.qtmodels.tasks import Task, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.deploy import Deployed
    from bespoke_gui.core.judgement.verdict import GalleryVerdict
    from bespoke_gui.core.score import ScoreReport
    from bespoke_gui.qtmodels.gallery_desk import GalleryDesk

SETTLE_MS = 150


class VerdictWork(QObject):
    """judged brings a GalleryVerdict, or None while there is nothing to judge; deployed a copy.

    baseline_chosen: another gallery is compared with.
    `table` holds every measure of every epoch; weights changed there are kept and judged by, as
    are the `criteria`.
    """

    judged = Signal(object)
    deployed = Signal(object)
    baseline_chosen = Signal()

    def __init__(self, desk: GalleryDesk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._baseline: Path | None = None
        self._task: Task | None = None
        self.verdict: GalleryVerdict | None = None
        self.table = MeasureTable(self)
        self.criteria = CriteriaDocument(desk.session, self)
        self._weights: dict[str, float] = {}
        self._keep = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._keep.timeout.connect(self._keep_weights)
        self.table.weighed.connect(self._on_weighed)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._judge)
        desk.opened_changed.connect(self._forget)
        desk.making.made.connect(self._on_made)
        for signal in (desk.report_changed, desk.decided, desk.reviewed, self.criteria.kept):
            signal.connect(self._settle.start)

    def begin(self) -> None:
        """Judge what is open now."""
        self._judge()

    @property
    def baseline(self) -> Path | None:
        """The gallery that is compared with; None: the figures in criteria.toml."""
        return self._baseline

    def compare_with(self, folder: Path | None) -> None:
        """Judge against another gallery, or against the declared figures again."""
        self._baseline = folder
        self.baseline_chosen.emit()
        self._judge()

    def make_baseline_again(self) -> None:
        """Make the baseline's epochs anew, under the protocol of the open gallery."""
        folder = self._baseline
        if folder is not None:
            run_task(
                lambda: open_gallery(folder), self._desk.making.make_again,
                self._desk.session.show_error, parent=self,
            )  # fmt: skip

    def _on_made(self, folder: Path, is_baseline: bool) -> None:
        if is_baseline:
            self.compare_with(folder)

    def deploy(self, folder: Path) -> None:
        """Copy the decided checkpoint into `folder` with a model card."""
        opened, report, verdict = self._desk.opened, self._desk.report, self.verdict
        if opened is None or report is None or verdict is None:
            return

        def work() -> Deployed:
            from bespoke_gui.core.deploy import deploy
            from bespoke_gui.core.score import judged_anew

            return deploy(opened.gallery, judged_anew(opened.gallery, report), verdict, folder)

        run_task(work, self.deployed.emit, self._desk.session.show_error, parent=self)

    def _on_weighed(self, weights: dict[str, float]) -> None:
        self._weights = weights
        self._keep.start()

    def _keep_weights(self) -> None:
        """Write the weights into the project's criteria and judge by them."""
        project, weights = self._desk.session.project, dict(self._weights)
        if project is not None:
            run_task(
                lambda: write_weights(project.criteria_path, weights), lambda _: self._judge(),
                self._desk.session.show_error, parent=self,
            )  # fmt: skip

    def _forget(self) -> None:
        self.verdict, self._baseline = None, None
        self.table.show((), None, None, {})
        self.judged.emit(None)

    def _judge(self) -> None:
        opened, report, baseline = self._desk.opened, self._desk.report, self._baseline
        if opened is None or report is None:
            return
        if self._task is not None:
            self._task.cancel()

        def work() -> tuple[GalleryVerdict, ScoreReport, dict[str, float]]:
            from bespoke_gui.core.judgement.verdict import judge_gallery
            from bespoke_gui.core.score import judged_anew

            other = open_gallery(baseline) if baseline else None
            anew = judged_anew(opened.gallery, report)
            verdict = judge_gallery(opened.gallery, anew, baseline=other)
            verdict.save(opened.gallery.folder)
            return verdict, anew, criteria_for(opened.gallery.folder).weights

        def done(found: tuple[GalleryVerdict, ScoreReport, dict[str, float]]) -> None:
            verdict, anew, weights = found
            if opened is self._desk.opened and baseline == self._baseline:
                self.verdict = verdict
                if not self._keep.isActive():
                    self.table.show(opened.measures, anew, verdict.index, weights)
                self.judged.emit(verdict)

        self._task = run_task(work, done, self._desk.session.show_error, parent=self)
