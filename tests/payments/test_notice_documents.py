"""Which notice a position has: what it offers to pay decides the layout."""

from dataclasses import replace
from datetime import date
from hashlib import sha256

import pytest
from django_scopes import scope

from payments.models import CreditorEntity, DebtKind, Instalment, Notice, PaymentOption, Position
from payments.notices.errors import NoticeError
from payments.services.documents import _content, notice_content, notice_document
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.billing.services import cancel_charge
from portal.billing.socket import ChargeLineDraft, Payer, PlannedInstalment
from portal.documents.verification import status_of, statuses_of
from portal.people.models import Company
from tests.factories.platform import make_person

PLAN = (PlannedInstalment(2000, date(2027, 3, 31)), PlannedInstalment(2800, date(2027, 6, 30)))


def position_of(charge) -> Position:
    return Position.objects.select_related("creditor__entity", "entity").get(charge=charge)


def content_of(charge):
    with scope(entity=charge.entity):
        return notice_content(position_of(charge))


pytestmark = pytest.mark.django_db


def test_one_amount_has_the_plain_layout(pisa, charged_many):
    content = content_of(charged_many(pisa))
    assert (content.single.cents, content.single.due_on) == (4800, date(2027, 6, 30))
    assert (content.instalments, content.fine) == ((), None)


def test_without_a_due_date_the_notice_has_none(pisa, charged_many):
    assert content_of(charged_many(pisa, due_on=None)).single.due_on is None


def test_a_plan_beside_the_whole_amount_shows_both(pisa, charged_many):
    content = content_of(charged_many(pisa, plan=PLAN))
    assert content.single.cents == 4800
    assert [(slip.cents, slip.due_on, slip.ordinal) for slip in content.instalments] == [
        (2000, date(2027, 3, 31), 1),
        (2800, date(2027, 6, 30), 2),
    ]
    assert len({slip.nav for slip in content.slips}) == 3


def test_once_a_plan_has_begun_the_notice_shows_what_is_left_of_it(pisa, charged_many):
    charge = charged_many(pisa, plan=PLAN)
    with scope(entity=pisa):
        first = Instalment.objects.get(option__position__charge=charge, option__kind="plan", number=1)
        Instalment.objects.filter(pk=first.pk).update(paid_at=clock.now())
    content = content_of(charge)
    assert content.single is None
    assert [slip.ordinal for slip in content.instalments] == [2]


def test_two_ways_of_paying_at_once_are_the_two_amounts_of_a_fine(pisa, charged_many):
    charge = charged_many(pisa, plan=PLAN, due_on=None)
    with scope(entity=pisa):
        # The plan becomes a second way of paying at once, smaller than the first.
        PaymentOption.objects.filter(position__charge=charge, kind="plan").update(kind="single")
        rows = list(Instalment.objects.filter(option__position__charge=charge, number=1).select_related("option"))
        content = _content(position_of(charge), rows)
    assert [slip.cents for slip in content.fine] == [2000, 4800]
    assert (content.single, content.instalments) == (None, ())


def test_the_address_and_the_second_language_come_from_the_registers(pisa, charged_many):
    charge = charged_many(pisa)
    with scope(entity=pisa):
        Position.objects.filter(charge=charge).update(
            debtor_street="Vicolo Corto", debtor_civic="12", debtor_postal_code="20133", debtor_city="Milano"
        )
        CreditorEntity.objects.filter(entity=pisa).update(notice_language="fr")
    content = content_of(charge)
    assert content.debtor_address == "Vicolo Corto 12, 20133 Milano"
    assert content.second_language == "fr"
    with scope(entity=pisa):
        position = position_of(charge)
    assert notice_document(position_id=position.pk, entity_id=pisa.pk) is not None
    with scope(entity=pisa):
        assert Notice.objects.get().layout == "3.5.1-rata-unica-fr"


def test_the_postal_part_stays_off_until_poste_has_authorised_it(pisa, charged_many):
    charge = charged_many(pisa)
    with scope(entity=pisa):
        CreditorEntity.objects.filter(entity=pisa).update(postal_authorisation="")
    assert content_of(charge).postal is None
    with scope(entity=pisa):
        CreditorEntity.objects.filter(entity=pisa).update(
            postal_authorisation="AUT. DB/0000/PROVA 00000 DEL 01/01/2026"
        )
    assert content_of(charge).postal is not None


def test_a_person_s_notice_is_not_a_paper_of_the_firm_that_has_their_code(pisa, charged_many):
    owner = make_person("Mario", "Rossi", fiscal_code="RSSMRA60D20F205R")
    firm = Company.objects.create(name="Rossi Mario trasporti", fiscal_code=owner.fiscal_code, seat="Via Prova 1, Pisa")
    own, of_firm = (
        charged_many(pisa, source=f"case:{kind}", payer=Payer(kind, owner.fiscal_code, "Mario Rossi")) for kind in "FG"
    )
    with scope(entity=pisa):
        keys = [position_of(row).pk for row in (own, of_firm)]
    papers = [notice_document(position_id=key, entity_id=pisa.pk) for key in keys]
    assert [(paper.holder_person, paper.holder_company) for paper in papers] == [(owner, None), (None, firm)]


def test_a_digital_stamp_has_no_notice(pisa, charged_many):
    with scope(entity=pisa):
        DebtKind.objects.filter(code="TE_BOLLO").update(digital_stamp=True)
    digest = sha256(b"richiesta").hexdigest()
    stamped = charged_many(pisa, lines=[ChargeLineDraft("bollo", "Bollo", 1600, "TE_BOLLO", digest, "PI")])
    with scope(entity=pisa):
        position = position_of(stamped)
        with pytest.raises(NoticeError):
            notice_content(position)
    assert notice_document(position_id=position.pk, entity_id=pisa.pk) is None


def test_texts_longer_than_their_fields_are_shortened(pisa, charged_many):
    charge = charged_many(pisa, description="SANZIONE " * 15)
    content = content_of(charge)
    assert len(content.subject) <= 90
    assert content.subject.startswith("Sanzione sanzione")
    assert content.subject.endswith("…")
    assert replace(content) == content


def test_an_old_paper_says_that_it_is_not_to_be_paid(pisa, charged):
    kept, cancelled, repriced, stopped = (charged(pisa, source=f"case:{number}") for number in range(4))
    papers = [
        notice_document(position_id=row.option.position_id, entity_id=pisa.pk)
        for row in (kept, cancelled, repriced, stopped)
    ]
    with scope(entity=pisa):
        cancel_charge(charge_id=cancelled.option.position.charge_id, actor=Actor.system("prova"))
        Notice.objects.filter(position=repriced.option.position).delete()
        position_suspend(position_id=stopped.option.position_id, reason="Ricorso", actor=Actor.system("prova"))
    said = statuses_of(papers, on=date(2026, 11, 22))
    assert [one.code for one in said] == ["authentic", "over", "over", "suspended"]
    assert "RSSMRA" not in str(status_of(papers[1], on=date(2026, 11, 22)))


def test_the_paper_of_a_paid_position_says_so(notice):
    paper = notice_document(position_id=notice.option.position_id, entity_id=notice.entity_id)
    with scope(entity=notice.entity):
        Position.objects.filter(pk=notice.option.position_id).update(state="paid", paid_at=clock.now())
    assert status_of(paper, on=date(2026, 11, 22)).code == "paid"
