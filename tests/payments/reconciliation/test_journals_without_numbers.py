"""Layout 1.4 numbers no movement, and often tells the year again from its first day: nothing is lost, nothing twice."""

import copy
import random
from datetime import date, timedelta

import pytest
from lxml import etree

from payments.reconciliation.models import Channel, TreasuryMovement
from payments.reconciliation.selectors.ledger import open_provisionals
from payments.reconciliation.services.journals import ingest_journal
from tests.payments.reconciliation.builders import credit, journal

FIRST = date(2026, 11, 9)
# What happens to the provisional of the first day, and how many days after it.
PARTS = [("REGOLARIZZATO", "5000", 1), ("REGOLARIZZATO", "5000", 2)]


def old(entity, parts, *, last: int, since: int = 0) -> bytes:
    """A journal of layout 1.4 on the days from `since` to `last`, with what happened in them."""

    def change(root):
        day = root.find("data_riferimento_GdC")
        day.tag, day.text = "data_fine_periodo_riferimento", (FIRST + timedelta(last)).isoformat()
        start = etree.Element("data_inizio_periodo_riferimento")
        start.text = (FIRST + timedelta(since)).isoformat()
        day.addprevious(start)
        account = root.find("informazioni_conto_evidenza")
        done, *others = account.findall("movimento_conto_evidenza")
        for movement in others:
            account.remove(movement)
        done.remove(done.find("numero_movimento"))
        for operation, cents, after in parts:
            if since <= after <= last:
                part = copy.deepcopy(done)
                part.find("tipo_operazione").text = operation
                part.find("importo").text = f"{cents[:-2]}.{cents[-2:]}"
                part.find("data_movimento").text = (FIRST + timedelta(after)).isoformat()
                done.addnext(part)
                done = part
        if since > 0:
            account.remove(account.find("movimento_conto_evidenza"))

    ledger = {"closing": 0, "journal": 100 * last + since, "number": 0}
    return journal(entity, [credit(10000)], ledger=ledger, day=FIRST, change=change)


@pytest.fixture
def take(pisa, actor):
    return lambda content: ingest_journal(
        entity=pisa, content=content, name="g.xml", channel=Channel.FOLDER, actor=actor
    )


def _rows():
    rows = TreasuryMovement.objects.exclude(operation="ESEGUITO").order_by("booked_on", "cents")
    return [(row.operation, row.cents, (row.booked_on - FIRST).days) for row in rows]


def test_a_provisional_is_covered_a_part_at_a_time(pisa, take):
    for day in (0, 1, 2):
        take(old(pisa, PARTS, last=day, since=day))
    assert _rows() == [("REGOLARIZZATO", 5000, 1), ("REGOLARIZZATO", 5000, 2)]
    assert [open_provisionals([pisa.pk], on=FIRST + timedelta(day)) for day in (0, 1, 2)] == [10000, 5000, 0]


@pytest.mark.parametrize(
    "parts",
    [
        PARTS,
        [*PARTS, ("REGOLARIZZATO", "1000", 2), ("RIPRISTINATO", "1000", 2), ("RIPRISTINATO", "1000", 3)],
        [("STORNATO", "1000", 1), ("STORNATO", "2000", 1), ("STORNATO", "1000", 3)],
    ],
)
@pytest.mark.parametrize("seed", [None, 1, 2])
def test_journals_that_tell_the_year_again_add_nothing_twice(pisa, take, parts, seed):
    contents = [old(pisa, parts, last=last, since=since) for last in (1, 2, 3) for since in (0, last)]
    if seed is not None:
        random.Random(seed).shuffle(contents)
    readings = [take(content) for content in contents]
    assert _rows() == sorted(((kind, int(cents), day) for kind, cents, day in parts), key=lambda row: (row[2], row[1]))
    assert {reading.state for reading in readings} <= {"read", "flagged"}
    assert "MOVEMENTS_CHANGED" not in {warning["code"] for reading in readings for warning in reading.warnings}


def test_the_same_journal_in_other_bytes_is_known(pisa, take):
    content = old(pisa, PARTS, last=2)
    take(content)
    assert [warning["code"] for warning in take(content + b"\n").warnings] == ["JOURNAL_KNOWN"]


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_a_movement_has_its_day_for_number_whatever_came_first(pisa, take, order):
    for last in order:
        take(old(pisa, PARTS, last=last, since=last))
    numbers = TreasuryMovement.objects.filter(operation="REGOLARIZZATO").order_by("booked_on")
    assert list(numbers.values_list("movement_number", flat=True)) == ["2026111001", "2026111101"]
