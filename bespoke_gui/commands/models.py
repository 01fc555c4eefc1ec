"""`bespoke models ...`: base models of this computer, by name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from bespoke_gui.commands.output import Result, progress
from bespoke_gui.core.errors import AppError

if TYPE_CHECKING:
    from bespoke_gui.core.models.facts import ModelFacts

HELP = "base models of this computer: list, add, remove and check them"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare what the command takes."""
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    actions.add_parser("list", help="the names that --base takes, and what they stand for")
    add = actions.add_parser("add", help="give a model a name; it stays where it is")
    add.add_argument("base", metavar="MODEL", help="folder, .safetensors file or hub id")
    add.add_argument("--name", default="", help="its name (the file's)")
    remove = actions.add_parser("remove", help="forget a name; the model's files stay")
    remove.add_argument("name", metavar="NAME")
    check = actions.add_parser("check", help="kind, size and SHA-256; reads headers, no pickles")
    check.add_argument("bases", nargs="*", metavar="MODEL", help="names, or what `add` takes (all)")
    check.add_argument("--no-hash", action="store_true", help="leave the SHA-256 out")


def run(args: argparse.Namespace) -> Result:
    """Do what is asked."""
    return {"list": _list, "add": _add, "remove": _remove, "check": _check}[args.action](args)


def _list(_args: argparse.Namespace) -> Result:
    from bespoke_gui.core.models.store import known_models
    from bespoke_gui.core.runspec import EMBEDDED

    found = [_looked_at(name, place) for name, place in known_models().items()]
    return _result([_looked_at(EMBEDDED, EMBEDDED), *found], 0)


def _add(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.models.store import add_model, resolve_base

    name, facts = add_model(args.base, args.name)
    return _result([_entry(name, resolve_base(name), facts)], 0)


def _remove(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.models.store import remove_model

    place = remove_model(args.name)
    return Result({"removed": args.name, "path": place}, f"{args.name} is forgotten; {place} stays")


def _check(args: argparse.Namespace) -> Result:
    from bespoke_gui.core.models.store import known_models, name_for, resolve_base

    found = [
        _looked_at(name_for(resolve_base(base)), resolve_base(base), hashed=not args.no_hash)
        for base in args.bases or known_models()
    ]
    bad = any(item["severity"] == "error" for entry in found for item in entry["problems"])
    return _result(found, 1 if bad else 0)


def _looked_at(name: str, place: str, *, hashed: bool = False) -> dict[str, Any]:
    """What a model is; one that is gone or refused is an entry with a problem."""
    from bespoke_gui.core.errors import problem_from
    from bespoke_gui.core.models.facts import ModelFacts, facts_about
    from bespoke_gui.core.models.store import checked_hash

    try:
        facts = facts_about(place)
        digest = checked_hash(facts, progress) if hashed else ""
    except AppError as error:
        facts = ModelFacts(place, "", "unknown", problems=[problem_from(error, error.kind, place)])
        digest = ""
    return {**_entry(name, place, facts), **({"sha256": digest} if hashed else {})}


def _entry(name: str, place: str, facts: ModelFacts) -> dict[str, Any]:
    return {
        "name": name, "path": place, "kind": facts.kind, "title": facts.title,
        "layout": facts.layout, "bytes": facts.size, "dtype": facts.dtype,
        "inpainting": facts.inpainting, "usable": facts.usable,
        "problems": [problem.as_dict() for problem in facts.problems],
    }  # fmt: skip


def _result(found: list[dict[str, Any]], code: int) -> Result:
    lines = [line for entry in found for line in _lines(entry)]
    return Result({"models": found}, "\n".join(lines) or "no base models were added", code)


def _lines(entry: dict[str, Any]) -> list[str]:
    size = f", {entry['bytes'] / 1e6:,.0f} MB" if entry["bytes"] else ""
    digest = f", SHA-256 {entry['sha256'][:16]}…" if entry.get("sha256") else ""
    head = f"{entry['name']}  {entry['title']}{size}{digest}  {entry['path']}"
    said = [f"{item['message']} ({item['hint']})".removesuffix(" ()") for item in entry["problems"]]
    return [head, *(f"  {text}" for text in said)]
