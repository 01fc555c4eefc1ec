"""What can be done with a phrase: in the current caption, in the selected ones, in all."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bespoke_gui.core import phrase_edit, phrases
from bespoke_gui.qtmodels.caption_desk import CaptionDesk
from bespoke_gui.qtmodels.snapshots import edit_after_snapshot


def holds(desk: CaptionDesk, phrase: str) -> list[str]:
    """Return the names of all captions that hold the phrase, capitals aside."""
    wanted, separator = phrase.casefold(), desk.separator()
    texts = desk.session.captions.texts().items()
    return [
        name
        for name, text in texts
        if text
        and wanted in text.casefold()
        and any(p.text.casefold() == wanted for p in phrases.split(text, separator))
    ]


def press(desk: CaptionDesk, phrase: str) -> None:
    """Add a phrase to the selected captions; in a single one take it out where it is there."""
    names = desk.selected()
    if len(names) > 1:
        add(desk, names, phrase)
        return
    store, separator = desk.session.captions, desk.separator()
    for name in names:
        text = store.text(name)
        added = phrase_edit.add(text, phrase, separator)
        if added != text:
            store.edit(name, added, f"add {phrase}")
        else:
            store.edit(name, phrase_edit.remove(text, phrase, separator), f"take out {phrase}")


def add(desk: CaptionDesk, names: Iterable[str], phrase: str, first: bool = False) -> None:
    """Add a phrase to captions that lack it, as one step."""
    separator = desk.separator()
    _edit(desk, names, f"add {phrase}", lambda t: phrase_edit.add(t, phrase, separator, first))


def remove(desk: CaptionDesk, names: Iterable[str], phrase: str) -> None:
    """Take a phrase out of captions, as one step."""
    separator = desk.separator()
    _edit(desk, names, f"take out {phrase}", lambda t: phrase_edit.remove(t, phrase, separator))


def rename(desk: CaptionDesk, names: Iterable[str], phrase: str, new: str) -> None:
    """Put another phrase in place of this one, as one step."""
    separator = desk.separator()
    label = f"rename {phrase} to {new}"
    _edit(desk, names, label, lambda t: phrase_edit.rename(t, phrase, new, separator))


def _edit(
    desk: CaptionDesk, names: Iterable[str], label: str, change: Callable[[str], str]
) -> None:
    session = desk.session
    texts = {name: change(session.captions.text(name)) for name in names}

    def tell(count: int) -> None:
        captions = "1 caption" if count == 1 else f"{count} captions"
        session.notify("good", f"{captions} changed: {label}. Ctrl+Z takes it back.")

    edit_after_snapshot(session, texts, label, tell)
