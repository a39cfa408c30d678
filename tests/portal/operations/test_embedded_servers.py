"""The embedded servers: private, shared, and gone when nobody uses them."""

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

from portal.operations.embedded import keeper, lease, postgres, redis
from portal.operations.embedded.places import Place, place_for

USE_AND_TELL = """
import sys
from pathlib import Path
from portal.operations.embedded import places, postgres, redis
place = places.place_for(Path(sys.argv[1]))
postgres.ensure_running(place)
redis.ensure_running(place)
print("ready", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    found = place_for(tmp_path)
    yield found
    keeper.stop_servers(found.base)
    shutil.rmtree(found.base, ignore_errors=True)


@pytest.fixture
def user(place: Place, tmp_path: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", USE_AND_TELL, str(tmp_path)]
    with subprocess.Popen(
        command, cwd=settings.BASE_DIR, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def wait_for_the_keeper_to_go(place: Place) -> None:
    with place.keeper_lock.open() as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)


@pytest.mark.slow
def test_servers_survive_one_user_of_two_and_stop_when_the_last_is_killed(place, user, tmp_path):
    command = [sys.executable, "-c", USE_AND_TELL, str(tmp_path)]
    subprocess.run(
        command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL, capture_output=True, check=True, timeout=60
    )
    assert postgres.is_running(place)
    assert redis.answers(place)

    user.send_signal(signal.SIGKILL)
    wait_for_the_keeper_to_go(place)

    assert not postgres.is_running(place)
    assert not redis.answers(place)


@pytest.mark.slow
def test_servers_in_use_are_not_stopped_by_somebody_else(place, user):
    assert lease.stop_if_nobody_left(place) is False
    assert postgres.is_running(place)


def test_two_checkouts_never_meet(tmp_path):
    one, other = place_for(tmp_path / "one"), place_for(tmp_path / "other")
    assert one.base != other.base
    assert one.sockets != other.sockets


@pytest.mark.parametrize("as_root", [True, False])
def test_socket_paths_stay_short_however_deep_the_checkout(as_root):
    deep = Path("/home/someone") / ("a-rather-long-folder-name/" * 8) / "var"
    place = place_for(deep, as_root=as_root)
    assert len(os.fsencode(place.sockets / f"{postgres.SOCKET_NAME}.lock")) < 108


def test_as_root_the_cluster_stands_outside_every_home():
    place = place_for(Path("/root/portale/var"), as_root=True)
    assert place.cluster.is_relative_to("/var/lib/portale-provincia")


def test_without_root_the_cluster_stays_in_the_data_folder(tmp_path):
    assert place_for(tmp_path, as_root=False).cluster.is_relative_to(tmp_path)


def test_a_stale_pid_of_somebody_else_is_not_taken_for_the_server(tmp_path):
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n")
    assert keeper.server_pid(pid_file, tmp_path) is None


@pytest.mark.parametrize("content", ["", "not a number", "999999999"])
def test_a_broken_pid_file_means_no_server(tmp_path, content):
    pid_file = tmp_path / "postmaster.pid"
    pid_file.write_text(content)
    assert keeper.server_pid(pid_file, tmp_path) is None


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
        ("redis://cache:6379/0", "redis://cache:6379/0"),
        ("rediss://cache:6380/0", "rediss://cache:6380/0"),
    ],
)
def test_celery_gets_the_address_in_its_own_words(address, expected):
    assert redis.broker_address(address) == expected
