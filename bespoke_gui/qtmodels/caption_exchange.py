"""Captions to and from other formats in the window: previewed first, then one step of undo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from bespoke_gui.core.exchange.base import FORMATS
from bespoke_gui.core.exchange.detect import detect
from bespoke_gui.core.exchange.export import Exported, export_captions
from bespoke_gui.core.exchange.preview import Preview, compare
from bespoke_gui.core.package_sources import flat_names
from bespoke_gui.qtmodels.session import Session
from bespoke_gui.qtmodels.snapshots import edit_after_snapshot
from bespoke_gui.qtmodels.tasks import run_task


@dataclass(frozen=True)
class ExportWish:
    """What is exported: the format's name, where to, and whether the images come along."""

    to: str
    out: Path
    images: bool = False


class CaptionExchange(QObject):
    """Imports and exports the captions as they are in the window. `previewed` carries a Preview."""

    previewed = Signal(object)
    exported = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session

    def preview(self, source: Path, format_name: str = "") -> None:
        """Read captions and compare them with those of the window; `previewed` follows."""
        texts, project = self._session.captions.texts(), self._session.project
        if project is None:
            return

        def work() -> Preview:
            chosen = FORMATS[format_name] if format_name else detect(source)
            aliases = {flat: name for name, flat in flat_names(texts).items()}
            return compare(texts, chosen.read(source), chosen.name, aliases, project.separator)

        run_task(work, self.previewed.emit, self._session.show_error, parent=self)

    def take(
        self, preview: Preview, names: Iterable[str], then: Callable[[], object] | None = None
    ) -> None:
        """Give the named captions their imported texts: a snapshot first, then one step of undo.

        A caption that another edit reached since the preview is left alone.
        """
        store = self._session.captions
        now = store.texts()
        chosen = {name: preview.changes[name] for name in names}
        fresh = {n: change for n, change in chosen.items() if now.get(n) == change.before}
        store.use_forms({n: c.form for n, c in fresh.items() if c.form is not None})
        label = f"import {preview.source.name}"
        skipped = len(chosen) - len(fresh)

        def done(_changed: int) -> None:
            text = f"Imported {_count(len(fresh))} from {preview.source.name}."
            text += f" {_count(skipped)} changed meanwhile and stayed." if skipped else ""
            self._session.notify("warning" if skipped else "good", text)
            if then is not None:
                then()

        texts = {name: change.after for name, change in fresh.items()}
        edit_after_snapshot(self._session, texts, label, done)

    def export(self, wish: ExportWish) -> None:
        """Write the captions, edited or not, in the background; a notice follows."""
        project, texts = self._session.project, self._session.captions.texts()
        if project is None:
            return
        home = project.folder

        def work() -> Exported:
            # A table that is there already was agreed to in the dialog: what is not ours stays.
            update = wish.out.is_file() and not wish.images
            out = wish.out if update else _free(wish.out)
            return export_captions(home, wish.to, out, wish.images, update, texts)

        run_task(
            work,
            self._on_exported,
            self._session.show_error,
            parent=self,
        )

    def _on_exported(self, done: Exported) -> None:
        text = f"Exported {_count(done.captions)} to {done.path.name}."
        text += f" {len(done.missing)} images have none." if done.missing else ""
        text += f" {len(done.excluded)} excluded images stayed out." if done.excluded else ""
        details = [str(done.path), *(f"{p.file}: {p.message}" for p in done.problems)]
        self._session.notify("warning" if done.problems else "good", text, "\n".join(details))
        self.exported.emit(done)


def _free(path: Path) -> Path:
    """Return a name that nothing has yet: exports go beside each other."""
    numbered = (path.with_name(f"{path.name} {n}") if n > 1 else path for n in range(1, 10_000))
    return next(each for each in numbered if not each.exists())


def _count(number: int) -> str:
    return f"{number} caption{'' if number == 1 else 's'}"
