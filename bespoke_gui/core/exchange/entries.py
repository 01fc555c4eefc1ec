"""The working set as it is exchanged: one entry an image, or a caption file where none has one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bespoke_gui.core import captions as store
from bespoke_gui.core.captions import Caption
from bespoke_gui.core.exchange.base import Entry
from bespoke_gui.core.excluded import joined
from bespoke_gui.core.pairs.target import Pairs, open_pairs


@dataclass
class WorkingSet:
    """All captions of a project, dataset folder or folder of caption files, by name.

    keys: the names under which the history knows them.
    """

    pairs: Pairs
    entries: dict[str, Entry] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)

    @property
    def separator(self) -> str:
        """What stands between two phrases."""
        return self.pairs.project.separator if self.pairs.project else ","

    def texts(self) -> dict[str, str | None]:
        """Return every readable text, None where the caption is missing."""
        found = self.entries.items()
        return {name: entry.text for name, entry in found if not entry.caption.unreadable}


def working_set(path: Path, texts: Mapping[str, str | None] | None = None) -> WorkingSet:
    """Read all captions below `path`; `texts` are edited ones that count more than the files.

    Raises AppError when `path` is no folder.
    """
    pairs = open_pairs(path)
    found = WorkingSet(pairs)
    for place in pairs.places:
        for name, item in _items(pairs, place.folder).items():
            full = joined(place.prefix, name)
            found.keys[full] = joined(place.key, name)
            caption, image, excluded = item
            text = None if caption.missing else caption.text
            if texts is not None and full in texts:
                text = texts[full]
            found.entries[full] = Entry(full, image, caption, text, excluded)
    return found


def _items(pairs: Pairs, folder: Path) -> dict[str, tuple[Caption, Path | None, bool]]:
    from bespoke_gui.core.dataset import scan_folder

    items = scan_folder(folder, pairs.extension).items
    if items:
        read = ((i, store.read_safely(i.caption)) for i in items)
        return {item.name: (caption, item.image, item.excluded) for item, caption in read}
    alone = store.read_folder(folder, pairs.extension)
    return {name: (caption, None, False) for name, caption in alone.items()}
