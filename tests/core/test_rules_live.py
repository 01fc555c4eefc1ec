"""Live preview: always what a full run would give, but only what changed runs again."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core.rules import live
from bespoke_gui.core.rules.live import LivePreview
from bespoke_gui.core.rules.ruleset import parse_rules, preview, unstable

POOL = [
    'name="a"\naction="replace"\nfind="hat"\nwith="red cap"',
    'name="b"\naction="replace"\nfind="cap"\nwith="hat"\nsynonyms={cap="hat"}',
    'name="c"\naction="append"\ntext="sharp, hat"',
    'name="d"\naction="remove"\nfind="red"',
    'name="e"\naction="replace"\nmatch="regex"\nscope="caption"\nfind="hat.*tie"\nwith="tie hat"',
    'name="f"\naction="dedupe"',
    'name="g"\naction="prepend"\ntext="pixel art"\non=false',
]
TEXTS = ["hat, tie", "red hat, bow", "tie", "", "cap, hat, red", "bow, bow"]


def rules(tables, top=""):
    return parse_rules("\n".join([top, *(f"[[rules]]\n{table}" for table in tables)]))


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_it_says_what_a_full_run_says(chance: random.Random):
    seen = LivePreview()
    texts = {str(n): chance.choice(TEXTS) for n in range(5)}
    for _ in range(6):
        tables = chance.sample(POOL, chance.randint(1, len(POOL)))
        tables[0] = tables[0].replace("hat", chance.choice(["hat", "cap", "bow"]))
        top = chance.choice(["", '[synonyms]\nred="crimson"'])
        if chance.random() < 0.3:
            texts[chance.choice(list(texts))] = chance.choice(TEXTS)
        ruleset = rules(tables, top)
        found = seen.update(ruleset, texts)
        expected = preview(ruleset, texts)
        assert found.results == expected
        assert seen.unstable(ruleset, found.results) == unstable(ruleset, expected)


def test_only_what_changed_runs_again(monkeypatch):
    ran = []
    real = live.take

    def take(rule, *others):
        ran.append(rule.name)
        return real(rule, *others)

    monkeypatch.setattr(live, "take", take)
    seen = LivePreview()
    texts = {"x": "hat", "y": "bow"}
    seen.update(rules(POOL[:4]), texts)
    assert len(ran) == 8
    ran.clear()
    seen.update(rules(POOL[:4]), texts)
    assert ran == []
    seen.update(rules([*POOL[:3], POOL[3].replace("red", "bow")]), texts)
    assert ran == ["d", "d"]
    seen.update(rules(POOL[:4]), texts)
    ran.clear()
    seen.update(rules([POOL[0].replace("red cap", "big cap"), *POOL[1:4]]), texts)
    assert ran.count("a") == 2  # "y" reads as before behind the edited rule
    assert ran.count("b") == 1
    ran.clear()
    seen.update(rules(POOL[:4]), {**texts, "z": "tie"})
    assert ran.count("b") == 2  # of "z", and of "x" again


def test_every_rule_is_tallied():
    texts = {"x": "red hat, tie", "y": "tie"}
    found = LivePreview().update(rules([POOL[3], POOL[4], POOL[2]]), texts)
    tally = found.rules["d"]
    assert (tally.captions, tally.matches, tally.lossy, tally.crossing) == (1, 1, 1, 0)
    assert dict(tally.lost) == {"red": 1}
    assert found.rules["e"].crossing == 1
    assert found.rules["c"].captions == 2
    assert found.errors == {}


def test_a_rule_that_runs_away_is_named_and_left_out():
    evil = 'name="evil"\naction="remove"\nmatch="regex"\nfind="(x+x+)+y"'
    found = LivePreview().update(rules([evil, POOL[0]]), {"a": "hat" + "x" * 5000})
    assert list(found.errors) == ["evil"]
    assert "takes too long" in str(found.errors["evil"])
    found = LivePreview().update(rules([evil, POOL[0]]), {"a": "x" * 5000 + ", hat"})
    assert found.results["a"].rules == ["a"]


def test_it_gives_way_to_a_newer_call():
    def stop():
        raise KeyboardInterrupt

    seen = LivePreview()
    texts = {str(n): "hat" for n in range(120)}
    with pytest.raises(KeyboardInterrupt):
        seen.update(rules(POOL[:2]), texts, check=stop)
    assert seen.update(rules(POOL[:2]), texts).results == preview(rules(POOL[:2]), texts)
