"""Who is using the embedded servers: file locks, which die with their process."""

import fcntl
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.operations.embedded import keeper
from portal.operations.embedded.places import Place, make_folders

_held: dict[Path, int] = {}


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


@contextmanager
def starting(place: Place) -> Iterator[None]:
    """One process at a time starts or stops servers."""
    make_folders(place)
    handle = _open(place.start_lock)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def take(place: Place) -> None:
    """Count this process among the users, until it ends. Call it inside `starting`."""
    if place.base not in _held:
        handle = _open(place.users_lock)
        fcntl.flock(handle, fcntl.LOCK_SH)
        _held[place.base] = handle
    _ensure_keeper(place)


def is_held(place: Place) -> bool:
    return place.base in _held


def leave(place: Place) -> None:
    """This process no longer uses the servers."""
    handle = _held.pop(place.base, None)
    if handle is not None:
        os.close(handle)


def nobody_left(place: Place) -> bool:
    """Whether no process at all uses the servers. Call it inside `starting`."""
    handle = _open(place.users_lock)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(handle)
    return True


def _keeper_pid(place: Place) -> int | None:
    """The pid of the living keeper, or None."""
    handle = _open(place.keeper_lock)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        written = os.pread(handle, 20, 0)
        return int(written) if written else None
    finally:
        os.close(handle)
    return None


def _ensure_keeper(place: Place) -> None:
    if _keeper_pid(place) is not None:
        return
    read_end, write_end = os.pipe()
    os.set_inheritable(write_end, True)
    null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
    arguments = [sys.executable, "-I", "-S", keeper.__file__, str(place.base), str(write_end)]
    os.posix_spawn(sys.executable, arguments, {"PATH": os.defpath}, file_actions=null, setsid=True)
    os.close(write_end)
    os.read(read_end, 1)
    os.close(read_end)


def dismiss_keeper(place: Place) -> None:
    """End the keeper, when the servers are already stopped. Call it inside `starting`."""
    pid = _keeper_pid(place)
    if pid is not None:
        keeper.end_process(pid, signal.SIGTERM, signal.SIGKILL)


def stop_if_nobody_left(place: Place) -> bool:
    """Stop the servers now, unless another process uses them. Answers whether they are stopped."""
    leave(place)
    with starting(place):
        if not nobody_left(place):
            return False
        keeper.stop_servers(place.base)
        dismiss_keeper(place)
    return True
