"""Reads of the room. Citizens' selectors filter by who they act for; the office's need a scope."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import CharField, Count, Max, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _
from django_scopes import scopes_disabled

from portal import clock
from portal.audit.models import Event
from portal.cases import events
from portal.cases.domain.clock import Clock, Pause, read_clock
from portal.cases.domain.states import OPEN, WAITING_FOR_CITIZEN, State
from portal.cases.models import Attachment, Case, CitizenRequest, Draft
from portal.entities.models import CASEWORKERS, StaffRole
from portal.entities.selectors import offices_of
from portal.people.acting import Acting

DUE_SOON = timedelta(days=3)


def _rome_day(moment: datetime) -> date:
    return moment.astimezone(clock.ROME).date()


def clock_of(case: Case, *, on: date) -> Clock:
    """The clock of a case on a day (the closing day, for a case that has ended)."""
    pauses = [
        Pause(_rome_day(request.made_at), _rome_day(request.closed_at) if request.closed_at else None)
        for request in CitizenRequest.objects.filter(case=case)
    ]
    day = min(on, _rome_day(case.closed_at)) if case.closed_at else on
    return read_clock(started=_rome_day(case.submitted_at), term_days=case.term_days, pauses=pauses, on=day)


# --- citizens


def drafts_of(acting: Acting) -> QuerySet[Draft]:
    """Open drafts of whom the person acts for, within the mandate."""
    rows = Draft.objects.filter(person=acting.person, company=acting.company, case__isnull=True)
    return rows if acting.scope is None else rows.filter(service__in=acting.scope)


def cases_of(acting: Acting) -> QuerySet[Case]:
    """Cases of the company the person acts for, within the mandate, or of the person; the newest first."""
    with scopes_disabled():
        rows = Case.objects.select_related(
            "entity", "office", "protocol", "assignee", "applicant_company", "applicant_person"
        )
    if acting.scope is not None:
        rows = rows.filter(service__in=acting.scope)
    if acting.company:
        return rows.filter(applicant_company=acting.company)
    return rows.filter(applicant_person=acting.person, applicant_company__isnull=True)


def own_sources(acting: Acting) -> QuerySet[Case]:
    """The sources of those cases, as one text column: other rooms keep their rows by source."""
    rows = cases_of(acting).order_by()
    named = rows.annotate(own_source=Concat(Value("case:"), Cast("uuid", CharField()), output_field=CharField()))
    return named.values("own_source")  # type: ignore[return-value]


def with_last_event(cases: QuerySet[Case]) -> list[Case]:
    """The cases, each with `last_event` (the newest public event), in two queries."""
    rows = list(cases)
    newest = (
        Event.objects.filter(
            subject_type=Case._meta.label,
            subject_id__in=[str(case.pk) for case in rows],
            action__in=list(events.PUBLIC_LABELS),
        )
        .values("subject_id")
        .annotate(newest=Max("pk"))
        .values("newest")
    )
    by_case = {event.subject_id: event for event in Event.objects.filter(pk__in=newest)}
    for case in rows:
        case.last_event = by_case.get(str(case.pk))  # type: ignore[attr-defined]
    return rows


def open_requests_of(acting: Acting) -> QuerySet[CitizenRequest]:
    """What the office waits for from this applicant, the first to expire on top."""
    with scopes_disabled():
        rows = CitizenRequest.objects.select_related("case", "case__entity")
    return rows.filter(closed_at__isnull=True, case__in=cases_of(acting)).order_by("due_on", "pk")


def draft_attachments(draft: Draft) -> QuerySet[Attachment]:
    """Files of a draft (which belongs to no body yet)."""
    with scopes_disabled():
        return Attachment.objects.filter(draft=draft).select_related("file")


# --- both


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    at: datetime
    label: str
    actor: str
    public: bool


def timeline(case: Case, *, internal: bool) -> list[TimelineEntry]:
    """What happened to a case, oldest first. Readings are left out; internal events are for the office alone."""
    wanted = list(events.PUBLIC_LABELS) + (
        [key for key in events.INTERNAL_LABELS if key != "case.read"] if internal else []
    )
    rows = Event.objects.filter(subject_type=Case._meta.label, subject_id=str(case.pk), action__in=wanted).order_by(
        "pk"
    )
    return [
        TimelineEntry(row.at, events.label_of(row), row.actor_label, row.action in events.PUBLIC_LABELS) for row in rows
    ]


# --- the office


class Queue(StrEnum):
    MINE = "mie"
    OFFICE = "ufficio"
    UNASSIGNED = "da-prendere"
    DUE_SOON = "in-scadenza"
    WAITING = "attesa-cittadino"
    CLOSED = "concluse"


QUEUE_LABELS = {
    Queue.MINE: _("Le mie"),
    Queue.OFFICE: _("Dell'ufficio"),
    Queue.UNASSIGNED: _("Da prendere"),
    Queue.DUE_SOON: _("In scadenza"),
    Queue.WAITING: _("In attesa del cittadino"),
    Queue.CLOSED: _("Concluse"),
}


def workable(roles: Iterable[StaffRole]) -> QuerySet[Case]:
    """Cases of the offices where the user is an officer or the head. Needs the user's scope."""
    return Case.objects.filter(office__in=offices_of(roles, allowed=CASEWORKERS))


def reads_source(source: str, entity_id: int, roles: Sequence[StaffRole]) -> bool:
    """Whether roles open the papers of a case, named by its source. Needs the user's scope."""
    return workable(roles).filter(entity_id=entity_id, uuid=source.removeprefix("case:")).exists()


def _queue_filter(queue: Queue, *, user_id: int, on: date) -> Q:
    is_open = Q(state__in=sorted(OPEN))
    return {
        Queue.MINE: is_open & Q(assignee_id=user_id),
        Queue.OFFICE: is_open,
        Queue.UNASSIGNED: Q(state=State.SUBMITTED),
        Queue.DUE_SOON: is_open & Q(due_on__lte=on + DUE_SOON),
        Queue.WAITING: Q(state__in=sorted(WAITING_FOR_CITIZEN)),
        Queue.CLOSED: ~is_open,
    }[queue]


def queue_rows(cases: QuerySet[Case], *, queue: Queue, user_id: int, on: date, text: str = "") -> QuerySet[Case]:
    """The rows of a queue, the most urgent first. `text` looks in code, title, applicant."""
    rows = cases.filter(_queue_filter(queue, user_id=user_id, on=on))
    for word in text.split():
        rows = rows.filter(
            Q(code__icontains=word)
            | Q(title__icontains=word)
            | Q(applicant_company__name__icontains=word)
            | Q(applicant_person__last_name__icontains=word)
        )
    order = ["-closed_at"] if queue is Queue.CLOSED else ["due_on", "pk"]
    return rows.select_related("entity", "office", "assignee", "applicant_company", "applicant_person").order_by(*order)


def queue_counts(cases: QuerySet[Case], *, user_id: int, on: date) -> dict[Queue, int]:
    """How many rows each queue has, in one query."""
    counts = {queue.name.lower(): Count("pk", filter=_queue_filter(queue, user_id=user_id, on=on)) for queue in Queue}
    found = cases.order_by().aggregate(**counts)
    return {queue: found[queue.name.lower()] for queue in Queue}
