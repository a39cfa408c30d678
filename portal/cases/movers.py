"""When a person turns out to be another one: their drafts and cases pass to that one."""

from django_scopes import scopes_disabled

from portal.cases.models import Case, Draft
from portal.cases.services.drafts import draft_discard
from portal.people.models import Person


def move_cases(old: Person, new: Person) -> None:
    """Cases pass as they are. Of two open drafts of the same service the last one saved stays."""
    with scopes_disabled():
        Case.objects.filter(applicant_person=old).update(applicant_person=new)
    for draft in Draft.objects.filter(person=old, case__isnull=True):
        same = {"service": draft.service, "company": draft.company_id, "case__isnull": True}
        twin = Draft.objects.filter(**same, person=new).first()
        if twin is not None and twin.saved_at >= draft.saved_at:
            draft_discard(draft=draft)
            continue
        if twin is not None:
            draft_discard(draft=twin)
        Draft.objects.filter(pk=draft.pk).update(person=new)
    Draft.objects.filter(person=old).update(person=new)
