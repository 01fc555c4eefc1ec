"""Command line: finds the command, prints its result; starts the window when given none."""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import pkgutil
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import NoReturn

from bespoke_gui import __version__, commands
from bespoke_gui.commands.output import Result, as_json, say
from bespoke_gui.core.errors import AppError

NOT_COMMANDS = {"output"}
COURIER = "--courier"


def console(argv: list[str] | None = None) -> int:
    """Run one command and return its exit code; without a command start the window."""
    arguments = sys.argv[1:] if argv is None else argv
    if not arguments:
        return window()
    if arguments[0] == COURIER:
        return _courier(arguments[1:])
    as_json = "--json" in arguments
    try:
        args = build_parser(arguments[0]).parse_args(arguments)
    except AppError as error:
        sys.exit(_fail(error, as_json))
    return _run(args)


def window(argv: list[str] | None = None) -> int:
    """Start the window, with a project folder to open if one is given."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments[:1] == [COURIER]:
        return _courier(arguments[1:])
    from bespoke_gui.app import main

    return main(arguments)


def _courier(arguments: list[str]) -> int:
    """The packed app has no `python -m`: it is its own courier (launch/courier.py)."""
    from bespoke_gui.launch.courier import main

    return main(Path(arguments[0])) if len(arguments) == 1 else 2


class _Parser(argparse.ArgumentParser):
    """Says wrong usage in one line, as every other error."""

    def error(self, message: str) -> NoReturn:
        raise AppError(message, hint=f"{self.prog} --help says how", kind="usage")


def build_parser(only: str = "") -> argparse.ArgumentParser:
    """Return the parser; when `only` names a command no other command's module is imported."""
    parser = _Parser(
        prog="bespoke", description="Teach Stable Diffusion a pixel-art style, on evidence."
    )
    parser.add_argument("--version", action="version", version=f"bespoke {__version__}")
    subparsers = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    names = command_names()
    for name in [only] if only in names else names:
        module = load_command(name)
        sub = subparsers.add_parser(name, help=module.HELP, description=module.HELP)
        module.add_arguments(sub)
        for leaf in _leaves(sub):
            _add_common(leaf)
        sub.set_defaults(module=module)
    return parser


def command_names() -> list[str]:
    """Return the names of all commands, from the files in the package."""
    found = pkgutil.iter_modules(commands.__path__)
    return sorted(
        module.name.rstrip("_")
        for module in found
        if module.name not in NOT_COMMANDS and not module.name.startswith("_")
    )


def load_command(name: str) -> ModuleType:
    """Import one command's module; a name that is a Python word has an underscore behind it."""
    suffix = "_" if name in {"try"} else ""
    return importlib.import_module(f"{commands.__name__}.{name}{suffix}")


def _leaves(parser: argparse.ArgumentParser) -> list[argparse.ArgumentParser]:
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return [leaf for sub in action.choices.values() for leaf in _leaves(sub)]
    return [parser]


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--debug", action="store_true", help="show tracebacks")


def _run(args: argparse.Namespace) -> int:
    try:
        result: Result = args.module.run(args)
    except KeyboardInterrupt:
        return _fail(AppError("cancelled", kind="cancelled"), args.json)
    except AppError as error:
        if args.debug:
            traceback.print_exc()
        return _fail(error, args.json)
    except Exception as error:
        if args.debug:
            raise
        return _fail(_unexpected(error), args.json)
    return _print(args, result)


def _unexpected(error: Exception) -> AppError:
    hint = "run again with --debug and report the traceback"
    return AppError(f"unexpected {type(error).__name__}: {error}", hint=hint, kind="engine_crash")


def _fail(error: AppError, as_json: bool) -> int:
    say(f"bespoke: {error}")
    if as_json:
        details = {"message": error.message, "file": error.file, "hint": error.hint}
        _write(json.dumps({"error": {**details, "kind": error.kind}}))
    codes = {"usage": 2, "cancelled": 130}
    return codes.get(error.kind, 1)


def _print(args: argparse.Namespace, result: Result) -> int:
    _write(as_json(result.data) if args.json else result.text)
    return result.code


def _write(text: str) -> None:
    """Write to standard output; a sign that it cannot show is escaped, never an error."""
    if text:
        encoding = sys.stdout.encoding or "utf-8"
        shown = text.rstrip("\n").encode(encoding, "backslashreplace").decode(encoding)
        sys.stdout.write(shown + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # In the packed app the helper processes of `prepare` start through this file too.
    multiprocessing.freeze_support()
    sys.exit(console())
