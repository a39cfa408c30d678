"""Reading settings from the environment. Pure, apart from the small files it keeps in the data folder."""

import json
import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def text(name: str, default: str = "") -> str:
    """The variable, or `default` when it is unset or empty."""
    return os.environ.get(name, "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """Whether the variable says yes (1, true, yes, si)."""
    return text(name, "1" if default else "0").lower() in {"1", "true", "yes", "si"}


def words(name: str, default: str = "") -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def mapping(name: str) -> dict[str, Any]:
    """A JSON object, empty when the variable is unset. Raises ValueError for anything else."""
    value = json.loads(text(name, "{}"))
    if not isinstance(value, dict):
        raise ValueError(f"{name}: serve un oggetto JSON")
    return value


def database(url: str) -> dict[str, Any]:
    """Django's DATABASES entry for `postgresql://user:password@host:port/name?sslmode=...`.

    Raises ValueError for any other engine: PostgreSQL is the only database.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ValueError("DATABASE_URL: serve un indirizzo postgresql://")
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", "") or unquote(parts.hostname or "")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def secret_key(data_dir: Path) -> str:
    """The key kept in the data folder, made at the first use. Not for production."""
    path = data_dir / "secret_key"
    try:
        return path.read_text(encoding="ascii")
    except FileNotFoundError:
        data_dir.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"secret_key.{os.getpid()}")
    aside.touch(mode=0o600)
    aside.write_text(secrets.token_urlsafe(48), encoding="ascii")
    try:
        os.link(aside, path)  # two processes at once: the first one wins, both read the same key
    except FileExistsError:
        pass
    finally:
        aside.unlink()
    return path.read_text(encoding="ascii")


def kept_ports(data_dir: Path) -> dict[str, int]:
    """The ports that the demo chose once and keeps: web, sandbox, mail."""
    path = data_dir / "ports.json"
    if not path.exists():
        return {"web": 8000, "sandbox": 8001, "mail": 8025}
    ports: dict[str, int] = json.loads(path.read_text(encoding="ascii"))
    return ports
