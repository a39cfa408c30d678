"""What the office did by hand: credits recorded as payments outside pagoPA, once the treasury shows them."""

import json
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django_scopes import scope

from payments.fines.domain.references import creditor_reference
from payments.fines.models import Fine, FineFile
from payments.fines.models.files import FileKind
from payments.models import Instalment
from payments.reconciliation.models import OutsideCredit, TreasuryMovement
from payments.reconciliation.services.foreign import outside_from_credit
from payments.reconciliation.synthesis import layout
from payments.reconciliation.synthesis.loading_bodies import Place
from payments.services.outside import outside_confirm
from portal import clock
from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.entities.models import Entity, Role, StaffRole
from portal.kernel.errors import DomainError

Row = dict[str, Any]
# Who records and who confirms: two accountants that cannot log in.
NAMES = ("anno-di-prova-registra", "anno-di-prova-conferma")
SAID, REASON = "Ragioneria dell'anno di prova", "Anno di prova"
MOVEMENT = {
    "treasurer": "treasurer_code", "account": "account", "year": "year", "type": "document_type",
    "number": "document_number", "progressive": "progressive", "operation": "operation",
    "movement": "movement_number",
}  # fmt: skip


@dataclass(slots=True)
class Recorded:
    """How many payments were recorded now, and why others were refused."""

    new: int = 0
    refused: list[str] = field(default_factory=list)


def load_outside(place: Place, folder: Path) -> Recorded:
    """Record and confirm what is not there yet, as the desk does; what has no credit yet waits for the next time.

    After the documents of a body and before a run that could see the credit taken back: a person could not do it then.
    Safe to repeat. Raises ValueError, KeyError, TypeError, Instalment.DoesNotExist.
    """
    recorded, entity = Recorded(), place.entity
    rows = list(layout.rows(folder / entity.fiscal_code / layout.OUTSIDE))
    if not rows:
        return recorded
    with scope(entity=entity):
        people = [_accountant(entity, name) for name in NAMES]
        for row in rows:
            try:
                recorded.new += _record(entity, row, people)
            except DomainError as error:
                recorded.refused.append(str(error))
    return recorded


@transaction.atomic
def _record(entity: Entity, row: Row, people: list[Actor]) -> bool:
    key = {column: row["movement"][name] for name, column in MOVEMENT.items()}
    movement = TreasuryMovement.objects.filter(entity=entity, counts=True, **key).first()
    position = Instalment.objects.get(entity=entity, nav=row["nav"]).option.position_id
    if movement is None or OutsideCredit.objects.filter(movement=movement, outside__position=position).exists():
        return False
    first, second = people
    assert first.user_id is not None
    credit = outside_from_credit(
        entity=entity, movement_id=movement.pk, fine_id=_fine(entity, position, row).pk, cents=row["cents"],
        user_id=first.user_id, actor=first,
    )  # fmt: skip
    outside_confirm(outside_id=credit.outside_id, reason=REASON, actor=second)
    return True


def _fine(entity: Entity, position: int, row: Row) -> Fine:
    """The act that the money is for; what the folder does not say of it is made up."""
    found = Fine.objects.filter(entity=entity, position=position).first()
    if found is not None:
        return found
    act, content = row["act"], json.dumps(row, ensure_ascii=False, sort_keys=True).encode()
    file = FineFile.objects.create(
        entity=entity, kind=FileKind.ACTS, name=layout.OUTSIDE, size=len(content),
        sha256=sha256(content).hexdigest(), received_at=clock.now(), received_from=SAID, content=content,
    )  # fmt: skip
    return Fine.objects.create(
        entity=entity, position_id=position, file=file, line=1, number=act["number"], year=act["year"],
        violated_on=date.fromisoformat(act["violated_on"]), place=REASON, plate=act["plate"], country=act["country"],
        article=REASON, min_cents=row["cents"], max_cents=row["cents"], costs_cents=0, discountable=False,
        reference=creditor_reference(act["number"]),
    )  # fmt: skip


def _accountant(entity: Entity, name: str) -> Actor:
    defaults = {"kind": Kind.STAFF, "is_active": False, "first_name": SAID, "password": make_password(None)}
    user, _created = User.objects.get_or_create(username=name, defaults=defaults)
    StaffRole.objects.get_or_create(entity=entity, user=user, role=Role.ACCOUNTANT, office=None)
    return Actor(label=SAID, user_id=user.pk)
