"""spid-sp-test in an environment of its own, and the identity provider it plays."""

import hashlib
import os
import re
import shutil
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
REQUIREMENTS = ROOT / "scripts" / "conformance-requirements.txt"
VERSION = "spid-sp-test 1.2.18"
PROGRAMS = ("xmlsec1", "openssl")
PUBLIC_INDEX = "https://pypi.org/simple"
PROBE_SECONDS = 10
COLOURS = re.compile(r"\x1b\[\d*m")


def home() -> Path:
    """The data folder of the checkout, as `make setup` prepared it: the tool and its reports stand there."""
    return Path(os.environ.get("DATA_DIR") or ROOT / "var").resolve()


class NoIndex(Exception):
    """The environment is not there and the package index cannot be reached: the only reason to skip."""


class NotReady(Exception):
    """Something is missing or went wrong on this machine; the text says what to do."""


@dataclass(frozen=True)
class Tool:
    """The checker, ready to run."""

    python: Path
    script: Path
    keys: Path

    def command(self, *arguments: str, issuer: str) -> list[str]:
        """The command line of one run that plays the identity provider `issuer` with the keys of this run."""
        told = [f"IDP_CERT_PATH={self.keys}", f"IDP_ENTITYID={issuer}", "PYTHONWARNINGS=ignore", "NO_PROXY=*"]
        return ["env", *told, str(self.python), str(self.script), *arguments]

    def idp_metadata(self, issuer: str) -> bytes:
        """The metadata of the identity provider the tool plays. Raises NotReady."""
        done = subprocess.run(self.command("--idp-metadata", issuer=issuer), capture_output=True, check=False)
        if done.returncode:
            raise NotReady(f"spid_sp_test --idp-metadata:\n{done.stderr.decode(errors='replace')}")
        return done.stdout

    def certificate_faults(self, certificate: Path) -> list[str]:
        """What AgID's validator finds wrong in a certificate of a public body (notice 29)."""
        validator = self.script.with_name("spid-compliant-certificates")
        asked = ["validator", "--sector", "public", "--crt-file", str(certificate)]
        done = subprocess.run([str(self.python), str(validator), *asked], capture_output=True, text=True, check=False)
        # It always exits with 0: the verdict is in its words.
        said = [COLOURS.sub("", line) for line in (done.stdout + done.stderr).splitlines()]
        if any(line.endswith("matches the public sector specifications") for line in said):
            return []
        return [line for line in said if line.startswith("[E]")] or said[-1:] or ["the validator said nothing"]


def ready(folder: Path) -> Tool:
    """The tool, installed in `folder` the first time, with keys made now. Raises NoIndex, NotReady."""
    python = _environment(folder)
    missing = [program for program in PROGRAMS if shutil.which(program) is None]
    if missing:
        raise NotReady(f"conformance-spid needs {' and '.join(missing)}: sudo apt-get install -y {' '.join(missing)}")
    keys = folder / "idp-keys"
    _make_keys(keys)
    return Tool(python, python.with_name("spid_sp_test"), keys)


def _environment(folder: Path) -> Path:
    """The interpreter of the tool's environment, made again whenever the list of its packages changes."""
    place = folder / "venv"
    python, stamp = place / "bin" / "python", place / "installed"
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return python
    uv = _uv()
    folder.mkdir(parents=True, exist_ok=True)
    _run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(place)])
    install = [uv, "pip", "install", "--quiet", "--python", str(python), "--requirements", str(REQUIREMENTS)]
    try:
        _run(install)
    except NotReady:
        if index_is_reachable():
            raise
        # Without network the packages may still be in uv's own cache.
        if subprocess.run([*install, "--offline"], capture_output=True, check=False).returncode:
            raise NoIndex from None
    stamp.write_text(wanted)
    return python


def index_is_reachable() -> bool:
    """Whether the package index answers at all: an error page is an answer, a wrong certificate is one too."""
    index = os.environ.get("UV_DEFAULT_INDEX") or os.environ.get("UV_INDEX_URL") or PUBLIC_INDEX
    try:
        with urllib.request.urlopen(f"{index.rstrip('/')}/spid-sp-test/", timeout=PROBE_SECONDS):  # noqa: S310
            return True
    except urllib.error.HTTPError:
        return True
    except urllib.error.URLError as error:
        return isinstance(error.reason, ssl.SSLError)
    except OSError:
        return False


def _uv() -> str:
    """`make setup` puts uv in our environment when the machine has none."""
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        raise NotReady("conformance-spid needs uv: run make setup")
    return found


def _make_keys(folder: Path) -> None:
    """New keys for every run: those inside the tool expired in March 2025."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    files = ["-keyout", str(folder / "private.key"), "-out", str(folder / "public.cert")]
    kind = ["-newkey", "rsa:2048", "-nodes", "-sha256", "-days", "2", "-subj", "/CN=spid-sp-test"]
    _run(["openssl", "req", "-x509", *kind, *files])


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotReady(f"{' '.join(command[:3])}:\n{done.stderr}")
