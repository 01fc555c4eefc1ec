"""Contract: what requests and answers must look like, by RunPod's own file or by our subset."""

import functools
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

HERE = Path(__file__).resolve().parent
OPENAPI = HERE.parents[3] / "shared" / "fixtures" / "runpod" / "openapi_v2.json"
ROOT = "urn:contract"


@dataclass(frozen=True, eq=False)
class Contract:
    """Both sides of every operation, as JSON schemas. `source`: "openapi" or "subset"."""

    source: str
    operations: dict[str, dict[str, str]]
    trouble: str
    document: Any

    def request_errors(self, operation: str, body: Any) -> list[str]:
        """What is wrong with a request's body; [] for a good one."""
        pointer = self.operations[operation].get("request")
        return self._errors(pointer, body) if pointer else []

    def answer_errors(self, operation: str, status: int, body: Any) -> list[str]:
        """What is wrong with an answer; a status that the operation does not name is wrong."""
        if status >= 400:
            return self._errors(self.trouble, body)
        known = self.operations[operation]
        if str(status) not in known:
            return [f"{operation} never answers {status}"]
        pointer = known[str(status)]
        return self._errors(pointer, body) if pointer else []

    def _errors(self, pointer: str, body: Any) -> list[str]:
        validator = _validator(self, pointer)
        found = sorted(validator.iter_errors(body), key=lambda error: list(error.absolute_path))
        return [f"{error.json_path}: {error.message}" for error in found]


def openapi() -> Contract | None:
    """RunPod's own description, where it lies beside the project."""
    return _openapi() if OPENAPI.is_file() else None


@functools.cache
def subset() -> Contract:
    """Our subset, written from what the API does; this is what the project keeps."""
    document = json.loads((HERE / "schemas.json").read_text(encoding="utf-8"))
    operations = {
        name: {key: f"/$defs/{value}" if value else "" for key, value in parts.items()}
        for name, parts in document["operations"].items()
    }
    return Contract("subset", operations, "/$defs/Trouble", document)


def contract() -> Contract:
    """The strictest there is."""
    return openapi() or subset()


@functools.cache
def _openapi() -> Contract:
    document = json.loads(OPENAPI.read_text(encoding="utf-8"))
    operations = {}
    for path, methods in document["paths"].items():
        for method, about in methods.items():
            if method != "parameters":
                operations[f"{method.upper()} {path}"] = _parts(path, method, about)
    return Contract("openapi", operations, "/components/schemas/ErrorResponse", document)


def _parts(path: str, method: str, about: dict[str, Any]) -> dict[str, str]:
    base = f"/paths/{path.replace('/', '~1')}/{method}"
    parts = {}
    if "application/json" in about.get("requestBody", {}).get("content", {}):
        parts["request"] = f"{base}/requestBody/content/application~1json/schema"
    for status, answer in about["responses"].items():
        is_json = "application/json" in answer.get("content", {})
        where = f"{base}/responses/{status}/content/application~1json/schema"
        if status.startswith("2"):
            parts[status] = where if is_json else ""
    return parts


@functools.cache
def _validator(known: Contract, pointer: str) -> Draft202012Validator:
    resource = DRAFT202012.create_resource(known.document)
    registry = Registry().with_resource(ROOT, resource)
    escaped = pointer.replace("{", "%7B").replace("}", "%7D")
    return Draft202012Validator({"$ref": f"{ROOT}#{escaped}"}, registry=registry)
