"""What happened before the demonstration began, told by the services. Each story needs the scope of the body."""

from collections.abc import Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any

from payments.demo import CONFIRMED_BY, CREDITORS, SOURCE
from payments.domain import codes
from payments.models import DebtKind, Instalment, PaymentOption, Receipt, ReceiptCase, Refund
from payments.sandbox import receipts
from payments.seeds import VALID_FROM
from payments.services.desk import position_stop, position_withdraw
from payments.services.receipts import receipt_case_resolve
from payments.services.refunds import refund_approve, refund_order, refund_outcome, refund_request
from payments.showcase import till
from payments.showcase.people import ELENA, MARCO, Invented
from portal import clock
from portal.accounts.events import actor_for
from portal.accounts.models import User
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.billing.services import request_charge
from portal.billing.socket import ChargeLineDraft, Payer, PlannedInstalment
from portal.entities.models import Entity

ACTOR = Actor.system("dimostrazione")
STAMP_KIND, FEE_KIND, RENT_KIND = "MARCA_DIGITALE", "SP_SEGRETERIA", "SP_CANONE"
STAMP_CENTS, FEE_CENTS, RENT_CENTS = 1600, 1000, 36_000
ACCOUNTANT, TREASURER = "ragioneria.pisa", "tesoreria.pisa"
# Not among the forty of the campaigns.
FIRST_STRANGER = 50
STRANGERS_ACCOUNT = "IT60X0542811101000000123456"


def asked(
    entity: Entity,
    source: str,
    payer: Payer,
    description: str,
    *lines: ChargeLineDraft,
    days: int = 60,
    plan: Sequence[PlannedInstalment] = (),
) -> Charge:
    """A sum that somebody owes from today, to be paid within so many days."""
    return request_charge(
        entity=entity,
        source=source,
        payer=payer,
        description=description,
        lines=lines,
        due_on=clock.today() + timedelta(days=days),
        handler="payments.nobody_waits",
        actor=ACTOR,
        plan=plan,
    )


def rent(cents: int = RENT_CENTS) -> ChargeLineDraft:
    """The rent for using a provincial road."""
    return ChargeLineDraft("canone", "Canone unico: occupazioni e accessi", cents, RENT_KIND)


def numbers(charge: Charge, kind: PaymentOption.Kind = PaymentOption.Kind.SINGLE) -> list[str]:
    """The notice numbers of a way of paying."""
    rows = Instalment.objects.filter(option__position__charge=charge, option__kind=kind)
    return list(rows.order_by("number").values_list("nav", flat=True))


def plan_begun(entity: Entity, source: str) -> None:
    """Marco pays the rent of a driveway by instalments: the first is paid."""
    parts = [PlannedInstalment(RENT_CENTS // 3, clock.today() + timedelta(days=days)) for days in (30, 120, 210)]
    charge = asked(
        entity, source, MARCO, "Canone unico - passo carrabile, S.P. 11 km 4+200", rent(), days=30, plan=parts
    )
    till.pay(body=entity.fiscal_code, nav=numbers(charge, PaymentOption.Kind.PLAN)[0])


def stamps(entity: Entity, source: str) -> None:
    """Elena buys a digital stamp, which came back with the receipt; another one waits to be paid on line."""
    DebtKind.objects.get_or_create(
        entity=entity,
        code=STAMP_KIND,
        valid_from=VALID_FROM,
        defaults={
            "description": "Marca da bollo digitale",
            "taxonomy_code": "DEMO15MB",
            "digital_stamp": True,
            "source": SOURCE,
            "confirmed_by": CONFIRMED_BY,
        },
    )
    done = _stamped(entity, source, "Copia conforme di un'autorizzazione")
    till.pay(body=entity.fiscal_code, nav=numbers(done)[0])
    _stamped(entity, f"{source}:2", "Attestato di iscrizione all'albo provinciale")


def _stamped(entity: Entity, source: str, description: str) -> Charge:
    stamp = ChargeLineDraft(
        "bollo", "Marca da bollo digitale", STAMP_CENTS, STAMP_KIND,
        stamp_digest=sha256(description.encode()).hexdigest(), stamp_province="PI",
    )  # fmt: skip
    fee = ChargeLineDraft("diritti", "Diritti di segreteria", FEE_CENTS, FEE_KIND)
    return asked(entity, source, ELENA, description, stamp, fee)


def refunds(entity: Entity, source: str) -> None:
    """Two who paid twice: one refund waits for the second person, the other has been made."""
    accountant, treasurer = (User.objects.get(username=name) for name in (ACCOUNTANT, TREASURER))
    _asked_back(entity, source, Invented(FIRST_STRANGER), actor=actor_for(accountant))
    refund = _asked_back(entity, f"{source}:2", Invented(FIRST_STRANGER + 1), actor=actor_for(accountant))
    decides = actor_for(treasurer)
    refund_approve(refund_id=refund.pk, actor=decides)
    refund_order(refund_id=refund.pk, reference="1245/2026", actor=decides)
    refund_outcome(refund_id=refund.pk, done=True, reference="Bonifico 0123456789", actor=decides)
    receipt_case_resolve(
        case_id=refund.case_id, note="Pagamento doppio: la somma è stata restituita.", actor=actor_for(accountant)
    )


def _asked_back(entity: Entity, source: str, debtor: Invented, *, actor: Actor) -> Refund:
    charge = asked(entity, source, debtor.payer, "Canone unico - occupazione temporanea", rent(8_500))
    paid = till.pay(body=entity.fiscal_code, nav=numbers(charge)[0])
    case = _delivered(till.another(paid))
    return refund_request(
        case_id=case.pk,
        cents=8_500,
        beneficiary_name=debtor.payer.name,
        iban=STRANGERS_ACCOUNT,
        reason="Lo stesso avviso è stato pagato due volte, allo sportello e on line.",
        actor=actor,
    )


def _delivered(payment: dict[str, Any]) -> ReceiptCase:
    till.deliver(payment)
    receipt = Receipt.objects.get(receipt_id=payment["receipt_id"])
    return ReceiptCase.objects.get(receipt=receipt)


def odd_payments(entity: Entity, source: str) -> None:
    """One of each kind of payment that an accountant must look at."""
    body = entity.fiscal_code
    debtors = iter(range(FIRST_STRANGER + 2, FIRST_STRANGER + 12))

    def notice(name: str, **more: Any) -> Charge:
        payer = Invented(next(debtors)).payer
        return asked(entity, f"{source}{name}", payer, "Canone unico - occupazione temporanea", rent(12_000), **more)

    def begun(charge: Charge) -> dict[str, Any]:
        return till.activate(body=body, nav=numbers(charge)[0])

    till.deliver(till.but_of(begun(notice("")), cents=11_000))
    till.deliver(till.but_of(begun(notice(":over")), cents=12_500))
    till.deliver(till.another(till.pay(body=body, nav=numbers(notice(":twice"))[0])))
    withdrawn = notice(":cancelled")
    late = begun(withdrawn)
    position_withdraw(position_id=withdrawn.position.pk, reason="Occupazione mai iniziata.", actor=ACTOR)
    till.deliver(late)
    suspended = notice(":suspended")
    late = begun(suspended)
    position_stop(position_id=suspended.position.pk, reason="Rateazione chiesta, da decidere.", actor=ACTOR)
    till.deliver(late)
    parts = [PlannedInstalment(6_000, clock.today() + timedelta(days=days)) for days in (30, 60)]
    both = notice(":both", plan=parts)
    whole = begun(both)
    till.pay(body=body, nav=numbers(both, PaymentOption.Kind.PLAN)[0])
    till.deliver(till.later(whole))
    till.deliver(_unknown(body))


def _unknown(body: str) -> dict[str, Any]:
    creditor = next(row for row in CREDITORS if row.fiscal_code == body)
    number = codes.issue(segregation_code=creditor.segregation_code, sequence=codes.MAX_SEQUENCE - 1)
    return receipts.unknown_payment(entity=body, nav=number.nav, iban=creditor.iban)


def at_the_archive(entity: Entity, source: str) -> None:
    """A position that another body publishes at PagoPA's archive."""
    asked(entity, source, Invented(FIRST_STRANGER + 20).payer, "Canone unico - accesso carrabile, S.P. 4", rent(9_900))
