"""Reads of the personal area, put together from the rooms below."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from portal.billing.models import Charge
from portal.billing.selectors import open_charges_of
from portal.billing.socket import Standing, biller, standings
from portal.cases.models import CitizenRequest, Draft
from portal.cases.selectors import drafts_of, open_requests_of
from portal.catalogue import cards
from portal.documents.models import Document
from portal.documents.selectors import documents_of
from portal.documents.verification import VerificationStatus, statuses_of
from portal.people.acting import Acting
from portal.site.templatetags.portal_ui import day, moment, notice_groups
from portal.site.todo import Todo, deadline_mark, is_late

RECENT_DOCUMENTS = 20


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A document and what it is worth today."""

    document: Document
    status: VerificationStatus


def todos_of(acting: Acting, *, on: date) -> list[Todo]:
    """What waits for the citizen: answers first, then money, then the address to confirm, then drafts."""
    todos = [_request_todo(row, on=on) for row in open_requests_of(acting)]
    charges = list(open_charges_of(acting))
    now = standings(charges, on=on)
    todos += [_charge_todo(row, now[row.pk], on=on) for row in charges if not now[row.pk].hindrance]
    if acting.person.email_verified_at is None:
        todos.append(_email_todo())
    todos += [draft_todo(draft) for draft in drafts_of(acting)]
    return todos


def _request_todo(row: CitizenRequest, *, on: date) -> Todo:
    mark, tone = deadline_mark(row.due_on, on=on)
    titles = {
        "integration": _("Rispondi alla richiesta di integrazione"),
        "refusal_notice": _("Rispondi al preavviso di rigetto"),
    }
    return Todo(
        kind="request",
        title=titles[row.kind],
        text=f"{row.case.title} · {row.case.code}",
        action=_("Rispondi"),
        url=reverse("site:answer", args=[row.case.code]),
        mark=mark,
        mark_tone=tone,
        due_on=row.due_on,
        late=is_late(row.due_on, on=on),
    )


def _charge_todo(charge: Charge, now: Standing, *, on: date) -> Todo:
    number = now.notice_number or charge.notice_number
    parts = [charge.description, _("avviso %(number)s") % {"number": notice_groups(number)}]
    if now.due_on:
        parts.append(_("entro il %(day)s") % {"day": day(now.due_on)})
    return Todo(
        kind="charge",
        title=_("Paga gli oneri"),
        text=" · ".join(parts),
        action=_("Paga"),
        url=biller().page_url(charge),
        amount_cents=now.cents,
        due_on=now.due_on,
        late=is_late(now.due_on, on=on),
        second_action=_("Avviso PDF") if now.printed else "",
        second_url=reverse("site:notice", args=[charge.uuid]) if now.printed else "",
    )


def _email_todo() -> Todo:
    return Todo(
        kind="email",
        title=_("Conferma il tuo indirizzo e-mail"),
        text=_("Così ricevi gli avvisi sulle pratiche anche per posta elettronica."),
        action=_("Conferma"),
        url=reverse("site:profile") + "#contatti",
        mark=_("una volta sola"),
    )


def draft_todo(draft: Draft) -> Todo:
    """A draft that can be taken up again, or thrown away."""
    return Todo(
        kind="draft",
        title=cards.title_of(draft.service),
        text=_("Salvata il %(when)s") % {"when": moment(draft.saved_at)},
        action=_("Continua"),
        url=reverse("site:service_start", args=[draft.service]),
        mark=_("bozza"),
        mark_tone="quiet",
        second_action=_("Elimina"),
        second_url=reverse("site:draft_discard", args=[draft.uuid]),
    )


def with_status(documents: Sequence[Document], *, on: date) -> list[DocumentRow]:
    """Documents and their status on a day."""
    statuses = statuses_of(documents, on=on)
    return [DocumentRow(document, status) for document, status in zip(documents, statuses, strict=True)]


def valid_acts(acting: Acting, *, on: date) -> list[DocumentRow]:
    """Among the latest documents, the acts that are valid on a day. Receipts and notices say nothing about validity."""
    recent = list(documents_of(acting)[:RECENT_DOCUMENTS])
    return [row for row in with_status(recent, on=on) if row.status.code == "valid"]
