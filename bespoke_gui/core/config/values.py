"""Values of options as people type them, and back."""

from __future__ import annotations

from typing import Any

from bespoke_gui.core.config.options import Option
from bespoke_gui.core.errors import AppError

_WANTED = {
    "int": "a whole number",
    "float": "a number such as 1e-4",
    "int_or_float": "a number: steps, or a share such as 0.1",
}
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")


def parse_typed(option: Option, text: str) -> Any:
    """Return what a person typed as a value of the option's kind.

    Numbers keep the way they are written (1e-4 stays 1e-4 in the file). A list has an entry a
    line, or numbers between commas. Raises AppError in words.
    """
    text = text.strip()
    if option.many:
        return _many(option, text)
    return _one(option, text)


def written(value: Any) -> str:
    """Return a value as a person types it: learning rates as 5e-5, lists an entry a line."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        mantissa, _, exponent = f"{value:.6e}".partition("e")
        small = 0 < abs(value) < 1e-3
        return f"{float(mantissa):g}e{int(exponent)}" if small else f"{value:g}"
    if isinstance(value, list):
        numbers = all(isinstance(one, (int, float)) for one in value)
        return (", " if numbers else "\n").join(written(one) for one in value)
    return str(value)


def kind_of(value: Any) -> str:
    """Return the kind of a value of an option that the trainer does not know."""
    kinds: dict[type, str] = {bool: "bool", int: "int", float: "float"}
    return kinds.get(type(value), "str")


def _many(option: Option, text: str) -> Any:
    parts = text.splitlines() if option.kind == "str" else text.replace("\n", ",").split(",")
    values = [_one(option, part.strip()) for part in parts if part.strip()]
    single = option.kind != "str" and len(values) == 1
    return values[0] if single else values


def _one(option: Option, text: str) -> Any:
    if option.kind == "bool":
        return _flag(option, text)
    if option.kind == "str":
        return text
    number = _number(option, text)
    return number if not option.choices or number in option.choices else _refused(option, text)


def _flag(option: Option, text: str) -> bool:
    if text.casefold() in _YES:
        return True
    if text.casefold() in _NO:
        return False
    raise AppError(f"{option.name}: {text!r} is neither yes nor no", kind="bad_config")


def _number(option: Option, text: str) -> Any:
    """Return a number, as an item of tomlkit that remembers how it was written."""
    import tomlkit
    import tomlkit.exceptions

    try:
        int(text, 10) if option.kind == "int" else float(text)
        found = tomlkit.value(text)
    except (ValueError, tomlkit.exceptions.TOMLKitError):
        return _plain_number(option, text)
    if option.kind == "float" and isinstance(found, int):
        return float(text)
    return found if isinstance(found, (int, float)) else _refused(option, text)


def _plain_number(option: Option, text: str) -> Any:
    """Return a number that is none of TOML's spellings, such as .5 or 007."""
    try:
        return int(text, 10) if option.kind == "int" else float(text)
    except ValueError:
        return _refused(option, text)


def _refused(option: Option, text: str) -> Any:
    wanted = _WANTED[option.kind]
    if option.choices:
        wanted = f"one of {', '.join(map(str, option.choices))}"
    raise AppError(f"{option.name}: {text!r} is not {wanted}", kind="bad_config")
