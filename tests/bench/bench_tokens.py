"""Figures for CLIP tokens: reading the vocabulary, counting 203 real and 20,000 made captions.

Prints one JSON object a line, with ratios against transformers' tokenizer where it is installed.
Run: python tests/bench/bench_tokens.py [FOLDER OF THE PUNKS]
"""

import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core import clip_tokens, resources, token_borders, trainer_view  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks"
MANY = 20_000
FRESH = "from bespoke_gui.core import clip_tokens; import time; t = time.perf_counter(); {}; "
VALUES = {"shuffle_caption": True, "keep_tokens": 1, "caption_extension": ".txt"}


def best(work: Callable[[], object], times: int = 5) -> float:
    """Return the shortest of some runs, in milliseconds."""
    found = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        found.append(time.perf_counter() - began)
    return round(min(found) * 1000, 2)


def say(what: str, milliseconds: float, **more: object) -> None:
    print(json.dumps({"what": what, "ms": milliseconds, **more}), flush=True)


def fresh(work: str, times: int = 5) -> float:
    """Return the shortest time of some work in a new interpreter, imports aside."""
    code = FRESH.format(work) + "print(time.perf_counter() - t)"
    found = [
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
        for _ in range(times)
    ]
    return round(min(float(done.stdout) for done in found) * 1000, 2)


def cold(texts: list[str]) -> float:
    """Return how long the first count takes once the vocabulary is read, in milliseconds."""
    clip_tokens.load()
    clip_tokens._word.cache_clear()
    return best(lambda: [clip_tokens.count(text) for text in texts], 1)


def reference():
    """transformers' tokenizer from the same vocabulary, None where it is not installed."""
    try:
        from transformers import CLIPTokenizer  # noqa: TID251 - the alternative
    except ImportError:
        return None
    signs = clip_tokens._signs()
    with gzip.open(resources.resource(clip_tokens.FILE), "rt", encoding="utf-8") as file:
        merges = [tuple(line.split()) for line in islice(file, 1, 49152 - 256 - 2 + 1)]
    names = [*signs, *(f"{sign}</w>" for sign in signs), *map("".join, merges)]
    names += ["<|startoftext|>", "<|endoftext|>"]
    return CLIPTokenizer(vocab={name: i for i, name in enumerate(names)}, merges=merges)


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS
    texts = [path.read_text("utf-8") for path in sorted((folder / "captions_after").glob("*.txt"))]
    many = [f"{texts[i % len(texts)]}, number {i}" for i in range(MANY)]
    say("read the vocabulary", fresh("clip_tokens.load()"))
    say("count, cold", cold(texts), captions=len(texts))
    warm = best(lambda: [clip_tokens.count(text) for text in texts])
    other = reference()
    ratio = {}
    if other is not None:
        theirs = best(lambda: other(texts, add_special_tokens=False, verbose=False))
        say("count by transformers", theirs, captions=len(texts))
        began = time.perf_counter()
        reference()
        say("read the vocabulary by transformers", round((time.perf_counter() - began) * 1000, 2))
        ratio = {"ratio": round(theirs / warm, 2)}
    say("count, warm", warm, captions=len(texts), **ratio)
    say("places", best(lambda: [clip_tokens.encode(text) for text in texts]), captions=len(texts))
    say("borders", best(lambda: [token_borders.read(text) for text in texts]), captions=len(texts))
    setup = trainer_view.setup_from(VALUES)
    one = best(lambda: [trainer_view.view(text, setup) for text in texts]) / len(texts)
    say("trainer view of one caption", round(one, 3))
    say("count", best(lambda: [clip_tokens.count(text) for text in many], 1), captions=MANY)
    say("a line of 100,000 letters", best(lambda: clip_tokens.count("ab" * 50_000), 1))


if __name__ == "__main__":
    main()
