"""The supervisor: starts, watches, and leaves nobody behind. Real processes, no stand-ins."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.operations import ports
from portal.operations.demo import AlreadyRunning, only_one
from portal.operations.supervisor import ChildDied, Program, Stopped, Supervisor, answers

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
WITH_A_CHILD = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(600)'])"
PATIENT = "import time; time.sleep(600)"


def listening(port: int) -> socket.socket:
    return socket.create_server(("127.0.0.1", port))


def living(group: int) -> list[str]:
    """The processes of the group that still run; ended ones that nobody has collected do not count."""
    stats = [path.read_text().rpartition(")")[2].split() for path in Path("/proc").glob("[0-9]*/stat")]
    return [stat[0] for stat in stats if int(stat[2]) == group and stat[0] != "Z"]


def soon_gone(group: int) -> bool:
    """Whether the group ends within a moment: a SIGKILL takes effect when the kernel gets to it."""
    deadline = time.monotonic() + 5
    while living(group) and time.monotonic() < deadline:
        os.sched_yield()
    return not living(group)


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.fixture
def supervisor(tmp_path: Path):
    return Supervisor(logs=tmp_path / "logs", folder=tmp_path, environment=os.environ)


def test_a_child_that_dies_is_reported_with_its_last_words(supervisor):
    with supervisor:
        supervisor.start(Program("worker", python("print('nel mezzo del cammin', flush=True); raise SystemExit(3)")))
        with pytest.raises(ChildDied, match=r"(?s)worker.*codice 3.*nel mezzo del cammin"):
            supervisor.watch()


def test_whatever_happens_no_child_is_left(supervisor):
    codes = {"patient": PATIENT, "parent": WITH_A_CHILD, "short": "raise SystemExit(1)"}
    with supervisor:
        children = [supervisor.start(Program(name, python(code))) for name, code in codes.items()]
        with pytest.raises(ChildDied):
            supervisor.watch()
    for child in children:
        assert soon_gone(child.process.pid), child.program.name


def test_a_child_deaf_to_sigterm_is_killed(supervisor, monkeypatch):
    monkeypatch.setattr("portal.operations.supervisor.STOP_SECONDS", 0.3)
    with supervisor:
        child = supervisor.start(Program("stubborn", python(STUBBORN)))
    assert child.process.returncode in {-signal.SIGKILL, -signal.SIGTERM}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_every_way_of_asking_stops_it(supervisor, number):
    with supervisor:
        supervisor.start(Program("a", python(PATIENT)))
        os.kill(os.getpid(), number)
        with pytest.raises(Stopped):
            supervisor.watch()


def test_a_preparation_that_fails_stops_everything(supervisor):
    with pytest.raises(ChildDied, match="tabella rotta"), supervisor:
        supervisor.run(python("raise SystemExit('tabella rotta')"))


def test_ready_means_that_every_health_address_answers(supervisor, tmp_path):
    (tmp_path / "index.html").write_text("ok")
    port = ports.any_free(but=set())
    url = f"http://127.0.0.1:{port}/"
    assert not answers(url)
    with supervisor:
        supervisor.start(Program("web", [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"], url))
        supervisor.wait_until_ready()
        assert answers(url)
    assert not answers(url)


def test_ports_are_chosen_once_and_kept(tmp_path):
    first = ports.choose(tmp_path)
    assert ports.choose(tmp_path) == first
    assert len(set(first.values())) == 3


def test_a_kept_port_that_is_taken_is_replaced(tmp_path):
    first = ports.choose(tmp_path)
    with listening(first["sandbox"]):
        second = ports.choose(tmp_path)
    assert second["sandbox"] != first["sandbox"]
    assert second["web"] == first["web"]


def test_a_port_asked_for_and_taken_is_an_error(tmp_path):
    port = ports.any_free(but=set())
    with listening(port), pytest.raises(ports.PortTaken, match=str(port)):
        ports.choose(tmp_path, web=port)


def test_the_same_demonstration_does_not_start_twice(tmp_path):
    code = "import fcntl, sys; h = open(sys.argv[1], 'w'); fcntl.flock(h, 2); print('ok', flush=True); sys.stdin.read()"
    command = [*python(code), str(tmp_path / "demo.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "ok\n"
        with pytest.raises(AlreadyRunning), only_one(tmp_path):
            pass
        other.kill()
    with only_one(tmp_path):
        pass
