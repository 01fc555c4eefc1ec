"""Which format a file or folder is in."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from bespoke_gui.core.dataset import named_repeats
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.exchange.base import FORMATS, Format

SUFFIXES = {".jsonl": "jsonl", ".ndjson": "jsonl", ".csv": "csv", ".tsv": "csv", ".json": "meta"}
TABLES = {"metadata.jsonl": "jsonl", "metadata.csv": "csv"}


def detect(path: Path) -> Format:
    """Return the format of `path`. Raises AppError: not there, none of ours, or two at once."""
    path = Path(path)
    if not path.exists():
        raise AppError("is not there", file=path, hint="check the path")
    if path.is_dir():
        return FORMATS[_of_folder(path)]
    name = SUFFIXES.get(path.suffix.lower())
    if name is None:
        hint = "name a .jsonl, .csv or .json file, or a folder of caption files"
        raise AppError("is no file captions can be read from", file=path, hint=hint)
    return FORMATS[name]


def _of_folder(folder: Path) -> str:
    texts: Counter[str] = Counter()
    numbered = 0
    for path in folder.rglob("*"):
        below = path.relative_to(folder)
        if path.suffix in (".txt", ".caption") and not any(p[0] == "." for p in below.parts):
            texts[path.suffix] += 1
            numbered += named_repeats(below.parts[0]) is not None and len(below.parts) == 2
    tables = [name for file, name in TABLES.items() if (folder / file).is_file()]
    if len(tables) + bool(texts) > 1:
        hint = f"say which with --format: {', '.join([*tables, 'txt'])}"
        raise AppError("holds captions in two formats", file=folder, hint=hint, kind="usage")
    if tables:
        return tables[0]
    if not texts:
        hint = "name a folder with .txt, .caption, metadata.jsonl or metadata.csv"
        raise AppError("holds no captions", file=folder, hint=hint)
    if numbered == sum(texts.values()):
        return "kohya"
    return "caption" if texts[".caption"] > texts[".txt"] else "txt"
