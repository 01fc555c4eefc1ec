"""Quick filters: terms that stand for a choice and replace each other inside a query."""

from __future__ import annotations

from collections.abc import Collection

from bespoke_gui.core.caption_query.error import QueryError
from bespoke_gui.core.caption_query.nodes import And, Node
from bespoke_gui.core.caption_query.parser import parse


def with_quick(text: str, term: str, quick: Collection[str]) -> str:
    """Return the query with `term` in place of every one of the `quick` terms; "" takes them out.

    What else stands in the query stays; a query that cannot be understood gives way.
    """
    try:
        node = parse(text, codes=None)
    except QueryError:
        return term
    kept = [part for part in _parts(node) if str(part) not in quick]
    chosen = [parse(term)] if term else []
    return str(And((*chosen, *kept))) if len(chosen) + len(kept) > 1 else _lone(chosen + kept)


def chosen_quick(text: str, quick: Collection[str]) -> str:
    """Return which of the `quick` terms the query asks for, "" for none or several."""
    try:
        found = [str(part) for part in _parts(parse(text)) if str(part) in quick]
    except QueryError:
        return ""
    return found[0] if len(found) == 1 else ""


def _parts(node: Node) -> tuple[Node, ...]:
    return node.parts if isinstance(node, And) else (node,)


def _lone(nodes: list[Node]) -> str:
    return str(nodes[0]) if nodes else ""
