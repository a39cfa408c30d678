"""Starts the processes of the demonstration, watches them, and ends them leaving nothing behind."""

import ctypes
import os
import signal
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Self

READY_SECONDS = 90.0
STOP_SECONDS = 10.0
LOOK_EVERY = 0.2
PR_SET_CHILD_SUBREAPER = 36
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class ChildDied(Exception):
    """A process of the demonstration ended by itself."""


class Stopped(Exception):
    """The user asked to stop."""


@dataclass(frozen=True)
class Program:
    """A process to run, with the address that answers once it is ready, if it has one."""

    name: str
    command: Sequence[str]
    health_url: str = ""


@dataclass
class Child:
    """A running program, in a session of its own."""

    program: Program
    process: "subprocess.Popen[bytes]"
    log: Path

    def last_words(self) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-15:])


class Supervisor:
    """Context manager: whatever happens inside, at the end no child is left."""

    def __init__(self, *, logs: Path, folder: Path, environment: Mapping[str, str]) -> None:
        self.logs, self.folder, self.environment = logs, folder, dict(environment)
        self.children: list[Child] = []
        self.asked_to_stop = False

    def __enter__(self) -> Self:
        for number in SIGNALS:
            signal.signal(number, self._asked)
        self.logs.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()
        for number in SIGNALS:
            signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    def _asked(self, signum: int, frame: FrameType | None) -> None:
        self.asked_to_stop = True

    def run(self, command: Sequence[str]) -> None:
        """Run to the end a command that must succeed. Raises ChildDied, Stopped."""
        child = self.start(Program("prepare", command))
        while child.process.poll() is None:
            self._check_asked()
            time.sleep(LOOK_EVERY / 4)
        self.children.remove(child)
        if child.process.returncode:
            raise ChildDied(f"{' '.join(command[-2:])}:\n{child.last_words()}")

    def start(self, program: Program) -> Child:
        """Start a program; its output goes to a file of the logs folder."""
        log = self.logs / f"{program.name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                list(program.command),
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        child = Child(program, process, log)
        self.children.append(child)
        return child

    def wait_until_ready(self) -> None:
        """Come back when every program with a health address answers. Raises ChildDied, Stopped."""
        waiting = {child.program.name: child.program.health_url for child in self.children if child.program.health_url}
        deadline = time.monotonic() + READY_SECONDS
        while waiting:
            self.look()
            waiting = {name: url for name, url in waiting.items() if not answers(url)}
            if waiting and time.monotonic() > deadline:
                raise ChildDied(f"Non risponde: {', '.join(waiting)}. Guarda {self.logs}")
            time.sleep(LOOK_EVERY)

    def watch(self) -> None:
        """Watch over the children until asked to stop. Raises Stopped, or ChildDied when one ends by itself."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def look(self) -> None:
        """Raise Stopped or ChildDied if it is the case."""
        self._check_asked()
        for child in self.children:
            code = child.process.poll()
            if code is not None:
                name = child.program.name
                raise ChildDied(f"Il processo «{name}» si è fermato (codice {code}).\n{child.last_words()}")

    def _check_asked(self) -> None:
        if self.asked_to_stop:
            raise Stopped

    def stop(self) -> None:
        """SIGTERM to each child itself, so that it ends its own in order; then whatever is left of its group dies."""
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for child in self.children:
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.1, deadline - time.monotonic()))
        for child in self.children:
            with suppress(ProcessLookupError):
                os.killpg(child.process.pid, signal.SIGKILL)
            child.process.wait()
        self.children.clear()


def adopt_orphans() -> None:
    """Become the parent of descendants whose parent has gone, so that `reap` can take them away for good.

    Servers detach themselves; where the machine's first process collects nobody, they would stay as zombies.
    """
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def reap() -> None:
    """Collect every descendant that has ended."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def answers(url: str) -> bool:
    """Whether the address answers 200."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with direct.open(url, timeout=5) as response:
            return int(response.status) == 200
    except (urllib.error.URLError, OSError):
        return False
