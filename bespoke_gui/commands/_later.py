"""Commands that are promised but not built yet: they exit 2 and say what is missing."""

LATER: dict[str, str] = {}
