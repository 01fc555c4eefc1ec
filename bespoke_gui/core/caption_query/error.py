"""What is wrong with a query, and at which characters of it."""

from __future__ import annotations

from bespoke_gui.core.errors import AppError


class QueryError(AppError):
    """A query that cannot be understood: `length` characters from `start` on are at fault."""

    def __init__(self, message: str, start: int, length: int) -> None:
        super().__init__(message, kind="usage")
        self.start = start
        self.length = max(1, length)

    def __str__(self) -> str:
        return f"{self.message} (character {self.start + 1} of the query)"
