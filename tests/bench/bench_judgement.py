"""Bench: do blind votes find the truth, and how quickly are pairs chosen. JSON lines.

Simulated judges choose as Bradley and Terry say. For our choice of pairs and for random ones, in
the same run: how often the 95 % interval of a difference holds the truth, how much strengths are
stretched (1 is not at all), and how well the order is found.
Run: python tests/bench/bench_judgement.py
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bespoke_gui.core.gallery import open_gallery  # noqa: E402
from bespoke_gui.core.judgement import bradley_terry as bt  # noqa: E402
from bespoke_gui.core.judgement.blind import choices, next_pairs  # noqa: E402
from bespoke_gui.core.judgement.reviews import new_vote  # noqa: E402
from tests.core.gallery_kit import portrait, write_png  # noqa: E402

EPOCHS, PROMPTS, JUDGES = 10, 7, 30


def show(**figures):
    rounded = {k: round(v, 3) if isinstance(v, float) else v for k, v in figures.items()}
    print(json.dumps(rounded), flush=True)


def gallery_in(folder, epochs=EPOCHS, prompts=PROMPTS):
    for epoch in range(1, epochs + 1):
        for prompt in range(prompts):
            name = f"epoch_{epoch:02d}/prompt_{prompt:02d}.png"
            write_png(folder / name, portrait(seed=epoch * 100 + prompt))
    return open_gallery(folder)


def random_pairs(gallery, rng):
    names = {(image.epoch, image.prompt): image.name for image in gallery.images()}
    one, other = rng.choice(gallery.epochs, 2, replace=False)
    prompt = gallery.prompts[rng.integers(len(gallery.prompts))]
    return [(names[one, prompt], names[other, prompt])]


def ours(gallery, votes, seed):
    return [(pair.left, pair.right) for pair in next_pairs(gallery, votes, "ann", 5, seed)]


def judge(gallery, truth, count, seed, choose):
    rng, votes = np.random.default_rng(seed), []
    while len(votes) < count:
        for left, right in choose(votes, rng):
            gap = truth[int(right[6:8]) - 1] - truth[int(left[6:8]) - 1]
            winner = "left" if rng.random() < 1 / (1 + np.exp(gap)) else "right"
            votes.append(new_vote("ann", left, right, winner, time=f"{len(votes):05d}"))
    return bt.fit(bt.count_wins(len(truth), choices(gallery, votes, gallery.epochs)))


def truthfulness(gallery, name, count, choose):
    truth = np.random.default_rng(7).normal(0, 0.9, EPOCHS)
    inside, slopes, orders = [], [], []
    for seed in range(JUDGES):
        fit = judge(gallery, truth, count, seed, lambda v, rng, s=seed: choose(v, rng, s))
        for one in range(EPOCHS):
            for other in range(one):
                _, low, high = fit.difference(one, other)
                inside.append(low <= truth[one] - truth[other] <= high)
        slopes.append(np.polyfit(truth, fit.theta, 1)[0])
        orders.append(np.corrcoef(truth, fit.theta)[0, 1])
    show(bench="blind votes", pairs=name, votes=count, judges=JUDGES,
         intervals_hold=float(np.mean(inside)), stretched=float(np.mean(slopes)),
         correlation=float(np.mean(orders)))  # fmt: skip


def speed(folder):
    gallery = gallery_in(folder, 99, 5)
    begun = time.process_time()
    next_pairs(gallery, [], "ann", 20)
    show(bench="next 20 of 99 epochs", ms=1000 * (time.process_time() - begun))


def main():
    with tempfile.TemporaryDirectory() as place:
        gallery = gallery_in(Path(place) / "small")
        for count in (70, 200):
            truthfulness(gallery, "ours", count, lambda v, _, s: ours(gallery, v, s))
            truthfulness(gallery, "random", count, lambda _, rng, __: random_pairs(gallery, rng))
        speed(Path(place) / "large")


if __name__ == "__main__":
    main()
