"""A journal in several pages is one document, whatever page comes first and whatever comes twice."""

from datetime import date
from itertools import permutations

import pytest
from lxml import etree

from payments.reconciliation.domain.explanations import explain
from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import Channel, TreasuryJournal, TreasuryMovement
from payments.reconciliation.selectors.gaps import journal_gaps, missing_pages
from payments.reconciliation.services.ingest import ingest, ingest_many
from portal.audit.actor import Actor
from tests.payments.reconciliation.builders import DAY, credit, journal

ACTOR = Actor.system("prova")
LATE = date(2026, 11, 18)


def pages_of(entity, count, *, ledger=None, day=DAY, wrong=0):
    """A journal in pages, each with its own part of the totals. `wrong` is added to the income of the last one."""
    ledger = ledger if ledger is not None else {"closing": 100_000_00, "journal": 1, "number": 0}
    return [
        journal(entity, [credit(1000 + page)], ledger=ledger, day=day, change=_numbered(page, count, wrong))
        for page in range(1, count + 1)
    ]


def _numbered(page, count, wrong):
    def change(root):
        root.find("pagina").text, root.find("pagine_totali").text = str(page), str(count)
        name = root.find("identificativo_flusso_BT")
        name.text = name.text.replace("#001#001", f"#{page:03d}#{count:03d}")
        if wrong and page == count:
            for part in ("totale_entrate", "saldo_finale"):
                amount = root.find(f"informazioni_conto_evidenza/{part}_conto_evidenza")
                amount.text = f"{float(amount.text) + wrong:.2f}"

    return change


@pytest.fixture
def take(pisa):
    def run(content, name="pagina.xml"):
        return ingest(entity=pisa, content=content, name=name, channel=Channel.FOLDER, actor=ACTOR)

    return run


def _codes(reading) -> list[str]:
    return [warning["code"] for warning in reading.warnings]


def test_pages_that_are_waited_for_are_on_the_page_at_once_and_a_problem_later(pisa, kept, take):
    first, _second, third = pages_of(pisa, 3)
    kept.on(DAY)
    assert _codes(take(third)) == _codes(take(first)) == []
    (waited,) = missing_pages([pisa.pk])
    assert (waited.pages, waited.missing, waited.day) == (3, [2], DAY)
    kept.run()
    assert kept.standing(Code.JOURNAL_INCOMPLETE) == []
    kept.on(LATE)
    kept.run()
    (row,) = kept.standing(Code.JOURNAL_INCOMPLETE)
    assert explain(Code(row.code), row.facts).endswith("ha 3 pagine. Mancano, o sono arrivate soltanto in parte: 2.")


def test_the_last_page_closes_the_problem(pisa, kept, take):
    pages = pages_of(pisa, 2)
    take(pages[1])
    kept.run()
    assert len(kept.standing(Code.JOURNAL_INCOMPLETE)) == 1
    assert _codes(take(pages[0])) == []
    kept.run()
    assert (kept.standing(Code.JOURNAL_INCOMPLETE), missing_pages([pisa.pk])) == ([], [])


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_pages_in_any_order_make_one_chain_with_the_days_around(pisa, kept, take, order):
    ledger = {"closing": 100_000_00, "journal": 1, "number": 0}
    before = journal(pisa, [credit(1)], ledger=ledger, day=date(2026, 11, 11))
    ledger["journal"] = 2
    pages = pages_of(pisa, 3, ledger=ledger)
    ledger["journal"] = 3
    after = journal(pisa, [credit(2)], ledger=ledger, day=date(2026, 11, 13))
    files = [(f"{number}.xml", content) for number, content in enumerate([before, after, *(pages[n] for n in order)])]
    ingest_many(entity=pisa, files=files, channel=Channel.FOLDER, actor=ACTOR)
    kept.run()
    assert (journal_gaps([pisa.pk]), missing_pages([pisa.pk])) == ([], [])
    assert kept.standing(Code.JOURNAL_GAP, Code.JOURNAL_INCOMPLETE) == []


def test_a_missing_page_is_no_missing_day(pisa, kept, take):
    ledger = {"closing": 100_000_00, "journal": 1, "number": 0}
    take(journal(pisa, [credit(1)], ledger=ledger, day=date(2026, 11, 11)))
    ledger["journal"] = 2
    take(pages_of(pisa, 2, ledger=ledger)[0])
    ledger["journal"] = 3
    take(journal(pisa, [credit(2)], ledger=ledger, day=date(2026, 11, 13)))
    kept.run()
    assert journal_gaps([pisa.pk]) == []
    assert [row.code for row in kept.standing(Code.JOURNAL_GAP, Code.JOURNAL_INCOMPLETE)] == ["journal_incomplete"]


def test_journals_that_run_from_the_first_of_january_hide_no_journal(pisa, kept, take):
    """Layout 1.4 has a period instead of a day, and each one tells again what the one before told."""

    def since_january(root):
        day = root.find("data_riferimento_GdC")
        day.tag = "data_fine_periodo_riferimento"
        start = etree.Element("data_inizio_periodo_riferimento")
        start.text = "2026-01-01"
        day.addprevious(start)

    for number in (1, 2):
        ledger = {"closing": 100_000_00, "journal": number, "number": 0}
        credits_ = [credit(1000), credit(2000)][:number]
        take(journal(pisa, credits_, ledger=ledger, day=date(2026, 11, 9 + number), change=since_january))
    ledger |= {"closing": ledger["closing"] + 500, "journal": 3, "number": 0}
    take(journal(pisa, [credit(3000)], ledger=ledger, day=date(2026, 11, 13)))
    kept.run()
    assert [row.cents for row in kept.standing(Code.JOURNAL_GAP)] == [500]
    assert [row.cents for row in journal_gaps([pisa.pk])] == [500]


@pytest.mark.parametrize("last", [0, 1])
def test_the_whole_is_judged_when_the_last_page_comes(pisa, take, last):
    pages = pages_of(pisa, 2, wrong=7)
    assert "MOVEMENTS_DO_NOT_ADD_UP" not in _codes(take(pages[1 - last]))
    reading = take(pages[last])
    assert (reading.state, _codes(reading)[-1]) == ("flagged", "MOVEMENTS_DO_NOT_ADD_UP")


def test_the_same_page_twice_is_known(pisa, take):
    page, _other = pages_of(pisa, 2)
    first = take(page, "prima.xml")
    assert take(page, "seconda.xml").pk == first.pk
    reading = take(page + b"\n", "terza.xml")
    assert (reading.state, reading.loaded, _codes(reading)) == ("read", 0, ["JOURNAL_KNOWN"])
    assert TreasuryJournal.objects.count() == 1


def test_a_page_that_was_cut_gives_way_to_the_whole_one(pisa, kept, take):
    content = journal(pisa, [credit(1), credit(2)])
    take(content[: content.index(b"<importo>98") + 4])
    kept.run()
    (row,) = kept.standing(Code.JOURNAL_INCOMPLETE)
    assert explain(Code(row.code), row.facts).endswith("è arrivato soltanto in parte.")
    reading = take(content)
    assert (reading.loaded, _codes(reading)) == (1, ["MOVEMENTS_KNOWN"])
    kept.run()
    assert (kept.standing(Code.JOURNAL_INCOMPLETE), TreasuryMovement.objects.count()) == ([], 4)
    again = take(content[: content.index(b"<importo>98") + 5])
    assert (_codes(again), again.loaded) == (["JOURNAL_KNOWN_WHOLE"], 0)


def test_pages_beyond_measure_are_told_and_ask_for_nothing(pisa, kept, take):
    def huge(root):
        root.find("pagine_totali").text = "999999999"

    take(journal(pisa, [credit(1)], change=huge))
    kept.run()
    assert len(kept.standing(Code.JOURNAL_INCOMPLETE)) == 1
    assert len(missing_pages([pisa.pk])[0].missing) == 998


def of_the_whole(root):
    """A journal that tells the balances of everything, and of no account."""
    root.remove(root.find("informazioni_conto_evidenza"))


@pytest.mark.parametrize("change", [None, of_the_whole])
def test_the_page_and_the_verdict_agree_on_a_journal_lost_at_the_turn_of_the_year(pisa, kept, take, change):
    kept.on(date(2027, 1, 12))
    ledger = {"closing": 100_000_00, "journal": 1, "number": 0}
    for number, (day, more) in enumerate([(date(2026, 12, 30), 0), (date(2027, 1, 4), 500), (date(2027, 1, 5), 0)], 1):
        ledger |= {"closing": ledger["closing"] + more, "journal": number}
        take(journal(pisa, [credit(4800)], ledger=ledger, day=day, change=change))
    kept.run()
    assert [row.cents for row in kept.standing(Code.JOURNAL_GAP)] == [500]
    (gap,) = journal_gaps([pisa.pk])
    assert (gap.after, gap.before, gap.cents) == (date(2026, 12, 30), date(2027, 1, 4), 500)
