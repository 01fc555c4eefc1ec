"""Figures of the query language on made captions, against the obvious alternative.

Prints one JSON object a line: milliseconds of processor time, the best of some runs over 10,000 and
100,000 captions, compiling included; "plainly" asks a tree of operators caption by caption with
fnmatch, as TagGUI does. Run: python tests/bench/bench_query.py
"""

import fnmatch
import json
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.caption_query import Lookup, Query, parse  # noqa: E402
from bespoke_gui.core.caption_query.nodes import And, Node, Not, Or  # noqa: E402

PARTS = (
    "pixel art",
    "portrait of bespoke punk lad",
    "brown hair",
    "black hair",
    "blonde hair",
    "red hat",
    "wearing a gray hat with gray structured crown",
    "golden earrings",
    "sunglasses",
    "blue eyes",
    "dark brown eyes",
    "light skin",
    "medium male skin tone",
    "neutral expression",
    "slight smile",
    "green background",
    "solid blue background",
    "checkered background",
    "wearing a red tie",
)
QUERIES = (
    "earrings",
    "red hat OR earrings",
    "caption:hair NOT caption:sunglasses",
    'phrase:"brown hair"',
    'phrase:"*hair" -phrase:"black hair"',
    "name:lad_00?",
    "phrases:>10",
    "words:20..40",
    r"re:\bred\b.*\bhat",
    "status:todo lossy:no earrings",
    "tokens:>40 earrings",
    "tokens:>75",
)


def made(count: int) -> dict[str, str]:
    """Return captions put together from the same phrases."""
    chance = random.Random(7)
    return {f"lad_{n:06}.png": ", ".join(chance.sample(PARTS, 11)) for n in range(count)}


def plainly(node: Node, name: str, text: str) -> bool:
    """The obvious alternative: every operator and every test anew for every caption."""
    if isinstance(node, Not):
        return not plainly(node.part, name, text)
    if isinstance(node, And):
        return all(plainly(part, name, text) for part in node.parts)
    if isinstance(node, Or):
        return any(plainly(part, name, text) for part in node.parts)
    pattern = node.value.lower()
    if node.field == "phrase":
        return any(fnmatch.fnmatchcase(p.strip().lower(), pattern) for p in text.split(","))
    fields = {"": [text, name], "caption": [text], "name": [name]}[node.field]
    return any(fnmatch.fnmatchcase(field.lower(), f"*{pattern}*") for field in fields)


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of some runs, in milliseconds that the thread worked."""
    found = []
    for _ in range(times):
        began = time.thread_time()
        work()
        found.append(time.thread_time() - began)
    return round(min(found) * 1000, 2)


OURS_ONLY = ("phrases:", "words:", "re:", "tokens:", "status:")


def measure(text: str, lookup: Lookup, names: list[str]) -> dict[str, object]:
    """Return the figures of one query."""
    ours = best(lambda: Query(text).select(lookup, names))
    found = len(Query(text).select(lookup, names))
    row = {"captions": len(names), "query": text, "ms": ours, "found": found}
    if not any(field in text for field in OURS_ONLY):
        node = parse(text)
        plain = best(lambda: [n for n in names if plainly(node, n, lookup.text(n))], 2)
        row |= {"plainly_ms": plain, "ratio": round(plain / ours, 1)}
    return row


def main() -> None:
    todo = frozenset({"todo"})
    for count in (10_000, 100_000):
        texts = made(count)
        lookup = Lookup(text=texts.__getitem__, status=lambda name: todo)
        for text in QUERIES:
            print(json.dumps(measure(text, lookup, list(texts))), flush=True)


if __name__ == "__main__":
    main()
