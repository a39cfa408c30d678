"""Treasury journals: from the kept document to its rows."""

from datetime import date

from django.utils.translation import gettext as _

from payments.reconciliation.domain.remittance import read_remittance
from payments.reconciliation.formats.findings import Finding, FormatError, Severity
from payments.reconciliation.formats.journal_signature import SignatureState, check_signature
from payments.reconciliation.formats.opi_journal import Balance, JournalDocument, JournalMovement, read_journal
from payments.reconciliation.models import (
    AccountBalance,
    Channel,
    EvidenceFile,
    EvidenceKind,
    EvidenceReading,
    TreasuryJournal,
    TreasuryMovement,
)
from payments.reconciliation.services.evidence import Loaded, evidence_read, evidence_store
from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity

# What makes a movement itself, apart from the treasurer's code: see the constraint of the table.
Key = tuple[str, str, str, str, str, str]


def ingest_journal(*, entity: Entity, content: bytes, name: str, channel: Channel, actor: Actor) -> EvidenceReading:
    """Keep a treasury journal and read it as far as it goes. Safe to repeat."""
    evidence = evidence_store(
        entity=entity, kind=EvidenceKind.TREASURY_JOURNAL, content=content, name=name, channel=channel, actor=actor
    )
    return evidence_read(evidence=evidence, load=load_journal, actor=actor)


def load_journal(evidence: EvidenceFile) -> Loaded:
    """Write the rows of a kept journal. FormatError when it cannot be read or is not of this body."""
    content = bytes(evidence.content)
    document = read_journal(content)
    owner = document.header.get("codice_fiscale_ente", "")
    if owner and owner != evidence.entity.fiscal_code:
        raise FormatError("OTHER_ENTITY", _("Il giornale è dell'ente %(code)s.") % {"code": owner})
    if document.day_from is None or document.day_to is None or not document.year:
        raise FormatError("DAY_MISSING", _("Il giornale non dice a quale giorno ed esercizio si riferisce."))
    loaded = Loaded(findings=[*document.findings, *_signature_findings(content)])
    loaded.findings += _future(document.day_to)
    journal = _create_journal(evidence, document, document.day_from, document.day_to, document.year)
    AccountBalance.objects.bulk_create([_balance(journal, balance) for balance in document.balances])
    loaded.findings += _chain_findings(journal)
    fresh = _fresh(journal, document, loaded.findings)
    created = TreasuryMovement.objects.bulk_create(
        [_row(journal, movement) for movement in fresh], batch_size=2000, ignore_conflicts=True
    )
    loaded.rows = len(created)
    return loaded


def _signature_findings(content: bytes) -> list[Finding]:
    state = check_signature(content).state
    if state is SignatureState.BROKEN:
        message = _("La firma non corrisponde al contenuto: il giornale è stato alterato dopo la firma.")
        return [Finding("SIGNATURE_BROKEN", message)]
    if state is SignatureState.NOT_CHECKED:
        message = _("La firma non è nella forma che si può verificare.")
        return [Finding("SIGNATURE_NOT_CHECKED", message, Severity.NOTE)]
    return []


def _future(last_day: date) -> list[Finding]:
    if last_day > clock.today():
        return [Finding("FUTURE_DATE", _("Il giorno di riferimento del giornale è nel futuro."))]
    return []


def _create_journal(
    evidence: EvidenceFile, document: JournalDocument, day_from: date, day_to: date, year: int
) -> TreasuryJournal:
    header, totals = document.header, document.totals
    key = {
        "entity_id": evidence.entity_id,
        "treasurer_code": header.get("codice_ente_BT", "")[:40],
        "journal_id": header.get("identificativo_flusso_BT", "")[:80],
        "page": document.page or 0,
    }
    if TreasuryJournal.objects.filter(**key).exists():
        raise FormatError("JOURNAL_ALREADY_KNOWN", _("Lo stesso giornale era già arrivato con un contenuto diverso."))
    return TreasuryJournal.objects.create(
        **key,
        evidence=evidence,
        layout=document.layout,
        pages=document.pages or 0,
        year=year,
        day_from=day_from,
        day_to=day_to,
        opening_cents=totals.opening if totals else None,
        income_cents=totals.income if totals else None,
        expense_cents=totals.expense if totals else None,
        closing_cents=totals.closing if totals else None,
    )


def _balance(journal: TreasuryJournal, balance: Balance) -> AccountBalance:
    return AccountBalance(
        entity_id=journal.entity_id,
        journal=journal,
        account=balance.account[:25],
        description=balance.description[:140],
        opening_cents=balance.opening,
        income_cents=balance.income,
        expense_cents=balance.expense,
        closing_cents=balance.closing,
    )


def _chain_findings(journal: TreasuryJournal) -> list[Finding]:
    """The opening balance is the closing one of the last journal before: else a journal is missing."""
    same = TreasuryJournal.objects.filter(
        entity_id=journal.entity_id, treasurer_code=journal.treasurer_code, year=journal.year
    )
    before = same.filter(day_to__lt=journal.day_from).order_by("-day_to", "-pk").first()
    if before is None or before.closing_cents is None or journal.opening_cents is None:
        return []
    if before.closing_cents == journal.opening_cents:
        return []
    message = _("Il saldo iniziale non è quello finale del giornale precedente (%(day)s): manca un giornale.")
    return [Finding("JOURNAL_GAP", message % {"day": before.day_to.strftime("%d/%m/%Y")})]


def _key(movement: JournalMovement | TreasuryMovement) -> Key:
    return (
        movement.account,
        movement.document_type,
        movement.document_number,
        movement.progressive,
        movement.operation,
        movement.movement_number,
    )


def _fresh(journal: TreasuryJournal, document: JournalDocument, findings: list[Finding]) -> list[JournalMovement]:
    """Movements not seen before; says how many were, and how many of those came with another amount."""
    numbers = {movement.document_number for movement in document.movements}
    rows = TreasuryMovement.objects.filter(
        entity_id=journal.entity_id,
        treasurer_code=journal.treasurer_code,
        year=journal.year,
        document_number__in=numbers,
    ).defer("remittance", "suspended")
    known = {_key(row): row.cents for row in rows}
    fresh: list[JournalMovement] = []
    repeated = changed = 0
    for movement in document.movements:
        key = _key(movement)
        if key in known:
            repeated += 1
            changed += known[key] != movement.cents
        else:
            known[key] = movement.cents
            fresh.append(movement)
    if changed:
        message = _("%(count)d movimenti già noti sono tornati con un importo diverso: vale il primo arrivato.")
        findings.append(Finding("MOVEMENTS_CHANGED", message % {"count": changed}))
    elif repeated:
        message = _("%(count)d movimenti erano già noti.")
        findings.append(Finding("MOVEMENTS_KNOWN", message % {"count": repeated}, Severity.NOTE))
    return fresh


def _row(journal: TreasuryJournal, movement: JournalMovement) -> TreasuryMovement:
    remittance = read_remittance(movement.remittance)
    reference = remittance.reference or ""
    return TreasuryMovement(
        entity_id=journal.entity_id,
        journal=journal,
        treasurer_code=journal.treasurer_code,
        year=journal.year,
        account=movement.account,
        direction=movement.direction,
        document_type=movement.document_type,
        operation=movement.operation,
        document_number=movement.document_number,
        progressive=movement.progressive,
        movement_number=movement.movement_number,
        cents=movement.cents,
        booked_on=movement.booked_on,
        value_on=movement.value_on,
        suspended_on=movement.suspended_on,
        execution_type=movement.execution_type,
        receipt_number=movement.receipt_number,
        operation_reference=movement.operation_reference,
        end_to_end=movement.end_to_end,
        customer=movement.customer,
        remittance=movement.remittance,
        remittance_kind=remittance.kind,
        remittance_reference=reference,
        reference_key=reference.upper(),
        remittance_rule=remittance.rule,
        remittance_confidence=remittance.confidence,
        suspended=[{"number": item.number, "cents": item.cents} for item in movement.suspended],
    )
