"""`bespoke captions list`: captions by name, with length, review and notes."""

from __future__ import annotations

import argparse
from typing import Any

from bespoke_gui.commands._captions_text import counted
from bespoke_gui.commands.output import Result
from bespoke_gui.core import token_borders
from bespoke_gui.core.caption_query import Query, split_phrases
from bespoke_gui.core.caption_set import CaptionSet, open_captions
from bespoke_gui.core.caption_set_lookup import SetFacts


def show(args: argparse.Namespace) -> Result:
    """List the captions for which the query holds."""
    query, found = Query(args.where), open_captions(args.folder)
    facts = SetFacts(found, args.against)
    readable = [name for name, caption in found.captions.items() if not caption.unreadable]
    names = query.select(facts.lookup(), readable)
    files = {name: _row(facts, found, name) for name in names}
    data = {
        "where": str(query.node),
        "files": files,
        "summary": {"files": len(readable), "found": len(files)},
        "problems": [p.as_dict() for p in found.problems if p.file not in readable],
    }
    lines = [_line(name, row) for name, row in files.items()]
    lines.append(f"{len(files)} of {counted(len(readable), 'caption')}")
    return Result(data, "\n".join(lines))


def _row(facts: SetFacts, found: CaptionSet, name: str) -> dict[str, Any]:
    text, status = facts.text(name), facts.status(name)
    diff = facts.diff(name)
    return {
        "tokens": token_borders.count(text),
        "phrases": len(split_phrases(text, found.separator)),
        "review": status[0],
        "status": status,
        "lint": facts.lints(name),
        "changed": diff.status != "equal",
        "lossy": diff.lossy,
        "lost": diff.lost,
    }


def _line(name: str, row: dict[str, Any]) -> str:
    parts = [f"{row['tokens']} tokens", counted(row["phrases"], "phrase"), ", ".join(row["status"])]
    parts += [f"lost: {', '.join(row['lost'])}"] if row["lost"] else []
    parts += [f"lint: {', '.join(dict.fromkeys(row['lint']))}"] if row["lint"] else []
    return f"{name}: {'; '.join(parts)}"
