"""The portal that is examined: real processes, on a database and a data folder of their own."""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from portal.operations import demo
from portal.operations.embedded import keeper, lease
from portal.operations.embedded.places import place_for
from portal.operations.ports import any_free
from portal.operations.supervisor import Child, ChildDied, Stopped, Supervisor, adopt_orphans, reap
from scripts.conformance.tool import ROOT, NotReady, home

LOOK_EVERY = 0.2
# Another portal's database, addresses and keys must not reach the one that is examined.
NOT_INHERITED = (
    "DATABASE_URL", "REDIS_URL", "PORTAL_BASE_URL", "SANDBOX_BASE_URL", "ALLOWED_HOSTS", "SPID_KEYS_DIR",
    "SPID_COMPARISON",
)  # fmt: skip


@dataclass(frozen=True)
class Portal:
    """A running portal, and the supervisor that runs the tool beside it."""

    address: str
    data_dir: Path
    supervisor: Supervisor
    web: Child

    @property
    def certificate(self) -> Path:
        return self.data_dir / "keys" / "spid" / "certificate.pem"

    @property
    def log(self) -> str:
        return self.web.log.read_text(encoding="utf-8", errors="replace")

    def look(self) -> None:
        """Raises Stopped when the user asks to stop, ChildDied when the portal does not run any more."""
        if self.supervisor.asked_to_stop:
            raise Stopped
        if self.web.process.poll() is not None:
            raise ChildDied(f"the portal stopped:\n{self.web.last_words()}")
        time.sleep(LOOK_EVERY)


@contextmanager
def running(idp_metadata: dict[str, bytes]) -> Iterator[Portal]:
    """A portal in which the given identity providers are registered. Leaving takes everything away."""
    static = Path(os.environ.get("STATIC_ROOT") or home() / "static")
    if not (static / "staticfiles.json").exists():
        raise NotReady("conformance-spid needs the static files: run make setup")
    for name in NOT_INHERITED:
        os.environ.pop(name, None)
    adopt_orphans()
    # A short path: sockets of servers have a longest address.
    data_dir = Path(tempfile.mkdtemp(prefix="spid-"))
    place = place_for(data_dir)
    try:
        yield from _started(data_dir, static, idp_metadata)
    finally:
        lease.stop_if_nobody_left(place)
        keeper.stop_servers(place.base)
        reap()
        shutil.rmtree(place.base, ignore_errors=True)
        shutil.rmtree(data_dir, ignore_errors=True)


def _started(data_dir: Path, static: Path, idp_metadata: dict[str, bytes]) -> Iterator[Portal]:
    ports: dict[str, int] = {}
    for name in ("web", "sandbox", "mail"):
        ports[name] = any_free(but=set(ports.values()))
    environment = demo.child_environment(ports, place_for(data_dir)) | _settings(data_dir, static)
    providers = []
    for scheme, metadata in idp_metadata.items():
        file = data_dir / f"idp-{scheme}.xml"
        file.write_bytes(metadata)
        providers.append(f"{scheme}={file}")
    with Supervisor(logs=data_dir / "logs", folder=ROOT, environment=environment) as supervisor:
        supervisor.run([sys.executable, "manage.py", "migrate", "--no-input"])
        supervisor.run([sys.executable, "-m", "scripts.conformance.prepare", *providers])
        program = next(one for one in demo.programs(ports, data_dir) if one.name == "web")
        web = supervisor.start(program)
        supervisor.wait_until_ready()
        yield Portal(environment["PORTAL_BASE_URL"], data_dir, supervisor, web)


def _settings(data_dir: Path, static: Path) -> dict[str, str]:
    """What differs from a demonstration: hundreds of logins from one address, and level 1 may be asked for."""
    return {
        "DATA_DIR": str(data_dir),
        "STATIC_ROOT": str(static),
        "ENVIRONMENT": "demo",
        "RATE_LIMITS": "0",
        "SPID_LEVEL": "1",
        "LOG_LEVEL": "WARNING",
    }
