"""Lists of provisionals and statements of accounts: from a kept document to a paper of the treasury."""

from django.utils.translation import gettext as _

from payments.reconciliation.formats.camt053 import read_camt053
from payments.reconciliation.formats.findings import FormatError
from payments.reconciliation.formats.money import Paper
from payments.reconciliation.formats.statements import read_statement
from payments.reconciliation.models import EvidenceKind
from payments.reconciliation.services.evidence import Kept
from payments.reconciliation.services.journal_papers import future_findings
from portal.entities.models import Entity


def statement_paper(kept: Kept, entity: Entity) -> Paper:
    """What a list says. FormatError when it cannot be read, or names another body. Most name none: that a list is of
    this one says who gave it.
    """
    read = read_camt053 if kept.kind is EvidenceKind.CAMT053 else read_statement
    paper = read(kept.content)
    others = sorted(paper.owners - {entity.ipa_code.lower()})
    if others:
        message = _("L'elenco ha righe di un altro ente (%(codes)s): non se ne carica niente.")
        raise FormatError("OTHER_ENTITY", message % {"codes": ", ".join(others)[:100]})
    paper.journal_id = f"{kept.name[:66]} {kept.evidence_id}"
    paper.findings += future_findings(paper.day_to)
    return paper
