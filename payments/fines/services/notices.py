"""Texts for the IO app: written when they are due, kept ready for the channel that will carry them."""

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.template import Context, Engine
from django_scopes import scope, scopes_disabled

from payments.domain.states import OPEN, SETTLED
from payments.fines import events
from payments.fines.domain.amounts import amounts
from payments.fines.domain.courtesy import Rule, belongs, faults, is_wanted
from payments.fines.domain.stages import DriverState, Stage
from payments.fines.domain.terms import Terms, terms
from payments.fines.law import law
from payments.fines.models import Fine, ReadyNotice
from payments.fines.selectors import in_doubt
from payments.models import Instalment, Position
from payments.models.positions import UNKNOWN_DEBTOR
from portal import clock
from portal.billing.models import Charge

FILE = Path(__file__).resolve().parent.parent / "data" / "notices.toml"
# A term of sixty days may move by some holidays.
SLACK = timedelta(days=66)


@cache
def rules() -> tuple[Rule, ...]:
    """Every text of the file. Raises TypeError or ValueError when a row is not one."""
    with FILE.open("rb") as file:
        return tuple(Rule(**row) for row in tomllib.load(file)["notice"])


def rule_of(code: str) -> Rule:
    """The rule of a text. Raises KeyError."""
    return {rule.code: rule for rule in rules()}[code]


def render(code: str, context: dict[str, Any]) -> tuple[str, str]:
    """Subject and markdown of a text: its first line, and what follows the empty one. Raises ValueError."""
    page = Engine.get_default().get_template(f"payments/fines/io/{code}.md")
    text = str(page.render(Context(context, autoescape=False)))  # markdown, read by an app: nothing to escape
    subject, _, markdown = (part.strip() for part in text.strip().partition("\n"))
    wrong = faults(subject, markdown)
    if wrong:
        raise ValueError(f"{code}: {', '.join(wrong)}")
    return subject, markdown


def notices_prepare() -> int:
    """Prepare what belongs to today, each in its own transaction, none twice; returns how many."""
    today = clock.today()
    return sum(
        notice_prepare(fine_id=key, entity_id=entity, code=rule.code, on=today)
        for rule in rules()
        if rule.of and rule.in_force(today)
        for key, entity in _candidates(rule, today)
    )


def _candidates(rule: Rule, on: date) -> list[tuple[int, int]]:
    """Fines served about as long ago as the rule asks, whose text is not there: (fine, body)."""
    last, first = on - timedelta(days=rule.from_day), on - timedelta(days=rule.to_day)
    with scopes_disabled():
        rows = Fine.objects.filter(served_on__range=(first - SLACK, last), stage=Stage.OPEN)
        if rule.is_about_money:
            rows = rows.filter(position__state__in=sorted(OPEN))
        else:
            rows = rows.filter(driver=DriverState.MISSING)
        rows = rows.exclude(pk__in=ReadyNotice.objects.filter(code=rule.code).values("fine"))
        return list(rows.order_by("pk").values_list("pk", "entity_id"))


@transaction.atomic
def notice_prepare(*, fine_id: int, entity_id: int, code: str, on: date) -> bool:
    """Write a text, once, if on that day there is still something to say; whether it was written."""
    with scope(entity=entity_id):
        position_id = Fine.objects.values_list("position", flat=True).get(pk=fine_id)
        # A receipt locks the position too: from here on nobody pays while we write.
        Position.objects.select_for_update(of=("self",)).get(pk=position_id)
        fine = Fine.objects.select_related("position", "entity").get(pk=fine_id)
        rule, due = rule_of(code), _terms(fine)
        if rule.of and (due is None or not belongs(rule, terms=due, on=on)):
            return False
        paid = fine.position.state in SETTLED
        wanted = is_wanted(rule, stage=Stage(fine.stage), paid=paid, driver_missing=fine.driver == DriverState.MISSING)
        if not wanted or fine.position.debtor_fiscal_code == UNKNOWN_DEBTOR:
            return False
        if ReadyNotice.objects.filter(fine=fine, code=code).exists():
            return False
        events.notice_ready(_write(fine, rule, due, on))
        return True


def _terms(fine: Fine) -> Terms | None:
    return terms(fine.served_on, law=law(), on=fine.violated_on) if fine.served_on else None


def _write(fine: Fine, rule: Rule, due: Terms | None, on: date) -> ReadyNotice:
    own = Instalment.objects.filter(option__position=fine.position_id, option__added_at=None)
    row = own.get(option__refused_after_due=False)
    context: dict[str, Any] = {
        "fine": fine,
        "entity": fine.entity,
        "terms": due,
        "nav": row.nav,
        "in_doubt": in_doubt(fine),
        "paid_outside": fine.position.charge.paid_outside,
        "cents": row.cents_on(on) if rule.is_about_money else _paid_cents(fine),
        "late_cents": amounts(fine.sanction, law=law(), on=fine.violated_on).late,
    }
    subject, markdown = render(rule.code, context)
    return ReadyNotice.objects.create(
        entity=fine.entity,
        fine=fine,
        code=rule.code,
        subject=subject,
        markdown=markdown,
        nav=row.nav if rule.is_about_money else "",
        cents=context["cents"] if rule.is_about_money else None,
        due_on=getattr(due, rule.of) if due is not None and rule.of else None,
        created_at=clock.now(),
    )


def _paid_cents(fine: Fine) -> int | None:
    """What the receipts say was paid; None while nothing was."""
    return Charge.objects.values_list("paid_cents", flat=True).get(position=fine.position_id)
