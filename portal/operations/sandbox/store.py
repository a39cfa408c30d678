"""What the counterparts remember: small JSON values in files, one file each."""

import json
import os
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from django.conf import settings

Value = dict[str, Any]
LONGEST_NAME = 200

_lock = threading.RLock()


class Store:
    """Values by collection and key. Writing is atomic; `update` is safe among the threads of one process."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or settings.DATA_DIR / "sandbox" / "state"

    def get(self, collection: str, key: str) -> Value | None:
        """The value, or None."""
        try:
            text = self._path(collection, key).read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        value: Value = json.loads(text)
        return value

    def put(self, collection: str, key: str, value: Value) -> None:
        """Write the value, in place of the one that was there."""
        path = self._path(collection, key)
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.parent / f".{uuid.uuid4().hex}"
        aside.write_text(json.dumps(value, ensure_ascii=False, sort_keys=True), encoding="utf-8")
        aside.replace(path)

    def update(self, collection: str, key: str, change: Callable[[Value | None], Value]) -> Value:
        """Replace the value with `change(value)`; nobody writes in between. Returns the new value."""
        with _lock:
            value = change(self.get(collection, key))
            self.put(collection, key, value)
        return value

    def delete(self, collection: str, key: str) -> None:
        """Forget the value, if there is one."""
        self._path(collection, key).unlink(missing_ok=True)

    def list(self, collection: str) -> list[tuple[str, Value]]:
        """Every (key, value) of the collection, by key."""
        folder = self._folder(collection)
        if not folder.exists():
            return []
        keys = sorted(unquote(path.name.removesuffix(".json")) for path in folder.glob("*.json"))
        found = ((key, self.get(collection, key)) for key in keys)
        return [(key, value) for key, value in found if value is not None]

    def _folder(self, collection: str) -> Path:
        return self.folder / _file_name(collection)

    def _path(self, collection: str, key: str) -> Path:
        return self._folder(collection) / f"{_file_name(key)}.json"


def _file_name(text: str) -> str:
    """A file name that no key can use to walk out of its folder. Raises ValueError when empty or too long."""
    name = quote(text, safe="").replace(".", "%2E")
    if not 0 < len(os.fsencode(name)) <= LONGEST_NAME:
        raise ValueError(f"not a key: {text[:40]!r}")
    return name
