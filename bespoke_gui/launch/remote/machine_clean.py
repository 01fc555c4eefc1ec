"""What lies on another machine of earlier runs, and removing what is no longer wanted of it.

Sent there as this single file. Python 3.10 and its standard library, nothing else, on Linux.
`python machine_clean.py COMMAND ROOT`; the answer is one JSON object on standard output.

list ROOT     {now, entries: [{kind, name, bytes, used, runs, kept, outcome, manifest}]}
remove ROOT   standard input: {entries: [{kind, name, manifest}]}; {removed: [...], kept: [...]}

Only folders of ours are ever touched: those directly in ROOT/KIND, of the exact names we give.
A link is never followed, whoever made it; nothing that a run there may still need is removed.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HASHED = ("code", "env", "models", "tools")
KINDS = (*HASHED, "runs")
HASH = re.compile(r"[0-9a-f]{16}")
RUN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,150}")
REFERENCE = re.compile(rb"\b(code|env|models|tools)/([0-9a-f]{16})\b")
REMOVING = ".removing-"
MOST_TEXT = 8 << 20
YOUNG_S = 3600.0
"""A run without a job that was touched since then is being prepared at this moment."""


# -- listing ----------------------------------------------------------------------------------


def listing(root: Path, sized: bool = True) -> list[dict[str, Any]]:
    """Everything of ours below `root`, with what speaks against removing it; sizes where wanted."""
    runs = [run_entry(path) for path in folders(root, "runs", RUN)]
    used: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for run in runs:
        for key in run.pop("uses"):
            used.setdefault(key, []).append(run)
    preparing = [run["name"] for run in runs if run["preparing"]]
    found = [
        hashed_entry(kind, path, used.get((kind, path.name), []), preparing)
        for kind in HASHED for path in folders(root, kind, HASH)
    ]  # fmt: skip
    found += runs
    for entry in found:
        entry.pop("preparing", None)
        if sized:
            entry["bytes"], foreign = measured(root / entry["kind"] / entry["name"])
            entry["kept"] = entry["kept"] or mounted(foreign)
    return found


def folders(root: Path, kind: str, names: re.Pattern[str]) -> Iterator[Path]:
    """The folders of one kind that bear a name of ours; links are none."""
    place = root / kind
    if not real_folder(place):
        return
    for path in sorted(place.iterdir()):
        if names.fullmatch(path.name) and real_folder(path):
            yield path


def real_folder(path: Path) -> bool:
    """Whether there is a folder that is no link."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def run_entry(folder: Path) -> dict[str, Any]:
    """One run. uses: the folders its files name; preparing: it is being sent right now."""
    ended = read_object(folder / "exit.json")
    touched = max(age_of(folder / name) for name in (".", "contact", "job.json", "exit.json"))
    has_job = (folder / "job.json").exists()
    preparing = not ended and not has_job and time.time() - touched < YOUNG_S
    kept = ""
    if preparing:
        kept = "it is being sent there"
    elif not ended and (has_job or (folder / "outputs").exists()):
        kept = "it has not ended"
    elif unlisted := never_listed(folder):
        kept = f"{unlisted} is in no list of finished files"
    text = b"".join(head(folder / name) for name in ("spec.json", "job.json"))
    return {
        **facts(folder, "runs", touched, kept), "runs": [],
        "outcome": str(ended.get("outcome", "")),
        "manifest": hashlib.sha256(head(folder / "manifest.jsonl")).hexdigest(),
        "preparing": preparing,
        "uses": {(kind.decode(), name.decode()) for kind, name in REFERENCE.findall(text)},
    }  # fmt: skip


def never_listed(folder: Path) -> str:
    """A checkpoint or the newest saved state that the manifest of its run does not know, "" for
    none. A run that finished goes on from no state."""
    known = head(folder / "manifest.jsonl")
    for path in sorted((folder / "outputs").glob("*.safetensors")):
        if json.dumps(f"outputs/{path.name}").encode() not in known:
            return path.name
    states = [*folder.glob("state/step_*"), *folder.glob("outputs/*-state")]
    newest = max(states, key=age_of, default=None)
    finished = read_object(folder / "exit.json").get("outcome") == "finished"
    if newest is None or finished or f"{newest.parent.name}/{newest.name}/".encode() in known:
        return ""
    return newest.name


def hashed_entry(
    kind: str, folder: Path, runs: list[dict[str, Any]], preparing: list[str]
) -> dict[str, Any]:
    """Code, an environment, weights or tools, with the runs that name them."""
    going = [run["name"] for run in runs if run["kept"]]
    kept = ""
    if going:
        kept = f"{going[0]} uses it"
    elif preparing:
        kept = f"{preparing[0]} is being sent there"
    elif kind == "env" and locked(folder / "lock"):
        kept = "it is being made"
    elif folder == Path(__file__).absolute().parent:
        kept = "it is at work now"
    used = max([age_of(folder), *(run["used"] for run in runs)])
    names = [run["name"] for run in runs]
    return {**facts(folder, kind, used, kept), "runs": names, "outcome": "", "manifest": ""}


def facts(folder: Path, kind: str, used: float, kept: str) -> dict[str, Any]:
    """What every entry says."""
    return {"kind": kind, "name": folder.name, "bytes": 0, "used": round(used, 3), "kept": kept}


def mounted(place: str) -> str:
    """Words about another file system, which is never emptied."""
    return f"another file system is mounted in {place}" if place else ""


def measured(folder: Path) -> tuple[int, str]:
    """Bytes below a folder, links not followed, and a place in it that is another file system."""
    device, total = folder.lstat().st_dev, 0
    for here, inside, files in os.walk(folder):
        for path in (Path(here) / name for name in (*inside, *files)):
            with contextlib.suppress(OSError):
                found = path.lstat()
                if found.st_dev != device:
                    return total, str(path)
                total += found.st_size if stat.S_ISREG(found.st_mode) else 0
    return total, ""


def age_of(path: Path) -> float:
    """When a file was last written, 0 where there is none."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def head(path: Path) -> bytes:
    """The bytes of a file that is no link, a very long one cut."""
    with contextlib.suppress(OSError):
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(number, "rb") as file:
            if stat.S_ISREG(os.fstat(number).st_mode):
                return file.read(MOST_TEXT)
    return b""


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file, {} for none."""
    with contextlib.suppress(ValueError, RecursionError):
        data = json.loads(head(path))
        return data if isinstance(data, dict) else {}
    return {}


def locked(path: Path) -> bool:
    """Whether somebody holds the lock of an environment: it is being made."""
    try:
        number = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    with os.fdopen(number, "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


# -- removing ---------------------------------------------------------------------------------


def remove(root: Path, wanted: list[dict[str, Any]]) -> dict[str, Any]:
    """Remove what is named, as far as nothing speaks against it now."""
    sweep(root)
    removed, kept = [], []
    for one in wanted:
        key = {"kind": str(one.get("kind")), "name": str(one.get("name"))}
        # Looked at anew for each: what is removed takes time in which a run may begin.
        found = [e for e in listing(root, sized=False) if {k: e[k] for k in key} == key]
        folder, size = root / key["kind"] / key["name"], 0
        why = against(found[0], one) if found else "there is no such folder of ours"
        if not why:
            size, foreign = measured(folder)
            why = mounted(foreign) or take_away(root, folder)
        if why:
            kept.append({**key, "why": why})
        else:
            removed.append({**key, "bytes": size})
    return {"removed": removed, "kept": kept}


def against(there: dict[str, Any], wanted: dict[str, Any]) -> str:
    """What speaks against removing an entry, "" for nothing."""
    if there["kept"]:
        return str(there["kept"])
    if there["kind"] == "runs" and there["manifest"] != wanted.get("manifest"):
        return "it has other files than those that were verified"
    return ""


def take_away(root: Path, folder: Path) -> str:
    """Remove one folder: first its name, so that half of it is never taken for the whole."""
    aside = root / f"{REMOVING}{folder.parent.name}-{folder.name}"
    try:
        folder.rename(aside)
    except OSError as error:
        return (error.strerror or str(error)).lower()
    return destroy(aside)


def destroy(folder: Path) -> str:
    """Delete a folder with its content; rmtree follows no link. Returns what went wrong."""
    try:
        shutil.rmtree(folder)
    except OSError as error:
        return f"{error.filename}: {(error.strerror or str(error)).lower()}"
    return ""


def sweep(root: Path) -> None:
    """Delete what an earlier removal that was cut short left."""
    for path in root.glob(f"{REMOVING}*"):
        if real_folder(path):
            destroy(path)


def main(words: list[str]) -> int:
    """Do one command and print its answer."""
    root = Path(words[1])
    if words[0] == "remove":
        answer = remove(root, json.loads(sys.stdin.read())["entries"])
    else:
        answer = {"now": time.time(), "entries": listing(root)}
    sys.stdout.write(json.dumps(answer) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
