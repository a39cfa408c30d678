"""Acts of the highway code and their payments for the tests of the books: the rows alone."""

from datetime import date
from itertools import count
from typing import Any

from payments.fines.domain.references import creditor_reference
from payments.fines.models import Fine, FineFile
from payments.models import Instalment, Receipt, ReceiptCase
from portal import clock
from tests.payments.reconciliation.builders import receipt

_numbers = count(1)


def act(instalment: Instalment, **changes: Any) -> Fine:
    """The act that a debt is for; of a German plate unless said otherwise."""
    number, entity = next(_numbers), instalment.option.position.entity
    file = FineFile.objects.create(
        entity=entity, kind="acts", name="verbali.csv", size=1, sha256=f"{number:064d}", received_at=clock.now(),
        received_from="prova", content=b"x",
    )  # fmt: skip
    values = {
        "series": "V", "number": str(number), "year": 2026, "violated_on": date(2026, 10, 1), "place": "Via Roma 1",
        "plate": "MAB1234", "country": "DE", "article": "142 c. 8", "min_cents": 4200, "max_cents": 17300,
        "costs_cents": 600, "discountable": True, "reference": creditor_reference(f"V{number}2026"),
    } | changes  # fmt: skip
    return Fine.objects.create(entity=entity, position=instalment.option.position, file=file, line=1, **values)


def paid(instalment: Instalment, iur: str, **changes: Any) -> Receipt:
    """The receipt of a notice, and the notice settled by it."""
    row = receipt(instalment.entity, instalment.iuv, iur, instalment.amount_cents, **changes)
    position = instalment.option.position
    ReceiptCase.objects.create(
        entity=instalment.entity, receipt=row, state="matched", instalment=instalment, settles=True,
        judged_at=clock.now(),
    )  # fmt: skip
    instalment.paid_at = row.paid_at
    instalment.save(update_fields=["paid_at"])
    position.state, position.paid_at = "paid", row.paid_at
    position.save(update_fields=["state", "paid_at"])
    return row
