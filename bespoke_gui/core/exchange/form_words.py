"""The form of a caption file in a few words, so that a table can carry every byte of it."""

from __future__ import annotations

from bespoke_gui.core.textcodec import WINDOWS, Form

COLUMN = "bespoke_form"
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", WINDOWS)
_ENDINGS = {"lf": "\n", "crlf": "\r\n", "cr": "\r"}
_LETTERS = {"L": "\n", "C": "\r\n", "R": "\r"}


def describe(text: str, form: Form) -> str:
    """Return the words for a form; "" for UTF-8 without mark, line ends "\\n", none at the end."""
    words = [] if form.encoding == "utf-8" else [form.encoding]
    words += ["bom"] if form.bom else []
    endings = _all_endings(text, form)
    if len(set(endings)) > 1:
        letters = {ending: letter for letter, ending in _LETTERS.items()}
        words.append("endings=" + "".join(letters[ending] for ending in endings))
    elif endings and endings[0] != "\n":
        words += [word for word, ending in _ENDINGS.items() if ending == endings[0]]
    words += ["final"] if form.final_newline else []
    return " ".join(words)


def parse(words: str, text: str) -> Form | None:
    """Return the form that `describe` told; None for words it does not use."""
    found = {"encoding": "utf-8", "newline": "\n"}
    flags: set[str] = set()
    letters: str | None = None
    for word in words.split():
        if word in ENCODINGS:
            found["encoding"] = word
        elif word in _ENDINGS:
            found["newline"] = _ENDINGS[word]
        elif word in ("bom", "final"):
            flags.add(word)
        elif word.startswith("endings=") and set(word[8:]) <= set(_LETTERS):
            letters = word[8:]
        else:
            return None
    final = "final" in flags
    count = text.count("\n") + final
    if letters is not None and len(letters) != count:
        return None
    endings = [_LETTERS[x] for x in letters] if letters else [found["newline"]] * count
    newline = max(endings, key=endings.count) if endings else found["newline"]
    return Form(found["encoding"], "bom" in flags, newline, tuple(endings), final)


def _all_endings(text: str, form: Form) -> list[str]:
    """Return the line end after each line; an edited text may have other lines than its form."""
    count = text.count("\n") + form.final_newline
    same = len(form.endings) == count
    return list(form.endings) if same else [form.newline] * count
