"""Speed of the import of a year of fines, beside the row-by-row way, in the same run. All is rolled back."""

import resource
import time
from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from django.db import connection, transaction
from django_scopes import scope, scopes_disabled

from payments.demo import CREDITORS
from payments.fines import conf
from payments.fines.domain.rows import FineRow
from payments.fines.formats.readings import read_acts
from payments.fines.law import law
from payments.fines.models import FileKind, Fine, FineFile
from payments.fines.seeds import HEADINGS, seed_kinds
from payments.fines.services.files import file_receive
from payments.fines.services.importing import import_run
from payments.fines.services.writing import described, lines_of, options_of_row, payer_of, values_of
from payments.seeds import seed
from payments.services.positions import position_write
from portal import clock
from portal.audit.actor import Actor
from portal.billing.models import Charge, ChargeLine
from portal.entities.models import Entity
from portal.operations.bench import row

YEAR: Final = 76_000
SAMPLE: Final = 150
ACTOR: Final = Actor.system("bench")


def fines() -> list[dict[str, Any]]:
    """Fines a second of a whole year: kept, checked, written with their numbers, constraints checked, memory beside."""
    with scopes_disabled(), transaction.atomic():
        entity = _entity()
        plain = _row_by_row(entity)
        content = year_file(YEAR).encode()
        start = time.perf_counter()
        reading = file_receive(entity=entity, kind=FileKind.ACTS, name="anno.csv", content=content, actor=ACTOR)
        checked = time.perf_counter()
        reading = import_run(import_id=reading.pk, entity_id=entity.pk, actor=ACTOR)
        connection.check_constraints()  # what a commit would wait for
        spent = time.perf_counter() - start
        if reading.new_rows != YEAR:
            raise RuntimeError(f"{reading.new_rows} rows came in: {reading.totals['errors'][:3]}")
        transaction.set_rollback(True)
    found = row("payments-fines", value=YEAR / spent, unit="fines/s", baseline=plain)
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return [
        found | {"rows": YEAR, "seconds": round(spent, 1), "check_s": round(checked - start, 1), "memory_mb": memory}
    ]


def year_file(rows: int) -> str:
    """A file as the back office writes it: one in seven from abroad, half of them already served."""
    return HEADINGS + "\r\n" + "".join(_line(number) for number in range(rows))


def _line(number: int) -> str:
    abroad = number % 7 == 0
    code = "" if abroad else "RSSMRA60D20F205C"
    served = "20/03/2026;consegna" if number % 2 else ";"
    where = f"S.P. 11 delle Colline km {number % 40}+200;AB{number % 1000:03d}CD"
    return (
        f"{number};B;2026;{1 + number % 28:02d}/02/2026;{where};"
        f"{'DE' if abroad else 'IT'};art. 142 c. 8;{42 + number % 5},00;173,00;16,50;{'3,10' if number % 3 else ''};"
        f"{'N' if number % 50 == 0 else 'S'};{'S' if number % 4 else 'N'};F;{code};Rossi Mario {number};"
        f"Vicolo Corto;{number % 90};56100;Pisa;PI;{served}\r\n"
    )


def _entity() -> Entity:
    creditor = CREDITORS[0]
    entity, _ = Entity.objects.get_or_create(
        fiscal_code=creditor.fiscal_code,
        defaults={"code": "PI", "ipa_code": "bench", "name": "Provincia di Pisa"},
    )
    seed()
    seed_kinds(entity)
    return entity


def _row_by_row(entity: Entity) -> float:
    """The straightforward way: each row its charge, its position, its fine, by the ORM. Fines a second."""
    content = year_file(SAMPLE).encode()
    file = FineFile.objects.create(
        entity=entity, kind=FileKind.ACTS, name="prova.csv", size=len(content), sha256="0" * 64,
        received_at=clock.now(), received_from="bench", content=content,
    )  # fmt: skip
    with scope(entity=entity):
        start = time.perf_counter()
        for line, each in _rows(content):
            _write_one(entity, file, line, each)
        connection.check_constraints()
        spent = time.perf_counter() - start
        Fine.objects.filter(file=file).delete()
    return SAMPLE / spent


def _rows(content: bytes) -> Iterator[tuple[int, FineRow]]:
    return iter(read_acts(content, law=law(), today=date(2026, 12, 31)))


def _write_one(entity: Entity, file: FineFile, line: int, each: FineRow) -> None:
    payer, options, lines = payer_of(each), options_of_row(each), lines_of(each)
    charge = Charge.objects.create(
        entity=entity, source=f"bench:{line}", handler=conf.HANDLER, payer_kind=payer.kind,
        payer_fiscal_code=payer.fiscal_code, payer_name=payer.name, description=described(each),
        amount_cents=sum(item.cents for item in lines), created_at=clock.now(),
    )  # fmt: skip
    for seq, item in enumerate(lines, start=1):
        ChargeLine.objects.create(
            entity=entity, charge=charge, seq=seq, code=item.code, description=item.description, cents=item.cents,
            debt_kind=item.debt_kind,
        )  # fmt: skip
    position = position_write(charge=charge, payer=payer, options=options).option.position
    Fine.objects.create(**values_of(file, position.pk, line, each))
