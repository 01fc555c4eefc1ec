"""Main window: the rail of places, the open panel, messages above it and a status line below."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from typing import Protocol, runtime_checkable

from PySide6.QtCore import QByteArray, QEvent, QTimer
from PySide6.QtGui import QAction, QCloseEvent, QKeySequence
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QMenu,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from bespoke_gui.qtmodels.caption_keeper import CaptionKeeper
from bespoke_gui.qtmodels.caption_saving import SaveReport
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.views import saving, theme
from bespoke_gui.views.ask import Dialogs
from bespoke_gui.views.notices import NoticeBar
from bespoke_gui.views.page import in_order
from bespoke_gui.views.panels import PANELS, Panel
from bespoke_gui.views.rail import Rail
from bespoke_gui.views.status_line import StatusLine
from bespoke_gui.views.widgets.clash_bar import ClashBar
from bespoke_gui.views.widgets.parts import muted

HOME = "home"
SIZE = (1440, 900)


@runtime_checkable
class Paged(Protocol):
    """A place with pages of its own."""

    def show_page(self, name: str) -> None:
        """Open a page."""
        ...


class MainWindow(QMainWindow):
    """The window. Panels are built when they are first shown and live as long as it does."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        session.ask = Dialogs(self)
        self._panels: dict[str, QWidget] = {}
        self._close_agreed = False
        self._stack = QStackedWidget()
        self.rail = Rail(in_order(PANELS))
        self._room = QWidget()
        self._bars = QVBoxLayout()
        self.notices = NoticeBar(session, self._room)
        self.status = StatusLine(session)
        self.clashes = ClashBar(session)
        self.keeper = CaptionKeeper(session, self)
        self._lay_out()
        self._make_menus()
        theme.dress(self)
        self._connect()
        self._restore_geometry()
        self._on_project_changed()

    def show_panel(self, name: str) -> None:
        """Show one place, or "place/page" of it, building it if this is the first time."""
        name, _, page = name.partition("/")
        if self.session.project is None:
            name, page = HOME, ""
        widget = self.panel(name)
        if page and isinstance(widget, Paged):
            widget.show_page(page)
        self._stack.setCurrentWidget(widget)
        self.rail.mark(name)
        widget.setFocus()

    def panel(self, name: str) -> QWidget:
        """Return the panel of that name."""
        if name not in self._panels:
            self._panels[name] = self._build(PANELS[name])
            self._stack.addWidget(self._panels[name])
        return self._panels[name]

    def current_panel(self) -> str:
        """Return the name of the place that is shown."""
        shown = self._stack.currentWidget()
        return next((name for name, widget in self._panels.items() if widget is shown), "")

    def add_bar(self, bar: QWidget) -> None:
        """Put a bar over whatever room is shown."""
        self._bars.addWidget(bar)

    def set_theme(self, mode: str) -> None:
        """Use the theme system, light or dark from now on."""
        self.session.settings.theme = mode
        self.session.save_settings()
        application = QApplication.instance()
        if isinstance(application, QApplication):
            theme.apply(application, mode)
        for name, action in self._theme_actions.items():
            action.setChecked(name == mode)

    def toggle_theme(self) -> None:
        """Change between light and dark."""
        self.set_theme("light" if theme.is_dark() else "dark")

    def show_shortcuts(self) -> None:
        """Show every key that does something where the person is."""
        from bespoke_gui.views.widgets.shortcut_sheet import ShortcutSheet

        ShortcutSheet(self).open()

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self._close_agreed and self.session.captions.unsaved_count():
            event.ignore()
            self._when_captions_are_safe(self._close_now)
            return
        geometry = bytes(self.saveGeometry().data())
        self.session.settings.geometry = base64.b64encode(geometry).decode("ascii")
        self.session.save_settings()
        self.session.captions.flush_journal()
        self.session.recorder.flush()
        event.accept()

    def changeEvent(self, event: QEvent) -> None:
        if event.type() == QEvent.Type.ActivationChange:
            self.keeper.on_window_active(self.isActiveWindow())
        super().changeEvent(event)

    def new_project(self) -> None:
        """Ask for images and captions and make a project of them."""
        from bespoke_gui.views.new_project import ask_new_project

        self._when_captions_are_safe(lambda: ask_new_project(self.session, self))

    def open_project(self) -> None:
        """Ask for a project folder and open it."""
        recent = self.session.settings.recent
        folder = self.session.ask.folder("Open project folder", recent[0] if recent else "")
        if folder is not None:
            self._when_captions_are_safe(lambda: self.session.open_project(folder))

    def close_project(self) -> None:
        """Go back to the start page."""
        self._when_captions_are_safe(self.session.close_project)

    def save_all(self) -> None:
        """Save every caption that is not saved yet."""
        saving.save(self.session, self.session.captions.unsaved())

    def _toggle_autosave(self) -> None:
        self.session.settings.autosave = not self.session.settings.autosave
        self.session.save_settings()
        self.keeper.autosave.now()

    def _build(self, panel: Panel) -> QWidget:
        try:
            widget = panel.build(self.session)
        except Exception as error:  # noqa: BLE001 - one broken panel must not take the window along
            self.session.show_error(error)
            widget = muted(f"{panel.title} could not be opened.")
        widget.setAccessibleName(panel.title)
        return widget

    def _lay_out(self) -> None:
        right = QVBoxLayout(self._room)
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        right.addLayout(self._bars)
        right.addWidget(self.clashes)
        right.addWidget(self._stack, 1)
        right.addWidget(self.status)
        central = QWidget()
        layout = QHBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.rail)
        layout.addWidget(self._room, 1)
        self.setCentralWidget(central)
        self.setMinimumSize(960, 640)

    def _make_menus(self) -> None:
        menus = self.menuBar()
        project = menus.addMenu("&Project")
        self._action(project, "&New project…", self.new_project, "Ctrl+Shift+N")
        self._action(project, "&Open folder…", self.open_project, "Ctrl+O")
        self._recent = project.addMenu("Open &recent")
        self._recent.aboutToShow.connect(self._fill_recent)
        project.addSeparator()
        self._save_all = self._action(project, "Save &all captions", self.save_all, "Ctrl+Shift+S")
        automatic = self._action(project, "Save captions a&utomatically", self._toggle_autosave)
        automatic.setCheckable(True)
        automatic.setChecked(self.session.settings.autosave)
        self._action(project, "&Read folder again", self.session.rescan, "F5")
        self._action(project, "&Close project", self.close_project, "Ctrl+W")
        project.addSeparator()
        self._action(project, "&Quit", self.close, "Ctrl+Q")
        edit = menus.addMenu("&Edit")
        stack = self.session.captions.undo_stack
        undo, redo = stack.createUndoAction(self, "&Undo"), stack.createRedoAction(self, "&Redo")
        undo.setShortcut(QKeySequence("Ctrl+Z"))
        redo.setShortcuts([QKeySequence("Ctrl+Shift+Z"), QKeySequence("Ctrl+Y")])
        edit.addActions([undo, redo])
        view = menus.addMenu("&View")
        for index, panel in enumerate(in_order(PANELS), start=1):
            show = _call(self.show_panel, panel.name)
            self._action(view, panel.title.replace("&", "&&"), show, f"Ctrl+{index}")
        view.addSeparator()
        self._theme_actions = {mode: self._theme_action(view, mode) for mode in theme.MODES}
        self._action(view, "Change &theme", self.toggle_theme, "Ctrl+Shift+L")
        self._action(menus.addMenu("&Help"), "&Keyboard shortcuts", self.show_shortcuts, "F1")

    def _action(
        self, menu: QMenu, text: str, run: Callable[[], object], shortcut: str = ""
    ) -> QAction:
        action = QAction(text, self)
        action.setShortcut(QKeySequence(shortcut))
        action.triggered.connect(lambda _=False: run())
        menu.addAction(action)
        return action

    def _theme_action(self, menu: QMenu, mode: str) -> QAction:
        words = {"system": "Theme of the &system", "light": "&Light theme", "dark": "&Dark theme"}
        action = self._action(menu, words[mode], _call(self.set_theme, mode))
        action.setCheckable(True)
        action.setChecked(self.session.settings.theme == mode)
        return action

    def _fill_recent(self) -> None:
        self._recent.clear()
        for path in self.session.settings.recent:
            self._recent.addAction(path, _call(self._open_recent, path))

    def _open_recent(self, path: str) -> None:
        self._when_captions_are_safe(lambda: self.session.open_project(path))

    def _connect(self) -> None:
        session = self.session
        self.rail.chosen.connect(self.show_panel)
        self.rail.theme_asked.connect(self.toggle_theme)
        self.status.save_asked.connect(self.save_all)
        self.clashes.room_wanted.connect(self._stack.setVisible)
        session.go_to.connect(self.show_panel)
        session.project_changed.connect(self._on_project_changed)
        session.captions.unsaved_changed.connect(self._on_unsaved_changed)
        hints = QApplication.styleHints()
        hints.colorSchemeChanged.connect(self._on_system_theme_changed)

    def _on_project_changed(self) -> None:
        is_open = self.session.project is not None
        self.rail.enable(set(self.rail.buttons) if is_open else {HOME})
        self._on_unsaved_changed()
        self.show_panel((self.current_panel() or HOME) if is_open else HOME)

    def _on_unsaved_changed(self) -> None:
        project = self.session.project
        unsaved = self.session.captions.unsaved_count() > 0
        self.setWindowTitle(f"{project.name}[*] – Bespoke" if project else "Bespoke[*]")
        self.setWindowModified(unsaved)
        self._save_all.setEnabled(unsaved)

    def _on_system_theme_changed(self) -> None:
        if self.session.settings.theme == "system":
            self.set_theme("system")

    def _when_captions_are_safe(self, go_on: Callable[[], object]) -> None:
        """Ask about unsaved captions if there are any, and go on unless that is cancelled."""
        store = self.session.captions

        def saved(report: SaveReport) -> None:
            if store.unsaved_count():
                self._ask_unsaved(report, go_on)
            else:
                go_on()

        if not store.unsaved_count():
            go_on()
        elif self.session.settings.autosave:
            store.save(store.unsaved(), saved)
        else:
            self._ask_unsaved(SaveReport(), go_on)

    def _ask_unsaved(self, report: SaveReport, go_on: Callable[[], object]) -> None:
        """Ask what to do about captions that are not saved, or could not be."""
        store = self.session.captions
        count = store.unsaved_count()
        what = "1 caption is" if count == 1 else f"{count} captions are"
        reasons = [str(error) for error in list(report.failed.values())[:1]]
        reasons += ["Another program changed the same words."] * bool(report.conflicts)
        text = " ".join([*reasons, "What is kept is offered when the project is opened again."])
        choices = [("keep", "Keep for next time"), ("discard", "Discard edits")]
        if not reasons:
            text = "Save them before going on?"
            choices = [("save", "Save all"), ("discard", "Discard edits")]
        answer = self.session.ask.choose(f"{what} not saved", text, choices)
        if answer == "save":
            saving.save(self.session, store.unsaved(), go_on)
        elif answer:
            if answer == "discard":
                store.discard_edits()
            go_on()

    def _close_now(self) -> None:
        self._close_agreed = True
        # Not from within the save's callback: the task has to end first.
        QTimer.singleShot(0, self, self.close)

    def _restore_geometry(self) -> None:
        try:
            geometry = base64.b64decode(self.session.settings.geometry, validate=True)
        except (binascii.Error, ValueError):
            geometry = b""
        if geometry and self.restoreGeometry(QByteArray(geometry)):
            return
        room = self.screen().availableGeometry()
        self.resize(min(SIZE[0], room.width()), min(SIZE[1], room.height()))


def _call(func: Callable[[str], object], value: str) -> Callable[[], object]:
    return lambda: func(value)
