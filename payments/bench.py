"""Speed of the printed notice, against the plain way, in the same run."""

from datetime import date
from typing import Any

from payments.demo import CREDITORS
from payments.notices.content import NoticeContent, Postal, Slip
from payments.notices.naive import naive_notice_pdf
from payments.notices.pdf import notice_pdf
from portal.operations.bench import median_ms, row

NOTICES = 11
CREDITOR = CREDITORS[0]


def notices() -> list[dict[str, Any]]:
    """Printed notices a second on one core, beside the plain way of naive.py: same fields, same PDF variant."""
    content = _content()
    ours = median_ms(lambda: notice_pdf(content), runs=NOTICES, warm=1)
    plain = median_ms(lambda: naive_notice_pdf(content), runs=NOTICES, warm=1)
    return [row("notice_pdf", value=1000 / ours, unit="notices/s CPU", baseline=1000 / plain)]


def _content() -> NoticeContent:
    return NoticeContent(
        single=Slip("301000000000004285", 102099, date(2026, 12, 31)),
        subject="Autorizzazione al trasporto eccezionale",
        entity_name="Provincia di Pisa",
        entity_code=CREDITOR.fiscal_code,
        department="Viabilità e trasporti",
        info="Informazioni dell'ente",
        cbill=CREDITOR.cbill,
        pays_on_site=True,
        debtor_name="Mario Rossi",
        debtor_code="RSSMRA60D20F205R",
        postal=Postal(CREDITOR.postal_account, "Provincia di Pisa", "AUT. DB/0000/DEMO 00000 DEL 01/01/2026"),
    )
