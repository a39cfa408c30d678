"""Treasury journals (OPI): from a kept document to a paper of the treasury."""

from datetime import date

from django.utils.translation import gettext as _

from payments.reconciliation.formats.findings import Finding, FormatError, Severity
from payments.reconciliation.formats.journal_signature import SignatureState, check_signature
from payments.reconciliation.formats.money import Paper
from payments.reconciliation.formats.opi_journal import read_journal
from payments.reconciliation.models import MovementSource
from payments.reconciliation.services.evidence import Kept
from portal import clock
from portal.entities.models import Entity


def journal_paper(kept: Kept, entity: Entity) -> Paper:
    """What a journal says. FormatError when it cannot be read or is not of this body."""
    document = read_journal(kept.content)
    owner = document.header.get("codice_fiscale_ente", "")
    if owner and owner != entity.fiscal_code:
        raise FormatError("OTHER_ENTITY", _("Il giornale è dell'ente %(code)s.") % {"code": owner})
    if document.day_from is None or document.day_to is None or not document.year:
        raise FormatError("DAY_MISSING", _("Il giornale non dice a quale giorno ed esercizio si riferisce."))
    return Paper(
        layout=document.layout,
        source=MovementSource.JOURNAL,
        treasurer_code=document.header.get("codice_ente_BT", "")[:40],
        journal_id=document.header.get("identificativo_flusso_BT", "")[:80],
        page=document.page or 0,
        pages=document.pages or 0,
        year=document.year,
        day_from=document.day_from,
        day_to=document.day_to,
        totals=document.totals,
        balances=document.balances,
        movements=document.movements,
        whole=document.complete,
        findings=[*document.findings, *_signature_findings(kept.content), *future_findings(document.day_to)],
    )


def future_findings(last_day: date) -> list[Finding]:
    """A document of days to come is odd, and said so."""
    if last_day > clock.today():
        return [Finding("FUTURE_DATE", _("Il giorno di riferimento del documento è nel futuro."))]
    return []


def _signature_findings(content: bytes) -> list[Finding]:
    state = check_signature(content).state
    if state is SignatureState.BROKEN:
        message = _("La firma non corrisponde al contenuto: il giornale è stato alterato dopo la firma.")
        return [Finding("SIGNATURE_BROKEN", message)]
    if state is SignatureState.NOT_CHECKED:
        message = _("La firma non è nella forma che si può verificare.")
        return [Finding("SIGNATURE_NOT_CHECKED", message, Severity.NOTE)]
    return []
