"""Where the embedded servers live: folders, sockets and locks."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

ROOT_FOLDER = Path("/var/lib/portale-provincia")
# sun_path holds 108 bytes; PostgreSQL also writes a lock beside the socket, ".s.PGSQL.5432.lock".
LONGEST_SOCKET_FOLDER = 80


@dataclass(frozen=True)
class Place:
    """The folders of one checkout's servers. Two checkouts never share one."""

    data_dir: Path
    base: Path
    sockets: Path

    @property
    def cluster(self) -> Path:
        return self.base / "postgresql"

    @property
    def redis_folder(self) -> Path:
        return self.base / "redis"

    @property
    def redis_socket(self) -> Path:
        return self.sockets / "redis.sock"

    @property
    def start_lock(self) -> Path:
        return self.base / "start.lock"

    @property
    def users_lock(self) -> Path:
        return self.base / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.base / "keeper.lock"


def place_for(data_dir: Path, *, as_root: bool | None = None) -> Place:
    """The place of the servers whose data belong to `data_dir`. Pure: makes no folder.

    As root the cluster stands under /var/lib, because PostgreSQL refuses to run as root and the user it runs as must
    be able to walk down to its files, which a home directory must not allow.
    """
    digest = hashlib.sha256(os.fsencode(data_dir.resolve())).hexdigest()[:12]
    root = os.geteuid() == 0 if as_root is None else as_root
    base = ROOT_FOLDER / digest if root else data_dir / "servers"
    sockets = base / "run"
    if len(os.fsencode(sockets)) > LONGEST_SOCKET_FOLDER:
        sockets = Path(tempfile.gettempdir()) / f"portale-{os.geteuid()}-{digest}"
    return Place(data_dir=data_dir, base=base, sockets=sockets)


def make_folders(place: Place) -> None:
    """Create the folders; leave in the data folder a note of where they are."""
    place.base.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        for folder in (place.base.parent, place.base):
            folder.chmod(0o755)  # the cluster's owner walks through, whatever the umask
    place.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.redis_folder.mkdir(exist_ok=True)
    note = place.data_dir / "servers.txt"
    if place.base.parent != place.data_dir and not note.exists():
        place.data_dir.mkdir(parents=True, exist_ok=True)
        note.write_text(f"{place.base}\n", encoding="utf-8")


def package_folder(name: str) -> Path:
    """Where an installed package lies, without running its code."""
    spec = find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(name)
    return Path(spec.submodule_search_locations[0])
