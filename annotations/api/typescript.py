"""The document's schemas as JSDoc types, for the pages' scripts: `static/js/net/types.js`.

    .venv/bin/python -m annotations.api.typescript

writes the file anew. TypeScript's own generators need a compiler older than ours.
"""

import json
import os
import sys
import textwrap
from pathlib import Path
from typing import Any

FILE = Path(__file__).resolve().parents[2] / "static" / "js" / "net" / "types.js"

_HEAD = """/**
 * What the native HTTP API takes and answers, and what its socket sends.
 *
 * Made from the API's document by `python -m annotations.api.typescript`: change the shapes there.
 * @module net/types
 */
"""
_FOOT = """
/** @typedef {ImageInfo["state"]} ImageState */
/** @typedef {ImageInfo["work"]} WorkState */
/** @typedef {ImageInfo["embedding"]} EmbeddingState */

/** @typedef {NonNullable<SegmentIn["points"]>[number]} PromptPoint */
/** @typedef {NonNullable<SegmentIn["box"]>} PromptBox */
/** @typedef {Pick<SegmentIn, "region"> & {points: PromptPoint[], box: PromptBox | null}} Prompts */

/**
 * @template T
 * @typedef {{items: T[], next: string | null}} Page
 */

/** @typedef {{v: number, type: string, data: Record<string, any>}} SocketMessage */

export {};
"""
# The browser has an Image and an Error of its own.
_NAMES = {"Image": "ImageInfo", "Error": "ErrorAnswer"}
# Fields that the pages know better or hand on as they are. The API keeps prompts as they were sent:
# this is the form that pages send.
_PAGES = {"prompts": "Prompts | null", "source": "string"}
_PLAIN = {"string": "string", "integer": "number", "number": "number", "boolean": "boolean",
          "null": "null"}  # fmt: skip
_MAX_TUPLE = 4
_WIDTH = 116


def types(document: dict[str, Any]) -> str:
    """The text of the module."""
    schemas = document["components"]["schemas"]
    return _HEAD + "".join(_typedef(name, schemas[name]) for name in sorted(schemas)) + _FOOT


def _typedef(name: str, schema: dict[str, Any]) -> str:
    text = " ".join(schema.get("description", "").split())
    lines = [f" * {line}" for line in textwrap.wrap(text, _WIDTH)]
    lines.append(f" * @typedef {{object}} {_NAMES.get(name, name)}")
    for field, inner in schema.get("properties", {}).items():
        kind = _PAGES.get(field) or _type(inner)
        label = field if field in schema.get("required", ()) else f"[{field}]"
        meaning = " ".join(inner.get("description", "").split())
        lines.append(f" * @property {{{kind}}} {label} {meaning}".rstrip())
    return "\n/**\n" + "\n".join(lines) + "\n */\n"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return _NAMES.get(name, name)
    if "enum" in schema or "const" in schema:
        values = schema.get("enum", [schema.get("const")])
        return " | ".join(sorted(json.dumps(value) for value in values))
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        kinds = list(dict.fromkeys(_type(choice) for choice in choices))
        return "any" if "any" in kinds else " | ".join(kinds)
    if schema.get("type") == "array":
        return _array(schema)
    if schema.get("type") == "object":
        return _object(schema)
    return _PLAIN.get(schema.get("type", ""), "any")


def _array(schema: dict[str, Any]) -> str:
    item = _type(schema.get("items", {}))
    count = schema.get("maxItems", 0)
    if 0 < count <= _MAX_TUPLE and schema.get("minItems") == count:
        return f"[{', '.join([item] * count)}]"
    return f"({item})[]" if " | " in item else f"{item}[]"


def _object(schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        values = schema.get("additionalProperties", True)
        return f"Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>"
    required = schema.get("required", ())
    fields = (
        f"{name}{'' if name in required else '?'}: {_type(inner)}"
        for name, inner in schema["properties"].items()
    )
    return f"{{{', '.join(fields)}}}"


def main() -> None:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "segweb.settings")
    django.setup()
    from .native import api

    FILE.write_text(types(api.get_openapi_schema()))
    sys.stdout.write(f"{FILE}\n")


if __name__ == "__main__":
    main()
