"""What went wrong, in words for people: one error type and one problem record."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


class AppError(Exception):
    """An error a person can act on: what is wrong, with which file, and what to do.

    `kind` is one of the failure kinds of the run protocol or "bad_input", "conflict", "usage".
    """

    def __init__(
        self, message: str, *, file: str | Path = "", hint: str = "", kind: str = "bad_input"
    ) -> None:
        super().__init__(message)
        self.message = message
        self.file = str(file)
        self.hint = hint
        self.kind = kind

    def __str__(self) -> str:
        where = f"{self.file}: " if self.file else ""
        todo = f" ({self.hint})" if self.hint else ""
        return " ".join(f"{where}{self.message}{todo}".split())


@dataclass(frozen=True)
class Problem:
    """One finding of a check. `severity` is "error", "warning" or "info"."""

    code: str
    severity: str
    message: str
    file: str = ""
    hint: str = ""
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Return the finding as the command line prints it."""
        return asdict(self)


def problem_from(error: AppError, code: str = "unreadable", file: str = "") -> Problem:
    """Turn a raised error into a finding, so that the rest can go on."""
    return Problem(code, "error", error.message, file or error.file, error.hint)
