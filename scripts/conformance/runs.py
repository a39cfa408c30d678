"""Which runs are made, and what is asked of each. Pure: reports and documents in, faults out."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lxml import etree

MD = {"md": "urn:oasis:names:tc:SAML:2.0:metadata", "spid": "https://spid.gov.it/saml-extensions"}
SUMMARY = re.compile(r"^Spid QA: executed (\d+) tests, (\d+) failed\. \d+ warnings\.$", re.MULTILINE)
SERVER_FAULT = re.compile(r"Traceback|Internal Server Error| (ERROR|CRITICAL) ")
# Cases 70 and 71, on the Format of the Issuer, are not asked of CIE, which leaves it out.
RESPONSES = {"spid": 111, "cie": 109, "eidas": 111}
EIDAS_MINIMUM = {"spidCode", "name", "familyName", "dateOfBirth"}
EIDAS_FULL = EIDAS_MINIMUM | {"placeOfBirth", "address", "gender"}
# Identity providers the tool plays, one for each system. Nobody answers there: it is never called.
ISSUERS = {
    "spid": "https://localhost:8443",
    "cie": "https://localhost:8444",
    "eidas": "https://localhost:8445",
}


@dataclass(frozen=True)
class Login:
    """A login to ask for, and what the request must then say."""

    level: int
    binding: str  # "post" or "redirect"
    scheme: str = "spid"
    body: str = ""  # code of an aggregated body, the portal's own body when empty


@dataclass(frozen=True)
class Run:
    """One run of the tool: a profile on a metadata document, and with a login also requests and responses."""

    name: str
    profile: str
    metadata: str
    login: Login | None = None
    least: int = 0
    also: Callable[[etree._Element], list[str]] = lambda _document: []

    @property
    def issuer(self) -> str:
        return ISSUERS[self.login.scheme if self.login else "spid"]


@dataclass(frozen=True)
class Outcome:
    """What a run left: the tool's own summary line, if it came to it, and its report."""

    summary: str
    report: dict[str, dict[str, list[dict[str, Any]]]]

    @property
    def checks(self) -> int:
        found = SUMMARY.search(self.summary)
        return int(found[1]) if found else 0

    @property
    def accepted(self) -> int:
        """How many answers ended in a page of the portal instead of a refusal."""
        return sum("200]" in str(row.get("value", "")) for row in self.responses)

    @property
    def responses(self) -> list[dict[str, Any]]:
        return [row for group in self.report.get("response", {}).values() for row in group]


def _index_is(document: etree._Element, index: int, attributes: set[str]) -> list[str]:
    """The tool judges these sets only if they are there: an absent one would pass."""
    path = f"//md:AttributeConsumingService[@index='{index}']/md:RequestedAttribute/@Name"
    found = {str(name) for name in document.xpath(path, namespaces=MD)}
    return [] if found == attributes else [f"attribute set {index}: {sorted(found)} instead of {sorted(attributes)}"]


def eidas_sets(document: etree._Element) -> list[str]:
    """The two sets of the Italian eIDAS node, exactly."""
    return _index_is(document, 99, EIDAS_MINIMUM) + _index_is(document, 100, EIDAS_FULL)


def validation_key(document: etree._Element) -> list[str]:
    """Light aggregators publish the key of the aggregated body (notice 19 v4); the tool does not look for it."""
    path = "//md:ContactPerson[@spid:entityType='spid:aggregator']/md:Extensions/spid:KeyDescriptor"
    uses = [node.get("use") for node in document.xpath(path, namespaces=MD)]
    return [] if uses == ["spid:validation"] else [f"aggregator's KeyDescriptor: {uses}"]


RUNS: tuple[Run, ...] = (
    *(
        Run(f"spid-L{level}-{binding}", "spid-sp-public", "/spid/metadata", Login(level, binding), least=280)
        for level in (1, 2, 3)
        for binding in ("post", "redirect")
    ),
    Run("cie", "cie-sp-public", "/cie/metadata", Login(2, "post", "cie"), least=230),
    Run("eidas", "ficep-eidas-sp", "/spid/metadata", Login(2, "post", "eidas"), least=230, also=eidas_sets),
    # A full aggregator lets people in for the aggregated body; a light one only vouches for its documents.
    Run("aggregated-full", "spid-sp-ag-public-full", "/pub-ag-full/fi", Login(2, "post", body="FI"), least=330),
    Run("aggregated-light", "spid-sp-ag-public-lite", "/pub-ag-lite/li", least=120, also=validation_key),
    # The profile of light operators always breaks off, by a fault of the tool itself (1.2.18).
    Run("operator-full", "spid-sp-op-public-full", "/pub-op-full/op", least=110),
)


def faults(run: Run, outcome: Outcome) -> list[str]:
    """Everything wrong in what a run left; empty when it is good."""
    found = SUMMARY.search(outcome.summary)
    if found is None:
        return ["the tool did not come to its summary line"]
    rows = [row for part in outcome.report.values() for group in part.values() for row in group]
    bad = [
        f"{row['test']} {row.get('value', '')}".strip() for row in rows if row["result"] not in ("success", "warning")
    ]
    if int(found[2]) != len(bad):
        bad.append(f"{found[2]} failed in the summary, {len(bad)} in the report")
    if outcome.checks < run.least:
        bad.append(f"{outcome.checks} checks, at least {run.least} expected")
    return bad + (_response_faults(run.login, outcome) if run.login else [])


def _response_faults(login: Login, outcome: Outcome) -> list[str]:
    """All the cases were sent, and none was answered with a 500, which the tool would take for a refusal."""
    rows = outcome.responses
    wrong = [f"answered 500: {row['test']}" for row in rows if "500" in str(row.get("value", ""))]
    expected = RESPONSES[login.scheme]
    return wrong if len(rows) == expected else [*wrong, f"{len(rows)} responses sent instead of {expected}"]


def server_faults(log: str) -> list[str]:
    """Lines of the server's log that no message of a stranger may cause."""
    return [line for line in log.splitlines() if SERVER_FAULT.search(line)]
