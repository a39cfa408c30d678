from datetime import date, timedelta

import pytest
from django.db import Error, IntegrityError, transaction

from portal import clock
from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.kernel.errors import DomainError
from portal.kernel.states import MoveNotAllowed, move
from portal.outbox.models import OutboxMessage
from portal.people.domain.mandates import TRANSITIONS, Action, State, is_good
from portal.people.identity import VerifiedIdentity
from portal.people.models import Person
from portal.people.selectors import usable_mandates
from portal.people.services import (
    email_verification_confirm,
    email_verification_start,
    person_from_identity,
    verification_code,
)
from portal.people.services.contacts import CODE_ATTEMPTS, CODE_LIFE, CODES_AN_HOUR
from portal.people.services.mandates import mandate_apply
from tests.factories import platform as make


def identity(**extra):
    values = {
        "scheme": "spid",
        "subject_key": "BNCGLI85C52Y999U",
        "level": 2,
        "fiscal_code": "BNCGLI85C52Y999U",
        "spid_code": "SPID0000000001",
        "first_name": "Giulia",
        "last_name": "Bianchi",
        "birth_date": date(1985, 3, 12),
        "email": "giulia@posta.example",
        "idp": "prova",
        "authenticated_at": clock.now(),
        **extra,
    }
    return VerifiedIdentity(**values)


@pytest.mark.django_db
def test_a_person_appears_at_the_first_login_and_is_the_same_at_the_next():
    first = person_from_identity(identity=identity())
    second = person_from_identity(identity=identity(scheme="cie", last_name="Bianchi Neri", spid_code=""))
    assert first.pk == second.pk
    assert Person.objects.get().last_name == "Bianchi Neri"
    assert Person.objects.get().spid_code == "SPID0000000001"


@pytest.mark.django_db
def test_the_address_of_the_identity_provider_is_offered_and_not_trusted():
    person = person_from_identity(identity=identity())
    assert person.email == "giulia@posta.example"
    assert person.email_verified_at is None


@pytest.mark.django_db
def test_a_citizen_has_no_password_and_says_nothing_in_the_username():
    user = person_from_identity(identity=identity()).user
    assert not user.has_usable_password()
    assert "BNC" not in user.username.upper()
    assert user.kind == Kind.CITIZEN


@pytest.mark.django_db
def test_without_a_codice_fiscale_a_new_person_appears_and_is_found_again_through_who_was_known():
    foreign = identity(scheme="eidas", fiscal_code=None, subject_key="DE/IT/12345", first_name="Anna")
    first = person_from_identity(identity=foreign)
    assert first.fiscal_code is None

    assert person_from_identity(identity=foreign, known=first).pk == first.pk
    assert person_from_identity(identity=foreign).pk != first.pk  # nobody is recognised by a name


@pytest.mark.django_db
def test_who_was_found_to_be_somebody_else_logs_in_as_them_and_they_keep_their_names():
    foreign = identity(scheme="eidas", fiscal_code=None, subject_key="DE/IT/12345", first_name="Anna-Julia")
    old = person_from_identity(identity=foreign)
    true = make.make_person("Giulia", "Bianchi")
    old.same_as = true
    old.save()

    found = person_from_identity(identity=foreign, known=old)
    assert found.pk == true.pk
    assert (found.first_name, found.user.first_name) == ("Giulia", "Giulia")


@pytest.mark.django_db
def test_the_database_keeps_staff_and_persons_apart():
    staff = make.make_staff(make.make_entity("PI"))
    with pytest.raises(Error, match="staff user"), transaction.atomic():
        Person.objects.create(user=staff, first_name="A", last_name="B")
    person = make.make_person()
    with pytest.raises(Error, match="never becomes staff"), transaction.atomic():
        User.objects.filter(pk=person.user_id).update(kind=Kind.STAFF)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.user_id).update(is_staff=True)


@pytest.mark.django_db
def test_the_code_that_was_sent_confirms_the_address():
    person = make.make_person(email="", email_verified_at=None)
    verification = email_verification_start(person=person, email="nuova@posta.example")
    assert OutboxMessage.objects.get().payload == {"verification": verification.pk}  # the code is not in the table

    email_verification_confirm(person=person, code=f" {verification_code(verification)} ")
    person.refresh_from_db()
    assert person.email == "nuova@posta.example"
    assert person.email_verified_at is not None


@pytest.mark.django_db
def test_wrong_codes_are_counted_and_then_the_right_one_is_too_late():
    person = make.make_person()
    verification = email_verification_start(person=person, email="nuova@posta.example")
    for _ in range(CODE_ATTEMPTS):
        with pytest.raises(DomainError, match="non è giusto"):
            email_verification_confirm(person=person, code="x")
    with pytest.raises(DomainError, match="scaduto"):
        email_verification_confirm(person=person, code=verification_code(verification))


@pytest.mark.django_db
def test_a_code_expires_and_codes_cannot_be_asked_without_end(time_machine):
    person = make.make_person()
    verification = email_verification_start(person=person, email="nuova@posta.example")
    time_machine.move_to(clock.now() + CODE_LIFE + timedelta(seconds=1))
    with pytest.raises(DomainError, match="scaduto"):
        email_verification_confirm(person=person, code=verification_code(verification))
    for _ in range(CODES_AN_HOUR - 1):
        email_verification_start(person=person, email="nuova@posta.example")
    with pytest.raises(DomainError, match="troppi codici"):
        email_verification_start(person=person, email="nuova@posta.example")


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("action", Action)
def test_only_the_moves_of_the_mandate_table_exist(state, action):
    if (state, action) in TRANSITIONS:
        assert move(TRANSITIONS, state, action) is TRANSITIONS[state, action]
    else:
        with pytest.raises(MoveNotAllowed):
            move(TRANSITIONS, state, action)


@pytest.mark.parametrize(
    ("state", "day", "good"),
    [
        (State.ACTIVE, date(2026, 1, 1), True),
        (State.ACTIVE, date(2026, 12, 31), True),
        (State.ACTIVE, date(2025, 12, 31), False),
        (State.ACTIVE, date(2027, 1, 1), False),
        (State.REQUESTED, date(2026, 6, 1), False),
        (State.REVOKED, date(2026, 6, 1), False),
    ],
)
def test_a_mandate_is_good_when_active_and_within_its_dates(state, day, good):
    assert is_good(state=state, valid_from=date(2026, 1, 1), valid_to=date(2026, 12, 31), on=day) is good


@pytest.mark.django_db
def test_acting_for_a_company_ends_at_once_when_the_mandate_is_revoked(client):
    person = make.make_person()
    mandate = make.make_mandate(person, make.make_company())
    client.force_login(person.user)
    session = client.session
    session["acting_mandate"] = mandate.pk
    session.save()
    assert client.get("/area/").wsgi_request.acting.company == mandate.company

    mandate_apply(mandate_id=mandate.pk, action=Action.REVOKE, actor=Actor.system("test"), reason="Prova.")
    assert client.get("/area/").wsgi_request.acting.company is None
    assert not usable_mandates(person, on=clock.today()).exists()
