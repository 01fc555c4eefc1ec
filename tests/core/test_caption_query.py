"""Query language: agrees with a naive evaluator, prints what it reads, and says what is wrong."""

import fnmatch
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bespoke_gui.core import phrases, token_borders
from bespoke_gui.core.caption_query import (
    FIELDS,
    Lookup,
    Query,
    QueryError,
    chosen_quick,
    complete,
    parse,
    with_quick,
)
from bespoke_gui.core.caption_query.fields import STATUSES
from bespoke_gui.core.caption_query.nodes import And, Not, Or, Term
from bespoke_gui.core.caption_query.patterns import canonical, whole
from bespoke_gui.core.caption_query.phrase_search import has_phrase, split_phrases
from bespoke_gui.core.errors import AppError

TEXTS = {
    "10_punks/lad_001.png": "pixel art, portrait of punk lad, brown hair, (smiling), red hat",
    "10_punks/lad_002.png": "pixel art, portrait of punk lad, black hair, wearing a red tie",
    "10_punks/lady_001.png": "pixel art, portrait of punk lady, blonde hair, golden earrings",
    "more/lady_002.png": "",
    "more/lady_010.png": "STRASSE, straße\nsecond line, 100% *sharp*, why?",
}
LINTS = {"10_punks/lad_001.png": ["doubled_word"], "more/lady_002.png": ["empty_caption"]}
STATUS = {
    "10_punks/lad_001.png": {"accepted"},
    "10_punks/lad_002.png": {"needs_work", "unsaved"},
    "more/lady_002.png": {"todo", "missing", "excluded"},
}
NOTES = {"10_punks/lad_002.png": "eyes look wrong"}
LOST = {"10_punks/lad_001.png": ["moustache", "Smiling"], "10_punks/lad_002.png": []}
LOOKUP = Lookup(
    text=TEXTS.__getitem__,
    lints=lambda name: LINTS.get(name, ()),
    status=lambda name: STATUS.get(name, {"todo"}),
    changed=lambda name: name in LOST,
    lossy=lambda name: bool(LOST.get(name)),
    lost=lambda name: LOST.get(name, ()),
    note=lambda name: NOTES.get(name, ""),
)


def found(query: str) -> list[str]:
    names = Query(query).select(LOOKUP, TEXTS)
    return [name.rpartition("/")[2].removesuffix(".png") for name in names]


EVERY = [name.rpartition("/")[2].removesuffix(".png") for name in TEXTS]


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", "lad_001 lad_002 lady_001 lady_002 lady_010"),
        ("red", "lad_001 lad_002"),
        ("lady_00", "lady_001 lady_002"),
        ("red hat", "lad_001"),
        ('"red hat"', "lad_001"),
        ('"hat red"', ""),
        ("RED AND NOT tie", "lad_001"),
        ("red -tie", "lad_001"),
        ("red -(tie OR hat)", ""),
        ("red OR blonde", "lad_001 lad_002 lady_001"),
        ("blonde OR red hat", "lad_001 lady_001"),
        ("(blonde OR red) hair NOT tie", "lad_001 lady_001"),
        ("caption:lady", "lady_001"),
        ("straße", "lady_010"),
        ("STRASSE", "lady_010"),
        ("phrase:hair", ""),
        ("phrase:*hair", "lad_001 lad_002 lady_001"),
        ('phrase:"wearing * tie"', "lad_002"),
        ('phrase:"second line"', "lady_010"),
        (r'phrase:"100% \*sharp\*"', "lady_010"),
        (r"phrase:why\?", "lady_010"),
        ("phrase:(smiling)", None),
        ('phrase:"(smiling)"', "lad_001"),
        ("name:lad_*2", "lad_002"),
        ("name:lad?_001", "lady_001"),
        ("name:punks", ""),
        ("path:10_punks/lady", "lady_001"),
        ("tokens:>=14", "lad_001 lad_002"),
        ("tokens>=14", "lad_001 lad_002"),
        ("phrases:5", "lad_001 lady_010"),
        ("phrases:..3", "lady_002"),
        ("words:1..", "lad_001 lad_002 lady_001 lady_010"),
        ("words:!=0", "lad_001 lad_002 lady_001 lady_010"),
        ("chars:0", "lady_002"),
        ("lint:doubled_word", "lad_001"),
        ("lint:*", "lad_001 lady_002"),
        ("-lint:*", "lad_002 lady_001 lady_010"),
        ("status:todo", "lady_001 lady_002 lady_010"),
        ("status:needs-work", "lad_002"),
        ("status:excluded OR status:unsaved", "lad_002 lady_002"),
        ("changed:yes", "lad_001 lad_002"),
        ("changed:yes lossy:no", "lad_002"),
        ("lossy:yes", "lad_001"),
        ("lost:smiling", "lad_001"),
        ("lost:smil", ""),
        ("lost:*", "lad_001"),
        ("note:eyes", "lad_002"),
        ("note:*", "lad_002"),
        (r"re:\bred\s+(hat|tie)$", "lad_001 lad_002"),
        ('re:"a red .ie"', "lad_002"),
        ("16:9", ""),
        ("http://example", ""),
        ("and", ""),
        ("-", ""),
    ],
)
def test_what_is_found(query, wanted):
    if wanted is None:
        with pytest.raises(QueryError):
            parse(query)
        return
    assert found(query) == wanted.split()
    node = parse(query)
    assert parse(str(node)) == node


@pytest.mark.parametrize(
    ("query", "place", "words"),
    [
        ("red hat OR", "OR", "OR needs something after it"),
        ("OR red", "OR", "OR needs something before it"),
        ("a AND OR b", "AND", "AND needs something after it"),
        ("red NOT", "NOT", "NOT needs something after it"),
        ("(red OR (hat)", "(", "never closed"),
        ("red) hat", ")", "never opened"),
        ("red () hat", "()", "nothing in these brackets"),
        ('red "hat', '"hat', "quote is never closed"),
        ('red ""', '""', "nothing in these quotes"),
        ("red token:75", "token:", 'did you mean "tokens:"'),
        ("hair:brown", "hair:", 'There is no "hair:"'),
        ("tokens:", "tokens:", "needs a value, as in tokens:>75"),
        ("a tokens:many", "tokens:many", "needs a number"),
        ("words:9..2", "words:9..2", "needs a number"),
        ("caption:", "caption:", "needs a value"),
        ("status:acepted", "status:acepted", 'did you mean "accepted"'),
        ("lossy:maybe", "lossy:maybe", "can be yes, no"),
        ("lint:dobled_word", "lint:dobled_word", 'did you mean "doubled_word"'),
        ("x re:a(b", "re:a(b", "no valid regular expression"),
        ("caption:(a OR b)", "caption:(", "(caption:one OR caption:two)"),
        ("(" * 500 + "a" + ")" * 500, "(", "too many brackets"),
    ],
)
def test_a_mistake_is_told_at_its_place(query, place, words):
    with pytest.raises(QueryError) as caught:
        parse(query)
    error = caught.value
    assert words in error.message
    assert query[error.start : error.start + error.length] == place
    assert error.message.endswith((".", "?"))


def test_a_runaway_regex_is_stopped():
    lookup = Lookup(text=lambda name: "x" * 5000)
    with pytest.raises(AppError, match="takes too long"):
        Query("re:(x+x+)+y").select(lookup, ["x"])


def test_many_stars_do_not_run_away():
    query = Query("phrase:" + "*a" * 30 + "b")
    assert query.select(Lookup(text=lambda name: "a" * 3000 + "c"), ["x"]) == []


def test_tokens_are_counted_only_where_asked():
    asked = []

    def count(text):
        asked.append(text)
        return 80

    lookup = Lookup(text=TEXTS.__getitem__, count_tokens=count)
    assert Query("tokens:>75 red").select(lookup, TEXTS) == list(TEXTS)[:2]
    assert len(asked) == 2


def test_a_query_can_be_ended_early():
    def check():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Query("red").select(Lookup(text=str, check=check), ["red"])


VALUE = st.text(alphabet='abr *?\\"()-:ßÄ.,', min_size=1, max_size=8)
VALUE = VALUE.filter(lambda value: canonical(value).strip())
NUMBERS = st.sampled_from([">3", "<=8", "4", "2..5", "..3", "!=0"])
LEAF = st.one_of(
    st.builds(lambda v: Term("", canonical(v)), VALUE),
    st.builds(
        lambda f, v: Term(f, canonical(v)),
        st.sampled_from(["caption", "phrase", "name", "path", "lost", "note"]),
        VALUE,
    ),
    st.builds(Term, st.sampled_from(["tokens", "phrases", "words", "chars"]), NUMBERS),
    st.builds(Term, st.just("status"), st.sampled_from(STATUSES)),
    st.builds(Term, st.sampled_from(["changed", "lossy"]), st.sampled_from(["yes", "no"])),
    st.builds(Term, st.just("lint"), st.sampled_from(["*", "doubled_word", "d*"])),
    st.builds(Term, st.just("re"), st.sampled_from(["a+", r"\bred", "(a|b) r", 'a"', "[ab]$"])),
)
NODES = st.recursive(
    LEAF,
    lambda inner: st.one_of(
        st.builds(Not, inner),
        st.builds(lambda parts: And(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
        st.builds(lambda parts: Or(tuple(parts)), st.lists(inner, min_size=2, max_size=3)),
    ),
    max_leaves=8,
)
CAPTION = st.text(alphabet='abrß, \n\t*?"()red', max_size=30)


@settings(deadline=None, max_examples=150)
@given(NODES)
def test_printing_and_reading_again_gives_the_same(node):
    again = parse(str(node))
    assert again == node
    assert str(again) == str(node)


def naive_pattern(value: str, ends: str) -> str:
    """The pattern as fnmatch writes it."""
    marked = re.sub(
        r"\\([*?\\])", lambda m: {"*": "[*]", "?": "[?]"}.get(m[1], "\\"), value.replace("[", "[[]")
    )
    return ends + marked.casefold() + ends


def naive(node, name, text) -> bool:
    """Ask one caption, slowly and plainly."""
    if isinstance(node, Not):
        return not naive(node.part, name, text)
    if isinstance(node, And):
        return all(naive(part, name, text) for part in node.parts)
    if isinstance(node, Or):
        return any(naive(part, name, text) for part in node.parts)
    value = node.value

    def has(where: str, ends: str = "*") -> bool:
        return fnmatch.fnmatchcase(where.casefold(), naive_pattern(value, ends))

    split = [p.text for p in phrases.split(text, ",")]
    numbers = {
        "tokens": lambda: token_borders.count(text),
        "phrases": lambda: len(split),
        "words": lambda: len(re.findall(r"\w+(?:[-']\w+)*", text)),
        "chars": lambda: len(text),
    }
    if node.field in numbers:
        count = numbers[node.field]()
        low, dots, high = value.partition("..")
        if dots:
            return (not low or count >= int(low)) and (not high or count <= int(high))
        sign = re.match(r"\D*", value)[0]
        return eval(f"{count} {sign or '=='} {value[len(sign) :]}")
    return {
        "": lambda: has(name) or has(text),
        "caption": lambda: has(text),
        "phrase": lambda: any(has(p, "") for p in split),
        "name": lambda: has(name.split("/")[-1]),
        "path": lambda: has(name),
        "status": lambda: value in LOOKUP.status(name),
        "changed": lambda: LOOKUP.changed(name) == (value == "yes"),
        "lossy": lambda: LOOKUP.lossy(name) == (value == "yes"),
        "lost": lambda: any(has(word, "") for word in LOOKUP.lost(name)),
        "note": lambda: bool(LOOKUP.note(name)) and has(LOOKUP.note(name)),
        "lint": lambda: any(has(code, "") for code in LOOKUP.lints(name)),
        "re": lambda: re.search(value, text, re.IGNORECASE) is not None,
    }[node.field]()


@settings(deadline=None, max_examples=150)
@given(NODES, st.lists(CAPTION, min_size=5, max_size=5))
def test_a_query_agrees_with_a_naive_evaluator(node, captions):
    texts = dict(zip(TEXTS, captions, strict=True))
    lookup = Lookup(**{**vars(LOOKUP), "text": texts.__getitem__})
    query = Query(str(node))
    wanted = [name for name in texts if naive(node, name, texts[name])]
    assert query.select(lookup, texts) == wanted
    assert [name for name in texts if query.matches(lookup, name)] == wanted


@settings(deadline=None, max_examples=150)
@given(st.text(alphabet='ab ()"-:\\*ANDORT<>.re', max_size=25))
def test_anything_typed_is_read_or_told(text):
    node, error = None, None
    try:
        node = parse(text)
    except QueryError as caught:
        error = caught
    if node is not None:
        assert parse(str(node)) == node
    if error is not None:
        assert 0 <= error.start < error.start + error.length <= len(text)


@given(st.text(alphabet="ab ,\n;()", max_size=30), st.sampled_from([",", ";", ", ", "\n", " "]))
def test_phrases_are_those_of_the_editor(text, separator):
    assert split_phrases(text, separator) == [p.text for p in phrases.split(text, separator)]


@settings(deadline=None, max_examples=150)
@given(
    st.text(alphabet="ab ,*?\t", min_size=1, max_size=6).map(canonical),
    st.text(alphabet="ab ,\t\n|", max_size=20),
    st.sampled_from([",", ", ", "|", "||", " "]),
)
def test_a_phrase_is_found_where_cutting_finds_it(pattern, text, separator):
    wanted = any(map(whole(pattern), split_phrases(text, separator)))
    assert has_phrase(pattern, separator)(text) == wanted


def test_completion_of_fields_and_values():
    def words(text, values=lambda field, typed: ()):
        return [c.text for c in complete(text, len(text), values)]

    assert words("red to") == ["tokens:"]
    assert words("-sta") == ["status:"]
    assert words("status:") == list(STATUSES)
    assert words("(status:un") == ["unsaved"]
    assert words("red A") == ["AND"]
    assert words("lint:doubled_w") == ["doubled_word"]
    assert words("lossy:") == ["yes", "no"]
    assert words("tokens:>1") == [">150"]
    assert words("nonsense:x") == []
    assert words('"sta') == []

    def own(field, typed):
        return ["brown hair", "red hat", "a * b"] if field == "phrase" else []

    assert words("phrase:ha", own) == ['"brown hair"', '"red hat"']
    assert words('x phrase:"red h', own) == ['"red hat"']
    assert words("phrase:a", own)[-1] == '"a \\* b"'
    candidate = complete('x phrase:"red h', 15, own)[0]
    assert (candidate.start, candidate.length) == (9, 6)


QUICK = ["lossy:yes", "status:todo", "changed:yes"]


@pytest.mark.parametrize(
    ("text", "term", "wanted"),
    [
        ("", "lossy:yes", "lossy:yes"),
        ("red", "lossy:yes", "lossy:yes red"),
        ("red status:todo hat", "lossy:yes", "lossy:yes red hat"),
        ("red status:todo", "", "red"),
        ("status:todo", "", ""),
        ("a OR b", "lossy:yes", "lossy:yes (a OR b)"),
        ("a OR (", "lossy:yes", "lossy:yes"),
    ],
)
def test_quick_terms_take_each_others_place(text, term, wanted):
    made = with_quick(text, term, QUICK)
    assert made == wanted
    assert chosen_quick(made, QUICK) == term


def test_every_field_has_a_working_example():
    for field in FIELDS.values():
        assert Query(field.example).node.field == field.name
