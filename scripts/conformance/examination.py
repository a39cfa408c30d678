"""The runs of the tool, two at a time, and what each of them found."""

import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from lxml import etree

from portal.operations.supervisor import Child, ChildDied, Program
from scripts.conformance import probe
from scripts.conformance.runs import RUNS, SUMMARY, Outcome, Run, faults, server_faults
from scripts.conformance.server import Portal
from scripts.conformance.tool import Tool

LONGEST_RUN_SECONDS = 300
LOGIN_PATH = "/spid/accedi/"


@dataclass
class Examination:
    """All the runs against one portal; their reports stay in `reports`."""

    tool: Tool
    portal: Portal
    reports: Path
    checks: int = 0
    _running: list[tuple[Run, Child, float]] = field(default_factory=list)
    _accepted: int = 0

    def faults(self) -> list[str]:
        """Everything that was found wrong, each line with the name of its run."""
        self.reports.mkdir(parents=True, exist_ok=True)
        found = [f"certificate: {line}" for line in self.tool.certificate_faults(self.portal.certificate)]
        waiting, at_once = list(RUNS), min(os.cpu_count() or 1, 4)
        while waiting or self._running:
            while waiting and len(self._running) < at_once:
                found += self._start(waiting.pop(0))
            self.portal.look()
            for ended in [one for one in self._running if self._has_ended(*one)]:
                self._running.remove(ended)
                found += self._judge(*ended)
        found += [f"database: {line}" for line in self._aftermath()]
        return found + [f"server log: {line}" for line in server_faults(self.portal.log)]

    def _aftermath(self) -> list[str]:
        try:
            self.portal.supervisor.run([sys.executable, "-m", "scripts.conformance.aftermath", str(self._accepted)])
        except ChildDied as error:
            return str(error).splitlines()[1:]
        return []

    def _start(self, run: Run) -> list[str]:
        """Start the tool on a run. Answers what is wrong already in the documents it is going to read."""
        wrong = []
        metadata = probe.document(f"{self.portal.address}{run.metadata}")
        if metadata is None:
            return [f"{run.name}: no metadata at {run.metadata}"]
        wrong += run.also(etree.fromstring(metadata))
        arguments = ["--profile", run.profile, "--metadata-url", f"{self.portal.address}{run.metadata}", "--extra"]
        if run.login:
            address = self._login_address(run)
            wrong += probe.faults(address, run.login)
            arguments += ["--authn-url", address, "--test-response"]
        report = self.reports / f"{run.name}.json"
        report.unlink(missing_ok=True)
        arguments += ["--report_format", "json", "--report-output-file", str(report), "--debug", "ERROR"]
        child = self.portal.supervisor.start(Program(run.name, self.tool.command(*arguments, issuer=run.issuer)))
        self._running.append((run, child, time.monotonic()))
        return [f"{run.name}: {line}" for line in wrong]

    def _login_address(self, run: Run) -> str:
        assert run.login is not None
        asked = {"idp": run.issuer, "livello": run.login.level, "binding": run.login.binding, "ente": run.login.body}
        return f"{self.portal.address}{LOGIN_PATH}?{urlencode(asked)}"

    def _has_ended(self, run: Run, child: Child, started: float) -> bool:
        if child.process.poll() is None and time.monotonic() - started > LONGEST_RUN_SECONDS:
            child.process.kill()
            child.process.wait()
        return child.process.poll() is not None

    def _judge(self, run: Run, child: Child, started: float) -> list[str]:
        self.portal.supervisor.children.remove(child)
        said = child.log.read_text(encoding="utf-8", errors="replace")
        (self.reports / f"{run.name}.log").write_text(said, encoding="utf-8")
        summary = SUMMARY.search(said)
        line = summary[0] if summary else "no summary line"
        print(f"{run.name:<18} {run.profile:<24} {line}  ({time.monotonic() - started:.0f} s)", flush=True)
        report = self.reports / f"{run.name}.json"
        left = json.loads(report.read_text(encoding="utf-8"))["test"]["sp"] if report.exists() else {}
        outcome = Outcome(line, left)
        self.checks += outcome.checks
        self._accepted += outcome.accepted
        found = faults(run, outcome)
        if summary is None:
            found += said.splitlines()[-5:]
        return [f"{run.name}: {fault}" for fault in found]
