"""Defect tags: what a reviewer can say is wrong with an image; any other word is an own tag."""

from __future__ import annotations

from dataclasses import dataclass

from bespoke_gui.core.errors import AppError

LONGEST = 40


@dataclass(frozen=True)
class Tag:
    """`defect`: whether an image with it has a pixel defect; the others only tell why."""

    name: str
    explanation: str
    defect: bool = True


TAGS: dict[str, Tag] = {
    tag.name: tag
    for tag in (
        Tag("hat", "brim off, cells of a wrong size, wrong shape"),
        Tag("sunglasses", "double ear piece, lenses that do not cover the eyes"),
        Tag("earrings", "missing on one side, in the wrong place"),
        Tag("bow", "no bow to be seen, or a blot"),
        Tag("eyes", "crossed, uneven, not to be told from the hair"),
        Tag("hair", "holes, wrong outline"),
        Tag("stray pixels", "single cells of a colour that does not belong there"),
        Tag("structure", "the head or body is put together wrongly"),
        Tag("colour", "a wrong or smeared colour"),
        Tag("prompt", "does not show what the prompt asks for", defect=False),
    )
}


def clean_tag(text: str) -> str:
    """Return a tag as it is stored: small letters, one space; raises AppError if it is none."""
    name = " ".join(text.replace("_", " ").casefold().split())
    if not name or len(name) > LONGEST or any(sign in name for sign in ";=,"):
        hint = f"use a word such as {', '.join(TAGS)}, or an own one without ; = ,"
        raise AppError(f"{text!r} is no tag", hint=hint, kind="usage")
    return name


def is_defect(name: str) -> bool:
    """Return whether a tag says that the image has a pixel defect."""
    return name in TAGS and TAGS[name].defect
