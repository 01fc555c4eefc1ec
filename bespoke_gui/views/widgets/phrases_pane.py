"""Phrases pane: every phrase of the set with its count; show, add, take out, rename it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QListView, QMenu, QVBoxLayout, QWidget

from bespoke_gui.core.quick_phrases import MOST
from bespoke_gui.qtmodels import phrase_actions
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.phrase_list_model import COUNT, QUICK, PhraseListModel
from bespoke_gui.views.widgets.counted_delegate import CountedDelegate
from bespoke_gui.views.widgets.parts import button, row, tool
from bespoke_gui.views.widgets.search_edit import SearchEdit


class PhrasesPane(QWidget):
    """A double click or Return adds the phrase to the caption; the menu does the rest."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.model = PhraseListModel(desk.phrases, self)
        self.search = SearchEdit("Search phrases")
        self.search.setAccessibleName("Search phrases")
        self.search.textChanged.connect(self.model.search)
        self.list = QListView()
        self.list.setModel(self.model)
        self.list.setUniformItemSizes(True)
        self.list.setItemDelegate(
            CountedDelegate(
                lambda index: str(index.data(COUNT)), lambda index: index.data(QUICK), self.list
            )
        )
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setAccessibleName("Phrases of the set")
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._open_menu)
        self.list.activated.connect(lambda _: self.add())
        self.search.left_down.connect(self.list.setFocus)
        self._show = button("Show images", "List only the images whose caption has this phrase")
        self._show.clicked.connect(self.show_images)
        self._add = button("Add", "Add the phrase to the selected captions (Return)")
        self._add.clicked.connect(self.add)
        self.more = tool("more", "More to do with this phrase")
        self.more.clicked.connect(lambda: self._open_menu(None))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 8, 0, 0)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addLayout(row(self._show, self._add, None, self.more))
        self.list.selectionModel().currentChanged.connect(self._enable)
        self.model.modelReset.connect(self._enable)
        self._enable()

    def phrase(self) -> str:
        """Return the chosen phrase, empty without one."""
        return self.model.phrase(self.list.currentIndex().row())

    def show_images(self) -> None:
        """Let the list show the images whose caption has the phrase."""
        self._desk.filter(f'phrase:"{self.phrase()}"')

    def add(self) -> None:
        """Add the phrase to the selected captions."""
        if self.phrase():
            phrase_actions.add(self._desk, self._desk.selected(), self.phrase())

    def remove_selected(self) -> None:
        """Take the phrase out of the selected captions."""
        phrase_actions.remove(self._desk, self._desk.selected(), self.phrase())

    def remove_all(self) -> None:
        """Take the phrase out of every caption, after a question that names how many."""
        phrase = self.phrase()
        names = phrase_actions.holds(self._desk, phrase)
        text = f"“{phrase}” will go from {len(names)} captions. A snapshot is kept first."
        choices = (("remove", "Take it out"), ("", "Cancel"))
        if self._desk.session.ask.choose("Take out a phrase", text, choices) == "remove":
            phrase_actions.remove(self._desk, names, phrase)

    def rename_all(self) -> None:
        """Ask for another phrase and put it in place of this one in every caption."""
        phrase = self.phrase()
        names = phrase_actions.holds(self._desk, phrase)
        label = f"In {len(names)} captions, in place of “{phrase}”"
        new = self._desk.session.ask.text("Rename a phrase", label, phrase).strip()
        if new and new != phrase:
            phrase_actions.rename(self._desk, names, phrase, new)

    def toggle_quick(self) -> None:
        """Make the phrase a quick one, or no longer one."""
        quick, phrase = self._desk.phrases.quick, self.phrase()
        chosen = [q for q in quick if q != phrase] if phrase in quick else [*quick, phrase]
        if len(chosen) > MOST:
            text = f"There is room for {MOST} quick phrases: take one out first."
            self._desk.session.notify("info", text)
        else:
            self._desk.phrases.set_quick(chosen)

    def import_tags(self) -> None:
        """Ask for a tag list whose tags are offered while typing."""
        ask = self._desk.session.ask
        path = ask.open_file("Tag list for completion", "Tag lists (*.csv *.txt)")
        if path is not None:
            self._desk.phrases.import_tags(Path(path))

    def menu(self) -> QMenu:
        """Return the menu of the chosen phrase."""
        menu, phrase, count = QMenu(self), self.phrase(), len(self._desk.selected())
        captions = "the caption" if count == 1 else f"{count} captions"
        menu.addAction(f"Add to {captions}", self.add)
        menu.addAction(f"Take out of {captions}", self.remove_selected)
        menu.addSeparator()
        menu.addAction("Rename in all captions…", self.rename_all)
        menu.addAction("Take out of all captions…", self.remove_all)
        menu.addSeparator()
        quick = phrase in self._desk.phrases.quick
        menu.addAction("No longer a quick phrase" if quick else "Quick phrase", self.toggle_quick)
        for action in menu.actions():
            action.setEnabled(bool(phrase))
        menu.addSeparator()
        menu.addAction("Import a tag list…", self.import_tags)
        return menu

    def _open_menu(self, place: QPoint | None) -> None:
        if place is None:
            corner = self.more.mapToGlobal(QPoint(0, self.more.height()))
        else:
            corner = self.list.viewport().mapToGlobal(place)
        menu = self.menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(corner)

    def _enable(self) -> None:
        for widget in (self._show, self._add):
            widget.setEnabled(bool(self.phrase()))
