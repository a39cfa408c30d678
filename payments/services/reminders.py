"""Reminders before and after the due date: each once, and only while there is still something to pay."""

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django_scopes import scope, scopes_disabled

from payments import events
from payments.domain.reminders import Rule, reminder_for
from payments.domain.states import OPEN, Payability
from payments.models import Instalment, Position, Reminder
from payments.models.positions import UNKNOWN_DEBTOR
from portal import clock
from portal.billing.models import Charge
from portal.messaging.models import Direction, Message
from portal.messaging.services import notify
from portal.people.models import Company, Person
from portal.people.selectors import representatives_of, usable_mandates

FILE = Path(__file__).resolve().parent.parent / "data" / "reminders.toml"
BEFORE, AFTER = "payments/due_soon", "payments/overdue"


@cache
def rules() -> tuple[Rule, ...]:
    """Every reminder of the file. Raises TypeError or ValueError when a row is not one."""
    with FILE.open("rb") as file:
        return tuple(Rule(**row) for row in tomllib.load(file)["reminder"])


def reminders_send() -> int:
    """Send what belongs to today, each in its own transaction; returns how many left.

    Started by beat as often as one likes: a stopped worker sends late, and drops what has become pointless.
    """
    today = clock.today()
    return sum(reminder_send(instalment_id=key, entity_id=entity, on=today) for key, entity in _candidates(today))


def _candidates(on: date) -> list[tuple[int, int]]:
    """Open instalments whose due date has a reminder today that has not left: (instalment, body)."""
    found: set[tuple[int, int]] = set()
    with scopes_disabled():
        for rule in rules():
            if not rule.in_force(on):
                continue
            rows = Instalment.objects.filter(
                ~Q(option__position__debtor_fiscal_code=UNKNOWN_DEBTOR),
                due_on__range=rule.due_dates(on),
                paid_at__isnull=True,
                option__withdrawn_at=None,
                option__position__state__in=sorted(OPEN),
            ).exclude(pk__in=Reminder.objects.filter(code=rule.code).values("instalment"))
            found.update(rows.values_list("pk", "entity_id"))
    return sorted(found)


@transaction.atomic
def reminder_send(*, instalment_id: int, entity_id: int, on: date) -> bool:
    """Tell the debtor, once, if on that day there is still something to pay; whether a message left."""
    with scope(entity=entity_id):
        position_id = Instalment.objects.values_list("option__position", flat=True).get(pk=instalment_id)
        # A receipt locks the position too: from here on nobody pays while we write.
        Position.objects.select_for_update(of=("self",)).get(pk=position_id)
        row = Instalment.objects.select_related("option__position__charge", "entity").get(pk=instalment_id)
        rule = _rule_of(row, on=on)
        if rule is None or Reminder.objects.filter(instalment=row, code=rule.code).exists():
            return False
        charge = row.option.position.charge
        company = _company_of(row.option.position)
        person = _follower(charge, company) if company else _person_of(row.option.position)
        if person is None:
            return False
        message = notify(
            person=person,
            company=company,
            entity=row.entity,
            template=BEFORE if on <= (row.due_on or on) else AFTER,
            source=charge.source,
            context={"instalment": row, "cents": row.cents_on(on), "position": row.option.position, "charge": charge},
        )
        reminder = Reminder.objects.create(
            entity=row.entity, instalment=row, code=rule.code, message=message, sent_at=clock.now()
        )
        events.reminder_sent(reminder)
        return True


def _rule_of(row: Instalment, *, on: date) -> Rule | None:
    position = row.option.position
    if row.due_on is None or position.debtor_fiscal_code == UNKNOWN_DEBTOR:
        return None
    siblings = Instalment.objects.filter(option__position=position, option__withdrawn_at=None, paid_at__isnull=False)
    used = siblings.exclude(option=row.option_id).exists()
    if row.payability(on, sibling_used=used) is not Payability.PAYABLE:
        return None
    asked_on = position.created_at.astimezone(clock.ROME).date()
    return reminder_for(rules(), due_on=row.due_on, asked_on=asked_on, on=on)


def _person_of(position: Position) -> Person | None:
    """The debtor, if they use the portal."""
    if position.debtor_kind != "F":
        return None
    return Person.objects.filter(fiscal_code=position.debtor_fiscal_code).first()


def _company_of(position: Position) -> Company | None:
    if position.debtor_kind != "G":
        return None
    return Company.objects.filter(fiscal_code=position.debtor_fiscal_code).first()


def _follower(charge: Charge, company: Company) -> Person | None:
    """Who is told for a company: who has followed the matter, while they may; or else its legal representative."""
    today = clock.today()
    told = Message.objects.filter(source=charge.source, company=company, direction=Direction.TO_CITIZEN)
    last = told.select_related("person").order_by("-pk").first()
    if last is not None and usable_mandates(last.person, on=today).filter(company=company).exists():
        return last.person
    return next(iter(representatives_of(company, on=today)), None)
