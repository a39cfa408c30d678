"""The examination itself must not be fooled: what makes `make conformance-spid` fail, pass, or say that it skipped.

The examination runs the official checker against a running portal and is started by `make test`; here are its rules.
"""

import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from lxml import etree

from scripts.conformance import tool
from scripts.conformance.runs import (
    EIDAS_FULL,
    EIDAS_MINIMUM,
    RUNS,
    Login,
    Outcome,
    Run,
    eidas_sets,
    faults,
    server_faults,
    validation_key,
)

NOWHERE = "http://127.0.0.1:1/simple"
RUN = Run("prova", "spid-sp-public", "/spid/metadata", Login(2, "post"), least=113)


def row(result: str = "success", value: str = "[http status_code: 403]", test: str = "Test [2]") -> dict[str, Any]:
    return {"test": test, "value": value, "result": result}


def outcome(*responses: dict[str, Any], failed: int = 0, checks: int = 113) -> Outcome:
    rows = [*responses, *[row()] * (111 - len(responses))]
    line = f"Spid QA: executed {checks} tests, {failed} failed. 0 warnings."
    return Outcome(line, {"metadata": {"Check": [row(value=""), row(value="")]}, "response": {"Check": rows}})


def test_a_run_with_all_its_checks_and_no_failure_is_good():
    assert faults(RUN, outcome()) == []


def test_a_failed_check_is_told_with_its_words():
    told = faults(RUN, outcome(row("failure", "[http status_code: 200]", "Test [17] InResponseTo mancante"), failed=1))
    assert told == ["Test [17] InResponseTo mancante [http status_code: 200]"]


def test_a_500_that_the_checker_takes_for_a_refusal_is_a_fault():
    assert faults(RUN, outcome(row(value="[http status_code: 500]"))) == ["answered 500: Test [2]"]


def test_accepted_answers_are_counted():
    accepted = row(value="[http status_code: 200]")
    assert outcome(accepted, accepted).accepted == 2
    assert Outcome("", {}).accepted == 0


def test_a_run_that_broke_off_is_a_fault():
    assert faults(RUN, Outcome("", {})) == ["the tool did not come to its summary line"]


def test_fewer_checks_than_expected_are_a_fault():
    assert faults(RUN, outcome(checks=112)) == ["112 checks, at least 113 expected"]


def test_fewer_responses_than_the_cases_are_a_fault():
    few = Outcome(outcome().summary, {"response": {"Check": [row()]}})
    assert faults(RUN, few) == ["1 responses sent instead of 111"]


def test_a_summary_that_does_not_agree_with_the_report_is_a_fault():
    assert faults(RUN, outcome(failed=2)) == ["2 failed in the summary, 0 in the report"]


@pytest.mark.parametrize(
    ("line", "is_fault"),
    [
        ("2026-11-22 04:21:53,236 WARNING django.request Forbidden: /spid/acs/finish", False),
        ("2026-11-22 04:21:53,236 ERROR django.request Internal Server Error: /spid/acs", True),
        ("2026-11-22 04:21:53,236 CRITICAL portal lost", True),
        ("Traceback (most recent call last):", True),
    ],
)
def test_the_log_of_the_server_is_read(line: str, is_fault: bool):
    assert server_faults(f"start\n{line}\nend") == ([line] if is_fault else [])


def test_the_six_runs_of_spid_ask_for_every_level_by_every_binding():
    spid = [run for run in RUNS if run.profile == "spid-sp-public"]
    assert {(run.login.level, run.login.binding) for run in spid if run.login} == {
        (level, binding) for level in (1, 2, 3) for binding in ("post", "redirect")
    }
    assert len(spid) == 6
    assert all(run.least >= 280 for run in spid)


def test_every_other_profile_is_run_once():
    others = [run.profile for run in RUNS if run.profile != "spid-sp-public"]
    assert others == [
        "cie-sp-public", "ficep-eidas-sp", "spid-sp-ag-public-full", "spid-sp-ag-public-lite", "spid-sp-op-public-full",
    ]  # fmt: skip
    assert len({run.name for run in RUNS}) == len(RUNS)


def metadata(*sets: tuple[int, set[str]], extensions: str = "") -> etree._Element:
    services = "".join(
        f'<md:AttributeConsumingService index="{index}">'
        + "".join(f'<md:RequestedAttribute Name="{name}"/>' for name in sorted(names))
        + "</md:AttributeConsumingService>"
        for index, names in sets
    )
    return etree.fromstring(
        '<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata"'
        f' xmlns:spid="https://spid.gov.it/saml-extensions"><md:SPSSODescriptor>{services}</md:SPSSODescriptor>'
        f'<md:ContactPerson contactType="other" spid:entityType="spid:aggregator">'
        f"<md:Extensions>{extensions}</md:Extensions></md:ContactPerson></md:EntityDescriptor>"
    )


def test_the_sets_of_eidas_must_be_there_and_exact():
    assert eidas_sets(metadata((0, {"name"}), (99, EIDAS_MINIMUM), (100, EIDAS_FULL))) == []
    assert len(eidas_sets(metadata((0, {"name"})))) == 2
    assert len(eidas_sets(metadata((99, EIDAS_MINIMUM | {"fiscalNumber"}), (100, EIDAS_FULL)))) == 1


def test_a_light_aggregator_publishes_the_key_of_the_aggregated_body():
    assert validation_key(metadata(extensions='<spid:KeyDescriptor use="spid:validation"/>')) == []
    assert validation_key(metadata(extensions='<spid:KeyDescriptor use="signing"/>')) != []
    assert validation_key(metadata()) != []


@pytest.fixture
def index_without_packages() -> Iterator[str]:
    """A package index that answers and has nothing."""

    class Nothing(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    with HTTPServer(("127.0.0.1", 0), Nothing) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/simple"
        server.shutdown()


def test_an_index_that_answers_anything_is_reachable(index_without_packages: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("UV_DEFAULT_INDEX", index_without_packages)
    assert tool.index_is_reachable()
    monkeypatch.setenv("UV_DEFAULT_INDEX", NOWHERE)
    assert not tool.index_is_reachable()


def examine(index: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """The examination on a machine that has nothing yet."""
    if shutil.which("uv") is None and not Path(sys.executable).with_name("uv").exists():
        pytest.skip("uv is not installed: run make setup")
    told = {"UV_DEFAULT_INDEX": index, "UV_CACHE_DIR": str(folder / "cache"), "DATA_DIR": str(folder), "NO_PROXY": "*"}
    return subprocess.run(
        [sys.executable, "-m", "scripts.conformance"],
        cwd=settings.BASE_DIR, env=os.environ | told, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_without_network_the_examination_is_skipped_and_says_so(tmp_path: Path):
    done = examine(NOWHERE, tmp_path)
    assert done.stdout == "SKIPPED conformance-spid: no network to the package index\n"
    assert done.returncode == 0


def test_any_other_trouble_with_the_packages_is_a_failure(tmp_path: Path, index_without_packages: str):
    done = examine(index_without_packages, tmp_path)
    assert done.returncode == 1
    assert "SKIPPED" not in done.stdout + done.stderr
    assert "pip install" in done.stderr
