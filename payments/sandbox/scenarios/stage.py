"""Where a scenario plays: notices made on purpose, calls to a running portal, and what they left in the database."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django_scopes import scopes_disabled
from lxml import etree

from payments.demo import CONFIRMED_BY, CREDITORS, SOURCE
from payments.models import (
    DebtKind,
    Instalment,
    PaymentOption,
    Position,
    QuarantinedMessage,
    Receipt,
    ReceiptCase,
    StampAttachment,
)
from payments.models.receipts import CaseState
from payments.sandbox import node, receipts
from payments.sandbox.node import Exchange, Head
from portal import clock
from portal.audit.actor import Actor
from portal.billing.services import request_charge
from portal.billing.socket import ChargeLineDraft, Payer, PlannedInstalment
from portal.entities.models import Entity
from portal.operations.sandbox.store import Value

HOME, NEIGHBOUR = CREDITORS[0], CREDITORS[1]
PLAIN = "TE_ISTRUTTORIA"
CENTS = 4800
Rows = dict[str, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """A step of a scenario: what should have happened and what did."""

    scenario: str
    step: str
    expected: dict[str, Any]
    found: dict[str, Any]

    @property
    def passed(self) -> bool:
        """Whether the two are the same."""
        return self.expected == self.found


@dataclass(slots=True)
class Stage:
    """One scenario being played."""

    scenario: str
    outcomes: list[Outcome] = field(default_factory=list)

    head: Head = field(default_factory=lambda: node.head_of(HOME.fiscal_code))

    # --- Notices -------------------------------------------------------------------------------------------------

    def notice(
        self,
        *,
        lines: Sequence[tuple[str, int]] = ((PLAIN, CENTS),),
        stamp: str = "",
        plan: Sequence[tuple[int, date]] = (),
        due_on: date | None = None,
    ) -> list[str]:
        """A new debt of nobody in particular; the numbers of its instalments, the single payment first."""
        with scopes_disabled(), transaction.atomic():
            entity = Entity.objects.get(fiscal_code=HOME.fiscal_code)
            charge = request_charge(
                entity=entity,
                source=f"scenario:{secrets.token_hex(8)}",
                payer=Payer("F", "", "Pagatore di prova"),
                description="Prova del colloquio con il nodo",
                lines=[_line(code, cents, stamp) for code, cents in lines],
                due_on=due_on or clock.today() + timedelta(days=60),
                handler="payments.nobody_waits",
                actor=Actor.system("scenario"),
                plan=[PlannedInstalment(cents, day) for cents, day in plan],
            )
            rows = Instalment.objects.filter(option__position__charge=charge).order_by("pk")
            return list(rows.values_list("nav", flat=True))

    def kind(self, code: str, **values: Any) -> str:
        """A kind of debt for the scenarios only."""
        with scopes_disabled():
            DebtKind.objects.update_or_create(
                entity=Entity.objects.get(fiscal_code=HOME.fiscal_code),
                code=code,
                valid_from=date(2026, 1, 1),
                defaults={
                    "description": f"Prova {code}",
                    "taxonomy_code": "DEMO09TS",
                    "source": SOURCE,
                    "confirmed_by": CONFIRMED_BY,
                    **values,
                },
            )
        return code

    def option(self, nav: str, **values: Any) -> None:
        """Change the way of paying of a number."""
        with scopes_disabled():
            PaymentOption.objects.filter(instalments__nav=nav).update(**values)

    def due(self, nav: str, day: date) -> None:
        """Change the due date of a number."""
        with scopes_disabled():
            Instalment.objects.filter(nav=nav).update(due_on=day)

    def position(self, nav: str) -> Position:
        """The position of a number."""
        with scopes_disabled():
            return Position.objects.select_related("charge").get(options__instalments__nav=nav)

    # --- Calls ---------------------------------------------------------------------------------------------------

    def verify(self, nav: str, **head: str) -> Exchange:
        """paVerifyPaymentNotice."""
        return node.verify(head=self._head(head), entity=HOME.fiscal_code, nav=nav)[0]

    def get(self, nav: str, *, kind: str = "", first: bool = False, **head: str) -> Exchange:
        """paGetPaymentV2, or paGetPayment when `first`."""
        return node.activate(head=self._head(head), entity=HOME.fiscal_code, nav=nav, kind=kind, first=first)[0]

    def payment(self, nav: str) -> Value:
        """A payment of a number as the PSP records it, after an activation that went well."""
        _exchange, activated = node.activate(head=self.head, entity=HOME.fiscal_code, nav=nav)
        if activated is None:
            raise LookupError(f"{nav}: the station does not let it be paid")
        return receipts.payment_record(
            entity=HOME.fiscal_code, nav=nav, activated=activated, receipt_id=receipts.new_receipt_id()
        )

    def send(self, payment: Value, *, first: bool = False, patience: float | None = None, **head: str) -> Exchange:
        """paSendRTV2, or paSendRT when `first`."""
        receipt = receipts.receipt_xml(payment)
        return node.send_receipt(head=self._head(head), receipt=receipt, first=first, patience=patience)

    def _head(self, changes: dict[str, str]) -> Head:
        known = {"entity": self.head.entity, "broker": self.head.broker, "station": self.head.station}
        return Head(**(known | changes))

    # --- What is expected ------------------------------------------------------------------------------------------

    def step(
        self,
        title: str,
        action: Callable[[], Exchange],
        *,
        nav: str = "",
        status: int = 200,
        outcome: str = "OK",
        fault: str = "",
        state: str = "",
        texts: dict[str, str] | None = None,
        **rows: int,
    ) -> Exchange:
        """Play an action. `rows` are how many rows it must add (none unless told): receipts, to_review, stamps,
        quarantined. `state` is that of the position afterwards, `texts` what the answer says at some paths.
        """
        before = _counted(nav)
        exchange = action()
        after = _counted(nav)
        none = dict.fromkeys(before, 0)
        expected: dict[str, Any] = {"status": status, "outcome": outcome, "fault": fault} | none | rows
        found: dict[str, Any] = {"status": exchange.status, "outcome": exchange.outcome, "fault": exchange.fault}
        found |= {name: after[name] - before[name] for name in before}
        if state:
            expected["state"], found["state"] = state, str(self.position(nav).state)
        for path, text in (texts or {}).items():
            expected[path], found[path] = text, _text(exchange, path)
        self.outcomes.append(Outcome(self.scenario, title, expected, found))
        return exchange


def _line(code: str, cents: int, stamp: str) -> ChargeLineDraft:
    with scopes_disabled():
        is_stamp = DebtKind.objects.filter(code=code, digital_stamp=True).exists()
    digest, province = (stamp, "PI") if is_stamp else ("", "")
    return ChargeLineDraft(code.lower().replace("_", "-"), f"Voce {code}", cents, code, digest, province)


def _counted(nav: str) -> Rows:
    with scopes_disabled():
        mine = ReceiptCase.objects.filter(receipt__nav=nav)
        return {
            "receipts": Receipt.objects.filter(nav=nav).count(),
            "to_review": mine.filter(state=CaseState.TO_REVIEW).count(),
            "stamps": StampAttachment.objects.filter(transfer__receipt__nav=nav).count(),
            "quarantined": QuarantinedMessage.objects.count(),
        }


def _text(exchange: Exchange, path: str) -> str:
    """The text at a path of the answer's body; several are joined by a space, none is an empty text."""
    try:
        root = etree.fromstring(exchange.response.encode())
    except etree.XMLSyntaxError:
        return ""
    return " ".join(found.text or "" for found in root.iterfind(f"{{*}}Body/*/{path}"))
