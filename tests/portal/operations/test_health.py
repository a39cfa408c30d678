"""Health page, doctor, system checks, and a portal without Redis."""

import io
import socket

import pytest
from django.core.management import call_command
from kombu.exceptions import OperationalError

from portal.celery import PortalCelery
from portal.operations import checks, doctor, native
from portal.operations.cache import FailOpenRedisCache

NOBODY = "redis://127.0.0.1:1/0"


@pytest.mark.django_db
def test_the_health_page_says_how_things_are(client, settings):
    settings.REDIS_URL = NOBODY
    answer = client.get("/stato/")
    assert answer.status_code == 200
    assert answer.json() == {"database": True, "redis": False, "outbox_seconds": 0}
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.mark.django_db
def test_the_health_page_only_reads(client):
    assert client.post("/stato/").status_code == 405


def test_without_redis_the_cache_is_merely_empty():
    cache = FailOpenRedisCache(NOBODY, {})
    assert cache.get("a", "niente") == "niente"
    assert cache.get("a", default="niente") == "niente"
    assert cache.set("a", 1) is None
    assert cache.get_many(["a"]) == {}
    assert cache.add("a", 1) is True
    assert cache.get_or_set("a", lambda: "calcolato") == "calcolato"
    assert cache.delete("a") is False
    assert "a" not in cache


def test_a_redis_that_accepts_and_never_answers_is_an_empty_cache_too():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        options = {"socket_timeout": 0.1, "socket_connect_timeout": 0.1}
        cache = FailOpenRedisCache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", {"OPTIONS": options})
        assert cache.get("a") is None


def test_without_redis_a_task_is_given_up_and_not_waited_for(settings):
    settings.EMBEDDED_REDIS = False
    app = PortalCelery("prova", broker=NOBODY, set_as_current=False)
    app.config_from_object("django.conf:settings", namespace="CELERY")
    app.conf.broker_url = NOBODY
    with pytest.raises(OperationalError):
        app.send_task("portal.outbox.tasks.carry")


@pytest.mark.django_db
def test_the_doctor_speaks_of_everything(settings):
    settings.REDIS_URL = NOBODY
    findings = list(doctor.examine())
    subjects = [finding.subject for finding in findings]
    expected = ["Python", "PDF", "Caratteri", "XML", "Base dati", "Tabelle", "Redis", "Disco", "Porte", "Chromium"]
    expected += ["pagoPA", "pagoPA", "Riconciliazione"]  # what the package that bills has to say
    assert subjects == expected
    levels = {finding.subject: finding.level for finding in findings}
    assert levels["Redis"] is doctor.Level.WARNING
    assert levels["Base dati"] is levels["Tabelle"] is levels["Caratteri"] is doctor.Level.OK


@pytest.mark.django_db
def test_the_doctor_exits_with_an_error_when_something_is_broken(settings, tmp_path):
    settings.REDIS_URL = NOBODY
    settings.DATA_DIR = tmp_path
    (tmp_path / "ports.json").write_text("rotto")
    output = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("doctor", stdout=output)
    assert ended.value.code == 1
    assert "ERRORE     Porte" in output.getvalue()


def test_lxml_and_xmlsec_embed_the_same_libxml2():
    import lxml.etree
    import xmlsec

    assert xmlsec.get_libxml_version() == lxml.etree.LIBXML_VERSION
    assert native.xml_problem() == ""
    assert checks.xml_libraries_agree(None) == []


def test_the_slow_way_to_fonts_is_a_warning_and_not_an_error():
    found = checks.fonts_are_subset_by_harfbuzz(None)
    assert native.harfbuzz_subset_loads() == (not found)
    assert all(message.id == "portal_operations.W001" for message in found)
