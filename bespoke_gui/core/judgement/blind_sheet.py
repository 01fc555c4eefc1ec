"""A blind test on paper: numbered pictures of pairs, a table to fill in, and the key apart."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bespoke_gui.core.atomic import write_bytes, write_json, write_text
from bespoke_gui.core.errors import AppError, Problem
from bespoke_gui.core.gallery import Gallery
from bespoke_gui.core.judgement.blind import Pair
from bespoke_gui.core.judgement.current import Pixels
from bespoke_gui.core.judgement.reviews import LEFT, RIGHT, TIE, Vote, new_vote, now
from bespoke_gui.core.look import Look, read_cells

TABLE, KEY = "votes.csv", "key.json"
SCALE = 16
GAP = 2 * SCALE
GROUND = (128, 128, 128)
_WORDS = {"l": LEFT, "r": RIGHT, "=": TIE, "same": TIE, "both": TIE, "equal": TIE,
          LEFT: LEFT, RIGHT: RIGHT, TIE: TIE}  # fmt: skip


def write_sheet(
    folder: Path, gallery: Gallery, pairs: Sequence[Pair], judge: str, look: Look
) -> list[Path]:
    """Write pair_001.png ..., votes.csv (to fill in: left, right or tie) and key.json.

    Nothing in the pictures or the table says which epoch an image is of. Returns the pictures.
    Raises AppError when the folder is not empty, or an image cannot be read.
    """
    folder = Path(folder)
    if folder.is_dir() and any(folder.iterdir()):
        raise AppError("is not empty", file=folder, hint="choose a new folder", kind="conflict")
    paths = {image.name: image.path for image in gallery.cells.values()}
    pictures = [_picture(paths[pair.left], paths[pair.right], look) for pair in pairs]
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"pair_{number:03d}" for number in range(1, len(pairs) + 1)]
    for name, picture in zip(names, pictures, strict=True):
        write_bytes(folder / f"{name}.png", picture)
    rows = [f"{name},{pair.prompt},\n" for name, pair in zip(names, pairs, strict=True)]
    write_text(folder / TABLE, "pair,prompt,winner\n" + "".join(rows))
    write_json(folder / KEY, _key(gallery, dict(zip(names, pairs, strict=True)), judge))
    return [folder / f"{name}.png" for name in names]


def _key(gallery: Gallery, pairs: dict[str, Pair], judge: str) -> dict[str, Any]:
    pixels = Pixels(gallery)
    entries = {
        name: {
            "left": pair.left, "right": pair.right,
            "left_pixels": pixels.of(pair.left), "right_pixels": pixels.of(pair.right),
        }
        for name, pair in pairs.items()
    }  # fmt: skip
    return {"look": "not before you have voted", "judge": judge, "made": now(), "pairs": entries}


def _picture(left: Path, right: Path, look: Look) -> bytes:
    """Return a PNG: both images at their native size times 16, on grey, and no more."""
    sides = [read_cells(path, look).cells for path in (left, right)]
    sides = [side.repeat(SCALE, axis=0).repeat(SCALE, axis=1) for side in sides]
    height = max(side.shape[0] for side in sides)
    width = sum(side.shape[1] for side in sides) + GAP
    ground = np.full((height, width, 3), GROUND, np.uint8)
    ground[: sides[0].shape[0], : sides[0].shape[1]] = sides[0]
    ground[: sides[1].shape[0], width - sides[1].shape[1] :] = sides[1]
    data = io.BytesIO()
    Image.fromarray(ground).save(data, "PNG")
    return data.getvalue()


def read_sheet(folder: Path) -> tuple[list[Vote], list[Problem]]:
    """Return the votes of a filled-in sheet; empty lines are left out, wrong ones are findings.

    Reading a sheet twice gives the same votes. Raises AppError when a file is missing or broken.
    """
    folder = Path(folder)
    key = _read_key(folder / KEY)
    try:
        text = (folder / TABLE).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise AppError("cannot be read", file=folder / TABLE, hint="save it as UTF-8") from error
    separator = ";" if text.partition("\n")[0].count(";") else ","
    votes, problems = [], []
    for row in csv.DictReader(io.StringIO(text), delimiter=separator):
        name, answer = (row.get("pair") or "").strip(), (row.get("winner") or "").strip().casefold()
        if not answer:
            continue
        pair, winner = key["pairs"].get(name), _WORDS.get(answer)
        if pair is None or winner is None:
            text = f"there is no {name}" if pair is None else f"{answer!r} is no winner"
            hint = "write left, right or tie"
            problems.append(Problem("vote_line", "error", text, TABLE, hint))
            continue
        identity = f"{key['made']} {name}"
        votes.append(new_vote(key["judge"], winner=winner, time=key["made"], id=identity, **pair))
    return votes, problems


def _read_key(path: Path) -> dict[str, Any]:
    names = ("left", "right", "left_pixels", "right_pixels")
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        pairs = {
            str(pair): {name: str(entry[name]) for name in names}
            for pair, entry in data["pairs"].items()
        }
        return {"judge": str(data["judge"]), "made": str(data["made"]), "pairs": pairs}
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        hint = "give the folder that --pairs made"
        raise AppError("is no key of a blind test", file=path, hint=hint) from error
