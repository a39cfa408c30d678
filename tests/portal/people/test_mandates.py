"""Mandates as they live: asked for, given, decided, ended; and what each step tells and records."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import Error, IntegrityError, transaction
from django_scopes import scopes_disabled

from portal import clock
from portal.audit.actor import Actor
from portal.audit.models import Event
from portal.documents.domain.uploads import UploadRules
from portal.documents.models import StoredFile
from portal.documents.services import store_upload
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from portal.messaging.models import Message
from portal.people.acting import Acting
from portal.people.domain.declarations import GRANT, REPRESENTATIVE, CompanyData
from portal.people.domain.mandates import ALLOWED, TRANSITIONS, Action, Kind, Role, State
from portal.people.models import Company, EvidenceKind, Mandate, MandateEvidence, Person
from portal.people.selectors import acting_by, usable_mandates
from portal.people.services import person_from_identity
from portal.people.services.mandates import (
    Holder,
    NotForThisRole,
    Terms,
    closing_of,
    mandate_apply,
    mandate_close,
    mandate_grant,
    mandate_request,
    representation_request,
)
from tests.factories import platform as make
from tests.portal.people.test_people import identity

pytestmark = pytest.mark.django_db

OFFICE = Actor(label="Rita Responsabile")
DATA = CompanyData("Trasporti Nuovi S.r.l.", "09999990501", "09999990501", "Via Nuova 1, Pisa", "nuovi@pec.example")
CODE = "BNCGLI85C52Y999U"
ALWAYS = Terms((), date(2026, 1, 1))
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def signed() -> StoredFile:
    return store_upload(upload=SimpleUploadedFile("delega.pdf", PDF), rules=UploadRules())


def told(person: Person) -> list[str]:
    with scopes_disabled():
        return list(Message.objects.filter(person=person).order_by("pk").values_list("subject", flat=True))


def granted(boss: Acting, pisa: Entity, **changes: Any) -> Mandate:
    values = {"holder": Holder(CODE, "Giulia Bianchi"), "terms": ALWAYS, "services_words": "tutti", **changes}
    return mandate_grant(acting=boss, entity=pisa, **values)


def test_who_says_to_represent_a_company_waits_for_the_office_with_the_declaration_as_evidence(
    pisa: Entity, stranger: Person
):
    mandate = representation_request(person=stranger, company=DATA, entity=pisa, record=signed())

    assert (mandate.kind, mandate.state) == (Kind.LEGAL_REPRESENTATIVE, State.REQUESTED)
    declaration, record = mandate.papers.all()
    assert declaration.text.startswith(REPRESENTATIVE)
    assert DATA.fiscal_code in declaration.text
    assert str(stranger.fiscal_code) in declaration.text
    assert record.kind == EvidenceKind.COMPANY_RECORD
    assert not usable_mandates(stranger, on=clock.today()).exists()
    assert told(stranger) == ["Richiesta di delega ricevuta"]

    mandate_apply(mandate_id=mandate.pk, action=Action.APPROVE, actor=OFFICE, entity=pisa)
    mandate.refresh_from_db()
    assert (mandate.decided_by, mandate.decided_for) == (OFFICE.label, pisa)
    assert usable_mandates(stranger, on=clock.today()).get() == mandate
    assert told(stranger)[-1] == "Delega approvata"
    assert [e.action for e in Event.objects.filter(subject_id=str(mandate.pk)).order_by("pk")] == [
        "mandate.asked", "mandate.moved",
    ]  # fmt: skip


def test_the_evidence_is_never_changed_nor_deleted(pisa: Entity, stranger: Person):
    representation_request(person=stranger, company=DATA, entity=pisa)
    for spoil in (lambda: MandateEvidence.objects.update(text="altro"), lambda: MandateEvidence.objects.all().delete()):
        with pytest.raises(Error, match="evidence"), transaction.atomic():
            spoil()


def test_declared_data_replace_the_known_ones_only_when_the_office_approves(pisa: Entity, stranger: Person):
    Company.objects.create(name="Vecchio nome", fiscal_code=DATA.fiscal_code, seat="Via Vecchia", pec="v@pec.example")
    mandate = representation_request(person=stranger, company=DATA, entity=pisa)
    assert Company.objects.get(fiscal_code=DATA.fiscal_code).name == "Vecchio nome"

    mandate_apply(mandate_id=mandate.pk, action=Action.APPROVE, actor=OFFICE)
    company = Company.objects.get(fiscal_code=DATA.fiscal_code)
    assert (company.name, company.seat, company.pec) == (DATA.name, DATA.seat, DATA.pec)


@pytest.mark.parametrize(
    "changes", [{"fiscal_code": "09999990502"}, {"vat_number": "00000000001"}, {"fiscal_code": ""}]
)
def test_a_company_with_wrong_codes_is_not_written(pisa: Entity, stranger: Person, changes: dict[str, str]):
    wrong = CompanyData(**{**{field: getattr(DATA, field) for field in DATA.__slots__}, **changes})
    with pytest.raises(DomainError, match="non è giust"):
        representation_request(person=stranger, company=wrong, entity=pisa)
    assert not Company.objects.exists()


def test_one_request_at_a_time_for_a_company(pisa: Entity, stranger: Person):
    representation_request(person=stranger, company=DATA, entity=pisa)
    with pytest.raises(DomainError, match="già una delega"):
        mandate_request(acting=Acting(stranger), company=DATA, terms=ALWAYS, signed=signed(), entity=pisa)
    assert Mandate.objects.count() == 1


def test_an_expired_mandate_leaves_its_place_to_a_new_request(pisa: Entity, stranger: Person):
    company = make.make_company()
    Company.objects.filter(pk=company.pk).update(fiscal_code=DATA.fiscal_code)
    old = make.make_mandate(stranger, company, valid_to=clock.today() - timedelta(days=1))

    new = mandate_request(acting=Acting(stranger), company=DATA, terms=ALWAYS, signed=signed(), entity=pisa)
    old.refresh_from_db()
    assert (old.state, new.state) == (State.EXPIRED, State.REQUESTED)


@pytest.mark.parametrize(
    ("start", "end"), [(date(2027, 1, 2), date(2027, 1, 1)), (date(2020, 1, 1), date(2020, 12, 31))]
)
def test_dates_that_cannot_be_used_are_refused(pisa: Entity, stranger: Person, start: date, end: date):
    with pytest.raises(DomainError, match="ultimo giorno"):
        mandate_request(
            acting=Acting(stranger), company=DATA, terms=Terms((), start, end), signed=signed(), entity=pisa
        )


def test_the_representative_gives_a_mandate_and_the_office_still_approves_it(pisa: Entity, boss: Acting):
    giulia = make.make_person(fiscal_code=CODE)
    mandate = granted(boss, pisa, terms=Terms((make.SERVICE,), date(2026, 1, 1)))

    assert (mandate.person, mandate.state) == (giulia, State.REQUESTED)
    assert mandate.papers.get().text.startswith(GRANT)
    assert told(giulia) == ["Richiesta di delega ricevuta"]
    mandate_apply(mandate_id=mandate.pk, action=Action.APPROVE, actor=OFFICE, entity=pisa)
    assert told(giulia)[-1] == told(boss.person)[-1] == "Delega approvata"


def test_a_mandate_for_who_never_logged_in_waits_and_is_theirs_at_the_first_login(pisa: Entity, boss: Acting):
    mandate = granted(boss, pisa)
    assert mandate.person is None
    mandate_apply(mandate_id=mandate.pk, action=Action.APPROVE, actor=OFFICE, entity=pisa)

    giulia = person_from_identity(identity=identity())
    assert usable_mandates(giulia, on=clock.today()).get() == mandate
    assert Event.objects.filter(action="mandate.attached", subject_id=str(mandate.pk)).exists()


def test_a_waiting_mandate_does_not_displace_one_the_person_already_has(pisa: Entity, boss: Acting):
    waiting = granted(boss, pisa)
    giulia = make.make_person(fiscal_code=CODE)
    own = make.make_mandate(giulia, boss.company)
    person_from_identity(identity=identity())
    waiting.refresh_from_db()
    assert waiting.person is None

    mandate_close(mandate=own, acting=Acting(giulia), entity=pisa)
    person_from_identity(identity=identity())
    waiting.refresh_from_db()
    assert waiting.person == giulia


def test_the_name_of_who_has_a_codice_fiscale_is_not_told_to_who_types_it(pisa: Entity, boss: Acting):
    make.make_person("Ginevra", "Segreta", fiscal_code=CODE)
    mandate = granted(boss, pisa, holder=Holder(CODE, "Nome Inventato"))

    assert mandate.shown_holder == "Nome Inventato"
    with scopes_disabled():
        assert not Message.objects.filter(person=boss.person, body__contains="Segreta").exists()


def test_only_the_representative_in_office_gives_mandates(pisa: Entity, boss: Acting):
    delegate = make.make_person()
    acting = Acting(delegate, make.make_mandate(delegate, boss.company))
    with pytest.raises(DomainError, match="legale rappresentante"):
        granted(acting, pisa)

    Mandate.objects.filter(pk=boss.mandate.pk).update(state=State.REVOKED)
    with pytest.raises(DomainError, match="legale rappresentante"):
        granted(boss, pisa)


@pytest.mark.parametrize("code", ["BNCGLI85C52Y999X", "09999990501X", "", "'; DROP"])
def test_a_wrong_codice_fiscale_of_the_delegate_is_refused(pisa: Entity, boss: Acting, code: str):
    with pytest.raises(DomainError, match="codice fiscale"):
        granted(boss, pisa, holder=Holder(code, "Giulia Bianchi"))


def test_an_agency_that_nobody_represents_here_receives_no_mandate(pisa: Entity, boss: Acting):
    unknown = make.make_company("Agenzia ignota")
    with pytest.raises(DomainError, match="agenzia"):
        granted(boss, pisa, holder=Holder(unknown.fiscal_code, "Agenzia", is_agency=True))
    with pytest.raises(DomainError, match="la stessa"):
        granted(boss, pisa, holder=Holder(boss.company.fiscal_code, "Io", is_agency=True))


def test_people_of_an_agency_act_for_its_client_by_both_mandates_and_no_further(
    pisa: Entity, boss: Acting, agency_boss: Acting, to_agency: Callable[..., Mandate]
):
    client = granted(boss, pisa, holder=Holder(agency_boss.company.fiscal_code, "Agenzia", is_agency=True))
    assert acting_by(agency_boss.person, client.pk, on=clock.today()) is None  # not approved yet
    mandate_apply(mandate_id=client.pk, action=Action.APPROVE, actor=OFFICE, entity=pisa)
    clerk = make.make_person("Carla", "Contabile")
    link = make.make_mandate(clerk, agency_boss.company, services=[make.SERVICE], valid_to=date(2099, 1, 1))

    acting = acting_by(clerk, client.pk, on=clock.today())
    assert acting is not None
    assert (acting.company, acting.agency) == (boss.company, agency_boss.company)
    assert acting.scope == {make.SERVICE}
    assert acting.until == date(2099, 1, 1)
    assert not acting.is_representative
    assert (acting.actor.mandate_id, acting.actor.via_mandate_id) == (client.pk, link.pk)

    # One hop: the client of a client is nobody's business here.
    further = to_agency(boss.company, make.make_company("Cliente del cliente"))
    assert acting_by(clerk, further.pk, on=clock.today()) is None

    mandate_apply(mandate_id=link.pk, action=Action.REVOKE, actor=OFFICE, reason="Non lavora più qui.")
    assert acting_by(clerk, client.pk, on=clock.today()) is None


def test_an_agency_asks_with_the_paper_its_client_signed(pisa: Entity, agency_boss: Acting):
    mandate = mandate_request(
        acting=agency_boss, company=DATA, terms=ALWAYS, signed=signed(), entity=pisa, for_agency=True
    )
    assert (mandate.agency, mandate.person) == (agency_boss.company, None)
    delegate = make.make_person()
    acting = Acting(delegate, make.make_mandate(delegate, agency_boss.company))
    with pytest.raises(DomainError, match="legale rappresentante"):
        mandate_request(acting=acting, company=DATA, terms=ALWAYS, signed=signed(), entity=pisa, for_agency=True)


def test_the_office_says_why_it_refuses_and_revokes(pisa: Entity, stranger: Person):
    mandate = representation_request(person=stranger, company=DATA, entity=pisa)
    with pytest.raises(DomainError, match="motivo"):
        mandate_apply(mandate_id=mandate.pk, action=Action.REFUSE, actor=OFFICE, reason="  ")
    mandate_apply(mandate_id=mandate.pk, action=Action.REFUSE, actor=OFFICE, reason="Manca la visura.", entity=pisa)
    with scopes_disabled():
        assert "Manca la visura." in Message.objects.filter(person=stranger).order_by("-pk")[0].body


def test_a_mandate_is_not_approved_after_its_last_day(pisa: Entity, stranger: Person, time_machine: Any):
    terms = Terms((), clock.today(), clock.today() + timedelta(days=1))
    mandate = mandate_request(acting=Acting(stranger), company=DATA, terms=terms, signed=signed(), entity=pisa)
    time_machine.move_to(clock.now() + timedelta(days=3))
    with pytest.raises(DomainError, match="già passato"):
        mandate_apply(mandate_id=mandate.pk, action=Action.APPROVE, actor=OFFICE)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("state", State)
def test_the_service_does_what_the_tables_say_and_nothing_else(
    stranger: Person, state: State, action: Action, role: Role
):
    mandate = make.make_mandate(stranger, make.make_company(), state=state)
    values = {"mandate_id": mandate.pk, "action": action, "role": role, "actor": OFFICE, "reason": "Prova."}
    if action not in ALLOWED[role]:
        with pytest.raises(NotForThisRole):
            mandate_apply(**values)
    elif (state, action) not in TRANSITIONS:
        with pytest.raises(MoveNotAllowed):
            mandate_apply(**values)
    else:
        assert mandate_apply(**values).state == TRANSITIONS[state, action]


def test_who_may_end_a_mandate(boss: Acting, agency_boss: Acting, stranger: Person, to_agency: Callable[..., Mandate]):
    delegate = make.make_person()
    theirs = make.make_mandate(delegate, boss.company)
    twin = make.make_person("Altro", "Rappresentante")
    other_head = make.make_mandate(twin, boss.company, kind=Kind.LEGAL_REPRESENTATIVE)
    agency = to_agency(agency_boss.company, boss.company)

    assert closing_of(theirs, Acting(delegate)) == (Role.HOLDER, Action.GIVE_UP)
    assert closing_of(theirs, boss) == (Role.REPRESENTATIVE, Action.REVOKE)
    assert closing_of(theirs, Acting(boss.person)) is None  # not acting for the company
    assert closing_of(theirs, Acting(stranger)) is None
    assert closing_of(other_head, boss) is None  # between representatives the office decides
    assert closing_of(agency, agency_boss) == (Role.HOLDER, Action.GIVE_UP)
    assert closing_of(agency, boss) == (Role.REPRESENTATIVE, Action.REVOKE)
    with pytest.raises(NotForThisRole):
        mandate_close(mandate=theirs, acting=Acting(stranger), entity=None)


def test_who_gives_up_is_not_told_but_the_representative_is(pisa: Entity, boss: Acting):
    delegate = make.make_person()
    mandate = make.make_mandate(delegate, boss.company)
    mandate_close(mandate=mandate, acting=Acting(delegate), entity=pisa)
    assert told(boss.person) == ["Delega chiusa"]
    assert told(delegate) == []


def test_subjects_of_messages_name_nobody(pisa: Entity, boss: Acting):
    mandate = granted(boss, pisa, holder=Holder(CODE, "Giulia Bianchi"))
    mandate_apply(mandate_id=mandate.pk, action=Action.APPROVE, actor=OFFICE, entity=pisa)
    mandate_apply(mandate_id=mandate.pk, action=Action.REVOKE, actor=OFFICE, entity=pisa, reason="Prova.")
    with scopes_disabled():
        subjects = " ".join(Message.objects.values_list("subject", flat=True))
    assert subjects
    for word in ("Giulia", "Bianchi", "Bosco", CODE):
        assert word not in subjects


def test_the_database_keeps_one_holder_and_no_company_its_own_agency(boss: Acting, stranger: Person):
    company = boss.company
    common = {"company": company, "kind": Kind.DELEGATE, "valid_from": date(2026, 1, 1)}
    for wrong in ({}, {"agency": company}, {"person": stranger, "agency": make.make_company()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Mandate.objects.create(**common, **wrong)
