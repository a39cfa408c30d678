"""The register of logins: who opens it says why; what it says can be checked; what is old goes, what is held stays."""

import stat
from collections.abc import Callable
from datetime import date, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.kernel.errors import DomainError
from spid_auth import checks
from spid_auth.domain.retention import NoTerm, Term, kept_from, months_before, term_on
from spid_auth.domain.transactions import State
from spid_auth.models import (
    Alert,
    AuthnTransaction,
    Direction,
    Identity,
    IdentityProvider,
    RegisterPurge,
    ResponseTicket,
    SamlMessage,
)
from spid_auth.register import retention
from spid_auth.register.holds import register_hold, register_release
from spid_auth.register.purge import register_purge, register_purge_preview
from spid_auth.register.verification import Outcome, verify
from spid_auth.tasks import purge_register
from tests.spid_auth.browser_like import come_back, is_in, leave
from tests.spid_auth.factory import NOON, keys, put, write

OFFICE = Actor(label="Ufficio")
REASON = "Procura di Pisa, prot. 12345/2026"
LATER = date(2028, 11, 21)  # 24 months and a day after NOON
SURNAME = "Bianchi"


def logged_in(federation: IdentityProvider) -> AuthnTransaction:
    browser = Client()
    exchange, relay_state = leave(browser, federation)
    come_back(browser, exchange.response(), relay_state)
    assert is_in(browser)
    return AuthnTransaction.objects.latest("pk")


def refused(federation: IdentityProvider, *mutations: Any) -> AuthnTransaction:
    browser = Client()
    exchange, relay_state = leave(browser, federation)
    come_back(browser, exchange.response(*mutations), relay_state)
    assert not is_in(browser)
    return AuthnTransaction.objects.latest("pk")


def staff(*, superuser: bool = False, permissions: tuple[str, ...] = ()) -> Client:
    user = User.objects.create(
        username=f"u{User.objects.count()}", kind=Kind.STAFF, is_staff=True, is_superuser=superuser
    )
    if permissions:
        group = Group.objects.create(name="Lettori del registro accessi")
        group.permissions.set(Permission.objects.filter(codename__in=permissions))
        user.groups.add(group)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(started: AuthnTransaction) -> str:
    return f"/admin/spid_auth/authntransaction/{started.pk}/registro/"


# -- reading


@pytest.mark.usefixtures("time_machine_at_noon")
def test_messages_open_only_with_a_reason_and_every_reading_is_an_event(federation: IdentityProvider) -> None:
    started, client = logged_in(federation), staff(superuser=True)

    closed = client.get(page(started)).content.decode()
    assert SURNAME not in closed
    assert "Apri i messaggi" in closed
    assert client.post(page(started), {"open": "1", "reason": "  "}).status_code == 422
    assert not Event.objects.filter(action="spid.register_read").exists()

    opened = client.post(page(started), {"open": "1", "reason": REASON})
    assert "&lt;samlp:AuthnRequest" in opened.content.decode()
    assert "TINIT-" in opened.content.decode()
    assert "no-store" in opened["Cache-Control"]
    event = Event.objects.get(action="spid.register_read")
    assert event.data["reason"] == REASON
    assert event.data["code"] == started.code
    assert event.user is not None
    assert event.subject_id == str(started.pk)


@pytest.mark.usefixtures("time_machine_at_noon")
def test_the_original_is_downloaded_byte_by_byte_and_only_by_post(federation: IdentityProvider) -> None:
    browser = Client()
    exchange, relay_state = leave(browser, federation)
    xml = exchange.response()
    come_back(browser, xml, relay_state)
    started, client = AuthnTransaction.objects.get(), staff(superuser=True)
    message = started.messages.get(direction=Direction.IN)
    url = f"{page(started)}{message.pk}/"

    assert client.get(url).status_code == 405
    assert client.post(url).status_code == 422
    got = client.post(url, {"reason": REASON})
    assert got.content == xml
    assert got["Content-Disposition"].startswith("attachment")
    assert Event.objects.get(action="spid.register_read").data["messages"] == [message.pk]


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_message_of_another_request_is_not_opened_from_here(federation: IdentityProvider) -> None:
    first, second = logged_in(federation), logged_in(federation)
    message = second.messages.first()
    assert message
    assert staff(superuser=True).post(f"{page(first)}{message.pk}/", {"reason": REASON}).status_code == 404
    assert not Event.objects.filter(action="spid.register_read").exists()


@pytest.mark.usefixtures("time_machine_at_noon")
def test_only_who_has_the_permission_opens_the_register(federation: IdentityProvider) -> None:
    started = logged_in(federation)
    viewer = staff(permissions=("view_authntransaction",))
    assert viewer.get(page(started)).status_code == 403
    assert viewer.post(page(started), {"open": "1", "reason": REASON}).status_code == 403
    Group.objects.all().delete()
    reader = staff(permissions=("view_authntransaction", "open_register"))
    assert reader.post(page(started), {"open": "1", "reason": REASON}).status_code == 200
    assert Client().get(page(started)).status_code in {302, 403}


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_message_whose_key_is_gone_says_so_and_shows_nothing(federation: IdentityProvider, settings: Any) -> None:
    started = logged_in(federation)
    settings.SPID_REGISTER_KEYS = ["un'altra chiave, nuova"]
    answer = staff(superuser=True).post(page(started), {"open": "1", "reason": REASON})
    assert answer.status_code == 422
    assert "SPID_REGISTER_KEYS" in answer.content.decode()
    found = checks.register_can_be_opened(None)
    assert [one.id for one in found] == ["spid_auth.W001"]
    assert verify(AuthnTransaction.objects.get()).outcome is Outcome.DAMAGED


@pytest.mark.usefixtures("time_machine_at_noon")
def test_old_messages_open_after_a_new_key_was_put_before_theirs(federation: IdentityProvider, settings: Any) -> None:
    settings.SPID_REGISTER_KEYS = ["prima chiave del registro"]
    logged_in(federation)
    settings.SPID_REGISTER_KEYS = ["seconda chiave del registro", "prima chiave del registro"]
    logged_in(federation)
    assert [verify(one).outcome for one in AuthnTransaction.objects.all()] == [Outcome.SAME, Outcome.SAME]
    assert checks.register_can_be_opened(None) == []


# -- judging again


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_good_login_is_confirmed_years_later_with_the_keys_of_then(federation: IdentityProvider) -> None:
    started = logged_in(federation)
    IdentityProvider.objects.update(certificates=keys("next").certificate, issuer="https://altrove.example")
    with time_machine.travel(NOON + timedelta(days=600), tick=False):
        finding = verify(AuthnTransaction.objects.get())
    assert (finding.outcome, finding.recorded, finding.found) == (Outcome.SAME, "in", "in")
    assert not finding.as_of_today
    assert started.provider_revision


@pytest.mark.usefixtures("time_machine_at_noon")
@pytest.mark.parametrize(
    ("mutation", "code"),
    [
        (write("//saml:Audience", "https://altri.example"), "response"),
        (put("/samlp:Response", "InResponseTo", "_altra"), "response"),
        (write("//saml:Attribute[@Name='fiscalNumber']/saml:AttributeValue", "TINIT-X"), "attributes"),
    ],
)
def test_a_refusal_is_confirmed_with_its_reason(federation: IdentityProvider, mutation: Any, code: str) -> None:
    finding = verify(refused(federation, mutation))
    assert (finding.outcome, finding.recorded, finding.found) == (Outcome.SAME, code, code)


@pytest.mark.usefixtures("time_machine_at_noon")
@pytest.mark.parametrize(
    "change",
    [
        {"state": State.FAILED, "error_code": "response"},
        {"response_id": "_un-altra"},
        {"sp_entity_id": "https://altri.example/metadata"},
        {"level": 3},
    ],
)
def test_a_row_changed_behind_our_back_does_not_match_its_message(
    federation: IdentityProvider, change: dict[str, Any]
) -> None:
    logged_in(federation)
    AuthnTransaction.objects.update(**change)
    assert verify(AuthnTransaction.objects.get()).outcome is Outcome.DIFFERENT
    with pytest.raises(CommandError):
        call_command("spid_register_verify", code=AuthnTransaction.objects.get().code, stdout=StringIO())


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_request_nobody_answered_has_nothing_to_judge(federation: IdentityProvider) -> None:
    leave(Client(), federation)
    assert verify(AuthnTransaction.objects.get()).outcome is Outcome.NOT_JUDGED


@pytest.mark.usefixtures("time_machine_at_noon")
def test_the_answer_that_was_judged_is_the_one_judged_again(federation: IdentityProvider) -> None:
    browser = Client()
    exchange, relay_state = leave(browser, federation)
    come_back(Client(), exchange.response(write("//saml:Audience", "https://altri.example")), relay_state)
    come_back(browser, exchange.response(), relay_state)
    assert is_in(browser)
    started = AuthnTransaction.objects.get()
    assert started.messages.filter(direction=Direction.IN).count() == 2
    assert verify(started).outcome is Outcome.SAME


@pytest.mark.usefixtures("time_machine_at_noon")
def test_the_command_and_the_page_tell_the_verdict_without_data_of_people(federation: IdentityProvider) -> None:
    started, out = logged_in(federation), StringIO()
    call_command("spid_register_verify", "--from", "2026-11-20", "--to", "2026-11-20", stdout=out)
    assert "confermato" in out.getvalue()
    assert "Riverificate: 1. Non tornano: 0." in out.getvalue()
    shown = staff(superuser=True).post(page(started), {"verify": "1"}).content.decode()
    assert "Confermato." in shown
    assert SURNAME not in shown + out.getvalue()
    assert Event.objects.filter(action="spid.register_verified").count() == 2


@pytest.mark.parametrize(
    "options", [{}, {"first": "ieri"}, {"first": "2026-13-40"}, {"code": "NESSUNO"}, {"last": "2020-01-01"}]
)
@pytest.mark.usefixtures("federation")
def test_the_command_refuses_what_it_cannot_do(options: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("spid_register_verify", **options, stdout=StringIO())


# -- the term


def test_the_term_is_twenty_four_months_with_its_source() -> None:
    term = term_on(date(2026, 11, 20), retention.terms())
    assert term.months == 24
    assert "DPCM 24 ottobre 2014" in term.source


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 120))
def test_months_before_is_never_less_than_the_months_asked(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months
    assert before.day <= day.day


def test_the_end_of_february_has_its_months_too() -> None:
    assert months_before(date(2028, 2, 29), 24) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 31), 2) == date(2025, 11, 30)


def test_without_a_term_in_force_or_confirmed_nothing_may_be_deleted() -> None:
    with pytest.raises(NoTerm):
        kept_from(date(2014, 1, 1), retention.terms())
    remembered = Term(6, date(2026, 1, 1), "una bozza", "M", "")
    with pytest.raises(NoTerm):
        kept_from(date(2026, 11, 20), [*retention.terms(), remembered])


# -- the purge


@pytest.mark.usefixtures("time_machine_at_noon")
def test_nothing_goes_before_its_time(federation: IdentityProvider) -> None:
    logged_in(federation)
    run = register_purge(today=date(2028, 11, 20))
    assert (run.transactions, run.messages) == (0, 0)
    assert AuthnTransaction.objects.count() == 1


@pytest.mark.usefixtures("time_machine_at_noon")
def test_what_is_older_than_the_term_goes_with_its_messages_and_one_event_says_how_much(
    federation: IdentityProvider,
) -> None:
    for _number in range(3):
        logged_in(federation)
    refused(federation, put("/samlp:Response", "InResponseTo", "_altra"))
    assert register_purge_preview(today=LATER).transactions == 4

    run = register_purge(today=LATER, batch=2)

    assert (run.transactions, run.messages) == (4, 8)
    assert not AuthnTransaction.objects.exists()
    assert not SamlMessage.objects.exists()
    assert not ResponseTicket.objects.exists()
    assert Identity.objects.count() == 1  # who the person is, is not part of the register
    event = Event.objects.get(action="spid.register_purged")
    assert event.data["transactions"] == 4
    assert set(event.data) == {"transactions", "messages", "held", "cutoff", "oldest", "newest"}


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_message_that_came_later_keeps_its_whole_request(federation: IdentityProvider) -> None:
    started = logged_in(federation)
    late = started.messages.filter(direction=Direction.OUT).get()
    late.pk, late.at = None, NOON + timedelta(days=3)
    late.save(force_insert=True)
    assert register_purge(today=LATER).transactions == 0
    assert register_purge(today=LATER + timedelta(days=3)).transactions == 1


@pytest.mark.usefixtures("time_machine_at_noon")
def test_what_is_held_stays_until_the_hold_is_lifted(federation: IdentityProvider) -> None:
    started = logged_in(federation)
    logged_in(federation)
    register_hold(model=AuthnTransaction, pk=started.pk, reason=REASON, actor=OFFICE)
    assert register_purge(today=LATER).transactions == 1
    assert AuthnTransaction.objects.get() == started
    assert Event.objects.filter(action="spid.register_purged").latest("pk").data["held"] == 1

    register_release(model=AuthnTransaction, pk=started.pk, reason="chiusa l'indagine", actor=OFFICE)
    assert register_purge(today=LATER).transactions == 1
    actions = Event.objects.filter(action__startswith="spid.register_hold").order_by("pk")
    assert [event.action for event in actions] == ["spid.register_hold_set", "spid.register_hold_lifted"]


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_hold_on_an_identity_keeps_all_its_logins_also_those_to_come(federation: IdentityProvider) -> None:
    logged_in(federation)
    register_hold(model=Identity, pk=Identity.objects.get().pk, reason=REASON, actor=OFFICE)
    logged_in(federation)
    assert register_purge(today=LATER).transactions == 0
    assert register_purge_preview(today=LATER).held == 2


@pytest.mark.usefixtures("time_machine_at_noon")
@pytest.mark.parametrize("reason", ["", "   ", "sì", "x" * 201, "con\x00zero"])
def test_a_hold_without_a_good_reason_is_refused(federation: IdentityProvider, reason: str) -> None:
    started = logged_in(federation)
    with pytest.raises(DomainError):
        register_hold(model=AuthnTransaction, pk=started.pk, reason=reason, actor=OFFICE)
    with pytest.raises(DomainError):
        register_release(model=AuthnTransaction, pk=started.pk, reason=REASON, actor=OFFICE)
    assert not Event.objects.filter(action__startswith="spid.register_hold").exists()


@pytest.mark.usefixtures("time_machine_at_noon")
def test_evidence_still_refuses_whoever_is_not_the_purge(federation: IdentityProvider) -> None:
    logged_in(federation)
    register_purge(today=date(2027, 1, 1))
    with pytest.raises(IntegrityError, match="evidence"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM spid_auth_samlmessage")


@pytest.mark.usefixtures("time_machine_at_noon")
def test_a_purge_cut_off_in_the_middle_goes_on_and_counts_the_whole(
    federation: IdentityProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _number in range(3):
        logged_in(federation)
    _kill_after(1, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        register_purge(today=LATER, batch=1)
    assert AuthnTransaction.objects.count() == 2
    assert RegisterPurge.objects.get().finished_at is None
    assert not Event.objects.filter(action="spid.register_purged").exists()

    monkeypatch.undo()
    run = register_purge(today=LATER, batch=1)
    assert run.transactions == 3
    assert RegisterPurge.objects.get() == run
    assert Event.objects.get(action="spid.register_purged").data["transactions"] == 3


def _kill_after(batches: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process is stopped when it begins the batch after these."""
    from spid_auth.register import purge

    whole: Callable[..., bool] = purge._purge_batch
    left = [batches]

    def stopped(*args: Any) -> bool:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        return whole(*args)

    monkeypatch.setattr(purge, "_purge_batch", stopped)


@pytest.mark.usefixtures("time_machine_at_noon")
def test_the_command_counts_before_it_deletes(federation: IdentityProvider) -> None:
    logged_in(federation)
    out = StringIO()
    with time_machine.travel(datetime(2028, 11, 21, 12, tzinfo=NOON.tzinfo), tick=False):
        call_command("spid_register_purge", "--dry-run", stdout=out)
        assert "Da cancellare, prima del 21/11/2026: 1 richieste, 2 messaggi" in out.getvalue()
        assert AuthnTransaction.objects.count() == 1
        call_command("spid_register_purge", stdout=out)
    assert not AuthnTransaction.objects.exists()


@pytest.mark.usefixtures("federation")
def test_a_missing_term_stops_the_purge_and_alerts_the_office(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "terms", tuple)
    purge_register()
    assert Alert.objects.get().subject == "retention"
    with pytest.raises(CommandError):
        call_command("spid_register_purge", stdout=StringIO())


# -- the lists of the admin


@pytest.mark.usefixtures("time_machine_at_noon")
def test_holds_are_set_and_lifted_from_the_lists_with_a_reason(federation: IdentityProvider) -> None:
    started, client = logged_in(federation), staff(superuser=True)
    for name, row in (("authntransaction", started), ("identity", Identity.objects.get())):
        url, chosen = f"/admin/spid_auth/{name}/", {"_selected_action": str(row.pk)}
        client.post(url, {"action": "hold", "reason": ""} | chosen)
        row.refresh_from_db()
        assert row.hold_reason == ""
        client.post(url, {"action": "hold", "reason": REASON} | chosen)
        row.refresh_from_db()
        assert row.hold_reason == REASON
        assert client.get(url, {"conservata": "si"}).context["cl"].result_count == 1
        assert client.get(url, {"conservata": "no"}).context["cl"].result_count == 0
        client.post(url, {"action": "release", "reason": REASON} | chosen)
        row.refresh_from_db()
        assert row.hold_reason == ""


@pytest.mark.usefixtures("time_machine_at_noon")
def test_who_may_only_see_the_list_sets_no_hold(federation: IdentityProvider) -> None:
    started = logged_in(federation)
    client = staff(permissions=("view_authntransaction",))
    answer = client.post(
        "/admin/spid_auth/authntransaction/",
        {"action": "hold", "reason": REASON, "_selected_action": str(started.pk)},
    )
    started.refresh_from_db()
    assert answer.status_code < 500
    assert started.hold_reason == ""


@pytest.mark.usefixtures("time_machine_at_noon")
def test_lists_ask_the_same_number_of_queries_however_many_rows(
    federation: IdentityProvider, django_assert_max_num_queries: Any
) -> None:
    for _number in range(6):
        logged_in(federation)
    client = staff(superuser=True)
    for name in ("authntransaction", "identity", "registerpurge", "alert"):
        with django_assert_max_num_queries(14):
            assert client.get(f"/admin/spid_auth/{name}/").status_code == 200


# -- for an authority


@pytest.mark.usefixtures("time_machine_at_noon")
def test_the_export_holds_the_messages_as_exchanged_for_the_owner_only(
    federation: IdentityProvider, tmp_path: Path
) -> None:
    started, out = logged_in(federation), StringIO()
    call_command("spid_register_export", code=started.code, out=tmp_path / "x", reason=REASON, stdout=out)
    place = tmp_path / "x" / started.code
    assert sorted(path.name for path in place.iterdir()) == [
        "01-richiesta.xml", "02-risposta.xml", "SHA256SUMS", "certificati-gestore.pem", "scheda.json",
    ]  # fmt: skip
    assert {stat.S_IMODE(path.stat().st_mode) for path in place.iterdir()} == {0o600}
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
    assert b"TINIT-" in (place / "02-risposta.xml").read_bytes()
    assert started.relay_state not in (place / "scheda.json").read_text()
    event = Event.objects.get(action="spid.register_read")
    assert (event.data["how"], event.data["reason"]) == ("export", REASON)

    with pytest.raises(CommandError, match="già una cartella"):
        call_command("spid_register_export", code=started.code, out=tmp_path / "x", reason=REASON)


@pytest.mark.usefixtures("time_machine_at_noon")
def test_an_export_without_code_reason_or_place_writes_nothing(federation: IdentityProvider, tmp_path: Path) -> None:
    started, blocked = logged_in(federation), tmp_path / "file"
    blocked.write_text("")
    for code, out, reason in (
        ("NESSUNO", tmp_path / "x", REASON),
        (started.code, tmp_path / "x", ""),
        (started.code, blocked, REASON),
    ):
        with pytest.raises(CommandError):
            call_command("spid_register_export", code=code, out=out, reason=reason, stdout=StringIO())
    assert not (tmp_path / "x").exists()
