"""Official schemas and vectors, kept beside the project and never inside it."""

from pathlib import Path

import pytest

_SHARED = Path(__file__).resolve().parent.parent.parent / "shared"
STANDARDS = _SHARED / "standards"
SHARED_DATA = _SHARED / "data"


def need(path: Path) -> Path:
    """The path, or a loud skip of the test when it is not on this machine."""
    if not path.exists():
        pytest.skip(f"official file not on this machine: {path}")
    return path
