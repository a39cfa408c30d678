"""The demonstration as a newcomer starts it: one command, then an address; at the end nothing is left running."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings

from portal.operations.embedded import keeper
from portal.operations.embedded.places import place_for
from portal.operations.ports import any_free

STOP_SECONDS = 60
# What this process was told about its own servers must not reach the demonstration's.
NOT_INHERITED = {"DATABASE_URL", "REDIS_URL", "PORTAL_BASE_URL", "SANDBOX_BASE_URL", "PYTEST_CURRENT_TEST"}


@dataclass(frozen=True)
class Demonstration:
    """Where the running portal and its counterparts answer."""

    portal: str
    sandbox: str


@contextmanager
def running() -> Iterator[Demonstration]:
    """`manage.py demo` on data of its own. Leaving stops it as Ctrl-C does and checks that it went well."""
    if not (Path(settings.STATIC_ROOT) / "staticfiles.json").exists():
        pytest.fail("the static files are not collected: run `make setup` first")
    # A short path: sockets of servers have a longest address.
    data_dir = Path(tempfile.mkdtemp(prefix="giro-"))
    process, port = _start(data_dir)
    try:
        _wait_until_ready(process)
        sandbox = json.loads((data_dir / "ports.json").read_text())["sandbox"]
        yield Demonstration(f"http://127.0.0.1:{port}", f"http://localhost:{sandbox}")
        _stop(process)
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate(timeout=STOP_SECONDS)
        place = place_for(data_dir)
        keeper.stop_servers(place.base)
        shutil.rmtree(place.base, ignore_errors=True)
        shutil.rmtree(data_dir, ignore_errors=True)


def _start(data_dir: Path) -> "tuple[subprocess.Popen[str], int]":
    port = any_free(but=set())
    environment = {name: value for name, value in os.environ.items() if name not in NOT_INHERITED} | {
        "DATA_DIR": str(data_dir),
        "STATIC_ROOT": str(settings.STATIC_ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "ENVIRONMENT": "demo",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port)],
        cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    return process, port


def _wait_until_ready(process: "subprocess.Popen[str]") -> None:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        if line.startswith("READY "):
            return
        said.append(line)
    pytest.fail("the demonstration did not start:\n" + "".join(said))


def _stop(process: "subprocess.Popen[str]") -> None:
    """SIGTERM, as a service manager would: it ends well and takes every process with it."""
    family = _descendants(process.pid)
    process.send_signal(signal.SIGTERM)
    said, _ = process.communicate(timeout=STOP_SECONDS)
    assert process.returncode == 0, said
    assert [pid for pid in family if Path(f"/proc/{pid}").exists()] == []


def _descendants(pid: int) -> list[int]:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return children + [below for child in children for below in _descendants(child)]
