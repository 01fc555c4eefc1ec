"""Prompt template: the words sent with each image, with its own caption and name filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping

from bespoke_gui.core.errors import AppError

PLACEHOLDERS = {
    "caption": "the caption as it is now",
    "trigger": "the project's trigger words",
    "name": "the file name without its suffix",
}
_FIELD = re.compile(r"\{(\w+)\}")


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the template with each placeholder replaced once; what is put in is not read again."""
    return _FIELD.sub(lambda match: values.get(match[1], match[0]), template).strip()


def require_known(template: str) -> None:
    """Raise AppError kind "usage" for an empty template or a placeholder nobody fills in."""
    if not template.strip():
        raise AppError("the prompt is empty", hint="say what the model shall write", kind="usage")
    unknown = sorted(set(_FIELD.findall(template)) - set(PLACEHOLDERS))
    if unknown:
        known = ", ".join(f"{{{name}}}" for name in PLACEHOLDERS)
        raise AppError(
            f"the prompt has the unknown placeholder {{{unknown[0]}}}", hint=f"known are {known}",
            kind="usage",
        )  # fmt: skip
