"""Speed of a year of evidence from its files to the tables, beside the least that must be done, in the same run.

The least: every field of every XML read by lxml, the same rows written by COPY with constraints checked. Nothing is
looked up, compared, understood or signed there; nor are the documents themselves kept. All is thrown away.
"""

import json
import random
import resource
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django_scopes import scope
from lxml import etree

from payments.demo import CREDITORS
from payments.reconciliation.formats.journal_signing import sign
from payments.reconciliation.formats.xml_reading import OPTIONS
from payments.reconciliation.models import (
    AccountBalance,
    Channel,
    EvidenceFile,
    EvidenceReading,
    FlowLine,
    ReportingFlow,
    TreasuryJournal,
    TreasuryMovement,
)
from payments.reconciliation.services.ingest import ingest_many
from payments.sandbox.treasurer import Credit, journal_xml, signing_key
from portal.audit.actor import Actor
from portal.entities.copying import copy_rows
from portal.entities.models import Entity
from portal.kernel.calendar import is_working_day
from portal.operations.bench import row

ACTOR: Final = Actor.system("bench")
FLOWS, LINES, MOVEMENTS, PSPS = 5_700, 57_000, 13_000, 40

LOADED: Final[tuple[type[Any], ...]] = (ReportingFlow, FlowLine, TreasuryJournal, AccountBalance, TreasuryMovement)
_NAMESPACE: Final = "http://www.digitpa.gov.it/schemas/2011/Pagamenti/"


def reconciliation() -> list[dict[str, Any]]:
    """A year and, to see that nothing but rows grows, a day of it."""
    entity = _entity()
    days = [day for day in _days(2025) if is_working_day(day)]
    found = []
    for name, chosen in (("reconciliation_load_day", days[:1]), ("reconciliation_load_year", days)):
        files = list(year_files(entity, chosen))
        spent, statements, rows = _loaded(entity, files)
        least = floor(files)
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        line = row(name, value=spent, unit="s", baseline=least)
        found.append(line | {"files": len(files), "rows": rows, "statements": statements, "memory_mb": memory})
    return found


def year_files(entity: Entity, days: list[date], *, seed: int = 42) -> Iterator[tuple[str, bytes]]:
    """Flows of every PSP and the signed journal of every day: about a year's worth when the days are a year's."""
    dice = random.Random(seed)  # noqa: S311 - a synthetic year
    share = max(1, round(FLOWS / 252))
    per_flow, unrelated = LINES / FLOWS, round(MOVEMENTS / 252) - share
    ledger = {"closing": 10_000_000_00, "journal": 0, "number": 0}
    key = signing_key()
    for day in days:
        credits_ = []
        for psp in range(share):
            iuf = f"{day}PSP{psp:02d}ITRRXXX-{dice.randrange(10**8):08d}"
            count = max(1, round(dice.expovariate(1 / per_flow)))
            content, cents = _flow_xml(entity.fiscal_code, iuf, day, f"PSP{psp:02d}ITRRXXX", count, dice)
            yield f"{iuf}.xml", content
            text = f"/PUR/LGPE-RIVERSAMENTO/TXT/0/URI/{iuf}"
            credits_.append(Credit(cents, text, f"{day:%Y%m%d}{psp:04d}{dice.randrange(10**10):010d}IT", f"PSP {psp}"))
        for number in range(unrelated - 2):
            text = f"BONIFICO {number} FATTURA {dice.randrange(10**6)} SALDO SERVIZI DIVERSI"
            credits_.append(
                Credit(dice.randrange(1, 10**7), text, f"{dice.randrange(10**16):016d}", "CLIENTE DI PROVA")
            )
        ledger["journal"] += 1
        moment = datetime(day.year, day.month, day.day, 3, tzinfo=UTC)
        yield f"GDC-{day}.xml", sign(journal_xml(entity=entity, credits_=credits_, ledger=ledger, at=moment), *key)


def _flow_xml(code: str, iuf: str, day: date, psp: str, count: int, dice: random.Random) -> tuple[bytes, int]:
    cents, lines = 0, []
    for _number in range(count):
        amount = dice.randrange(1000, 20_000)
        cents += amount
        lines.append(
            f"<p:datiSingoliPagamenti><p:identificativoUnivocoVersamento>{dice.randrange(10**17):017d}"
            f"</p:identificativoUnivocoVersamento><p:identificativoUnivocoRiscossione>{dice.randrange(10**24):024d}"
            "</p:identificativoUnivocoRiscossione><p:indiceDatiSingoloPagamento>1</p:indiceDatiSingoloPagamento>"
            f"<p:singoloImportoPagato>{amount // 100}.{amount % 100:02d}</p:singoloImportoPagato>"
            "<p:codiceEsitoSingoloPagamento>0</p:codiceEsitoSingoloPagamento><p:dataEsitoSingoloPagamento>"
            f"{day}</p:dataEsitoSingoloPagamento></p:datiSingoliPagamenti>"
        )
    code_of = "<p:tipoIdentificativoUnivoco>{}</p:tipoIdentificativoUnivoco><p:codiceIdentificativoUnivoco>{}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><p:FlussoRiversamento xmlns:p="{_NAMESPACE}"><p:versioneOggetto>1.0'
        f"</p:versioneOggetto><p:identificativoFlusso>{iuf}</p:identificativoFlusso><p:dataOraFlusso>{day}T03:10:00"
        f"</p:dataOraFlusso><p:identificativoUnivocoRegolamento>TRN{iuf[-8:]}</p:identificativoUnivocoRegolamento>"
        f"<p:dataRegolamento>{day}</p:dataRegolamento><p:istitutoMittente><p:identificativoUnivocoMittente>"
        f"{code_of.format('B', psp)}</p:codiceIdentificativoUnivoco></p:identificativoUnivocoMittente>"
        f"<p:denominazioneMittente>{psp} S.p.A.</p:denominazioneMittente></p:istitutoMittente><p:istitutoRicevente>"
        f"<p:identificativoUnivocoRicevente>{code_of.format('G', code)}</p:codiceIdentificativoUnivoco>"
        "</p:identificativoUnivocoRicevente></p:istitutoRicevente><p:numeroTotalePagamenti>"
        f"{count}</p:numeroTotalePagamenti><p:importoTotalePagamenti>{cents // 100}.{cents % 100:02d}"
        f"</p:importoTotalePagamenti>{''.join(lines)}</p:FlussoRiversamento>"
    ).encode(), cents


def _loaded(entity: Entity, files: list[tuple[str, bytes]]) -> tuple[float, int, int]:
    """Seconds, statements and rows of taking the files in."""
    count = 0

    def counting(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*args)

    with scope(entity=entity), transaction.atomic(), connection.execute_wrapper(counting):
        start = time.perf_counter()
        result = ingest_many(entity=entity, files=iter(files), channel=Channel.FOLDER, actor=ACTOR)
        connection.check_constraints()  # what a commit would wait for
        spent = time.perf_counter() - start
        if result.read != len(files):
            raise RuntimeError(f"a year of good files was not read as such: {result}")
        keep_rows([entity])
        transaction.set_rollback(True)
    return spent, count, result.rows


_ROWS: dict[type[Any], tuple[list[str], list[tuple[Any, ...]]]] = {}


def keep_rows(entities: Sequence[Entity], tables: Sequence[type[Any]] = LOADED) -> None:
    """The rows just written for some bodies, to write them again plainly."""
    _ROWS.clear()
    models: list[type[Any]] = [EvidenceFile, EvidenceReading, *tables]
    for model in models:
        columns = [str(field.column) for field in model._meta.concrete_fields if field.column != "content"]
        with connection.cursor() as cursor:
            texts = ", ".join(f'"{name}"::text' for name in columns)
            table = model._meta.db_table
            wanted = f'SELECT {texts} FROM "{table}" WHERE entity_id = ANY(%s)'  # noqa: S608 - our names
            cursor.execute(wanted, [[entity.pk for entity in entities]])
            _ROWS[model] = (columns, cursor.fetchall())


def floor(files: Iterable[tuple[str, bytes]]) -> float:
    """Seconds of reading every field (with lxml what is XML), and of COPY of the rows that `keep_rows` saw."""
    with transaction.atomic():
        columns, rows = _ROWS[EvidenceFile]
        copy_rows(EvidenceFile, [*columns, "content"], [(*each, b"") for each in rows])
        connection.check_constraints()
        start = time.perf_counter()
        for _name, content in files:
            if content.startswith(b"{"):
                json.loads(content)
                continue
            root = etree.fromstring(content, etree.XMLParser(**OPTIONS))
            _fields = [(element.tag, element.text) for element in root.iter()]
        for model, (columns, rows) in _ROWS.items():
            if model not in (EvidenceFile, EvidenceReading):
                copy_rows(model, columns, rows)
        connection.check_constraints()
        spent = time.perf_counter() - start
        transaction.set_rollback(True)
    return spent


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _entity() -> Entity:
    creditor = CREDITORS[0]
    entity, _created = Entity.objects.get_or_create(
        fiscal_code=creditor.fiscal_code,
        defaults={"code": "PI", "ipa_code": "bench", "name": "Provincia di Pisa"},
    )
    return entity
