"""Tabs pane: the tabs about the current caption, each built when it is first opened."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.views.caption_tabs import TABS, CaptionTab
from bespoke_gui.views.widgets.parts import card, column


class CaptionTabsPane(QWidget):
    """Notes, what the trainer reads, phrases, history: whatever registered itself."""

    def __init__(self, desk: CaptionDesk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._tabs = sorted(TABS.values(), key=lambda tab: tab.order)
        self._built: dict[str, QWidget] = {}
        self._places: dict[str, QVBoxLayout] = {}
        self.bar = QTabWidget(documentMode=True)
        self.bar.setAccessibleName("About this caption")
        for tab in self._tabs:
            holder, self._places[tab.name] = QWidget(), column(spacing=0)
            holder.setLayout(self._places[tab.name])
            self.bar.addTab(holder, tab.title)
        self.bar.currentChanged.connect(self._build)
        inner = QVBoxLayout()
        inner.addWidget(self.bar)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(card(inner, 8))
        self._build(0)

    def tab(self, name: str) -> QWidget:
        """Return the widget of a tab, building it if this is the first time."""
        return self._widget(next(tab for tab in self._tabs if tab.name == name))

    def show_tab(self, name: str) -> None:
        """Open a tab."""
        self.bar.setCurrentIndex([tab.name for tab in self._tabs].index(name))

    def _build(self, index: int) -> None:
        if 0 <= index < len(self._tabs):
            self._widget(self._tabs[index])

    def _widget(self, tab: CaptionTab) -> QWidget:
        if tab.name not in self._built:
            widget = self._built[tab.name] = tab.build(self._desk)
            index = self._tabs.index(tab)
            renamed = getattr(widget, "title_changed", None)
            if renamed is not None:
                renamed.connect(lambda title: self.bar.setTabText(index, title))
            self._places[tab.name].addWidget(widget)
        return self._built[tab.name]
