"""Speed of the station: what a verify costs, and whether it keeps pace with the node.

The baseline is a bare Django view with one query and no middleware, called in the same way in the same process. The
pace is kept by the processes that serve the portal, two of them, called at a fixed rate.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from io import BytesIO
from typing import Any
from urllib.parse import quote

from django.core.handlers.wsgi import WSGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django_scopes import scopes_disabled

from payments.demo import CREDITORS
from payments.node.door import NODE_PATH
from payments.node.journal import journal
from payments.sandbox.node import ENVELOPE, NODE_NS, head_of
from payments.seeds import seed
from portal.audit.actor import Actor
from portal.billing.services import request_charge
from portal.billing.socket import ChargeLineDraft, Payer
from portal.entities.models import Entity
from portal.operations.bench import median_ms, row

CREDITOR = CREDITORS[0]
RUNS = 1000
# The pace of the acceptance: far above what a Province receives.
CALLS_A_SECOND, SECONDS, WORKERS = 50, 10, 2
P99_LIMIT_MS = 100.0


@csrf_exempt
def bare(request: HttpRequest) -> HttpResponse:
    """A body read, one row found by an indexed column, a text given back: what nobody can go below."""
    found = Entity.objects.get(fiscal_code=CREDITOR.fiscal_code)
    return HttpResponse(f"<e>{found.name}</e>{len(request.body)}", content_type="text/xml")


urlpatterns = [path(NODE_PATH.removeprefix("/"), bare)]


def station() -> list[dict[str, Any]]:
    """CPU of a verify, journal included, beside the bare view; and how long the slowest answers take at a pace."""
    with scopes_disabled():
        body = _verify_message(_issued_number()).encode()
        verify = median_ms(_caller(body, _says_ok), runs=RUNS)
        verify += _journal_ms()
        with override_settings(ROOT_URLCONF=__name__, MIDDLEWARE=[]):
            least = median_ms(_caller(body, _says_name), runs=RUNS)
        p99 = _p99_at_pace(body)
    return [
        row("station_verify", value=verify, unit="ms CPU", baseline=least),
        row("station_p99", value=p99, unit=f"ms at {CALLS_A_SECOND}/s, {WORKERS} workers", baseline=P99_LIMIT_MS),
    ]


def _caller(body: bytes, check: Callable[[bytes], bool]) -> Callable[[], None]:
    """A call through WSGI, as a server makes it: middlewares, view, answer, and what follows it."""
    application = WSGIHandler()
    environ = {
        "REQUEST_METHOD": "POST", "PATH_INFO": NODE_PATH, "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_TYPE": "text/xml; charset=utf-8", "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "http", "wsgi.errors": sys.stderr, "HTTP_HOST": "127.0.0.1",
    }  # fmt: skip

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], None]:
        return lambda data: None

    def call() -> None:
        response = application(environ | {"wsgi.input": BytesIO(body)}, start_response)
        with closing(response):
            content = b"".join(response)
        if not check(content):
            raise RuntimeError(f"the measured view answered {content[:200]!r}")

    return call


def _says_ok(content: bytes) -> bool:
    return b"<outcome>OK</outcome>" in content


def _says_name(content: bytes) -> bool:
    return content.startswith(b"<e>")


def _journal_ms() -> float:
    """What writing the journal adds to each call: its thread does it for many at once."""
    waiting = len(journal)
    start = time.process_time()
    journal.flush()
    return (time.process_time() - start) * 1000 / max(waiting, 1)


def _p99_at_pace(body: bytes) -> float:
    """The 99th percentile, in milliseconds, of calls sent at their time whether or not the others have answered."""
    with _served() as port, ThreadPoolExecutor(32) as callers:
        # Many at once, so that every process has loaded the portal and opened its connections.
        list(callers.map(lambda _: _timed(port, body, time.monotonic()), range(4 * CALLS_A_SECOND)))
        start = time.monotonic() + 0.1
        moments = [start + number / CALLS_A_SECOND for number in range(CALLS_A_SECOND * SECONDS)]
        spent = sorted(callers.map(lambda moment: _timed(port, body, moment), moments))
    return spent[int(len(spent) * 0.99)] * 1000


def _timed(port: int, body: bytes, moment: float) -> float:
    """Seconds from the moment a call was due to its answer: waiting for a caller counts too."""
    time.sleep(max(0.0, moment - time.monotonic()))
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as line:
        line.request("POST", NODE_PATH, body, {"Content-Type": "text/xml; charset=utf-8"})
        if not _says_ok(line.getresponse().read()):
            raise RuntimeError("the station did not answer OK")
    return time.monotonic() - moment


@contextmanager
def _served() -> Iterator[int]:
    """The portal served by its own server on a free port, over the database of the run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    command += ["--worker-class", "gthread", "--workers", str(WORKERS), "--threads", "4", "--log-level", "error"]
    server = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": _database_url()}, start_new_session=True)
    try:
        _wait_for(port)
        yield port
    finally:
        server.terminate()
        server.wait(15)


def _database_url() -> str:
    """The address of the database in use, the one made for the run."""
    at = connection.get_connection_params()
    who = quote(at.get("user", "")) + (f":{quote(at['password'])}" if at.get("password") else "")
    port = f"&port={at['port']}" if at.get("port") else ""
    return f"postgresql://{who}@/{at['dbname']}?host={quote(at.get('host', ''), safe='')}{port}"


def _wait_for(port: int, *, seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise RuntimeError("the server of the portal did not start")


def _issued_number() -> str:
    entity, _ = Entity.objects.get_or_create(
        fiscal_code=CREDITOR.fiscal_code,
        defaults={"code": "PI", "ipa_code": "bench", "name": "Provincia di Pisa"},
    )
    seed()
    charge = request_charge(
        entity=entity,
        source="bench",
        payer=Payer("F", "RSSMRA60D20F205R", "Mario Rossi"),
        description="Autorizzazione al trasporto eccezionale",
        lines=[ChargeLineDraft("bollo", "Bollo", 3200, "TE_BOLLO")],
        due_on=None,
        handler="bench",
        actor=Actor.system("bench"),
    )
    return charge.notice_number


def _verify_message(nav: str) -> str:
    code = f"<qrCode><fiscalCode>{CREDITOR.fiscal_code}</fiscalCode><noticeNumber>{nav}</noticeNumber></qrCode>"
    body = f"<paf:paVerifyPaymentNoticeReq>{head_of(CREDITOR.fiscal_code).xml()}{code}</paf:paVerifyPaymentNoticeReq>"
    return ENVELOPE.format(ns=NODE_NS, body=body)
