"""Rules: what they do, what they would lose, and that nothing runs away."""

import re
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bespoke_gui.core import captions, phrases, words
from bespoke_gui.core.errors import AppError
from bespoke_gui.core.history import History
from bespoke_gui.core.rules.apply import apply_rules, write_results
from bespoke_gui.core.rules.base import ACTIONS
from bespoke_gui.core.rules.matching import Matcher, needed
from bespoke_gui.core.rules.ruleset import (
    load_rules,
    parse_rules,
    preview,
    run,
    shipped,
    unstable,
)


def rules(*tables, top=""):
    return parse_rules("\n".join([top, *(f"[[rules]]\n{table}" for table in tables)]))


def after(text, *tables, separator=","):
    return run(rules(*tables), text, separator).after


def test_every_action_is_there():
    assert list(ACTIONS) == [
        *("append", "dedupe", "order", "prepend", "remove", "rename", "replace", "strip_hex"),
    ]


@pytest.mark.parametrize(
    ("rule", "before", "expected"),
    [
        (
            'action="replace"\nfind="hat"\nwith="cap"',
            "Hat, hatter, red hat",
            "cap, hatter, red cap",
        ),
        ('action="replace"\nfind="hat"\nwith="cap"\ncase=true', "Hat, red hat", "Hat, red cap"),
        ('action="replace"\nfind="hat"\nwith="cap"\nwords=false', "hatter", "capter"),
        ('action="replace"\nfind="red hat"\nwith="cap"', "red  hat, red, hat", "cap, red, hat"),
        (
            'action="replace"\nmatch="regex"\nfind="(\\\\w+) eyes"\nwith="eyes of \\\\1"',
            "blue eyes, red hat",
            "eyes of blue, red hat",
        ),
        (
            'action="replace"\nfind="hair"\nwith="brown hair"\nunless="brown|black"',
            "hair, black hair, red hair",
            "brown hair, black hair, red brown hair",
        ),
        (
            'action="replace"\nfind="hat"\nwith="cap"\nwhere="red"',
            "blue hat, red hat",
            "blue hat, red cap",
        ),
        ('action="prepend"\ntext="pixel art, 24x24"', "24X24, hat", "pixel art, 24X24, hat"),
        ('action="prepend"\ntext="pixel art"', "", "pixel art"),
        ('action="append"\ntext="sharp, flat"', "a hat, Sharp", "a hat, Sharp, flat"),
        ('action="append"\ntext="sharp"', "a hat,", "a hat, sharp"),
        ('action="append"\ntext="sharp"', "a hat\n\na tie", "a hat, sharp\n\na tie, sharp"),
        ('action="remove"\nfind="red hat"', "a, red hat, b", "a, b"),
        ('action="remove"\nfind="red hat"', "red hat, b", "b"),
        ('action="remove"\nfind="red hat"', "a, red hat", "a"),
        ('action="remove"\nfind="red hat"', "red hat", ""),
        ('action="remove"\nfind="red"', "big red hat, red, x", "big hat, x"),
        ('action="remove"\nfind="red"', "red hat, hat red", "hat, hat"),
        ('action="remove"\nfind="hat"', "hat, hat, hat, x", "x"),
        (
            'action="rename"\nfind="hair"\nwith="brown hair"',
            "Hair, red hair",
            "brown hair, red hair",
        ),
        ('action="dedupe"', "hat, Hat, tie,  hat", "hat, tie"),
        ('action="strip_hex"', "bow (#ff0255, #c37d7d), x", "bow, x"),
        ('action="strip_hex"', "skin #ebbd9a), x", "skin, x"),
        ('action="strip_hex"', "(light #ff0255, dark #c37d7d) x", "(light, dark) x"),
        ('action="strip_hex"', "a, #ff0255, #c37d7d, b", "a, b"),
        ('action="strip_hex"', "a (#fff and #000) b (#facade) #bad", "a b (#facade) #bad"),
        (
            'action="order"\nfirst=["pixel art", "portrait*"]\nlast=["*background"]',
            "hat, red background, Portrait of x, tie, pixel art",
            "pixel art, Portrait of x, hat, tie, red background",
        ),
        ('action="order"\nfirst=["b"]', "a,b ,c\nc, b", "b,a ,c\nb, c"),
    ],
)
def test_actions(rule, before, expected):
    assert after(before, rule) == expected
    assert after(expected, rule) in (expected, after(expected, rule))


@pytest.mark.parametrize(
    ("find", "is_regex", "expected"),
    [
        ("red Hats", False, "hats"),
        ("a.c", False, "a.c"),
        (r"\bearrings?\b", True, "earring"),
        (r"\bsunglasses(?: rims)?\b", True, "sunglasses"),
        (r"\b(bow)( in hair)\b", True, " in hair"),
        *((find, True, "") for find in ("(hat)?", "hat|cap", "ha[ts]", "ha.", "hat*", r"\what")),
        *(
            (find, True, "")
            for find in ("(?:hat|cap)", "(?i)hat", "(?=hat)", "hat{0}", "stra\u00dfe")
        ),
    ],
)
def test_what_every_match_must_hold(find, is_regex, expected):
    assert needed(find, is_regex) == expected


PATTERNS = ["hat", "hats?", r"\bh(a)t\b", "(?: a)?hat", "a ?t", "h.t", "hat$", "^hat", "\u017fun"]


@given(st.sampled_from(PATTERNS), st.text("haHAtTsS \u017fun,", max_size=30), st.booleans())
def test_looking_ahead_never_hides_a_match(find, text, by_phrase):
    scope = "phrase" if by_phrase else "caption"
    matcher = Matcher({"find": find, "match": "regex", "scope": scope, "with": "x"})
    if matcher.misses(text, ","):
        assert matcher.find(text, ",") == []


def test_another_separator():
    assert after("a; hat; b", 'action="remove"\nfind="hat"', separator=";") == "a; b"
    assert after("a; b", 'action="append"\ntext="c; a"', separator=";") == "a; b; c"


def test_a_phrase_rule_cannot_reach_over_a_separator_and_a_caption_rule_is_told():
    table = 'name="x"\naction="replace"\nmatch="regex"\nfind="brown hair.*brown eyes"\nwith="both"'
    text = "brown hair, hat, brown eyes"
    assert after(text, table) == text
    result = run(rules(table + '\nscope="caption"'), text)
    assert result.after == "both"
    assert result.crosses_separator
    assert result.lost == ["brown", "hair", "hat", "brown", "eyes"]
    assert result.lossy
    assert not result.safe
    assert result.hits[0].before == text


@pytest.mark.parametrize("find", ["^hat$", r"(?<!,\ )hat", r"hat\Z", r"\bhat\b", "ha?t", "h.*t"])
def test_a_phrase_is_matched_as_if_it_stood_alone(find):
    table = f"action='replace'\nmatch='regex'\nfind='{find}'\nwith='cap'"
    assert after("tie, hat, bow", table) == "tie, cap, bow"


def test_declared_synonyms_are_no_loss_and_only_while_the_rule_fires():
    table = 'action="replace"\nfind="shades"\nwith="sunglasses"'
    assert run(rules(table), "black shades").lost == ["shades"]
    declared = table + '\nsynonyms={shades="sunglasses"}'
    assert not run(rules(declared), "black shades").lossy
    top = '[synonyms]\nshades="sunglasses"'
    assert not run(rules(table, top=top), "black shades").lossy
    other = 'action="remove"\nfind="hat"'
    assert run(rules(declared, other), "hat, tie").lost == ["hat"]


def test_a_removed_duplicate_is_no_loss_but_a_removed_phrase_is():
    assert run(rules('action="dedupe"'), "red hat, red hat").lost == []
    assert run(rules('action="remove"\nfind="red hat"'), "red hat, tie").lost == ["red", "hat"]


@given(st.text("ab -,", max_size=12), st.sampled_from(["a", " a", "a ", "-", ", b", "'"]))
def test_each_rule_knows_what_it_took(text, new):
    ruleset = rules(f'name="x"\naction="replace"\nmatch="regex"\nfind="(?=b)"\nwith="{new}"')
    result = run(ruleset, text)
    assert result.lost_by_rule == ({"x": result.lost} if result.lost else {})
    assert result.lost == words.lost(text, result.after)


def test_a_rule_over_the_output_of_another_is_told():
    first = 'name="studs"\naction="replace"\nfind="earrings"\nwith="stud earring"'
    second = 'name="more"\naction="replace"\nfind="earring"\nwith="stud earring"'
    result = run(rules(first, second), "gold earrings, hat")
    assert result.after == "gold stud stud earring, hat"
    assert result.overlaps == ["more over studs"]
    assert result.rules == ["studs", "more"]
    assert run(rules(second, first), "gold earrings, hat").overlaps == []


def test_positions_of_inserted_text_follow_later_edits():
    tables = [
        'name="a"\naction="append"\ntext="zebra"',
        'name="b"\naction="prepend"\ntext="start"',
        'name="c"\naction="remove"\nfind="hat"',
        'name="d"\naction="replace"\nfind="zebra"\nwith="horse"',
        'name="e"\naction="replace"\nfind="tie"\nwith="bow"',
    ]
    result = run(rules(*tables), "hat, tie")
    assert result.after == "start, bow, horse"
    assert result.overlaps == ["d over a"]


def test_a_rule_that_changes_its_own_output_is_told():
    grows = rules('action="replace"\nfind="hat"\nwith="red hat"')
    results = preview(grows, {"a": "hat", "b": "tie", "c": None})
    assert list(results) == ["a", "b"]
    assert unstable(grows, results) == ["a"]
    stable = rules('action="append"\ntext="hat"')
    assert unstable(stable, preview(stable, {"a": "tie"})) == []


def test_rules_that_are_off_do_nothing():
    assert after("hat", 'action="remove"\nfind="hat"\non=false') == "hat"


def test_a_runaway_regex_is_stopped_and_named():
    bad = rules('name="evil"\naction="remove"\nmatch="regex"\nfind="(x+x+)+y"')
    began = time.monotonic()
    with pytest.raises(AppError, match=r"'evil'.*takes too long"):
        preview(bad, {"a": "x" * 5000})
    assert time.monotonic() - began < 30  # Python's own engine would not end in a lifetime


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rules]\n", "no valid TOML.*line 1"),
        ("name = 'x'\n", "holds no rules"),
        ("schema = 7\n[[rules]]\naction='dedupe'\n", "schema 7"),
        ("colour = 1\n[[rules]]\naction='dedupe'\n", "no key 'colour'"),
        ("[[rules]]\naction='dedupe'\n\n[[rules]]\naction='fly'\n", r"rule 2 \(line 4\).*'fly'"),
        ("[[rules]]\nname='x'\n", r"rule 1 \(line 1\).*says no action"),
        ("[[rules]]\naction='replace'\nfind='a'\n", "needs `with`"),
        ("[[rules]]\naction='replace'\nfind='a'\nwth='b'\n", "no key 'wth'"),
        ("[[rules]]\naction='remove'\nfind=' '\n", "`find` is empty"),
        ("[[rules]]\naction='remove'\nfind='('\nmatch='regex'\n", "no valid regex"),
        ("[[rules]]\naction='remove'\nfind='(a*'\nmatch='regex'\n", "no valid regex"),
        ("[[rules]]\naction='replace'\nmatch='regex'\nfind='a'\nwith='\\2'\n", "the group 2"),
        ("[[rules]]\naction='remove'\nfind='a'\nscope='file'\n", "`scope` cannot be 'file'"),
        ("[[rules]]\naction='remove'\nfind=3\n", "`find` must be a text"),
        ("[[rules]]\naction='remove'\nfind='a'\non=1\n", "`on` must be true or false"),
        ("[[rules]]\naction='order'\nfirst='a'\n", "`first` must be a list"),
        ("[[rules]]\naction='dedupe'\nsynonyms='a'\n", "`synonyms` must be a table"),
        ("[[rules]]\naction='dedupe'\nname='x'\n[[rules]]\naction='dedupe'\nname='x'\n", "twice"),
        ("rules = [3]\n", "rule 1: is no table"),
    ],
)
def test_a_bad_rule_set_says_where_and_what(tmp_path, text, message):
    path = tmp_path / "rules.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(AppError) as error:
        load_rules(path)
    assert re.search(message, str(error.value), re.DOTALL)
    assert str(path) in str(error.value)


def test_a_rule_set_that_cannot_be_read_says_so(tmp_path):
    with pytest.raises(AppError, match="cannot be read"):
        load_rules(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\xff")
    with pytest.raises(AppError, match="not UTF-8"):
        load_rules(tmp_path / "bad.toml")


PARTS = st.sampled_from(["hat", "red hat", "tie", "big hat x", "#ff00aa", "(#fff, #000)"])


@given(st.lists(PARTS, min_size=1, max_size=7))
def test_taking_things_out_leaves_no_hole(parts):
    text = ", ".join(parts)
    for table in ('action="remove"\nfind="hat"', 'action="dedupe"', 'action="strip_hex"'):
        result = run(rules(table), text)
        assert not re.search(r"  |,,|, ,|^[ ,]|[ ,]$|\(\)", result.after)
        assert run(rules(table), result.after).after == result.after
        if "remove" in table:
            assert set(result.lost) <= {"hat"}
        else:
            assert not result.lossy


@given(st.lists(st.sampled_from(["a b", "c", "d", "e f", "g"]), unique=True))
def test_ordering_keeps_every_phrase(parts):
    table = 'action="order"\nfirst=["d", "a*"]\nlast=["c"]'
    result = run(rules(table), ", ".join(parts))
    assert sorted(p.text for p in phrases.split(result.after)) == sorted(parts)
    assert not result.lossy


@given(st.text("ab ,#f0()", max_size=40))
def test_shipped_rule_sets_lose_nothing_on_any_text(text):
    for path in shipped().values():
        result = run(load_rules(path), text)
        assert not result.lossy
        if not words.HEX_COLOUR.search(text):
            assert words.missing(text, result.after) == []


@pytest.fixture
def folder(tmp_path):
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_bytes(f"{name}, red hat".encode())
    return tmp_path


def test_apply_keeps_a_snapshot_and_a_log(folder):
    ruleset = rules('name="caps"\naction="replace"\nfind="hat"\nwith="cap"', top='name = "Caps"')
    with History(folder) as history:
        done = apply_rules(ruleset, captions.read_folder(folder), history)
        assert sorted(done.report.written) == ["a.txt", "b.txt", "c.txt"]
        assert history.load(done.report.snapshot)["a.txt"] == "a, red hat"
        assert history.texts("a.txt")[0].source == "rules: Caps"
    assert (folder / "a.txt").read_bytes() == b"a, red cap"
    assert done.log is not None
    log = done.log.read_text(encoding="utf-8")
    for line in (
        *("# Caption rules: Caps", "- caps: 3 captions, 3 of them lost words", "### a.txt"),
        *("- caps: `hat` -> `cap`", "> a, red hat", "> a, red cap", "- **b.txt:** hat"),
    ):
        assert line in log
    assert "**Words lost:** hat" in log


def test_apply_writes_only_what_is_chosen(folder):
    ruleset = rules('action="remove"\nfind="red"\nwhere="a|hat"')
    with History(folder) as history:
        done = apply_rules(
            ruleset, captions.read_folder(folder), history, choose=lambda name, _: name == "b.txt"
        )
    assert list(done.report.written) == ["b.txt"]
    assert done.skipped == ["a.txt", "c.txt"]
    assert (folder / "a.txt").read_bytes() == b"a, red hat"


def test_a_caption_edited_since_the_preview_is_refused(folder):
    ruleset = rules('action="remove"\nfind="red"')
    results = preview(ruleset, captions.texts(captions.read_folder(folder)))
    (folder / "b.txt").write_bytes(b"b, red tie")
    with History(folder) as history, pytest.raises(AppError, match="since the preview"):
        write_results("x", captions.read_folder(folder), results, history, lambda *_: True)
    assert (folder / "a.txt").read_bytes() == b"a, red hat"


@pytest.mark.punks
class TestReference:
    @pytest.fixture(params=["captions_before", "captions_after"])
    def texts(self, punks, request):
        return captions.texts(captions.read_folder(punks / request.param))

    def test_shipped_rule_sets_lose_nothing_and_run_twice_as_once(self, texts):
        for path in shipped().values():
            ruleset = load_rules(path)
            results = preview(ruleset, texts)
            assert [name for name, result in results.items() if not result.safe] == []
            assert unstable(ruleset, results) == []
            assert not any(result.overlaps for result in results.values())

    def test_hex_codes_are_gone_and_nothing_else(self, texts):
        results = preview(load_rules(shipped()["strip_hex"]), texts)
        changed = {name: result for name, result in results.items() if result.changed}
        assert len(changed) == 9
        for result in changed.values():
            assert "#" not in result.after
            assert words.missing(result.before, result.after) == []
            assert words.missing(result.after, result.before) == []

    def test_the_clarity_phrases_are_what_the_artist_added(self, punks):
        before = captions.texts(captions.read_folder(punks / "captions_before"))
        wanted = captions.texts(captions.read_folder(punks / "captions_after"))
        results = preview(load_rules(shipped()["pixel_clarity"]), before)
        assert sum(results[name].after == wanted[name] for name in wanted) == 140

    def test_accessories_gain_detail_where_they_are(self, punks):
        before = captions.texts(captions.read_folder(punks / "captions_before"))
        results = preview(load_rules(shipped()["accessories"]), before)
        assert sum(result.changed for result in results.values()) > 40
        cash = results["lad_002_cash.txt"]
        assert "black stunner sunglasses covering both eyes" in cash.after
        assert words.missing(cash.before, cash.after) == ["shades"]
        assert not any("earring" in r.after and "stud" in r.after for r in results.values())

    def test_accessories_stay_what_they_are(self, punks):
        before = captions.texts(captions.read_folder(punks / "captions_before"))
        results = preview(load_rules(shipped()["accessories"]), before)
        whole = "\n".join(result.after for result in results.values())
        assert "stud" not in whole.replace("study", "")
        assert "colors visible" not in whole
        assert "fidora hat with creased crown" in results["lad_066_napoli2.txt"].after
        assert "cap" not in results["lad_066_napoli2.txt"].after.split()
        assert "wearing gray hat covering top of head" in results["lad_001_carbon.txt"].after
        for name in ("lady_003_cashew", "lady_046_x", "lady_050_x-6", "lady_090_missthang"):
            words_now = results[f"{name}.txt"].after
            assert any(kind in words_now for kind in ("dangly golden", "hoop", "gold dangling"))

    def test_colours_are_told_apart_where_the_artist_meant_it(self, punks):
        before = captions.texts(captions.read_folder(punks / "captions_before"))
        results = preview(load_rules(shipped()["colour_distinct"]), before)
        assert sum(result.changed for result in results.values()) == 28
        assert not any(result.lost or result.crosses_separator for result in results.values())
        copper = results["lad_005_copper.txt"]
        assert "wearing mustache, dark to medium brown eyes clearly distinct from" in copper.after

    def test_all_in_one_does_what_the_four_do(self, texts):
        ruleset = load_rules(shipped()["enhance"])
        step = texts
        for name in ("strip_hex", "accessories", "colour_distinct", "pixel_clarity"):
            done = preview(load_rules(shipped()[name]), step)
            step = {caption: result.after for caption, result in done.items()}
        assert {name: result.after for name, result in preview(ruleset, texts).items()} == step


def test_the_documented_rule_set_is_one():
    text = (Path(__file__).parents[2] / "docs" / "rules.md").read_text("utf-8")
    ruleset = parse_rules(text.split("```toml\n")[1].split("```")[0])
    assert run(ruleset, "red cowboy hat").after.startswith("red cowboy hat with wide brim, hard")
    for name in ACTIONS:
        assert f"`{name}`" in text
        assert all(option.name in text for option in ACTIONS[name].options)
