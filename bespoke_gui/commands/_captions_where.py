"""`--where` of the captions commands: a query that chooses captions."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bespoke_gui.core.caption_set import CaptionSet

WHERE = "only captions for which this holds, as 'lossy:yes tokens:>75' (see docs/filter.md)"


def add_where(parser: argparse.ArgumentParser) -> None:
    """Add the query and what changes are counted against."""
    parser.add_argument("--where", default="", metavar="EXPR", help=WHERE)
    newest = "snapshot that changes are counted against (the newest named one, if not given)"
    parser.add_argument("--against", default="", metavar="SNAPSHOT", help=newest)


def chosen(args: argparse.Namespace, found: CaptionSet, names: Iterable[str]) -> list[str]:
    """Return the names for which the query of the command line holds; raises AppError."""
    from bespoke_gui.core.caption_query import Query
    from bespoke_gui.core.caption_set_lookup import SetFacts

    query = Query(args.where)
    if query.is_empty:
        return list(names)
    return query.select(SetFacts(found, args.against).lookup(), names)
