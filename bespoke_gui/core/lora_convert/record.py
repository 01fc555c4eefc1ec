"""Record: what a conversion changed, kept in the new file's metadata, so that it can be undone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bespoke_gui.core.lora_convert.layers import Layer
from bespoke_gui.core.lora_convert.numbers import as_dtype, decode, encode, scaled

KEY = "bespoke.converted_from"


def told(layers: Sequence[Layer], source_format: str, added: Sequence[str]) -> str:
    """Return the record of layers as they were: their alphas and dtypes."""
    return json.dumps({
        "format": source_format, "added": list(added),
        "alpha": _one_or_all({x.name: x.alpha for x in layers}),
        "alpha_dtype": _one_or_all({x.name: x.alpha_dtype for x in layers}),
        "dtype": _one_or_all({x.name: [x.down.dtype, x.up.dtype] for x in layers}),
    }, separators=(",", ":"), sort_keys=True)  # fmt: skip


def found(metadata: Mapping[str, str]) -> dict[str, Any]:
    """Return the record in a file's metadata; empty where there is none that can be read."""
    try:
        record = json.loads(metadata.get(KEY, "{}"))
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def folded(layers: Sequence[Layer]) -> list[Layer]:
    """Return layers whose alpha is their rank: its factor goes into up.

    Nothing is lost: where a dtype has no room for the product, all weights become F32.
    """
    done = [_folded(layer, "") for layer in layers]
    if all(done):
        return [layer for layer in done if layer]
    wide = [_folded(layer, "F32") or _rounded(layer) for layer in layers]
    return [replace(layer, down=as_dtype(layer.down, "F32")) for layer in wide]


def unfolded(layers: Sequence[Layer], record: Mapping[str, Any]) -> list[Layer]:
    """Return layers as they were before a conversion, where the record still fits the weights."""
    return [_unfolded(layer, record) or layer for layer in layers]


def _folded(layer: Layer, dtype: str) -> Layer | None:
    if layer.factor == 1 and dtype in ("", layer.up.dtype):
        return layer
    up = scaled(layer.up, layer.factor, dtype) if layer.factor else None
    return layer.with_up(up, float(layer.rank)) if up else None


def _rounded(layer: Layer) -> Layer:
    return layer.with_up(encode(decode(layer.up) * layer.factor, "F32"), float(layer.rank))


def _unfolded(layer: Layer, record: Mapping[str, Any]) -> Layer | None:
    """Undo a fold; None when that would change what the layer does."""
    alpha, dtypes = _of(record, "alpha", layer), _of(record, "dtype", layer)
    if not isinstance(alpha, (int, float)) or not isinstance(dtypes, list) or len(dtypes) != 2:
        return None
    kept = str(_of(record, "alpha_dtype", layer) or "")
    try:
        up = encode(decode(layer.up) / (alpha / layer.rank) * layer.factor, dtypes[1])
        down = as_dtype(layer.down, dtypes[0])
        again = encode(decode(up) * (alpha / layer.rank) / layer.factor, layer.up.dtype)
        if again.raw != layer.up.raw or as_dtype(down, layer.down.dtype).raw != layer.down.raw:
            return None
    except (KeyError, ZeroDivisionError):
        return None
    return Layer(layer.part, layer.path, down, up, float(alpha), kept)


def _one_or_all(values: dict[str, Any]) -> Any:
    first = next(iter(values.values()))
    return first if all(value == first for value in values.values()) else values


def _of(record: Mapping[str, Any], key: str, layer: Layer) -> Any:
    value = record.get(key)
    return value.get(layer.name) if isinstance(value, dict) else value
