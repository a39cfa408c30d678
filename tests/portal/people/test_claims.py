"""People who come without a codice fiscale, the one they declare, and two persons who turn out to be one."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django_scopes import scopes_disabled

from exceptional_transport.models import Vehicle
from portal import clock
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.cases.models import Case, Draft
from portal.cases.services.drafts import draft_open, draft_save
from portal.documents.models import Document
from portal.documents.services import document_create
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed
from portal.messaging.models import Message
from portal.people.acting import Acting
from portal.people.domain.claims import Action, State
from portal.people.models import FiscalCodeClaim, Person
from portal.people.selectors import usable_mandates
from portal.people.services import person_from_identity
from portal.people.services.claims import claim_decide, claim_make
from portal.people.services.mandates import Holder, Terms, mandate_apply, mandate_grant
from tests.factories import platform as make
from tests.portal.people.test_people import identity

CODE = "BNCGLI85C52Y999U"
OFFICE = Actor(label="Rita Responsabile")
FOREIGN: dict[str, Any] = {"scheme": "eidas", "fiscal_code": None, "subject_key": "DE/IT/12345", "first_name": "Julia"}


def foreigner() -> Person:
    return person_from_identity(identity=identity(**FOREIGN))


def accept(claim: FiscalCodeClaim, entity: Entity | None = None) -> FiscalCodeClaim:
    return claim_decide(claim_id=claim.pk, action=Action.ACCEPT, actor=OFFICE, entity=entity)


@pytest.mark.django_db
def test_an_accepted_code_that_nobody_has_becomes_theirs_with_the_mandates_that_waited_for_it(
    pisa: Entity, boss: Acting
):
    person = foreigner()
    holder = Holder(CODE, "Giulia Bianchi")
    mandate = mandate_grant(
        acting=boss, holder=holder, terms=Terms((), date(2026, 1, 1)), services_words="tutti", entity=pisa
    )
    claim = claim_make(person=person, fiscal_code=CODE)

    accept(claim, pisa)
    person.refresh_from_db()
    mandate.refresh_from_db()
    assert (person.fiscal_code, person.same_as, mandate.person) == (CODE, None, person)
    with scopes_disabled():
        assert Message.objects.filter(person=person, subject="Codice fiscale registrato").exists()
    # From now on SPID finds the same person.
    assert person_from_identity(identity=identity()).pk == person.pk


@pytest.mark.django_db
def test_when_somebody_has_the_code_the_two_become_one_and_everything_follows(pisa: Entity):
    true = make.make_person(fiscal_code=CODE)
    person = foreigner()
    case = make.make_case(pisa, Acting(person))
    draft = draft_open(acting=Acting(person), service=make.SERVICE)
    document = document_create(
        entity=pisa, kind="prova", title="Atto", content=b"%PDF-1.7", filename="a.pdf", source=case.source,
        actor=OFFICE, holder_person=person,
    )  # fmt: skip
    mandate = make.make_mandate(person, make.make_company())
    vehicle = Vehicle.objects.create(
        person=person, kind="truck", plate="AB123CD", country="IT", tare_kg=1, length_mm=1, saved_at=clock.now()
    )

    accept(claim_make(person=person, fiscal_code=CODE), pisa)
    person.refresh_from_db()
    vehicle.refresh_from_db()
    assert (person.same_as, person.fiscal_code, vehicle.person) == (true, None, true)
    with scopes_disabled():
        assert Case.objects.get(pk=case.pk).applicant_person == true
        assert Document.objects.get(pk=document.pk).holder_person == true
        assert not Message.objects.filter(person=person).exists()
    assert Draft.objects.get(pk=draft.pk).person == true
    assert usable_mandates(true, on=clock.today()).get() == mandate
    assert person_from_identity(identity=identity(**FOREIGN), known=person).pk == true.pk


@pytest.mark.django_db
def test_of_two_open_drafts_the_last_saved_stays(pisa: Entity, time_machine: Any):
    true, person = make.make_person(fiscal_code=CODE), foreigner()
    older = draft_open(acting=Acting(true), service=make.SERVICE)
    time_machine.move_to(clock.now() + timedelta(hours=1))
    newer = draft_save(draft=draft_open(acting=Acting(person), service=make.SERVICE), step="uno", answers={"a": "b"})

    accept(claim_make(person=person, fiscal_code=CODE), pisa)
    assert Draft.objects.get().pk == newer.pk
    assert Draft.objects.get().person == true
    assert older.pk != newer.pk


@pytest.mark.django_db
def test_an_open_session_goes_on_as_who_they_turned_out_to_be(client: Client, pisa: Entity):
    true, person = make.make_person(fiscal_code=CODE), foreigner()
    client.force_login(person.user, backend="django.contrib.auth.backends.ModelBackend")
    accept(claim_make(person=person, fiscal_code=CODE), pisa)
    assert client.get("/area/").wsgi_request.acting.person == true


@pytest.mark.django_db
@pytest.mark.parametrize("code", ["", "BNCGLI85C52Y999X", "09999990501", "BNCGLI85C52Y999UU", "\x00" * 16])
def test_a_code_that_cannot_be_is_not_a_claim(code: str):
    with pytest.raises(DomainError, match="non è giusto"):
        claim_make(person=foreigner(), fiscal_code=code)


@pytest.mark.django_db
def test_one_claim_at_a_time_and_none_from_who_has_a_code():
    person = foreigner()
    claim_make(person=person, fiscal_code=CODE)
    with pytest.raises(DomainError, match="sta già controllando"):
        claim_make(person=person, fiscal_code=CODE)
    with pytest.raises(DomainError, match="già registrato"):
        claim_make(person=make.make_person(), fiscal_code=CODE)


@pytest.mark.django_db
def test_a_refusal_needs_a_reason_and_leaves_the_person_as_they_were(pisa: Entity):
    person = foreigner()
    claim = claim_make(person=person, fiscal_code=CODE)
    with pytest.raises(DomainError, match="motivo"):
        claim_decide(claim_id=claim.pk, action=Action.REFUSE, actor=OFFICE, entity=pisa)

    claim_decide(claim_id=claim.pk, action=Action.REFUSE, actor=OFFICE, entity=pisa, reason="Nomi diversi.")
    person.refresh_from_db()
    assert person.fiscal_code is None
    with pytest.raises(MoveNotAllowed):
        accept(claim, pisa)
    assert claim_make(person=person, fiscal_code=CODE).state == State.REQUESTED  # they may try again


@pytest.mark.django_db
def test_the_database_never_lets_one_with_a_code_be_somebody_else():
    true, person = make.make_person(), make.make_person()
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=person.pk).update(same_as=true)


def together(*hands: Any) -> list[str]:
    """Run all at once, each with its own connection: how each one ended."""
    barrier = Barrier(len(hands), timeout=20)

    def run(hand: Any) -> str:
        try:
            barrier.wait()
            hand()
        except DomainError as error:
            return error.code
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(hands)) as pool:
        return sorted(pool.map(run, hands))


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_a_claim_at_once_one_wins():
    claim = claim_make(person=foreigner(), fiscal_code=CODE)
    assert together(lambda: accept(claim), lambda: accept(claim)) == ["done", "move_not_allowed"]


@pytest.mark.django_db(transaction=True)
def test_of_two_claims_of_one_code_accepted_at_once_one_person_keeps_it_and_the_other_becomes_them():
    first, second = foreigner(), person_from_identity(identity=identity(**{**FOREIGN, "subject_key": "FR/IT/9"}))
    claims = [claim_make(person=each, fiscal_code=CODE) for each in (first, second)]

    assert together(*(lambda claim=claim: accept(claim) for claim in claims)) == ["done", "done"]
    owner = Person.objects.get(fiscal_code=CODE)
    other = Person.objects.exclude(pk=owner.pk).get()
    assert other.same_as == owner


@pytest.mark.django_db(transaction=True)
def test_a_code_accepted_while_its_owner_logs_in_for_the_first_time_leaves_one_owner():
    claim = claim_make(person=foreigner(), fiscal_code=CODE)

    def first_login() -> None:
        try:
            person_from_identity(identity=identity())
        except IntegrityError:
            person_from_identity(identity=identity())  # as who opens sessions does

    assert together(lambda: accept(claim), first_login) == ["done", "done"]
    owner = Person.objects.get(fiscal_code=CODE)
    claimant = Person.objects.get(pk=claim.person_id)
    assert claimant == owner or claimant.same_as == owner
    assert User.objects.filter(person__isnull=True).count() == 0


@pytest.mark.django_db(transaction=True)
def test_of_two_who_approve_a_mandate_at_once_one_wins():
    from portal.people.domain.mandates import Action as MandateAction
    from portal.people.domain.mandates import State as MandateState

    mandate = make.make_mandate(make.make_person(), make.make_company(), state=MandateState.REQUESTED)

    def approve() -> None:
        mandate_apply(mandate_id=mandate.pk, action=MandateAction.APPROVE, actor=OFFICE)

    assert together(approve, approve) == ["done", "move_not_allowed"]
