"""Installs the tool, starts the portal, makes the runs, prints the tool's own summary lines. Exit 1 on any fault."""

import sys
import time

from portal.operations.supervisor import ChildDied, Stopped
from scripts.conformance import server, tool
from scripts.conformance.examination import Examination
from scripts.conformance.runs import ISSUERS, RUNS

INTERRUPTED = 130


def main() -> int:
    """0 when everything is good, or when nothing can be tried for lack of network; 1 otherwise."""
    folder = tool.home() / "conformance"
    started = time.monotonic()
    try:
        checker = tool.ready(folder)
        metadata = {scheme: checker.idp_metadata(issuer) for scheme, issuer in ISSUERS.items()}
        with server.running(metadata) as portal:
            where = f"against {portal.address}, reports in {folder / 'reports'}"
            print(f"conformance-spid: {tool.VERSION} {where}", flush=True)
            examination = Examination(checker, portal, folder / "reports")
            found = examination.faults()
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
    done = f"{len(RUNS)} runs, {examination.checks} checks, {len(found)} faults"
    print(f"conformance-spid: {done}, {time.monotonic() - started:.0f} s")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
