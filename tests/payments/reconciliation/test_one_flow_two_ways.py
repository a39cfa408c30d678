"""The same flow as the node gives it and as an archive has it is one: both name who sends the money."""

import pytest

from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import Channel, Correspondent, FlowLine, LedgerPosting, ReportingFlow
from payments.reconciliation.selectors.reports import Month, late_psps
from payments.reconciliation.selectors.work import work_card
from payments.reconciliation.services.books import books_update
from payments.reconciliation.services.flows import ingest_flow
from tests.payments.reconciliation.books import ACTOR
from tests.payments.reconciliation.builders import DAY, credit, flow_xml, line, receipt, xml_line

IUV = "01000000000004285"
SENDER = {"type": "LEGAL_PERSON", "id": "BPPIITRRXXX", "pspId": "PPAYITR1XXX", "pspName": "Poste di prova"}
CREATED = "2026-11-13T01:00:00Z"


@pytest.fixture
def both_ways(kept, owed):
    """Ways of sending the flow of a payment with its receipt."""
    iuv = owed().iuv
    receipt(kept.entity, iuv, "RT-1", 4800, psp_id="PPAYITR1XXX")

    def by_node():
        return kept.flow([line(iuv, "RT-1", 4800)], sender=SENDER, fdrDate=CREATED)

    def by_archive(created=CREATED):
        content = flow_xml(kept.entity.fiscal_code, [xml_line(iuv, "RT-1", "48.00")], total="48.00", created=created)
        return ingest_flow(entity=kept.entity, content=content, name="f.xml", channel=Channel.UPLOAD, actor=ACTOR)

    return by_node, by_archive


@pytest.mark.parametrize("first", [0, 1])
def test_the_same_flow_by_the_node_and_by_the_archive_is_known(both_ways, first):
    assert both_ways[first]().state == "read"
    again = both_ways[1 - first]()
    assert [warning["code"] for warning in again.warnings] == ["FLOW_KNOWN"]
    assert (ReportingFlow.objects.count(), FlowLine.objects.count()) == (1, 1)


@pytest.mark.parametrize("first", [0, 1])
def test_written_at_two_moments_it_counts_once(kept, both_ways, first):
    ways = [both_ways[0], lambda: both_ways[1](created="2026-11-13T09:00:00")]
    ways[first]()
    ways[1 - first]()
    kept.journal([credit(4800)])
    kept.run()
    books_update(entity=kept.entity, actor=ACTOR)
    assert ReportingFlow.objects.count() == 2
    assert {code for subject, code in kept.said() if subject in {"flow", "line", "movement"}} >= {Code.RECONCILED}
    assert not kept.standing(Code.FLOW_WITHOUT_TREASURY, Code.RECEIPT_AMOUNT_DIFFERS, Code.TREASURY_WITHOUT_FLOW)
    assert sum(LedgerPosting.objects.filter(account="psp_clearing").values_list("cents", flat=True)) == 0


def test_a_sender_without_a_code_of_its_own_is_known_by_that_of_the_node(kept):
    kept.flow([line(IUV, "RT-1", 4800)])
    kept.flow([line(IUV, "RT-1", 4800)], fdr="2026-11-12X-1", sender=SENDER | {"id": ""})
    found = ReportingFlow.objects.order_by("pk").values_list("psp_id", "node_psp")
    assert list(found) == [("BPPIITRRXXX", "BPPIITRRXXX"), ("PPAYITR1XXX", "PPAYITR1XXX")]


def test_letters_and_reports_go_by_the_code_that_receipts_have(pisa, kept, both_ways):
    both_ways[0]()
    kept.run()
    receipt(pisa, "01000000000009999", "RT-9", 100, psp_id="PPAYITR1XXX")
    (late,) = late_psps([pisa.pk], month=Month(DAY.replace(day=1), DAY.replace(day=26)))
    assert (late.psp_id, late.uncredited, late.unreported) == ("PPAYITR1XXX", 1, 1)
    verdict = kept.standing(Code.FLOW_WITHOUT_TREASURY)[0]
    for code in ("BPPIITRRXXX", "PPAYITR1XXX"):
        Correspondent.objects.create(entity=pisa, role="psp", psp_id=code, name=code, email=f"{code.lower()}@pec.it")
        card = work_card(entity_ids=[pisa.pk], verdict_id=verdict.pk, user_id=0)
        assert (card.psp_id, card.letter.to) == ("PPAYITR1XXX", f"{code.lower()}@pec.it")
