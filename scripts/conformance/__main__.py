"""Installs the tool, starts the portal, makes the runs, prints the tool's own summary lines. Exit 1 on any fault."""

import os
import sys
import time
from pathlib import Path

from portal.operations.supervisor import ChildDied, Stopped
from scripts.conformance import server, tool
from scripts.conformance.examination import Examination
from scripts.conformance.runs import ISSUERS, RUNS

INTERRUPTED = 130


def main() -> int:
    """0 when everything is good, or when nothing can be tried for lack of network; 1 otherwise."""
    folder = Path(os.environ.get("DATA_DIR") or tool.ROOT / "var").resolve() / "conformance"
    started = time.monotonic()
    try:
        checker = tool.ready(folder)
        metadata = {scheme: checker.idp_metadata(issuer) for scheme, issuer in ISSUERS.items()}
        with server.running(metadata) as portal:
            print(f"conformance-spid: {tool.VERSION} against {portal.address}, reports in {folder / 'reports'}")
            found = Examination(checker, portal, folder / "reports").faults()
    except tool.NoIndex:
        print("SKIPPED conformance-spid: no network to the package index")
        return 0
    except (tool.NotReady, ChildDied) as error:
        print(f"conformance-spid: {error}", file=sys.stderr)
        return 1
    except Stopped:
        return INTERRUPTED
    for fault in found:
        print(f"FAILED {fault}")
    print(f"conformance-spid: {len(RUNS)} runs, {len(found)} faults, {time.monotonic() - started:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
