from datetime import date

from django.db.models import Q, QuerySet

from portal.audit.models import Event
from portal.people.acting import Acting
from portal.people.domain.mandates import Kind, State
from portal.people.models import Company, Mandate, Person

ROLES_OF_A_MANDATE = ("person", "agency", "company", "asked_by")


def good_mandates(*, on: date) -> QuerySet[Mandate]:
    """Mandates that may be used on a day."""
    return Mandate.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=on), state=State.ACTIVE, valid_from__lte=on
    )


def usable_mandates(person: Person, *, on: date, text: str = "") -> QuerySet[Mandate]:
    """Mandates the person may use on a day, their own or their agencies', by company name; `text` narrows them."""
    own = good_mandates(on=on).filter(person=person)
    rows = good_mandates(on=on).filter(Q(person=person) | Q(agency__in=own.values("company")))
    if text:
        rows = rows.filter(
            Q(company__name__icontains=text)
            | Q(company__fiscal_code__istartswith=text)
            | Q(company__vat_number__istartswith=text)
        )
    return rows.select_related("company", "agency").order_by("company__name", "pk")


def acting_by(person: Person, mandate_id: int, *, on: date) -> Acting | None:
    """The person acting by a mandate, each link checked; None when it may not be used."""
    mandate = usable_mandates(person, on=on).filter(pk=mandate_id).first()
    if mandate is None:
        return None
    if mandate.agency_id is None:
        return Acting(person, mandate)
    link = good_mandates(on=on).filter(person=person, company=mandate.agency_id).select_related("company").first()
    return Acting(person, mandate, link) if link else None


def mandates_of(person: Person) -> QuerySet[Mandate]:
    """All mandates of a person, the newest first: also expired and revoked ones, so that they know why."""
    return Mandate.objects.filter(person=person).select_related("company").order_by("-valid_from", "-pk")


def mandates_touching(acting: Acting, *, on: date) -> QuerySet[Mandate]:
    """Mandates the person sees: held, asked for, and (as representative) those of and to the company."""
    mine = Q(person=acting.person) | Q(asked_by=acting.person)
    if acting.company is not None and is_representative(acting.person, acting.company, on=on):
        mine |= Q(company=acting.company) | Q(agency=acting.company)
    rows = Mandate.objects.filter(mine).select_related(*ROLES_OF_A_MANDATE)
    return rows.order_by("-pk")


def is_representative(person: Person, company: Company, *, on: date) -> bool:
    """Whether the person is a recognised legal representative of the company on a day."""
    mine = good_mandates(on=on).filter(person=person, company=company, kind=Kind.LEGAL_REPRESENTATIVE)
    return mine.exists()


def representatives_of(company: Company, *, on: date) -> list[Person]:
    """The recognised legal representatives of a company on a day."""
    rows = good_mandates(on=on).filter(company=company, kind=Kind.LEGAL_REPRESENTATIVE, person__isnull=False)
    return [row.person for row in rows.select_related("person") if row.person is not None]


def whom_to_write(person: Person, company: Company | None, *, on: date) -> Person | None:
    """Who reads at their own address what concerns what `person` did: they themselves, for a company only while they
    may act for it; then its legal representatives. None when nobody of them has a confirmed address."""
    entitled = company is None or usable_mandates(person, on=on).filter(company=company).exists()
    readers = [person] if entitled or company is None else representatives_of(company, on=on)
    return next((each for each in readers if each.email_verified_at), None)


def mandates_for_office() -> QuerySet[Mandate]:
    """Mandates for the staff who decide them, the first asked for on top; they belong to no body."""
    return Mandate.objects.select_related(*ROLES_OF_A_MANDATE, "decided_for").order_by("asked_at", "pk")


def history_of(mandate: Mandate) -> list[Event]:
    """What happened to a mandate, in order. For who may see it already."""
    return list(Event.objects.filter(subject_type=Mandate._meta.label, subject_id=str(mandate.pk)).order_by("pk"))
