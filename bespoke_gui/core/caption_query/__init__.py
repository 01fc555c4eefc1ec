"""Query language of captions: find them by words, phrases, length, notes, review and changes."""

from bespoke_gui.core.caption_query.completion import Candidate, Values, complete
from bespoke_gui.core.caption_query.error import QueryError
from bespoke_gui.core.caption_query.evaluate import Lookup, Query
from bespoke_gui.core.caption_query.fields import FIELDS, STATUSES, Field
from bespoke_gui.core.caption_query.parser import parse
from bespoke_gui.core.caption_query.phrase_search import split_phrases
from bespoke_gui.core.caption_query.quick import chosen_quick, with_quick

__all__ = [
    "FIELDS",
    "STATUSES",
    "Candidate",
    "Field",
    "Lookup",
    "Query",
    "QueryError",
    "Values",
    "chosen_quick",
    "complete",
    "parse",
    "split_phrases",
    "with_quick",
]
