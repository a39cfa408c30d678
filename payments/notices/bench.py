"""Speed of the printed notice, one by one and in bulk, against the plain way of naive.py, in the same run.

Same fields, same PDF variant, codes included. Times are of CPU: what one core does, whatever else the machine does.
"""

import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from payments.demo import CREDITORS
from payments.domain.codes import issue
from payments.notices.content import NoticeContent, Postal, Slip
from payments.notices.filler.book import Book
from payments.notices.filler.fill import fill_notice, filler
from payments.notices.naive import naive_notice_pdf
from payments.notices.pdf import notice_pdf
from portal.operations.bench import median_ms, row

NOTICES = 11
BULK = 3000
# A core that is shared slows down for seconds at a time: the two ways take turns, and the median turn counts.
TURNS = 5
CREDITOR = CREDITORS[0]
NAMES = (
    "Mario Rossi",
    "Anna Maria D’Angelo",
    "Società Agricola Semplice Fratelli Bianchi di Bianchi Antonio e C.",
    "Łucja Čapek Ñuñez",
    "Autotrasporti Verdi S.r.l.",
)
SUBJECTS = (
    "Autorizzazione al trasporto eccezionale",
    "Violazione del codice della strada, verbale n. 12345/2026 del 12 novembre 2026",
)


def notices() -> list[dict[str, Any]]:
    """Notices printed one by one."""
    content = next(contents())
    ours = median_ms(lambda: notice_pdf(content), runs=NOTICES, warm=1)
    plain = median_ms(lambda: naive_notice_pdf(content), runs=NOTICES, warm=1)
    return [row("notice_pdf", value=1000 / ours, unit="notices/s CPU", baseline=1000 / plain)]


def bulk() -> list[dict[str, Any]]:
    """Notices filled in: each a file by itself, and bound in one book for the printer. With codes and postal part."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "notice.pdf"

        def write(content: NoticeContent) -> None:
            path.write_bytes(fill_notice(content))

        with (Path(folder) / "book.pdf").open("wb") as target, Book(target, "Prova di velocità") as book:
            return [
                _beside_the_plain_way("bulk_files", write, contents),
                _beside_the_plain_way("bulk_book", book.add, contents),
                _beside_the_plain_way("bulk_fines", write, fines),
            ]


def _beside_the_plain_way(
    name: str, make: Callable[[NoticeContent], object], some: Callable[[int], Iterator[NoticeContent]]
) -> dict[str, Any]:
    """Pages a second, one for each notice, beside the plain way's; forms are made before the count."""
    for content in islice(some(1), 2 * len(NAMES) * len(SUBJECTS)):
        make(content)
    printed = filler().counts["printed"]
    turns = []
    for turn in range(TURNS):
        batch = list(islice(some(1000 * turn), BULK // TURNS))
        start, began = time.process_time(), time.perf_counter()
        for content in batch:
            make(content)
        spent, lasted = time.process_time() - start, time.perf_counter() - began
        plain = median_ms(lambda content=batch[0]: naive_notice_pdf(content), runs=1, warm=0)  # type: ignore[misc]
        turns.append((len(batch) / spent, 1000 / plain, len(batch) / lasted))
    if filler().counts["printed"] != printed:
        raise RuntimeError("some notices were printed by WeasyPrint")
    ours, plain_way, by_the_clock = sorted(turns, key=lambda turn: turn[0] / turn[1])[TURNS // 2]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return row(name, value=ours, unit="pages/s CPU", baseline=plain_way) | {
        "pages_per_second": round(by_the_clock, 1),
        "memory_mb": round(memory),
    }


def contents(first: int = 1) -> Iterator[NoticeContent]:
    """Notices without end, each with its number, amount, name and subject."""
    names, subjects = cycle(NAMES), cycle(SUBJECTS)
    base = NoticeContent(
        single=Slip(issue(segregation_code=1, sequence=0).nav, 1, date(2026, 12, 31)),
        subject="",
        entity_name="Provincia di Pisa",
        entity_code=CREDITOR.fiscal_code,
        department="Viabilità e trasporti",
        info="Informazioni dell'ente",
        cbill=CREDITOR.cbill,
        pays_on_site=True,
        debtor_name="",
        debtor_code="RSSMRA60D20F205R",
        postal=Postal(CREDITOR.postal_account, "Provincia di Pisa", "AUT. DB/0000/DEMO 00000 DEL 01/01/2026"),
    )
    for sequence in range(first, 10**12):
        slip = Slip(issue(segregation_code=1, sequence=sequence).nav, 10_000 + sequence % 90_000, date(2026, 12, 31))
        yield replace(base, single=slip, subject=next(subjects), debtor_name=next(names))


def fines(first: int = 1) -> Iterator[NoticeContent]:
    """Notices of fines, each with two numbers. Without a postal part they have one page."""
    for content in contents(first):
        whole = content.first
        reduced = Slip(issue(segregation_code=2, sequence=int(whole.nav[3:16])).nav, whole.cents * 10 // 7, None)
        yield replace(content, single=None, fine=(replace(whole, due_on=None), reduced), postal=None)
