"""The ports of the demonstration: chosen once, kept in the data folder."""

import json
import socket
from pathlib import Path

from portal.operations.environment import kept_ports

HOST = "127.0.0.1"
FIRST_CHOICE = {"web": 8000, "sandbox": 8001, "mail": 8025}


class PortTaken(Exception):
    """The port that was asked for belongs to somebody else."""


def is_free(port: int) -> bool:
    """Whether nobody listens there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free(but: set[int]) -> int:
    """A port that the kernel gives out now, none of `but`."""
    while True:
        with socket.socket() as probe:
            probe.bind((HOST, 0))
            port: int = probe.getsockname()[1]
        if port not in but:
            return port


def choose(data_dir: Path, web: int | None = None) -> dict[str, int]:
    """Ports for web, sandbox and mail: the kept ones while they are free, others otherwise; then keep them.

    `web` is what the user asked for. Raises PortTaken when it is not free.
    """
    kept = kept_ports(data_dir) if (data_dir / "ports.json").exists() else dict(FIRST_CHOICE)
    if web is not None:
        if not is_free(web):
            raise PortTaken(f"La porta {web} è già in uso: scegline un'altra con PORT=.")
        if web != kept["web"]:
            kept = {"web": web, "sandbox": web + 1, "mail": kept["mail"]}
    chosen: dict[str, int] = {}
    for name, port in kept.items():
        usable = 0 < port < 65536 and port not in chosen.values() and is_free(port)
        chosen[name] = port if usable else any_free(but={*chosen.values(), *kept.values()})
    data_dir.mkdir(parents=True, exist_ok=True)
    aside = data_dir / "ports.json.new"
    aside.write_text(json.dumps(chosen), encoding="ascii")
    aside.replace(data_dir / "ports.json")
    return chosen
