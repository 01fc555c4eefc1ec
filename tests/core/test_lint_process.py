"""Lint process: what it finds is what this process would find, and it ends when it should."""

import threading

import pytest

from bespoke_gui.core.errors import AppError
from bespoke_gui.core.lint_ignored import Ignored
from bespoke_gui.core.lint_process import LintProcess, ProcessEnded
from bespoke_gui.core.lints import Context, Linter

TEXTS = {
    "a.png": "a lad, a lad, red red hair",
    "b.png": "a lady with a purpel hat and a long green coat",
    "c.png": "A lady  with a purpel hat and a long green coat",
    "d.png": "portrait of a lad, {colour} hair, solid background",
}


@pytest.fixture
def process():
    made = LintProcess(Context(trigger="lad"), Ignored(frozenset({"spelling"})))
    yield made
    made.close()


def here(texts):
    linter = Linter(Context(trigger="lad"), ignored=Ignored(frozenset({"spelling"})))
    codes = {n: [check.code for check, _ in linter.of_text(n, t)] for n, t in texts.items()}
    of_set: dict = {}
    for name, check, finding in linter.of_set(texts):
        of_set.setdefault(name, []).append((check.code, finding))
    return codes, of_set


def test_it_finds_what_is_found_here(process):
    looked = process.look(TEXTS)
    codes, of_set = here(TEXTS)
    by_image = {name: len(each.of_image) for name, each in looked.items()}
    assert {n: e.codes[: len(e.codes) - by_image[n]] for n, e in looked.items()} == codes
    assert "doubled_word" in looked["a.png"].codes
    assert dict(process.look_at_set({})) == of_set
    assert {code for code, _ in of_set["b.png"]} >= {"identical_captions"}


def test_the_set_knows_what_changed_and_what_is_gone(process):
    process.look(TEXTS)
    now = {**TEXTS, "c.png": "something else, a tie"}
    assert dict(process.look_at_set({"c.png": now["c.png"]})) == here(now)[1]
    del now["a.png"]
    assert dict(process.look_at_set({"a.png": None})) == here(now)[1]


def test_many_findings_come_in_pieces(process):
    texts = {f"{n}.png": "the very same words" for n in range(1000)}
    process.look(texts)
    found = dict(process.look_at_set({}))
    assert {name for name in found if name} == set(texts)


def test_closing_ends_a_call_that_waits(process):
    process.look(TEXTS)
    many = {f"{n}.png": f"a lad, hair number {n}, " * 20 for n in range(20_000)}
    told = []

    def call():
        try:
            process.look(many)
        except AppError as error:
            told.append(error.kind)

    thread = threading.Thread(target=call)
    thread.start()
    process.close()
    thread.join(20)
    assert told == ["cancelled"]


def test_closed_before_it_began():
    process = LintProcess(Context(), Ignored())
    process.close()
    with pytest.raises(AppError) as raised:
        process.look(TEXTS)
    assert raised.value.kind == "cancelled"


def test_a_process_that_died_is_told(process):
    process.look(TEXTS)
    process._process.kill()
    process._process.join()
    with pytest.raises(ProcessEnded):
        process.look(TEXTS)
