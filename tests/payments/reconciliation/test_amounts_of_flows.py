"""Amounts of flows with signs that the rules and the old schema do not agree on, and amounts that are none."""

import pytest

from payments.reconciliation.domain.outcomes import Code
from payments.reconciliation.models import Channel, FlowLine, ReportingFlow
from payments.reconciliation.services.flows import ingest_flow
from tests.payments.reconciliation.books import ACTOR
from tests.payments.reconciliation.builders import flow_bundle, flow_xml, line, xml_line


@pytest.fixture(params=["xml", "rest"])
def flow(request, pisa):
    """Takes a flow of these amounts and codes, and a declared total."""
    names = {"0": "EXECUTED", "3": "REVOKED", "9": "NO_RPT"}

    def take(lines, total):
        if request.param == "xml":
            content = flow_xml(
                pisa.fiscal_code,
                [xml_line(f"{place:02d}", "A", amount, code=code) for place, (amount, code) in enumerate(lines)],
                total=total,
            )
        else:
            rows = [
                line(f"{place:02d}", "A", round(float(amount) * 100), seq=place + 1, status=names[code])
                for place, (amount, code) in enumerate(lines)
            ]
            content = flow_bundle(pisa.fiscal_code, rows, cents=round(float(total) * 100))
        return ingest_flow(entity=pisa, content=content, name="f", channel=Channel.UPLOAD, actor=ACTOR)

    return take


@pytest.mark.parametrize(
    ("revoked", "total", "right"),
    [("-10.00", "38.00", True), ("10.00", "38.00", True), ("10.00", "58.00", True), ("-10.00", "58.00", False),
     ("10.00", "48.00", False), ("-10.00", "28.00", False)],
)  # fmt: skip
def test_a_total_of_the_lines_as_they_are_written_is_right(kept, flow, revoked, total, right):
    reading = flow([("48.00", "0"), (revoked, "3")], total)
    assert [warning["code"] for warning in reading.warnings] == ([] if right else ["TOTAL_WRONG"])
    assert list(FlowLine.objects.order_by("seq").values_list("cents", flat=True)) == [4800, -1000]
    kept.run()
    assert bool(kept.standing(Code.FLOW_TOTALS_MISMATCH)) is not right
    assert ReportingFlow.objects.get().computed_cents == (round(float(total) * 100) if right else 3800)


@pytest.mark.parametrize("amount", ["-5.00", "0.00"])
@pytest.mark.parametrize("code", ["0", "9"])
def test_a_payment_made_without_money_is_told(flow, amount, code):
    reading = flow([(amount, code), ("1.00", "0"), ("0.00", "3")], f"{float(amount) + 1:.2f}")
    (warning,) = reading.warnings
    assert (reading.state, warning["code"], reading.loaded) == ("flagged", "AMOUNT_NOT_POSITIVE", 3)
