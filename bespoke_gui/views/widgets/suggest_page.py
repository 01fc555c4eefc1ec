"""Suggestions page: off by default; then settings, or the proposals with their diffs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from bespoke_gui.core.suggest.batch import BatchReport
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.suggest_list_model import SuggestListModel
from bespoke_gui.qtmodels.suggest_setup import SuggestSetup
from bespoke_gui.qtmodels.suggest_work import ALL, MISSING, SELECTED, SHOWN, SuggestWork
from bespoke_gui.qtmodels.suggestions import Suggestions
from bespoke_gui.qtmodels.wording import count
from bespoke_gui.views.shortcuts import add_shortcut
from bespoke_gui.views.widgets.parts import (
    button,
    card,
    column,
    elided,
    heading,
    muted,
    row,
    splitter,
)
from bespoke_gui.views.widgets.suggest_detail import SuggestDetail
from bespoke_gui.views.widgets.suggest_list import SuggestList
from bespoke_gui.views.widgets.suggest_run_bar import SuggestRunBar
from bespoke_gui.views.widgets.suggest_setup_pane import SuggestSetupPane

OFF = (
    "A vision model can look at your images and propose captions: one on this computer (Ollama, "
    "LM Studio, or a model folder), or a paid service.",
    "You see each proposal as a word diff against today's caption, words that would be lost in "
    "red, and accept it or not. No caption is ever changed by itself.",
    "Nothing is sent anywhere until you press Suggest. Then the image, its caption and your "
    "prompt go to the address you name, and nowhere else.",
)


class SuggestPage(QWidget):
    """Everything about suggestions. It follows the list's current image, and leads it."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk, self._session = desk, desk.session
        self.setup = SuggestSetup(desk.session, self)
        self.suggestions = Suggestions(desk.session, self)
        self.work = SuggestWork(desk.session, self.suggestions, self)
        self.settings = SuggestSetupPane(self.setup, desk.session.ask)
        self.run_bar = SuggestRunBar(self._scope_counts)
        self.model = SuggestListModel(
            self.suggestions, desk.session.thumbnails, self._image_of, self
        )
        self.list = SuggestList(self.model)
        self.detail = SuggestDetail()
        self._stack = QStackedWidget()
        self._images: dict[str, Path] = {}
        self._failed: list[str] = []
        self._lay_out()
        self._connect()
        self._add_shortcuts()
        self._show_setup_state()
        self._on_counts()
        self._on_project_changed()

    def show_settings(self, on: bool) -> None:
        """Show the settings, or the suggestions."""
        self._stack.setCurrentWidget(self.settings if on else self._work_part)
        self.settings_button.setChecked(on)
        if on:
            self.setup.look_for_key()

    def accept(self, go_on: bool = False) -> None:
        """Accept the selected suggestions."""
        names = self.list.selected_names() if not self.detail.is_editing else []
        self._decide(names, self.suggestions.accept, go_on)

    def dismiss(self) -> None:
        """Forget the selected suggestions."""
        self._decide(self.list.selected_names(), self.suggestions.dismiss, True)

    def accept_ticked(self) -> None:
        """Accept all ticked suggestions, after a question that tells what they do."""
        names, counts = self.suggestions.ticked(), self.suggestions.counts()
        if not names:
            return
        text = f"{count(len(names), 'caption')} will be changed, in one step that undo takes back."
        if counts.ticked_lossy:
            lossy = [n for n in names if (p := self.suggestions.proposal(n)) and p.diff.lossy]
            some = ", ".join(lossy[:5]) + (" …" if len(lossy) > 5 else "")
            text += f"\n\n{counts.ticked_lossy} of them lose words: {some}"
        text += "\n\nA snapshot is kept first."
        choices = (("accept", f"Accept {len(names)}"),)
        if self._session.ask.choose("Accept suggestions", text, choices) == "accept":
            self.suggestions.accept(names)

    def _lay_out(self) -> None:
        self.who = elided(kind="muted")
        self.settings_button = button(
            "Settings", "Which model is asked, and how", "ghost", "settings"
        )
        self.settings_button.setCheckable(True)
        self.off_button = button("Turn off", "Ask no model; what was answered is kept", "ghost")
        header = row(heading("Suggestions"), self.who, self.settings_button, self.off_button)
        header.setStretch(1, 1)
        self._header = QWidget()
        self._header.setLayout(header)
        self._off_part, self._work_part = self._off(), self._work()
        for part in (self._off_part, self.settings, self._work_part):
            self._stack.addWidget(part)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self._header)
        layout.addWidget(self._stack, 1)

    def _off(self) -> QWidget:
        self.on_button = button("Turn suggestions on", "Choose a model first", "primary")
        words = [muted(text) for text in OFF]
        inner = column(
            heading("Captions proposed by a model"), *words, row(self.on_button, None), spacing=12
        )
        holder = QWidget()
        frame = card(inner, 24)
        frame.setMaximumWidth(640)
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(frame, 0, Qt.AlignmentFlag.AlignTop)
        layout.addStretch(1)
        return holder

    def _work(self) -> QWidget:
        self.empty = muted("No suggestions are waiting. Choose captions above and press Suggest.")
        self.totals = elided(kind="muted")
        self.tick_all = button("Tick safe ones", "Tick all that lose no word", "link")
        self.tick_none = button("Untick all", kind="link")
        self.accept_all = button("Accept ticked", kind="primary")
        self.dismiss_all = button("Dismiss all", "Forget all suggestions", "ghost")
        bottom = row(self.totals, self.tick_all, self.tick_none, self.dismiss_all, self.accept_all)
        bottom.setStretch(0, 1)
        self._parts = splitter(Qt.Orientation.Vertical, (self.list, self.detail), (1, 1))
        self._parts.setSizes([300, 320])
        self._bottom = QWidget()
        self._bottom.setLayout(bottom)
        holder = QWidget()
        layout = QVBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(card(column(self.run_bar), 12))
        layout.addWidget(self.empty)
        layout.addWidget(self._parts, 1)
        layout.addWidget(self._bottom)
        layout.addStretch(0)
        return holder

    def _connect(self) -> None:
        desk, suggestions = self._desk, self.suggestions
        self.on_button.clicked.connect(lambda: self.setup.change(enabled=True))
        self.off_button.clicked.connect(lambda: self.setup.change(enabled=False))
        self.settings_button.clicked.connect(self.show_settings)
        self.settings.done_asked.connect(lambda: self.show_settings(False))
        self.setup.changed.connect(self._show_setup_state)
        self.run_bar.start_asked.connect(self._start)
        self.run_bar.cancel_asked.connect(self.work.cancel)
        self.run_bar.failures_asked.connect(self._show_failures)
        self.work.busy_changed.connect(self.run_bar.set_busy)
        self.work.progressed.connect(self.run_bar.show_progress)
        self.work.ended.connect(self._on_ended)
        for signal in (desk.shown_changed, desk.selection_changed, desk.current_changed):
            signal.connect(self.run_bar.refresh_later)
        self._session.captions.changed.connect(self.run_bar.refresh_later)
        self._session.project_changed.connect(self._on_project_changed)
        suggestions.ticks_changed.connect(self._on_counts)
        suggestions.changed.connect(self._on_changed)
        self.list.chosen.connect(self._on_chosen)
        self._session.thumbnails.loaded.connect(lambda _: self._show_picture())
        desk.current_changed.connect(self.list.select)
        detail = self.detail
        detail.accept_asked.connect(self.accept)
        detail.dismiss_asked.connect(self.dismiss)
        detail.edit_asked.connect(lambda text: suggestions.edit(self.list.current_name(), text))
        detail.piece_clicked.connect(lambda n: suggestions.put_back(self.list.current_name(), n))
        detail.phrase_clicked.connect(
            lambda at: suggestions.put_phrase_back(self.list.current_name(), at)
        )
        self.accept_all.clicked.connect(self.accept_ticked)
        self.dismiss_all.clicked.connect(self._dismiss_all)
        self.tick_all.clicked.connect(self._tick_safe)
        self.tick_none.clicked.connect(lambda: suggestions.tick(suggestions.names(), False))

    def _add_shortcuts(self) -> None:
        for keys, words, run in (
            ("Alt+Return", "Accept the suggestion and go to the next", lambda: self.accept(True)),
            ("Alt+Shift+Return", "Accept the suggestion", self.accept),
            ("Ctrl+E", "Edit the suggestion", self.detail.begin_edit),
            ("Ctrl+Backspace", "Dismiss the suggestion", self.dismiss),
            ("Escape", "Leave the editing of a suggestion", self.detail.end_edit),
        ):
            add_shortcut(self._work_part, keys, words, run)

    def _scope_counts(self) -> dict[str, int]:
        return {scope: len(self._names(scope)) for scope in (ALL, SHOWN, SELECTED, MISSING)}

    def _names(self, scope: str) -> list[str]:
        return {
            ALL: self._session.captions.names,
            SHOWN: self._desk.shown,
            SELECTED: self._desk.selected,
            MISSING: self.work.missing,
        }[scope]()

    def _image_of(self, name: str) -> Path | None:
        return self._images.get(name)

    def _on_project_changed(self) -> None:
        dataset = self._session.dataset
        self._images = {item.name: item.image for item in dataset.items} if dataset else {}
        self.run_bar.refresh_later()
        self._show_picture()

    def _start(self, again: bool) -> None:
        names = self._names(self.run_bar.scope.currentData())
        self.work.start(self.setup.options, names, again)

    def _decide(self, names: list[str], decide: Callable[[list[str]], object], go_on: bool) -> None:
        """Accept or dismiss, and stay at the same place of the list or go on."""
        if not names:
            return
        row_before = self.list.currentIndex().row()
        decide(names)
        if self.model.rowCount():
            after = min(row_before, self.model.rowCount() - 1)
            self.list.setCurrentIndex(self.model.index(after))
        if go_on:
            self.list.setFocus()

    def _dismiss_all(self) -> None:
        names = self.suggestions.names()
        text = f"{count(len(names), 'suggestion')} will be forgotten; no caption changes."
        choices = (("dismiss", "Dismiss all"),)
        if names and self._session.ask.choose("Dismiss suggestions", text, choices) == "dismiss":
            self.suggestions.dismiss(names)

    def _tick_safe(self) -> None:
        found = self.suggestions
        safe = [n for n in found.names() if (p := found.proposal(n)) and not p.diff.lossy]
        found.tick(safe, True)

    def _show_setup_state(self) -> None:
        on = self.setup.options.enabled
        self._header.setVisible(on)
        self.who.setText(self.setup.who())
        if not on:
            self._stack.setCurrentWidget(self._off_part)
        elif self._stack.currentWidget() is self._off_part:
            self.show_settings(not self.setup.who())

    def _on_counts(self) -> None:
        counts = self.suggestions.counts()
        there = counts.all > 0
        self._parts.setVisible(there)
        self._bottom.setVisible(there)
        self.empty.setVisible(not there)
        lossy = f", {counts.lossy} lossy" if counts.lossy else ""
        self.totals.setText(f"{count(counts.all, 'suggestion')}{lossy}")
        self.totals.setToolTip(f"{counts.lossy} would lose words" if counts.lossy else "")
        self.accept_all.setEnabled(counts.ticked > 0)
        self.accept_all.setText(
            f"Accept {counts.ticked} ticked" if counts.ticked else "Accept ticked"
        )

    def _on_changed(self, names: list[str]) -> None:
        current = self.list.current_name()
        if not names or current in names or not current:
            self.detail.show_proposal(self.suggestions.proposal(current))

    def _show_picture(self) -> None:
        path = self._image_of(self.list.current_name())
        image = self._session.thumbnails.image(path) if path is not None else None
        self.detail.picture.show_image(image)

    def _on_chosen(self, name: str) -> None:
        self._show_picture()
        self.detail.show_proposal(self.suggestions.proposal(name))
        if name and name != self._desk.current() and self.isVisible():
            self._desk.show(name)

    def _on_ended(self, report: BatchReport | None) -> None:
        text, kind = tell(report)
        outcomes = report.outcomes if report is not None else []
        self._failed = [f"{o.name}: {o.error}" for o in outcomes if o.error is not None]
        self.run_bar.tell(text, kind, bool(self._failed))

    def _show_failures(self) -> None:
        text = f"{count(len(self._failed), 'image')} failed: {self._failed[0]}"
        self._session.notify("warning", text, "\n".join(self._failed))


def tell(report: BatchReport | None) -> tuple[str, str]:
    """Say in a line what became of a batch, and how serious it is."""
    if report is None:
        return "It could not be started.", "danger"
    if report.stopped is not None:
        kept = " What was answered is kept." if report.answered else ""
        return f"Stopped: {report.stopped}.{kept}", "danger"
    if report.cancelled:
        return "Cancelled. What was answered is kept; Suggest goes on from there.", "muted"
    earlier = sum(outcome.kept for outcome in report.outcomes)
    failed = sum(outcome.error is not None for outcome in report.outcomes)
    words = f"{count(report.answered, 'answer')}"
    words += f", {earlier} of them from before" if earlier else ""
    words += f"; {failed} failed" if failed else ""
    return f"{words}.", "warning" if failed else "good"
