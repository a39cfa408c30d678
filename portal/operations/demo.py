"""The demonstration: which processes it is made of and what they are told."""

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.operations.embedded import lease, postgres, redis
from portal.operations.embedded.places import Place
from portal.operations.ports import HOST
from portal.operations.supervisor import Program


class AlreadyRunning(Exception):
    """The demonstration of this checkout runs already."""


class InUse(Exception):
    """Another process uses the embedded servers."""


@contextmanager
def only_one(data_dir: Path) -> Iterator[None]:
    """Hold the demonstration's lock. Raises AlreadyRunning."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / "demo.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning("La dimostrazione di questa cartella è già accesa.") from None
        yield


def child_environment(ports: dict[str, int], place: Place) -> dict[str, str]:
    """The environment of the children: same addresses for all. Starts the embedded servers that are needed."""
    environment = dict(os.environ)
    environment["PORTAL_BASE_URL"] = f"http://{HOST}:{ports['web']}"
    environment["SANDBOX_BASE_URL"] = f"http://localhost:{ports['sandbox']}"
    environment["EMAIL_HOST"], environment["EMAIL_PORT"] = HOST, str(ports["mail"])
    environment.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    if not environment.get("DATABASE_URL"):
        postgres.ensure_running(place)
        environment["DATABASE_URL"] = postgres.url(place)
    if not environment.get("REDIS_URL"):
        environment["REDIS_URL"] = redis.ensure_running(place)
    return environment


def programs(ports: dict[str, int], data_dir: Path) -> list[Program]:
    """Sandbox, web, worker and beat."""
    python = sys.executable
    celery = [python, "-m", "celery", "-A", "portal"]
    web = [python, "-m", "gunicorn", "portal.wsgi", "--bind", f"{HOST}:{ports['web']}", "--worker-class", "gthread"]
    web += ["--workers", "2", "--threads", "4", "--graceful-timeout", "5", "--no-control-socket"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    schedule = ["--pidfile=", "--schedule", str(data_dir / "celerybeat-schedule")]
    return [
        Program("sandbox", [python, "manage.py", "sandbox"], f"http://localhost:{ports['sandbox']}/"),
        Program("web", web, f"http://{HOST}:{ports['web']}/stato/"),
        Program("worker", [*celery, "worker", "--pool", "threads", "--concurrency", "2", "--loglevel", "INFO", *quiet]),
        Program("beat", [*celery, "beat", "--loglevel", "WARNING", *schedule]),
    ]


def forget(data_dir: Path, place: Place, *, own_database: bool) -> bool:
    """Delete the demonstration's data. Returns whether a database that is not ours was left alone. Raises InUse."""
    if own_database:
        if not lease.stop_if_nobody_left(place):
            raise InUse("La base dati è in uso: chiudi gli altri comandi del portale e riprova.")
        shutil.rmtree(place.cluster, ignore_errors=True)
    for name in ("media", "sandbox", "logs"):
        shutil.rmtree(data_dir / name, ignore_errors=True)
    return not own_database
