"""Structured data of the public pages (schema.org, as the national model asks). Pure."""

import json
from collections.abc import Mapping
from typing import Any

# What could close the element that carries the data, or open another one.
ESCAPES = str.maketrans({"<": "\\u003C", ">": "\\u003E", "&": "\\u0026"})


def dump(data: Mapping[str, Any]) -> str:
    """JSON that is safe inside an HTML element."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True).translate(ESCAPES)
