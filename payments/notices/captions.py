"""The fixed texts, read once."""

import tomllib
from functools import cache
from pathlib import Path

CAPTIONS_FILE = Path(__file__).parent / "captions_it.toml"


@cache
def captions() -> dict[str, dict[str, str]]:
    """Italian captions of the notice (`notice`) and of the postal part (`postal`)."""
    return tomllib.loads(CAPTIONS_FILE.read_text(encoding="utf-8"))
