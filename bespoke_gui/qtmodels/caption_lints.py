"""Lints of the open project's captions, found in the background a moment after each edit."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

from bespoke_gui.core.breathing import Breath, here_to_stay, let_go
from bespoke_gui.core.errors import Problem
from bespoke_gui.core.lint_process import ProcessEnded
from bespoke_gui.qtmodels.lint_work import LintJob, Seen, Tools, make_tools, other_names
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.tasks import Task, run_task

if TYPE_CHECKING:
    from bespoke_gui.core.lints import Lint
    from bespoke_gui.qtmodels.lint_work import Found

T = TypeVar("T")
DELAY_MS = 150  # after a keystroke, until its caption is looked at
SET_DELAY_MS = 1200  # and until the whole set is
CHUNK = 400  # captions of one piece of work, so that an edit never waits long
MANY = 1_000  # findings that are not dropped at once
TELL_EVERY = 10  # pieces of work between two signs of life
MOST_TOLD = CHUNK * TELL_EVERY  # names that are told at once; of more everything is new


@dataclass
class _Queue:
    """Captions to look at: those just edited first, then the rest of the set."""

    edited: dict[str, None] = field(default_factory=dict)
    rest: deque[str] = field(default_factory=deque)

    def take(self) -> tuple[list[str], bool]:
        """Return the next piece of work and whether a person edited it, and forget it."""
        if self.edited:
            names = list(islice(self.edited, CHUNK))
            for name in names:
                del self.edited[name]
            return names, True
        return [self.rest.popleft() for _ in range(min(CHUNK, len(self.rest)))], False

    def __bool__(self) -> bool:
        return bool(self.edited or self.rest)


class LintModel(QObject):
    """Findings by caption name; `updated` carries the names whose are new ([] means all).
    `passed` comes when everything has been looked at, the set as a whole as well.

    Only captions that changed are looked at again. What depends on the whole set follows after
    a pause. `codes` is for lists of very many captions; `problems` works out the words anew.
    """

    updated = Signal(object)
    passed = Signal()

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._tools: Tools | None = None
        self._config: Path | None = None
        self._seen: dict[str, Seen] = {}
        self._of_set: dict[str, list[Found]] = {}
        # As they were looked at: the store's own are put together anew at every call. Where a
        # process knows them, only those that it has not seen yet.
        self._texts: dict[str, str | None] = {}
        self._queue = _Queue()
        self._task: Task | None = None
        self._pieces = 0
        self._untold: list[str] = []
        self._may_use_process = True
        self._turn = 0
        self._timer = QTimer(self, singleShot=True, interval=DELAY_MS)
        self._timer.timeout.connect(self._next)
        self._set_timer = QTimer(self, singleShot=True, interval=SET_DELAY_MS)
        self._set_timer.timeout.connect(self._look_at_set)
        session.captions.changed.connect(self._on_changed)
        session.captions.saved.connect(self._on_changed)
        session.project_changed.connect(self._on_project_changed)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self._close)
        self.run()

    def problems(self, name: str) -> list[Problem]:
        """Return what was found in one caption, in order of place; about 1 ms."""
        seen, tools = self._seen.get(name), self._tools
        if seen is None or tools is None:
            return []
        store, of_set = self._session.captions, self._of_set.get(name, [])
        if name in self._queue.edited:
            # The image and the set were compared with a text that is no longer there.
            seen, of_set = Seen(), []
        return tools.problems(name, store.text(name), store.on_disk(name), seen, of_set)

    def codes(self, name: str) -> tuple[str, ...]:
        """Return the codes of one caption's findings, one for each; at once."""
        seen = self._seen.get(name)
        own = seen.codes if seen else ()
        of_set = self._of_set.get(name)
        return (*own, *(check.code for check, _ in of_set)) if of_set else own

    def of_set(self) -> list[Problem]:
        """Return what was found about the set as a whole."""
        return [] if self._tools is None else self._tools.of_set(self._of_set.get("", []))

    def count(self) -> int:
        """Return how many captions have a finding."""
        return sum(bool(self.codes(name)) for name in self._seen)

    def statistics(self) -> Counter[str]:
        """Return how often each code was found."""
        return Counter(code for name in self._seen for code in self.codes(name))

    def title(self, code: str) -> str:
        """Return what people call a check; files have findings without one."""
        check = self._check(code)
        return check.title if check else code.replace("_", " ").capitalize()

    def explanation(self, code: str) -> str:
        """Return why a check looks for what it does, "" where that is not known."""
        check = self._check(code)
        return check.explanation if check else ""

    def is_fixable(self, code: str) -> bool:
        """Return whether a check may carry safe fixes."""
        check = self._check(code)
        return check is not None and check.fixable

    def _check(self, code: str) -> Lint | None:
        return self._tools.check(code) if self._tools is not None else None

    @property
    def tools(self) -> Tools | None:
        """What the findings are made with; None until it is loaded."""
        return self._tools

    @property
    def is_busy(self) -> bool:
        """Whether captions are still being looked at."""
        return self._task is not None or bool(self._queue) or self._set_timer.isActive()

    def use_config(self, config: Path | None) -> None:
        """Look at all captions under this training config, None for the project's newest."""
        self._config = config
        self.run()

    def run(self) -> None:
        """Look at all captions anew: the project, its config, dictionary or lint.toml changed."""
        self._turn += 1
        self._queue = _Queue()
        self._close()
        if self._task is not None:
            self._task.cancel()
            self._task = None
        project, dataset = self._session.project, self._session.dataset
        if project is None or dataset is None or self._session.is_reading:
            self._tools = None
            self._drop(self._seen)
            self._drop(self._of_set)
            self._seen, self._of_set = {}, {}
            self.updated.emit([])
            return
        make = (project, dataset, self._config, self._may_use_process)
        known, knows = list(self._seen), self._session.captions.knows

        def work() -> tuple[Tools, list[str]]:
            return make_tools(*make), [name for name in Breath().over(known) if not knows(name)]

        self._start(work, self._take_tools)

    def _on_project_changed(self) -> None:
        self.use_config(None)

    def _take_tools(self, result: tuple[Tools, list[str]]) -> None:
        self._tools, gone = result
        for name in gone:
            self._seen.pop(name, None)
        self._texts = {}
        self._queue.rest = deque(self._session.captions.names())

    def _on_changed(self, names: list[str]) -> None:
        if self._tools is None:
            return
        if self._tools.process is not None and len(names) > CHUNK:
            self._queue.rest = deque(dict.fromkeys([*names, *self._queue.rest]))
        else:
            self._queue.edited |= dict.fromkeys(names)
        self._timer.start()

    def _next(self) -> None:
        """Start the next piece of work; when all is done the set as a whole is looked at."""
        tools = self._tools
        if self._task is not None or tools is None or not self._queue:
            return
        names, edited = self._queue.take()
        job = LintJob.of(self._session.captions, names, edited or tools.all_images)

        def take(found: dict[str, Seen]) -> None:
            self._seen |= found
            if edited or tools.process is None:
                self._texts |= job.texts()
            last = not self._queue
            self._tell(names, last)
            if last:
                self._set_timer.start(SET_DELAY_MS if edited else 0)

        self._start(lambda: job.run(tools), take)

    def _tell(self, names: list[str], last: bool) -> None:
        self._pieces += 1
        self._untold += names
        if last or self._pieces % TELL_EVERY == 1:
            told, self._untold = self._untold, []
            if len(self._seen) > MANY:
                here_to_stay()
            self.updated.emit(told)

    def _look_at_set(self) -> None:
        tools = self._tools
        if tools is None:
            return
        if self._task is not None or self._queue:
            self._set_timer.start(SET_DELAY_MS)
            return
        texts = dict(self._texts)
        if tools.process is not None:
            self._texts = {}
        project = self._session.project

        before = self._of_set

        def work() -> tuple[dict[str, list[Found]], list[str], bool]:
            stale = project is not None and tools.is_stale(project)
            found = tools.look_at_set(texts)
            return found, other_names(before, found), stale

        self._start(work, self._take_set)

    def _take_set(self, result: tuple[dict[str, list[Found]], list[str], bool]) -> None:
        before = self._of_set
        self._of_set, names, stale = result
        self._drop(before)
        self.passed.emit()
        if names:
            self.updated.emit(names if len(names) <= MOST_TOLD else [])
        if stale:
            # The config, the dictionary or lint.toml was changed in another program.
            self.run()

    def _drop(self, findings: dict[str, Any]) -> None:
        """Let go of findings; of very many that takes longer than a frame."""
        if len(findings) > MANY:
            run_task(lambda: let_go(findings), parent=self)

    def _start(self, work: Callable[[], T], take: Callable[[T], None]) -> None:
        turn = self._turn

        def done(result: T) -> None:
            if turn == self._turn:
                self._task = None
                take(result)

        def ended() -> None:
            if turn == self._turn:
                self._task = None
                self._next()

        task = run_task(work, done, self._failed, parent=self, ended=ended)
        # A pool that works at once has ended already: then there is nothing to wait for.
        if turn == self._turn and task.is_running:
            self._task = task

    def _failed(self, error: Exception) -> None:
        if isinstance(error, ProcessEnded):
            self._may_use_process = False
            self.run()
        else:
            self._session.show_error(error)

    def _close(self) -> None:
        if self._tools is not None:
            self._tools.close()


def place(problem: Problem) -> tuple[int, int] | None:
    """Return start and end of a finding in its caption, None when it has no place."""
    start, dash, end = problem.where.partition("-")
    if not dash or not start.isdigit() or not end.isdigit():
        return None
    return int(start), int(end)
