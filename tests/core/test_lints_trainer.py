"""Lint checks that know the config: tokens beyond its limit, and where the trigger ends up."""

import pytest

from bespoke_gui.core import captions, project
from bespoke_gui.core.config.trainer_config import TrainingConfig
from bespoke_gui.core.lint_project import project_context
from bespoke_gui.core.lints import Context, lint

LONG = "word " * 72 + ", hard color borders, sharp pixel edges"
PUNK = "bespoke punk"


def problems(text, code, **known):
    return lint({"a": text}, codes=[code], context=Context(**known))


def only(text, code, **known):
    (problem,) = problems(text, code, **known)
    start, end = map(int, problem.where.split("-"))
    return problem, text[start:end]


def test_tokens_without_a_config_are_a_remark():
    problem, place = only(LONG, "many_tokens")
    assert (problem.severity, place) == ("info", "hard color borders")
    assert problem.message == "has 80 tokens: 75 is crossed in 'hard color borders'"
    assert "max_token_length = 150" in problem.hint
    assert problems("word " * 75, "many_tokens") == []


@pytest.mark.parametrize(("limit", "severity"), [(75, "warning"), (77, "warning"), (150, "info")])
def test_tokens_that_the_config_cuts_off_are_a_warning(limit, severity):
    problem, place = only(LONG, "many_tokens", max_token_length=limit)
    assert (problem.severity, place) == (severity, "hard color borders")


def test_the_border_named_is_where_the_text_is_cut():
    text = "word " * 100 + ", tie, " + "word " * 100
    problem, _ = only(text, "many_tokens", max_token_length=20)
    assert "20 is crossed in 'word" in problem.message
    assert "cuts the rest off: shorten it, or set max_token_length = 225" in problem.hint
    beyond, _ = only("word, " * 200, "many_tokens")
    assert (beyond.severity, "set max" in beyond.hint) == ("warning", False)


def test_the_trigger_is_found_in_any_case_but_not_inside_words():
    assert problems("Portrait of Bespoke Punk lad", "missing_trigger", trigger=PUNK) == []
    assert problems("red hat", "missing_trigger") == []
    assert problems("  ", "missing_trigger", trigger=PUNK) == []
    assert len(problems("bespoke punks", "missing_trigger", trigger=PUNK)) == 1
    assert len(problems(f"red hat\n{PUNK}", "missing_trigger", trigger=PUNK)) == 1


def test_a_missing_trigger_can_be_put_in_front():
    problem, _ = only("red hat, tie", "missing_trigger", trigger=PUNK)
    assert problem.message == "lacks the trigger 'bespoke punk'"
    assert problem.fix.apply("red hat, tie") == "bespoke punk, red hat, tie"


def test_a_trigger_spelled_otherwise_is_shown_where_it_is():
    text = "pixel art, portrait of bespkoe punk, red hat"
    problem, place = only(text, "missing_trigger", trigger=PUNK)
    assert place == "bespkoe punk"
    assert problem.fix is None
    assert problem.suggestions[0].apply(text) == "pixel art, portrait of bespoke punk, red hat"


def test_how_many_phrases_must_be_kept():
    text = f"pixel art, 24x24, portrait of {PUNK} lad, red hat"
    problem, place = only(text, "trigger_moves", trigger=PUNK, shuffle=True, keep_tokens=1)
    assert place == f"portrait of {PUNK} lad"
    assert problem.hint == "set keep_tokens = 3 in the config, or put it first"
    for known in (
        {"keep_tokens": 3},
        {"shuffle": False},
        {"trigger": "pixel art"},
        {"trigger": ""},
        {"trigger": "absent"},
        {"keep_tokens": None},
        {"keep_separator": "lad"},
    ):
        given = {"trigger": PUNK, "shuffle": True, "keep_tokens": 1, **known}
        assert problems(text, "trigger_moves", **given) == []


@pytest.mark.punks
def test_reference_captions_under_the_reference_config(punks, tmp_path):
    folder = tmp_path / "punks"
    project.create_project(folder, punks / "native_24px", punks / "captions_after")
    opened = project.open_project(folder)
    opened.trigger = "bespoke punk"
    config = TrainingConfig.load(punks / "configs" / "training_config_phase1b.toml")
    texts = captions.texts(captions.read_folder(punks / "captions_after"))
    codes = ["many_tokens", "missing_trigger", "trigger_moves"]
    found = lint(texts, codes=codes, context=project_context(opened, config))
    count = {code: sum(problem.code == code for problem in found) for code in codes}
    assert count["many_tokens"] == 84
    assert {problem.severity for problem in found if problem.code == "many_tokens"} == {"info"}
    assert count["missing_trigger"] + count["trigger_moves"] == 203
    config.set("max_token_length", 75)
    cut = lint(texts, codes=["many_tokens"], context=project_context(opened, config))
    assert [problem.severity for problem in cut] == ["warning"] * 84
