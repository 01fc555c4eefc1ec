"""What is done about notes: a fix, all safe ones of a kind, the dictionary, ignoring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bespoke_gui.core.errors import Problem
from bespoke_gui.core.left_alone import CHECK, DICTIONARY, WORDS, LeftAlone
from bespoke_gui.qtmodels.caption_lints import LintModel, place
from bespoke_gui.qtmodels.left_alone import LeftAloneList
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.snapshots import edit_after_snapshot
from bespoke_gui.qtmodels.tasks import run_task
from bespoke_gui.qtmodels.wording import count

if TYPE_CHECKING:
    from bespoke_gui.core.lints import Fix


class LintFixes:
    """Acts on the notes of a session's captions; every edit can be undone."""

    def __init__(self, session: Session, lints: LintModel) -> None:
        self._session = session
        self._lints = lints
        self.left_alone = LeftAloneList(session, lints, session)

    def apply(self, problem: Problem, fix: Fix) -> None:
        """Make one fix in the caption it was found in, unless its text has changed meanwhile."""
        text = self._session.captions.text(problem.file)
        if problem in self._lints.problems(problem.file):
            self._session.captions.edit(problem.file, fix.apply(text), fix.label.lower())

    def fix_all(self, code: str) -> None:
        """Make all safe fixes of one check as one step, after telling how many there are."""
        tools, title = self._lints.tools, self._lints.title(code)
        if tools is None:
            return
        texts = {n: t for n, t in self._session.captions.texts().items() if t}
        run_task(
            lambda: tools.mended(code, texts),
            lambda found: self._offer(title, *found),
            self._session.show_error,
            parent=self._session,
        )

    def add_to_dictionary(self, problem: Problem) -> None:
        """Let the word of a note be spelled right in this project from now on."""
        word = self.words(problem)
        told = f"“{word}” is in the dictionary now."
        self.left_alone.leave(LeftAlone(DICTIONARY, words=word), told)

    def ignore_here(self, problem: Problem) -> None:
        """Leave these words of this caption alone."""
        self._ignore(problem, problem.file, "This note is ignored in this caption.")

    def ignore_everywhere(self, problem: Problem) -> None:
        """Leave these words alone in all captions."""
        self._ignore(problem, "", f"“{self.words(problem)}” is ignored in all captions.")

    def switch_off(self, code: str) -> None:
        """Switch a check off for this project."""
        title = self._lints.title(code)
        told = f"“{title}” is off in this project; lint.toml in its folder says so."
        self.left_alone.leave(LeftAlone(CHECK, code), told)

    def words(self, problem: Problem) -> str:
        """Return the words that a note is about."""
        span = place(problem)
        return self._session.captions.text(problem.file)[slice(*span)] if span else ""

    def _ignore(self, problem: Problem, name: str, told: str) -> None:
        self.left_alone.leave(LeftAlone(WORDS, problem.code, self.words(problem), name), told)

    def _offer(self, title: str, texts: dict[str, str], places: int) -> None:
        if not texts:
            self._session.notify("info", f"“{title}”: nothing can be fixed safely.")
            return
        captions = count(len(texts), "caption")
        question = f"{count(places, 'place')} in {captions} can be fixed safely, as one step."
        answer = self._session.ask.choose(
            f"Fix all: {title}", question, [("fix", f"Fix {captions}")]
        )
        if answer == "fix":
            told = f"{captions} fixed; Undo brings them back."
            edit_after_snapshot(
                self._session,
                texts,
                f"fix all: {title.lower()}",
                lambda _: self._session.notify("good", told),
            )
