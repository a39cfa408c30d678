"""`manage.py demo`, whole: it starts, it answers, it leaves nothing behind."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests
from django.conf import settings

from portal.operations.embedded import keeper, postgres, redis
from portal.operations.embedded.places import place_for
from portal.operations.ports import any_free


@pytest.fixture
def demo(tmp_path: Path):
    port = any_free(but=set())
    unset = {"ENVIRONMENT", "DATABASE_URL", "REDIS_URL", "PORTAL_BASE_URL", "SANDBOX_BASE_URL"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    environment |= {
        "DATA_DIR": str(tmp_path),
        "STATIC_ROOT": str(settings.STATIC_ROOT),
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "ENVIRONMENT": "demo",
    }
    process = subprocess.Popen(
        [sys.executable, "manage.py", "demo", "--port", str(port)],
        cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    yield process, port
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    place = place_for(tmp_path)
    keeper.stop_servers(place.base)
    shutil.rmtree(place.base, ignore_errors=True)


def read_until_ready(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    said = []
    for line in process.stdout:
        said.append(line)
        if line.startswith("READY "):
            return line
    pytest.fail("".join(said))


def children_of(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [int(child) for child in found]


def still_there(pids: list[int], *, seconds: float = 10) -> list[int]:
    """The processes that do not end within some seconds; one that ended and waits for its parent is not there."""
    deadline = time.monotonic() + seconds
    while found := [pid for pid in pids if runs(pid)]:
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    return found


def runs(pid: int) -> bool:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


@pytest.mark.slow
def test_the_demonstration_starts_answers_and_leaves_nothing_behind(demo, tmp_path):
    process, port = demo
    assert read_until_ready(process) == f"READY http://127.0.0.1:{port}/\n"
    children = children_of(process.pid)
    health = requests.get(f"http://127.0.0.1:{port}/stato/", timeout=10).json()
    assert health["database"] is True
    assert health["redis"] is True

    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)

    assert process.returncode == 0
    assert still_there(children) == []
    assert not postgres.is_running(place_for(tmp_path))
    assert not redis.answers(place_for(tmp_path))
