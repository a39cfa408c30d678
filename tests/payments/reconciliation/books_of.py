"""A small body with assessments, positions and documents made row by row: what the books are tried on."""

from datetime import date, datetime, time
from typing import Any

from payments.models import (
    CreditorEntity,
    DebtKind,
    Instalment,
    PaymentOption,
    Position,
    Receipt,
    ReceiptCase,
    ReceiptTransfer,
    Refund,
    Transfer,
)
from payments.reconciliation.models import (
    AllocationRule,
    EvidenceFile,
    FlowLine,
    Match,
    ReconciliationRun,
    ReportingFlow,
    RevenueAssessment,
    TreasuryJournal,
    TreasuryMovement,
)
from portal import clock
from portal.accounts.models import User
from portal.billing.models import Charge

JANUARY = date(2026, 1, 1)


class BookKeeper:
    """Makes rows of one body, each with the least it needs."""

    def __init__(self, entity: Any) -> None:
        self.entity = entity
        self._count = 0
        self.creditor, _ = CreditorEntity.objects.get_or_create(entity=entity, defaults={"cbill_code": "PROVA"})

    def _next(self) -> int:
        self._count += 1
        return self._count

    def kind(self, code: str) -> DebtKind:
        return DebtKind.objects.get_or_create(
            entity=self.entity, code=code, valid_from=JANUARY,
            defaults={"description": code, "taxonomy_code": "DEMO01TS", "source": "prova", "confirmed_by": "prova"},
        )[0]  # fmt: skip

    def assessment(self, number: str, **changes: Any) -> RevenueAssessment:
        values = {
            "year": 2026,
            "chapter": f"30{number}",
            "description": f"Entrata {number}",
            "source": "prova",
        } | changes
        return RevenueAssessment.objects.create(entity=self.entity, number=number, **values)

    def rule(self, code: str, target: RevenueAssessment | str, permille: int = 1000, **changes: Any) -> AllocationRule:
        self.kind(code)
        to = {"chapter": target} if isinstance(target, str) else {"assessment": target}
        values = {"valid_from": JANUARY, "source": "prova", "confirmed_by": "prova"} | to | changes
        return AllocationRule.objects.create(entity=self.entity, debt_kind=code, permille=permille, **values)

    def position(self, iuv: str, *shares: tuple[str, int]) -> Instalment:
        """A position whose transfers are of these kinds of debt, with these cents."""
        total = sum(cents for _code, cents in shares)
        charge = Charge.objects.create(
            entity=self.entity, source=f"prova:{iuv}", handler="prova", description="Prova", payer_kind="F",
            payer_fiscal_code="RSSMRA60D20F205C", payer_name="Mario Rossi", amount_cents=total, created_at=clock.now(),
        )  # fmt: skip
        position = Position.objects.create(
            entity=self.entity, creditor=self.creditor, charge=charge, description="Prova", debtor_kind="F",
            debtor_name="Mario Rossi", created_at=clock.now(), debt_kind=self.kind(shares[0][0]),
        )  # fmt: skip
        option = PaymentOption.objects.create(entity=self.entity, position=position)
        instalment = Instalment.objects.create(
            entity=self.entity, creditor=self.creditor, option=option, nav=f"3{iuv}", iuv=iuv, amount_cents=total
        )
        Transfer.objects.bulk_create(
            Transfer(
                entity=self.entity, instalment=instalment, seq=seq, beneficiary_fiscal_code=self.entity.fiscal_code,
                beneficiary_name="Prova", amount_cents=cents, iban="IT60X0542811101000000123456", category="x",
                remittance="x", debt_kind=self.kind(code),
            )
            for seq, (code, cents) in enumerate(shares, start=1)
        )  # fmt: skip
        return instalment

    def receipt(self, iuv: str, iur: str, *cents: int, day: date = date(2026, 11, 11), **changes: Any) -> Receipt:
        """A receipt with a transfer to the body for each amount."""
        values = {
            "operation": "paSendRTV2", "nav": f"3{iuv}", "iuv": iuv, "receipt_id": iur, "outcome": "OK",
            "issuer_fiscal_code": self.entity.fiscal_code, "amount_cents": sum(cents), "psp_id": "PSP",
            "psp_name": "PSP", "channel": "PSP_01", "paid_at": datetime.combine(day, time(10), clock.ROME),
            "received_at": clock.now(),
            "raw": b"<receipt/>",
        } | changes  # fmt: skip
        row = Receipt.objects.create(entity=self.entity, **values)
        ReceiptTransfer.objects.bulk_create(
            ReceiptTransfer(
                entity=self.entity, receipt=row, seq=seq, beneficiary_fiscal_code=self.entity.fiscal_code,
                amount_cents=each, iban="IT60X0542811101000000123456", category="x", remittance="x",
            )
            for seq, each in enumerate(cents, start=1)
        )  # fmt: skip
        return row

    def evidence(self, kind: str) -> EvidenceFile:
        number = self._next()
        return EvidenceFile.objects.create(
            entity=self.entity, kind=kind, sha256=f"{number:064d}", name=f"{kind}-{number}", size=1, channel="upload",
            received_at=clock.now(), content=b"x",
        )  # fmt: skip

    def flow(self, iuf: str, *lines: tuple[str, str, int, int], revision: int = 1, **changes: Any) -> ReportingFlow:
        """A flow with these lines: IUV, IUR, transfer, cents (negative when revoked)."""
        total = sum(cents for *_rest, cents in lines)
        values = {
            "psp_id": "PSP", "iuf": iuf, "iuf_key": iuf.upper(), "receiver": self.entity.fiscal_code,
            "regulation_id": f"TRN-{iuf}"[:35], "regulation_date": date(2026, 11, 12), "created_at": clock.now(),
            "published_at": clock.now(), "declared_count": len(lines), "declared_cents": total,
            "computed_count": len(lines), "computed_cents": total,
        } | changes  # fmt: skip
        flow = ReportingFlow.objects.create(
            entity=self.entity, evidence=self.evidence("reporting_flow"), revision=revision, **values
        )
        FlowLine.objects.bulk_create(
            FlowLine(
                entity=self.entity, flow=flow, seq=seq, iuv=iuv, iur=iur, transfer=transfer, cents=cents,
                outcome=3 if cents < 0 else 0, paid_on=date(2026, 11, 11),
            )
            for seq, (iuv, iur, transfer, cents) in enumerate(lines, start=1)
        )  # fmt: skip
        return flow

    def movement(self, number: str, cents: int, **changes: Any) -> TreasuryMovement:
        """A provisional credit, or another movement of the treasury."""
        year = changes.get("year", 2026)
        journal = TreasuryJournal.objects.create(
            entity=self.entity, evidence=self.evidence("treasury_journal"), layout="1.7", treasurer_code="BT",
            journal_id=f"G{self._next()}", page=1, pages=1, year=year, day_from=date(2026, 11, 13),
            day_to=date(2026, 11, 13),
        )  # fmt: skip
        values = {
            "treasurer_code": "BT", "account": "1", "year": year, "direction": "ENTRATA",
            "document_type": "SOSPESO ENTRATA", "operation": "ESEGUITO", "document_number": number, "progressive": "0",
            "movement_number": str(self._next()), "booked_on": date(2026, 11, 13), "remittance_kind": "flow",
            "remittance_rule": "uri_dated", "remittance_confidence": "exact", "customer": "PSP",
            "remittance": "/PUR/LGPE-RIVERSAMENTO/URI/x",
        } | changes  # fmt: skip
        return TreasuryMovement.objects.create(entity=self.entity, journal=journal, cents=cents, **values)

    def run(self) -> ReconciliationRun:
        return ReconciliationRun.objects.create(entity=self.entity, at=clock.now(), rules_version="prova")

    def credited(self, flow: ReportingFlow, movement: TreasuryMovement, cents: int | None = None) -> Match:
        return Match.objects.create(
            entity=self.entity, kind="flow_movement", flow=flow, movement=movement, rule="iuf_exact",
            confidence="exact", cents=movement.cents if cents is None else cents, run=self.run(),
        )  # fmt: skip

    def alone(self, receipt: Receipt, movement: TreasuryMovement) -> Match:
        """A payment that the PSP transferred by itself, and no flow reports."""
        return Match.objects.create(
            entity=self.entity, kind="single_movement", receipt=receipt, movement=movement, rule="single_receipt",
            confidence="exact", cents=movement.cents, run=self.run(),
        )  # fmt: skip

    def meets(self, flow: ReportingFlow, seq: int, receipt: Receipt) -> Match:
        line = FlowLine.objects.get(flow=flow, seq=seq)
        return Match.objects.create(
            entity=self.entity, kind="line_receipt", line=line, receipt=receipt, rule="iuv_and_iur",
            confidence="exact", cents=line.cents, run=self.run(),
        )  # fmt: skip

    def reversal(
        self, movement: TreasuryMovement, number: str = "", day: date = date(2026, 11, 16), **changes: Any
    ) -> None:
        """The treasurer takes a provisional back."""
        number = number or movement.document_number
        back = self.movement(number, movement.cents, operation="STORNATO", booked_on=day, **changes)
        Match.objects.create(
            entity=self.entity, kind="reversal", movement=back, reverses=movement, rule="reversal",
            confidence="exact", cents=movement.cents, run=self.run(),
        )  # fmt: skip

    def order(
        self, number: str, day: date, *items: tuple[str, int], operation: str = "ESEGUITO", **changes: Any
    ) -> TreasuryMovement:
        """A collection order that covers provisionals."""
        return self.movement(
            number, sum(cents for _number, cents in items), document_type="REVERSALE", operation=operation,
            booked_on=day, suspended=[{"number": each, "cents": cents} for each, cents in items], **changes,
        )  # fmt: skip

    def refund(self, receipt: Receipt, cents: int) -> Refund:
        """A refund that the treasurer has paid."""
        case, _ = ReceiptCase.objects.get_or_create(
            entity=self.entity, receipt=receipt, defaults={"state": "to_review"}
        )
        asks, decides = (User.objects.create_user(username=f"r{self._next()}", kind="staff") for _ in range(2))
        return Refund.objects.create(
            entity=self.entity, case=case, state="done", amount_cents=cents, beneficiary_name="x",
            iban="IT60X0542811101000000123456", reason="x", requested_by=asks, requested_at=clock.now(),
            decided_by=decides, decided_at=clock.now(), order_reference="M1", ordered_at=clock.now(),
            outcome_reference="TRN", closed_at=clock.now(),
        )  # fmt: skip
