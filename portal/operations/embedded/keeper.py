"""Stops the embedded servers when nobody uses them any more.

Run as a script of its own (standard library only, so that it starts at once and weighs little); the functions that
stop the servers are also imported by the rest of the package.
"""

import fcntl
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

GRACE_SECONDS = 2.0
STOP_SECONDS = 10.0


def server_pid(pid_file: Path, working_folder: Path) -> int | None:
    """The pid written in `pid_file`, if that process is alive and really works in `working_folder`.

    After a reboot the number in a stale file may belong to somebody else: such a process must not be touched.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
        at_home = Path(f"/proc/{pid}/cwd").readlink() == working_folder.resolve()
    except (OSError, ValueError, IndexError):
        return None
    return pid if at_home else None


def end_process(pid: int, gentle: signal.Signals, rough: signal.Signals) -> None:
    """Ask the process to end, wait, and insist if it does not."""
    deadline = time.monotonic() + STOP_SECONDS
    with suppress(ProcessLookupError):
        os.kill(pid, gentle)
        while _alive(pid) and time.monotonic() < deadline:
            time.sleep(0.02)
        if _alive(pid):
            os.kill(pid, rough)


def _alive(pid: int) -> bool:
    """Whether the process still runs; a zombie does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def stop_servers(base: Path) -> None:
    """Stop PostgreSQL (fast shutdown: sessions are closed, data are flushed) and Redis, if they run."""
    cluster, redis_folder = base / "postgresql", base / "redis"
    postgres = server_pid(cluster / "postmaster.pid", cluster)
    if postgres is not None:
        end_process(postgres, signal.SIGINT, signal.SIGQUIT)
    redis = server_pid(redis_folder / "redis.pid", redis_folder)
    if redis is not None:
        end_process(redis, signal.SIGTERM, signal.SIGKILL)


def _try_exclusive(path: Path) -> bool:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _wait_until_free(path: Path) -> None:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(handle, fcntl.LOCK_EX)
    os.close(handle)


def keep(base: Path, ready: int) -> None:
    """Wait for the last user to go, then stop the servers. Writes one byte to `ready` when it is at its post."""
    me = os.open(base / "keeper.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(me, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return
    os.ftruncate(me, 0)
    os.pwrite(me, str(os.getpid()).encode(), 0)
    os.write(ready, b"1")
    os.close(ready)
    while True:
        _wait_until_free(base / "users.lock")
        time.sleep(GRACE_SECONDS)
        start = os.open(base / "start.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(start, fcntl.LOCK_EX)
        if _try_exclusive(base / "users.lock"):
            stop_servers(base)
            os.close(me)
            return
        os.close(start)


if __name__ == "__main__":
    keep(Path(sys.argv[1]), int(sys.argv[2]))
