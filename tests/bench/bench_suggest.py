"""Figures for suggestions: what asking, keeping and showing cost beside a bare loop of requests.

Prints one JSON object a line. Run: python tests/bench/bench_suggest.py [FOLDER OF THE PUNKS]
"""

import base64
import json
import sys
import time
import urllib.request
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core import worddiff  # noqa: E402
from bespoke_gui.core.suggest.answer import Answer  # noqa: E402
from bespoke_gui.core.suggest.answers import Answers  # noqa: E402
from bespoke_gui.core.suggest.batch import Asking, Batch, Job  # noqa: E402
from bespoke_gui.core.suggest.client import Endpoint  # noqa: E402
from bespoke_gui.core.suggest.options import SuggestOptions  # noqa: E402
from bespoke_gui.core.suggest.pace import Pace  # noqa: E402
from tests.core.endpoint import Server, said  # noqa: E402

PUNKS = ROOT.parent / "shared" / "data" / "punks"
MANY = 20_000


def say(what: str, began: float, **more: object) -> float:
    took = time.perf_counter() - began
    print(json.dumps({"what": what, "ms": round(took * 1000, 1), **more}), flush=True)
    return took


def bare(server: Server, jobs: list[Job]) -> None:
    """The obvious alternative: one request after the other with the file as it is, kept nowhere."""
    for job in jobs:
        url = "data:image/png;base64," + base64.b64encode(job.image.read_bytes()).decode()
        content = [
            {"type": "text", "text": job.caption},
            {"type": "image_url", "image_url": {"url": url}},
        ]
        body = {"model": "llava:7b", "stream": False, "max_tokens": 300, "temperature": 0.2,
                "messages": [{"role": "user", "content": content}]}  # fmt: skip
        request = urllib.request.Request(
            server.url + "/chat/completions", json.dumps(body).encode(),
            {"Content-Type": "application/json"},
        )  # fmt: skip
        json.load(urllib.request.urlopen(request))


def run(server: Server, home: Path, jobs: list[Job], **more: object) -> int:
    options = SuggestOptions(model="llava:7b", base_url=server.url, prompt="{caption}", **more)
    pace = Pace()
    asking = Asking(options, "", 24)
    return Batch(Endpoint(options, None, pace), Answers(home), asking, pace).run(jobs).answered


def main() -> None:
    punks = Path(sys.argv[1]) if len(sys.argv) > 1 else PUNKS
    images = sorted((punks / "train_512px").glob("*.png"))
    jobs = [Job(path.name, path, f"a caption of {path.stem}") for path in images]
    server = Server()
    server.script = lambda asked: said(f"{asked.prompt}, smiling")
    with TemporaryDirectory() as folder:
        home = Path(folder)
        began = time.perf_counter()
        bare(server, jobs)
        loop = say("bare loop, nothing kept", began, images=len(jobs))
        began = time.perf_counter()
        count = run(server, home / "one", jobs)
        took = time.perf_counter() - began
        say("batch, one at a time", began, images=count, ratio=round(took / loop, 2))
        began = time.perf_counter()
        say("the same again, all kept", began, images=run(server, home / "one", jobs))
        server.script = lambda asked: (time.sleep(0.1), said("slow"))[1]
        for number in (1, 4):
            began = time.perf_counter()
            count = run(server, home / f"slow{number}", jobs[:60], concurrency=number)
            say("a model of 100 ms", began, images=count, concurrency=number)
        many(home / "many")
    server.close()


def many(home: Path) -> None:
    """Keeping, reading and comparing the answers to very many images."""
    answers = Answers(home)
    began = time.perf_counter()
    for number in range(500):
        answers.keep(f"key {number}", f"{number}.png", Answer(f"caption {number}, hat, smiling"))
    say("keep 500 answers, each flushed", began)
    line = answers.path.read_text(encoding="utf-8").splitlines()[0]
    lines = [line.replace("key 0", f"key {n}").replace("0.png", f"{n}.png") for n in range(MANY)]
    answers.path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    began = time.perf_counter()
    found = Answers(home).pending()
    say("read answers", began, answers=len(found))
    began = time.perf_counter()
    for kept in found.values():
        worddiff.compare("a caption, hat", kept.text)
    say("compare answers", began, answers=len(found))


if __name__ == "__main__":
    main()
