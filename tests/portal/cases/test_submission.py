import pytest
from django.core.files.base import ContentFile
from django_scopes import scopes_disabled
from django_scopes.exceptions import ScopeError

from portal.audit.models import Event
from portal.cases.models import Case, Draft
from portal.cases.services.drafts import draft_attach, draft_discard, draft_open, draft_save
from portal.cases.services.submission import case_submit, fingerprint, receipt_document
from portal.documents.domain.uploads import UploadRules
from portal.documents.models import StoredFile
from portal.entities.models import Office
from portal.kernel.errors import DomainError
from portal.messaging.models import Delivery, Message
from portal.outbox.models import OutboxMessage
from portal.people.acting import Acting
from portal.registry.models import ProtocolEntry
from tests.factories import platform as make

PDF = b"%PDF-1.7\n%prova\n"


def submit(draft, acting, entity, **extra):
    values = {"title": "Prova", "snapshot": {"what": "x"}, "on_created": lambda case: None, **extra}
    return case_submit(draft_id=draft.pk, acting=acting, entity=entity, **values)


@pytest.fixture
def draft(pisa, giulia):
    make.trial_service()
    return draft_open(acting=giulia, service=make.SERVICE)


def test_a_service_has_one_open_draft_for_each_applicant(draft, giulia):
    assert draft_open(acting=giulia, service=make.SERVICE) == draft

    for_company = Acting(giulia.person, make.make_mandate(giulia.person, make.make_company()))
    assert draft_open(acting=for_company, service=make.SERVICE) != draft


def test_a_step_saved_half_empty_comes_back_as_it_was(draft, giulia):
    draft_save(draft=draft, step="one", answers={"plate": "", "mass": "abc"})
    draft_save(draft=draft, step="two", answers={"km": "3+450"})

    again = draft_open(acting=giulia, service=make.SERVICE)
    assert again.data == {"one": {"plate": "", "mass": "abc"}, "two": {"km": "3+450"}}
    assert again.step == "two"


def test_a_submitted_application_has_protocol_term_message_and_receipt_to_come(draft, giulia, pisa, in_pisa):
    case = submit(draft, giulia, pisa)

    assert case.code.startswith("PI-")
    assert case.protocol.number == 1
    assert case.protocol.document_sha256 == case.snapshot_sha256 == fingerprint({"what": "x"})
    assert case.due_on is not None
    message = Message.objects.get(source=case.source)
    assert case.code in message.body
    assert "Giulia" not in message.subject
    assert Delivery.objects.get(message=message).address == giulia.person.email
    assert set(OutboxMessage.objects.values_list("handler", flat=True)) == {"messaging.email", "cases.receipt"}
    assert Event.objects.filter(action="case.submitted", subject_id=str(case.pk), person=giulia.person).exists()


def test_submitting_twice_gives_one_case_and_one_number(draft, giulia, pisa, in_pisa):
    first, second = submit(draft, giulia, pisa), submit(draft, giulia, pisa)

    assert first == second
    assert Case.objects.count() == ProtocolEntry.objects.count() == 1
    assert Message.objects.count() == 1


def test_with_redis_down_the_citizen_gets_the_number_and_the_rest_leaves_later(
    draft, giulia, pisa, in_pisa, dead_broker, on_commit
):
    with on_commit():
        case = submit(draft, giulia, pisa)
    assert case.protocol.number == 1
    assert set(OutboxMessage.objects.values_list("state", flat=True)) == {"pending"}


def test_after_submission_a_new_draft_can_be_opened(draft, giulia, pisa):
    submit(draft, giulia, pisa)
    assert draft_open(acting=giulia, service=make.SERVICE) != draft


def test_a_submitted_draft_can_be_neither_changed_nor_thrown_away(draft, giulia, pisa):
    submit(draft, giulia, pisa)
    with pytest.raises(DomainError, match="già stata presentata"):
        draft_save(draft=draft, step="one", answers={})
    with pytest.raises(DomainError, match="già stata presentata"):
        draft_discard(draft=draft)


def test_if_the_service_cannot_write_its_rows_no_number_is_spent(draft, giulia, pisa, in_pisa):
    def fail(case):
        raise DomainError("nope", "No.")

    with pytest.raises(DomainError):
        submit(draft, giulia, pisa, on_created=fail)

    assert not Case.objects.exists()
    assert submit(draft, giulia, pisa).protocol.number == 1


def test_a_body_without_the_office_says_so(draft, giulia):
    elsewhere = make.make_entity("LI")
    with scopes_disabled():
        Office.objects.filter(entity=elsewhere).delete()
    with pytest.raises(DomainError, match=elsewhere.name):
        submit(draft, giulia, elsewhere)


def test_attachments_follow_the_case_and_a_discarded_draft_takes_its_files_away(
    draft, giulia, pisa, in_pisa, on_commit
):
    attachment = draft_attach(
        draft=draft, field="drawing", label="Disegno", upload=ContentFile(PDF, "x.pdf"), rules=UploadRules()
    )
    case = submit(draft, giulia, pisa)
    attachment.refresh_from_db()
    assert (attachment.case, attachment.entity) == (case, pisa)

    other = draft_open(acting=giulia, service=make.SERVICE)
    kept = draft_attach(
        draft=other, field="drawing", label="Disegno", upload=ContentFile(PDF, "y.pdf"), rules=UploadRules()
    ).file
    with on_commit():
        draft_discard(draft=other)
    assert not StoredFile.objects.filter(pk=kept.pk).exists()
    assert not kept.file.storage.exists(kept.file.name)
    assert not Draft.objects.filter(pk=other.pk).exists()


def test_the_receipt_is_made_once(case, in_pisa):
    first, second = receipt_document(case=case), receipt_document(case=case)
    assert first == second
    with first.file.file.open("rb") as content:
        assert content.read().startswith(b"%PDF-")


def test_cases_cannot_be_read_outside_a_scope(case):
    with pytest.raises(ScopeError):
        Case.objects.first()


@pytest.mark.parametrize("snapshot", [{"b": 1, "a": "è"}, {"a": "è", "b": 1}])
def test_the_fingerprint_does_not_depend_on_the_order_of_the_answers(snapshot):
    assert fingerprint(snapshot) == fingerprint({"a": "è", "b": 1})
