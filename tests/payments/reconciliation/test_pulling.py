"""Taking flows from the node over HTTP and journals from the folder: what fails moves nothing and is asked again."""

import json
import os
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from payments.reconciliation.gateways import journal_drop
from payments.reconciliation.gateways.reporting_flows import KEY_HEADER, ReportingFlowsClient
from payments.reconciliation.models import EvidenceFile, FlowLine, PullCursor, ReportingFlow, TreasuryMovement
from payments.reconciliation.services import flow_rows, pulling
from payments.reconciliation.services.pulling import pull_flows, pull_journals
from portal.kernel.errors import GatewayError
from tests.payments.reconciliation.builders import DAY, IUF, credit, header_text, journal, line, page_text

PUBLISHED = "2026-11-13T02:00:00Z"


class Node:
    """A node that answers what the test says: path (without base) and page -> (status, text)."""

    def __init__(self) -> None:
        self.answers: dict[tuple[str, int], tuple[int, str]] = {}
        self.asked: list[tuple[str, dict[str, list[str]], str | None]] = []
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self.server.server_port}/fdr"

    def flow(self, code: str, pages: list[list[dict[str, Any]]], *, iuf: str = IUF, published: str = PUBLISHED) -> None:
        base = f"/organizations/{code}/fdrs"
        entries = json.loads(self.answers.get((base, 1), (200, '{"data": []}'))[1])["data"]
        entries.append({"fdr": iuf, "pspId": "BPPIITRRXXX", "revision": 1, "published": published})
        self.answers[base, 1] = (200, _list(entries))
        here = f"{base}/{iuf}/revisions/1/psps/BPPIITRRXXX"
        items = [item for page in pages for item in page]
        total = sum(item["pay"] for item in items)
        self.answers[here, 1] = (200, header_text(code, count=len(items), cents=total, fdr=iuf, published=published))
        for number, page in enumerate(pages, start=1):
            self.answers[f"{here}/payments", number] = (200, page_text(page, page=number, pages=len(pages)))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        node = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                query = parse_qs(parts.query)
                node.asked.append((parts.path, query, self.headers[KEY_HEADER]))
                key = (parts.path.removeprefix("/fdr"), int(query.get("page", ["1"])[0]))
                status, text = node.answers.get(key, (404, "{}"))
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: object) -> None:
                return

        return Handler


def _list(entries: list[dict[str, Any]], *, page: int = 1, pages: int = 1) -> str:
    return json.dumps({"metadata": {"pageNumber": page, "totPage": pages}, "data": entries})


@pytest.fixture
def node() -> Iterator[Node]:
    node = Node()
    thread = threading.Thread(target=node.server.serve_forever, daemon=True)
    thread.start()
    yield node
    node.server.shutdown()
    node.server.server_close()
    thread.join()


@pytest.fixture
def pull(pisa, node) -> Callable[[], int]:
    def run() -> int:
        with ReportingFlowsClient(node.url, "chiave") as client:
            return pull_flows(entity=pisa, client=client)

    return run


def _cursor() -> PullCursor:
    return PullCursor.objects.get(source="flows")


def test_published_flows_are_taken_page_by_page_and_the_cursor_moves(pisa, node, pull):
    node.flow(pisa.fiscal_code, [[line("01", "A", 100)], [line("02", "B", 200, seq=2)]])
    assert pull() == 1
    assert FlowLine.objects.count() == 2
    assert _cursor().position == datetime(2026, 11, 13, 2, tzinfo=UTC)
    assert {key for _path, _query, key in node.asked} == {"chiave"}


def test_the_next_time_only_later_flows_are_asked_for_with_some_overlap(pisa, node, pull):
    node.flow(pisa.fiscal_code, [[line("01", "A", 100)]])
    pull()
    node.asked.clear()
    assert pull() == 0
    ((_path, query, _key),) = node.asked
    assert query["publishedGt"] == ["2026-11-12T20:00:00Z"]
    assert EvidenceFile.objects.count() == 1


@pytest.mark.parametrize(
    ("status", "permanent"), [(500, False), (503, False), (429, False), (401, True), (404, True), (302, True)]
)
def test_a_node_that_refuses_moves_nothing(pisa, node, pull, status, permanent):
    node.answers[f"/organizations/{pisa.fiscal_code}/fdrs", 1] = (status, "{}")
    with pytest.raises(GatewayError) as error:
        pull()
    assert error.value.permanent is permanent
    assert _cursor().position is None
    assert str(status) in _cursor().error


def test_a_node_that_is_down_moves_nothing(pisa):
    with ReportingFlowsClient("http://127.0.0.1:9/fdr") as client, pytest.raises(GatewayError) as error:
        pull_flows(entity=pisa, client=client)
    assert not error.value.permanent
    assert _cursor().succeeded_at is None


def test_a_flow_whose_page_is_missing_is_not_taken_half(pisa, node, pull):
    node.flow(pisa.fiscal_code, [[line("01", "A", 100)], [line("02", "B", 200, seq=2)]])
    here = f"/organizations/{pisa.fiscal_code}/fdrs/{IUF}/revisions/1/psps/BPPIITRRXXX/payments"
    kept = node.answers.pop((here, 2))
    assert pull() == 0
    assert not EvidenceFile.objects.exists()
    assert "404" in _cursor().error
    assert _cursor().succeeded_at is None

    node.answers[here, 2] = kept
    assert pull() == 1
    assert ReportingFlow.objects.get().computed_cents == 300


def _three(body, node) -> list[tuple[str, int]]:
    """Three flows of three days; where each of them begins."""
    places = []
    for number in (1, 2, 3):
        iuf, published = f"2026-11-1{number}BPPIITRRXXX-{number}", f"2026-11-1{number}T12:00:00Z"
        node.flow(body.fiscal_code, [[line(f"0{number}", "A", 100)]], iuf=iuf, published=published)
        places.append((f"/organizations/{body.fiscal_code}/fdrs/{iuf}/revisions/1/psps/BPPIITRRXXX", 1))
    return places


@pytest.mark.parametrize("status", [404, 500, 302])
def test_a_flow_that_cannot_be_taken_stops_no_other_and_is_asked_for_again(pisa, node, pull, status):
    _first, second, _third = _three(pisa, node)
    kept = node.answers[second]
    node.answers[second] = (status, "{}")
    assert (pull(), pull()) == (2, 0)
    assert set(FlowLine.objects.values_list("iuv", flat=True)) == {"01", "03"}
    assert _cursor().position == datetime(2026, 11, 12, 12, tzinfo=UTC)
    assert (_cursor().succeeded_at, str(status) in _cursor().error) == (None, True)
    node.answers[second] = kept
    assert pull() == 1
    assert _cursor().position == datetime(2026, 11, 13, 12, tzinfo=UTC)
    assert (_cursor().succeeded_at is None, _cursor().error) == (False, "")


def test_a_flow_that_breaks_its_reader_stops_no_other(pisa, node, pull, monkeypatch):
    _three(pisa, node)
    seen = flow_rows.open_bundle

    def breaks(content):
        if b"BPPIITRRXXX-2" in content:
            raise ZeroDivisionError
        return seen(content)

    monkeypatch.setattr(flow_rows, "open_bundle", breaks)
    assert pull() == 2
    assert EvidenceFile.objects.count() == 3
    assert "2026-11-12BPPIITRRXXX-2: ZeroDivisionError" in _cursor().error


def test_a_node_that_gives_no_flow_is_left_alone_for_now(pisa, node, pull, monkeypatch):
    monkeypatch.setattr(pulling, "PATIENCE", 2)
    for place in _three(pisa, node):
        node.answers[place] = (503, "{}")
    with pytest.raises(GatewayError):
        pull()
    assert len([path for path, _query, _key in node.asked if "/revisions/" in path]) == 2
    assert _cursor().position is None


@pytest.mark.parametrize(
    ("entry", "held"),
    [
        ({"fdr": "2026 11?", "published": "2026-11-12T12:00:00Z"}, datetime(2026, 11, 12, 12, tzinfo=UTC)),
        ({"fdr": "X" * 36, "published": "2026-11-12T12:00:00Z"}, datetime(2026, 11, 12, 12, tzinfo=UTC)),
        ({"fdr": None, "published": "2026-11-12T12:00:00Z"}, datetime(2026, 11, 12, 12, tzinfo=UTC)),
        ({"fdr": "\ud800", "revision": "x"}, None),
        ({"published": "9999-12-31T00:00:00Z"}, None),
        ({"revision": 0, "published": "2026-11-12T12:00:00Z"}, datetime(2026, 11, 12, 12, tzinfo=UTC)),
    ],
)
def test_an_entry_of_the_list_out_of_shape_is_told_and_stops_no_other(pisa, node, pull, entry, held):
    _three(pisa, node)
    place = (f"/organizations/{pisa.fiscal_code}/fdrs", 1)
    entries = json.loads(node.answers[place][1])["data"]
    bad = {"fdr": IUF, "pspId": "BPPIITRRXXX", "revision": 1} | entry
    node.answers[place] = (200, _list([bad, *entries]))
    assert pull() == 3
    assert "non ha la forma prescritta" in _cursor().error
    assert _cursor().position == held


@pytest.mark.parametrize("text", ["", "<html>", "[]", _list([], page=2)])
def test_a_list_that_makes_no_sense_moves_nothing(pisa, node, pull, text):
    node.answers[f"/organizations/{pisa.fiscal_code}/fdrs", 1] = (200, text)
    with pytest.raises(GatewayError):
        pull()
    assert _cursor().position is None


def test_an_unreadable_flow_is_kept_and_does_not_stop_the_others(pisa, node, pull):
    node.flow(pisa.fiscal_code, [[line("01", "A", 100)]])
    node.flow(pisa.fiscal_code, [[line("02", "B", 100)]], iuf="2026-11-13BPPIITRRXXX-2")
    here = f"/organizations/{pisa.fiscal_code}/fdrs/{IUF}/revisions/1/psps/BPPIITRRXXX/payments"
    node.answers[here, 1] = (200, "<html>manutenzione</html>")
    assert pull() == 2
    assert sorted(EvidenceFile.objects.values_list("reading__state", flat=True)) == ["broken", "read"]


def test_a_publication_in_the_future_does_not_hide_the_flows_before_it(pisa, node, pull):
    node.flow(pisa.fiscal_code, [[line("01", "A", 100)]], published="2030-01-01T00:00:00Z")
    pull()
    position = _cursor().position
    assert position is not None
    assert position < datetime(2026, 11, 19, tzinfo=UTC)


def test_an_answer_without_end_is_cut(pisa, node, pull, monkeypatch):
    monkeypatch.setattr("payments.reconciliation.conf.MAX_RESPONSE_BYTES", 1000)
    node.answers[f"/organizations/{pisa.fiscal_code}/fdrs", 1] = (200, " " * 5000)
    with pytest.raises(GatewayError, match="too large"):
        pull()


def test_journals_in_the_folder_are_taken_and_put_away(pisa):
    folder = journal_drop.incoming("PI")
    (folder / "GDC-1.xml").write_bytes(journal(pisa, [credit(4590)]))
    (folder / "GDC-2.part").write_bytes(b"<mezzo")
    (folder / "leggimi.txt").write_text("ciao")
    (folder / "fuori.xml").symlink_to("/etc/passwd")
    assert pull_journals(entity=pisa) == 1
    assert {path.name for path in folder.iterdir()} == {"GDC-2.part", "leggimi.txt", "fuori.xml"}
    (archived,) = (folder.parent / "archive").iterdir()
    assert archived.name.endswith("-GDC-1.xml")
    assert TreasuryMovement.objects.count() == 3
    assert pull_journals(entity=pisa) == 0


def test_a_file_that_is_still_being_written_is_left_until_it_rests(pisa, monkeypatch):
    content = journal(pisa, [credit(4590)])
    path = journal_drop.incoming("PI") / "GDC-1.xml"
    path.write_bytes(content[: len(content) // 2])
    monkeypatch.setattr(journal_drop, "QUIET_SECONDS", 60)
    assert (pull_journals(entity=pisa), path.exists()) == (0, True)
    path.write_bytes(content)
    os.utime(path, (path.stat().st_mtime - 61,) * 2)
    assert (pull_journals(entity=pisa), path.exists()) == (1, False)
    assert EvidenceFile.objects.get().reading.state == "read"


def test_two_documents_with_the_same_name_are_both_kept_aside(pisa):
    folder, ledger = journal_drop.incoming("PI"), {"closing": 100_00, "journal": 1, "number": 0}
    for number in (1, 2):
        ledger["journal"] = number
        (folder / "giornale.xml").write_bytes(
            journal(pisa, [credit(number)], ledger=ledger, day=DAY + timedelta(number))
        )
        assert pull_journals(entity=pisa) == 1
    assert len({path.name for path in (folder.parent / "archive").iterdir()}) == 2
    assert list(EvidenceFile.objects.order_by("pk").values_list("reading__state", flat=True)) == ["read", "read"]


def test_the_same_journal_dropped_twice_counts_once(pisa):
    content = journal(pisa, [credit(4590)])
    for name in ("a.xml", "b.xml"):
        (journal_drop.incoming("PI") / name).write_bytes(content)
    assert pull_journals(entity=pisa) == 2
    assert (EvidenceFile.objects.count(), TreasuryMovement.objects.count()) == (1, 3)


def test_a_journal_too_large_stays_and_the_others_go_on(pisa, monkeypatch):
    content = journal(pisa, [credit(4590)])
    monkeypatch.setattr("payments.reconciliation.conf.MAX_DROPPED_BYTES", len(content))
    folder = journal_drop.incoming("PI")
    (folder / "a.xml").write_bytes(b"<" + b"x" * len(content))
    (folder / "b.xml").write_bytes(content)
    assert pull_journals(entity=pisa) == 1
    assert [path.name for path in folder.iterdir()] == ["a.xml"]
    assert "a.xml" in PullCursor.objects.get(source="journals").error
