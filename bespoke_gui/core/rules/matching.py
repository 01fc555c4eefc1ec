"""Matching for rules: literal text or a regex with a time limit, by phrase or whole caption."""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any

from bespoke_gui.core import phrases
from bespoke_gui.core.errors import AppError

SECONDS_A_TEXT = 0.25
SECONDS_A_RULE = 10.0
# What can match in a phrase alone and not in the whole caption: anchors, looking around, and
# groups or repetitions that give nothing back.
NOT_PLAIN = re.compile(r"[$^]|\(\?(?!:)|\\[AZzGKm-]|[*+?}]\+")
# So many choices at most, and no repetition: Python's own engine is quick and cannot run away.
FEW_CHOICES = 12
OPTIONAL = re.compile(r"\(\?:[\w ]*\)\?|[\w ]\?")
NOT_TEXT = re.compile(r"[^\w \0()]|\(\?|\)[?*+{]")


@dataclass(frozen=True)
class Found:
    """A match at `start:end` of the caption, with the text that shall stand there."""

    start: int
    end: int
    replacement: str


class Matcher:
    """Finds what a rule is about. Raises AppError for a bad pattern or one that takes too long.

    Regexes run in the `regex` package, the one that can stop a search: Python's own runs on
    for hours on a pattern such as (a+)+b.
    """

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._by_phrase = options.get("scope", "phrase") == "phrase"
        self._regex = options.get("match") == "regex"
        self._replacement = str(options.get("with", ""))
        ignore_case = not options.get("case", False)
        find = str(options.get("find", ""))
        words = bool(options.get("words", True))
        self._pattern = compile_pattern(find if self._regex else _literal(find, words), ignore_case)
        self._where = _optional(options.get("where", ""), ignore_case)
        self._unless = _optional(options.get("unless", ""), ignore_case)
        self._needed = needed(find, self._regex)
        self._check_replacement()
        self._plain = not self._regex or not NOT_PLAIN.search(find)
        self._left = SECONDS_A_RULE

    def restart(self) -> None:
        """Give the rule its full time again."""
        self._left = SECONDS_A_RULE

    def misses(self, text: str, separator: str) -> bool:
        """Return whether it is quickly seen that nothing matches: most rules, most captions."""
        if self._needed and text.isascii() and self._needed not in _lower(text):
            return True
        if not isinstance(self._pattern, re.Pattern):
            return False
        whole = not self._by_phrase or (self._plain and not _is_word(separator))
        return whole and self._pattern.search(text) is None

    def find(self, text: str, separator: str) -> list[Found]:
        """Return the matches in order; by phrase none can reach over a separator."""
        if not self._by_phrase:
            return list(self._in(text, 0))
        if self._plain and not _is_word(separator) and not self._has_match(text):
            return []
        parts = phrases.split(text, separator)
        return [found for part in parts for found in self._in(part.text, part.start)]

    def allows(self, text: str) -> bool:
        """Return whether the rule's `where` and `unless` let it touch this text."""
        if self._where is not None and not self._search(self._where, text):
            return False
        return self._unless is None or not self._search(self._unless, text)

    def _in(self, text: str, offset: int) -> Iterator[Found]:
        matches = self._search(self._pattern, text)
        if not matches or not self.allows(text):
            return
        for match in matches:
            replacement = match.expand(self._replacement) if self._regex else self._replacement
            yield Found(offset + match.start(), offset + match.end(), replacement)

    def _has_match(self, text: str) -> bool:
        """Return whether a phrase can match at all: quicker than to look into each."""
        return bool(self._search(self._pattern, text, first_only=True))

    def _search(self, pattern: Any, text: str, first_only: bool = False) -> list[Any]:
        """Return all matches (or the first), within the time that is left to this rule."""
        if isinstance(pattern, re.Pattern):
            matches = pattern.finditer(text)
            return list(islice(matches, 1) if first_only else matches)
        began = time.perf_counter()
        try:
            matches = pattern.finditer(text, timeout=min(SECONDS_A_TEXT, self._left))
            return list(islice(matches, 1) if first_only else matches)
        except TimeoutError as error:
            raise AppError(
                f"the pattern `{pattern.pattern}` takes too long on {text[:40]!r}",
                hint="make it simpler: no repetition inside a repetition",
            ) from error
        finally:
            self._left = max(self._left - (time.perf_counter() - began), 0.001)

    def _check_replacement(self) -> None:
        """Find a group that the pattern lacks now, not at the first match."""
        if not self._regex:
            return
        for number, name in re.findall(r"\\(?:([1-9]\d?)|g<([^>]*)>)", self._replacement):
            known = {str(n) for n in range(self._pattern.groups + 1)} | {*self._pattern.groupindex}
            if (number or name) not in known:
                raise AppError(f"`with` names the group {number or name}, which `find` lacks")


def _literal(find: str, whole_words: bool) -> str:
    """Return a pattern of plain text, and of any space where the text has a space."""
    body = r"\s+".join(re.escape(part) for part in find.split())
    if not whole_words or not body:
        return body
    before = r"(?<!\w)" if re.match(r"\w", find.strip()) else ""
    after = r"(?!\w)" if re.search(r"\w$", find.strip()) else ""
    return before + body + after


def _optional(pattern: str, ignore_case: bool) -> Any:
    return compile_pattern(pattern, ignore_case) if pattern else None


def compile_pattern(pattern: str, ignore_case: bool) -> Any:
    """Return a pattern; one of the `regex` package, which takes a timeout, if it may run away.

    Raises AppError when it is empty or no valid regex.
    """
    if not pattern:
        raise AppError("`find` is empty", hint="say what to look for")
    if _is_quick(pattern):
        with contextlib.suppress(re.error):  # it may be one that only `regex` knows
            return re.compile(pattern, re.IGNORECASE if ignore_case else 0)
    engine = _regex_package()
    try:
        return engine.compile(pattern, engine.IGNORECASE if ignore_case else 0)
    except engine.error as error:
        raise AppError(f"`{pattern}` is no valid regex: {error}") from error


def needed(find: str, is_regex: bool) -> str:
    """Return a text in small letters that every match holds; empty where none is plain to see."""
    if not is_regex:
        found = max(find.split() or [""], key=len)
    else:
        parts = OPTIONAL.sub("\0", find.replace(r"\b", "\0"))
        found = "" if NOT_TEXT.search(parts) else max(re.split(r"[\0()]", parts), key=len)
    return found.lower() if found.isascii() else ""


@lru_cache(maxsize=2048)
def _lower(text: str) -> str:
    return text.lower()


@lru_cache(maxsize=8)
def _is_word(separator: str) -> bool:
    """Return whether a separator could be part of a word: then phrases have to be cut first."""
    return any(map(str.isalnum, separator))


def _is_quick(pattern: str) -> bool:
    """Return whether no search for the pattern can take long, and both engines read it alike."""
    choices = pattern.count("?") + pattern.count("|")
    return not set(pattern) & set("*+{") and choices <= FEW_CHOICES and "[[" not in pattern


def _regex_package() -> Any:
    try:
        import regex
    except ImportError as error:
        hint = "install it: pip install regex"
        raise AppError("regex rules need the package `regex`", hint=hint) from error
    return regex
