"""The log of who asked for what: without the query, where the office writes whom it looks for."""

import io
import logging
import re
import runpy
from datetime import timedelta
from types import SimpleNamespace

from django.conf import settings
from gunicorn.config import Config
from gunicorn.glogging import Logger

TAX_CODE = "RSSMRC78L04Y998P"
SETTINGS = settings.BASE_DIR / "gunicorn.conf.py"


def test_the_access_log_of_the_web_server_has_no_query_and_no_previous_page(tmp_path):
    log = tmp_path / "access.log"
    config = Config()
    for name, value in runpy.run_path(str(SETTINGS)).items():
        if name in config.settings:
            config.set(name, value)
    config.set("accesslog", str(log))
    page = f"/admin/payments/position/?q={TAX_CODE}"
    environ = {
        "REQUEST_METHOD": "GET", "RAW_URI": page, "PATH_INFO": "/admin/payments/position/",
        "QUERY_STRING": f"q={TAX_CODE}",
        "SERVER_PROTOCOL": "HTTP/1.1", "REMOTE_ADDR": "127.0.0.1", "HTTP_REFERER": f"https://portale.example{page}",
    }  # fmt: skip
    request = SimpleNamespace(headers=[("REFERER", environ["HTTP_REFERER"])])
    answer = SimpleNamespace(status="200 OK", status_code=200, sent=10, headers=[], response_length=10)
    Logger(config).access(answer, request, environ, timedelta(milliseconds=3))
    line = log.read_text()
    assert '"GET /admin/payments/position/ HTTP/1.1" 200' in line
    assert TAX_CODE not in line


def test_the_web_server_finds_its_settings_in_the_folder_it_starts_in():
    assert Config().settings["config"].default == f"./{SETTINGS.name}"


def test_what_django_says_of_an_address_nobody_answers_has_no_query(client, db):
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    logging.getLogger("django.request").addHandler(handler)
    try:
        client.get(f"/admin/non-esiste/?q={TAX_CODE}", follow=True)
        client.get(f"/non-esiste/?q={TAX_CODE}")
    finally:
        logging.getLogger("django.request").removeHandler(handler)
    assert "/non-esiste/" in heard.getvalue()
    assert TAX_CODE not in heard.getvalue()


def test_the_line_for_the_proxy_in_the_guide_names_neither_query_nor_referer():
    guide = (settings.BASE_DIR / "docs" / "operations.md").read_text()
    [line] = re.findall(r"log_format portale (.*)", guide)
    assert not re.search(r"\$(request |request_uri|args|query_string|http_referer|request\b(?!_))", line)
    assert "$uri" in line
