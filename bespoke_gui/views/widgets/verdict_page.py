"""Verdict page: what the evidence says about the epochs, and the place where a person decides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from bespoke_gui.core.gallery import epoch_title
from bespoke_gui.core.judgement.suggestion import MEASURED, ONLY, SCORES, VOTES
from bespoke_gui.qtmodels import wording
from bespoke_gui.qtmodels.gallery_desk import GalleryDesk
from bespoke_gui.qtmodels.verdict_work import VerdictWork
from bespoke_gui.views import theme
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.criteria_table import CriteriaTable
from bespoke_gui.views.widgets.gallery_bar import fill, labelled_box
from bespoke_gui.views.widgets.measures_dialog import MeasuresDialog
from bespoke_gui.views.widgets.parts import (
    badge,
    button,
    card,
    column,
    elided,
    heading,
    muted,
    plain_label,
    row,
    scrolling,
    splitter,
)
from bespoke_gui.views.widgets.standing_plot import Bar, StandingPlot, strength_bars
from bespoke_gui.views.widgets.verdict_lines import VerdictLines

if TYPE_CHECKING:
    from bespoke_gui.core.judgement.standing import Standing
    from bespoke_gui.core.judgement.suggestion import Suggestion
    from bespoke_gui.core.judgement.verdict import GalleryVerdict

EVIDENCE = {
    VOTES: "by blind votes",
    SCORES: "by scores of people",
    MEASURED: "by measures only",
    ONLY: "the only epoch",
}


class VerdictPage(QWidget):
    """Suggestion and criteria at the left, the epochs by votes and by measures at the right."""

    def __init__(self, desk: GalleryDesk) -> None:
        super().__init__()
        self._desk = desk
        self.table: CriteriaTable | None = None
        self.work = VerdictWork(desk, self)
        self._build()
        self.work.judged.connect(self.show_verdict)
        self.work.deployed.connect(
            lambda done: desk.session.notify_written(f"Deployed: {done.checkpoint}", done.card)
        )
        desk.listed.connect(lambda *_: self._offer_baselines())
        desk.opened_changed.connect(self._offer_baselines)
        desk.making.progressed.connect(self._show_busy)
        self.work.baseline_chosen.connect(self._offer_baselines)
        self._offer_baselines()
        self.show_verdict(None)
        self.work.begin()

    # -- what is shown ----------------------------------------------------------------------

    def show_verdict(self, verdict: GalleryVerdict | None) -> None:
        """Show a verdict; None while it is worked out."""
        self.wait.setVisible(verdict is None)
        self.whole.setVisible(verdict is not None)
        if verdict is None:
            return
        self._show_suggestion(verdict.suggestion)
        self._show_decision(verdict)
        self.lines.show_lines(verdict.lines)
        if self.table is not None:
            self.table.show_verdict(verdict)
        judged = epoch_title(verdict.epoch) if verdict.epoch is not None else "no epoch"
        looked = f"{verdict.reviewed} of {verdict.images} images looked at by people"
        self.about.setText(f"About {judged}  ·  {looked}")
        self._show_baseline(verdict)
        self._show_votes(verdict.standing)
        self._show_index(verdict.index.epochs, verdict.index.best, verdict.index.tied)

    def _show_suggestion(self, found: Suggestion) -> None:
        title = wording.epoch(found.epoch) if found.epoch is not None else "No suggestion"
        self.suggested.setText(title)
        self.evidence.setText(EVIDENCE.get(found.evidence, found.evidence))
        self.evidence.setVisible(bool(found.evidence))
        self.reasons.setText(_list(found.reasons, "✓"))
        self.against.setText(_list(found.against, "–"))
        self.against.setVisible(bool(found.against))

    def _show_decision(self, verdict: GalleryVerdict) -> None:
        opened, decision = self._desk.opened, verdict.decision
        epochs = [one for one in opened.gallery.epochs if one > 0] if opened else []
        chosen = decision.epoch if decision else verdict.suggestion.epoch
        fill(self.epochs, [(wording.epoch(one), one) for one in epochs], chosen)
        words = "Nothing is decided yet"
        if decision:
            why = f": {decision.reason}" if decision.reason else ""
            date = decision.date.replace("T", " ")[:16]
            words = f"✓ {wording.epoch(decision.epoch)} decided on {date}{why}"
        self.decision.setText(words)
        theme.set_kind(self.decision, "good" if decision else "muted")
        self.deploy.setEnabled(decision is not None)
        self.back.setVisible(decision is not None)

    def _show_baseline(self, verdict: GalleryVerdict) -> None:
        base = verdict.baseline
        texts = {
            "declared": "Figures you counted: not proven like for like",
            "gallery": f"Made alike. {base.verdict}",
            "not comparable": "Not comparable, so nothing is ranked:\n"
            + _list(base.differences, "–"),
        }
        nothing = (
            "Nothing to compare with yet: choose a gallery above, or give what you counted "
            "where the criteria are changed"
        )
        self.base_words.setText(texts.get(base.kind, nothing))
        unlike = base.kind == "not comparable"
        theme.set_kind(self.base_words, "warning" if unlike else "muted")
        self.again.setVisible(unlike)

    def _show_votes(self, standing: Standing) -> None:
        self.vote_hint.setText(standing.hint[:1].upper() + standing.hint[1:])
        self.votes.setVisible(bool(standing.epochs))
        self.votes.show_bars(strength_bars(standing))

    def _show_index(
        self, epochs: Mapping[str, Mapping[str, float]], best: str, tied: Sequence[str]
    ) -> None:
        ordered = sorted(epochs, key=lambda name: -epochs[name]["value"])
        self.index.setVisible(bool(ordered))
        self.index.show_bars([
            Bar(wording.epoch(int(name)), one["value"], one["low"], one["high"],
                wording.signed(one["value"]) + ("  tie" if name in tied else ""), name == best)
            for name in ordered if (one := epochs[name])
        ])  # fmt: skip

    # -- what is done -----------------------------------------------------------------------

    def decide(self) -> None:
        """Record the chosen epoch, with a reason that is asked for."""
        epoch = self.epochs.currentData()
        if epoch is None:
            return
        label = f"Why {epoch_title(epoch)}? (may stay empty)"
        self._desk.decide(epoch, self._desk.session.ask.text("Decide for an epoch", label))

    def look(self) -> None:
        """Go to the chosen epoch in the grid."""
        opened, epoch = self._desk.opened, self.epochs.currentData()
        if opened is not None and epoch is not None and opened.gallery.prompts:
            self._desk.show_cell(epoch, opened.gallery.prompts[0])

    def show_measures(self) -> None:
        """Show the whole vector, and the weights to change."""
        MeasuresDialog(self.work.table, self).show()

    def _show_table(self, wanted: bool) -> None:
        """Change the criteria in the place where they are read; the table is made when wanted."""
        if self.table is None:
            self.table = CriteriaTable(self.work.criteria)
            self.table.show_verdict(self.work.verdict)
            self._criteria_column.addWidget(self.table)
        self.table.setVisible(wanted)
        self.lines.setVisible(not wanted)
        self.change.setText("Done" if wanted else "Change what counts")

    def ask_deploy(self) -> None:
        """Ask for a folder and copy the decided checkpoint there."""
        folder = self._desk.session.ask.folder("Folder for the checkpoint and its model card")
        if folder is not None:
            self.work.deploy(folder)

    def ask_baseline(self) -> None:
        """Ask for LoRA files and make their images under the open gallery's protocol."""
        paths = self._desk.session.ask.open_files("LoRA files", "LoRA (*.safetensors)")
        if paths:
            self._desk.making.make_baseline(paths, paths[0].stem)

    def _show_busy(self) -> None:
        for part in (self.from_files, self.again):
            part.setEnabled(not self._desk.making.is_busy)

    def _offer_baselines(self) -> None:
        mine = self._desk.opened.gallery.folder if self._desk.opened else None
        others = [(one.name, one) for one in self._desk.folders if one != mine]
        entries = [("Figures you counted", None), *others]
        fill(self.baselines, entries, self.work.baseline)

    # -- building ---------------------------------------------------------------------------

    def _build(self) -> None:
        self.wait = muted("Measuring the images first…")
        self.wait.setAlignment(Qt.AlignmentFlag.AlignCenter)
        left = QWidget()
        left.setLayout(column(self._suggestion_card(), self._criteria_card(), None, spacing=10))
        right = QWidget()
        right.setLayout(column(self._votes_card(), self._index_card(), self._baseline_card(), None,
                               spacing=10))  # fmt: skip
        parts = (scrolling(left), scrolling(right))
        self.whole = splitter(Qt.Orientation.Horizontal, parts, (3, 2))
        self.whole.setSizes([760, 540])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 4, 12, 12)
        layout.addWidget(self.wait)
        layout.addWidget(self.whole, 1)

    def _suggestion_card(self) -> QWidget:
        self.suggested, self.evidence = heading("", 1.6), badge()
        self.reasons, self.against = plain_label(), plain_label()
        theme.set_kind(self.against, "warning")
        self.decision = plain_label()
        self.epochs = labelled_box("Epoch", "The epoch to decide for", 130)
        choose = button("Decide…", "Record this epoch as the one to use (Ctrl+D)", "primary")
        choose.clicked.connect(self.decide)
        look = button("Look at it", "Show this epoch in the grid")
        look.clicked.connect(self.look)
        self.deploy = button(
            "Deploy…", "Copy the decided checkpoint with a model card", "", "download"
        )
        self.deploy.clicked.connect(self.ask_deploy)
        self.back = button("Take back", "Decide for none; what was said stays on record", "link")
        self.back.clicked.connect(self._desk.withdraw)
        decided = row(self.decision, self.back)
        decided.setStretch(0, 1)
        add_shortcut(self, "Ctrl+D", "Decide for the chosen epoch", self.decide)
        return card(column(
            muted("The evidence points to", wrap=False),
            row(self.suggested, self.evidence, None, spacing=12),
            self.reasons, self.against,
            row(self.epochs, choose, look, None, self.deploy), decided, spacing=8,
        ), 16)  # fmt: skip

    def _criteria_card(self) -> QWidget:
        self.lines, self.about = VerdictLines(), elided(kind="muted")
        self.change = button("Change what counts", "Minimum, target and best case", "link")
        self.change.setCheckable(True)
        self.change.toggled.connect(self._show_table)
        head = row(heading("Criteria", 1.15), None, self.change)
        self._criteria_column = column(head, self.about, self.lines, spacing=8)
        return card(self._criteria_column, 16)

    def _votes_card(self) -> QWidget:
        self.votes, self.vote_hint = StandingPlot(), muted()
        go = button("Blind test", "Vote without knowing the epochs", "link")
        go.clicked.connect(lambda: self._desk.show_page("blind"))
        return card(column(row(heading("Blind votes", 1.15), None, go), self.vote_hint, self.votes,
                           spacing=6), 16)  # fmt: skip

    def _index_card(self) -> QWidget:
        self.index = StandingPlot()
        words = muted(
            "Weighted index of the measures, 95% intervals over prompts and seeds. "
            "No measure sees eyes, hats or likeness."
        )
        self.vector = button("All measures and weights", "Every measure of every epoch", "link")
        self.vector.clicked.connect(self.show_measures)
        head = row(heading("Measures", 1.15), None, self.vector)
        return card(column(head, words, self.index, spacing=6), 16)

    def _baseline_card(self) -> QWidget:
        self.baselines = labelled_box("Compared with", "What the criteria compare with", 240)
        self.baselines.activated.connect(
            lambda place: self.work.compare_with(self.baselines.itemData(place))
        )
        self.base_words = muted()
        self.from_files = button(
            "LoRA files…", "Ask other LoRA files exactly what this gallery was asked", "", "open"
        )
        self.from_files.clicked.connect(self.ask_baseline)
        self.again = button(
            "Make it again like this gallery", "Its run is asked what this gallery was asked"
        )
        self.again.clicked.connect(self.work.make_baseline_again)
        return card(column(
            heading("Compared with", 1.15), row(self.baselines, None), self.base_words,
            row(self.from_files, None), row(self.again, None), spacing=6,
        ), 16)  # fmt: skip


def _list(lines: Sequence[str], mark: str) -> str:
    return "\n".join(f"{mark}  {line[:1].upper() + line[1:]}" for line in lines)
