"""A whole body with one row of everything, and the words that nobody outside may read."""

import random
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from django.test import Client
from django_scopes import scope, scopes_disabled

from exceptional_transport import seeds as transport
from exceptional_transport.load import load_figures
from exceptional_transport.models import FeeRate, Permit, WearBracket, WearTable
from exceptional_transport.services.network import network_import
from payments.domain.campaigns import Action as CampaignAction
from payments.domain.campaigns import Output, Selection
from payments.domain.outside import How
from payments.models import (
    Broker,
    DebtKind,
    Instalment,
    NodeCall,
    Position,
    QuarantinedMessage,
    ReceiptCase,
    ReceiptTransfer,
    SpontaneousPayment,
    SpontaneousService,
    StampAttachment,
    StampCheck,
)
from payments.models.receipts import CaseState
from payments.reconciliation.api import DOCUMENTS
from payments.reconciliation.models import Channel, SuggestionThreshold
from payments.reconciliation.services.flows import ingest_flow
from payments.reconciliation.services.journals import ingest_journal
from payments.reconciliation.services.matching import reconcile
from payments.seeds import seed as seed_payments
from payments.services.campaign_work import campaigns_work
from payments.services.campaigns import campaign_create, campaign_move
from payments.services.imports import position_file_receive
from payments.services.outside import Arrived, outside_record
from payments.services.receipts import receipt_quarantine
from payments.services.refunds import refund_request
from payments.services.spontaneous import Asked, Payer, Wanted, spontaneous_open
from portal import clock
from portal.accounts.models import User
from portal.accounts.services import attempt_begin
from portal.api.services import key_create
from portal.audit.actor import Actor
from portal.billing.models import Charge
from portal.cases.models import Attachment, Case, Draft
from portal.cases.services.desk import case_approve, case_issue, case_settle, case_take
from portal.documents.domain.uploads import UploadRules
from portal.documents.models import Document
from portal.documents.services import store_upload
from portal.entities.models import Entity, Role, StaffRole
from portal.messaging.models import Message
from portal.messaging.services import write_to_office
from portal.people.acting import Acting
from portal.people.domain.declarations import CompanyData
from portal.people.models import Person
from portal.people.services.claims import claim_make
from portal.people.services.mandates import Terms, mandate_request
from portal.people.session import MANDATE_KEY
from spid_auth.models import (
    Alert,
    AlertKind,
    AuthnTransaction,
    Identity,
    IdentityProvider,
    RefreshOutcome,
    RegisterPurge,
    RegistryRefresh,
    ServiceProviderEntity,
    SigningCertificate,
)
from spid_auth.models import Direction as SamlDirection
from spid_auth.services import message_keep
from tests.exceptional_transport import pages
from tests.factories import platform as make
from tests.factories.book_rows import book_rows
from tests.factories.fine_rows import fine_rows
from tests.factories.provider_rows import provider_rows
from tests.payments import node_messages as node
from tests.payments.reconciliation import builders

SECRET = "SEGNALIBRO"
DESK = Actor(label="Paolo Conti")


@dataclass
class World:
    """A body, a citizen of it with rows everywhere, and the words of those rows."""

    entity: Entity
    person: Person
    acting: Acting
    case: Case
    draft: Draft
    attachment: Attachment
    draft_attachment: Attachment
    charge: Charge
    message: Message
    document: Document
    permit: Permit
    private: set[str] = field(default_factory=set)
    office: set[str] = field(default_factory=set)


def citizen_client(acting: Acting) -> Client:
    """A browser of whoever acts."""
    client = Client()
    make.log_in(client, acting.person)
    if acting.mandate is not None:
        session = client.session
        session[MANDATE_KEY] = acting.mandate.pk
        session.save()
    return client


def browser_of_staff(entity: Entity, *held: Role) -> Client:
    """A browser of somebody who has all these roles in the body."""
    user = make.make_staff(entity, held[0])
    with scopes_disabled():
        for role in held[1:]:
            StaffRole.objects.create(entity=entity, user=user, role=role)
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def build_network(entity: Entity, folder: Path) -> Entity:
    """The body with the figures of law, the small network and its rates."""
    load_figures(confirmed_by="prova")
    _office_rows(entity, folder)
    return entity


def build(folder: Path) -> World:
    """Everything a body can have, made the way people make it."""
    make.confirm_terms()
    make.trial_service()
    entity = make.make_entity("PI", fiscal_code="80000410508", name="Provincia di Pisa")
    make.make_entity("FI", fiscal_code="80016450480", name="Città metropolitana di Firenze")
    seed_payments()
    build_network(entity, folder)
    person = make.make_person("Ottavia", f"{SECRET}issimi", email=f"{SECRET.lower()}@posta.example")
    company = make.make_company(f"Autotrasporti {SECRET} S.r.l.")
    acting = Acting(person, make.make_mandate(person, company))
    case, permit = _granted_case(entity, acting)
    other = make.make_case(entity, acting, what=f"{SECRET} domanda in corso")
    browser = citizen_client(acting)
    browser.post(pages.url("richiedente"), {"kind": "single", "trips": ""})
    pages.attach(browser, "schema-carico", pages.pdf(f"{SECRET}.pdf"))
    draft = Draft.objects.get(person=person, case=None)
    with scopes_disabled():
        message = write_to_office(
            person=person,
            company=company,
            entity=entity,
            source=other.source,
            subject="Pratica",
            body=f"{SECRET} testo",
        )
        world = World(
            entity=entity,
            person=person,
            acting=acting,
            case=case,
            draft=draft,
            attachment=Attachment.objects.filter(case=case).order_by("pk")[0],
            draft_attachment=Attachment.objects.get(draft=draft, case=None),
            charge=Charge.objects.get(source=case.source),
            message=message,
            document=Document.objects.get(pk=permit.document_id),
            permit=permit,
        )
        _evidence(entity)
        _refund(entity)
        _position_file(entity)
        _unasked(entity)
        _campaign(entity)
        _outside(entity)
        provider_rows(entity, SECRET)
        fine_rows(entity, SECRET, acting)
        book_rows(entity, SECRET)
        _login_rows(person, entity)
        _people_rows(acting)
        world.private = {
            SECRET,
            SECRET.lower(),
            person.fiscal_code or SECRET,
            company.fiscal_code,
            case.code,
            other.code,
        }
        world.office = world.private | {world.charge.notice_number, "AB123CD"}
    return world


def _office_rows(entity: Entity, folder: Path) -> None:
    roads, structures = pages.write_network(folder)
    with scopes_disabled():
        network_import(entity=entity, roads=roads, structures=structures, label=f"{SECRET} rete")
        for code, cents, _source in transport.RATES:
            FeeRate.objects.create(
                entity=entity, code=code, cents=cents, valid_from=date(2022, 1, 1), source=f"{SECRET} delibera",
                confirmed_by="prova",
            )  # fmt: skip
        table = WearTable.objects.create(
            entity=entity, name=f"{SECRET} tabella", method="conventional", multiplier="1.0", approved=False,
            valid_from=date(2022, 1, 1), source=f"{SECRET} atto",
        )  # fmt: skip
        WearBracket.objects.create(entity=entity, table=table, up_to_kg=60000, unit="1.00000")
        Broker.objects.filter(entity=entity).update(name=f"{SECRET} intermediario")
        DebtKind.objects.filter(entity=entity).update(source=f"{SECRET} fonte")


def _granted_case(entity: Entity, acting: Acting) -> tuple[Case, Permit]:
    """An application sent from the pages, approved, paid at the station and issued."""
    browser = citizen_client(acting)
    pages.fill_all(browser)
    code = browser.post(pages.url("invia"), pages.DECLARATIONS)["Location"].rstrip("/").rsplit("/", 1)[1]
    with scope(entity=entity):
        case = Case.objects.select_related("entity").get(code=code)
        case_take(case_id=case.pk, user=make.make_staff(entity), actor=DESK)
        case_approve(case_id=case.pk, prescriptions=[f"{SECRET} prescrizione"], due_on=None, actor=DESK)
        charge = Charge.objects.get(source=case.source)
        instalment = Instalment.objects.get(nav=charge.notice_number)
    rows = tuple(
        (row.seq, f"{row.amount_cents / 100:.2f}", entity.fiscal_code, row.iban)
        for row in _unscoped(instalment.transfers.all)
    )
    amount = f"{charge.amount_cents / 100:.2f}"
    node.post(node.send(node.Receipt(instalment.nav, amount=amount, transfers=rows)))
    node.post(node.send(node.Receipt(instalment.nav, receipt_id="b" * 32, amount=amount, transfers=rows)))
    with scope(entity=entity):
        assert ReceiptCase.objects.filter(state=CaseState.TO_REVIEW).exists()
        case_settle(case_id=case.pk)
        document = case_issue(case_id=case.pk, actor=DESK)
        return case, Permit.objects.get(document=document)


def _unscoped(rows: Any) -> list[Any]:
    with scopes_disabled():
        return list(rows())


def _evidence(entity: Entity) -> None:
    """A flow and a journal that meet, one unreadable message, the calls of the node."""
    iuv, iur = f"{random.Random(7).randrange(10**16, 10**17)}", "c" * 32
    with scope(entity=entity):
        builders.receipt(entity, iuv, iur, 4800)
        flow = builders.flow_bundle(entity.fiscal_code, [builders.line(iuv, iur, 4800)])
        journal = builders.journal(entity, [builders.credit(4800, f"{builders.REMITTANCE}{builders.IUF} {SECRET}")])
        ingest_flow(entity=entity, content=flow, name=f"{SECRET}.json", channel=Channel.API, actor=DESK)
        ingest_journal(entity=entity, content=journal, name=f"{SECRET}.xml", channel=Channel.UPLOAD, actor=DESK)
        reconcile(entity=entity, actor=DESK)
        key_create(
            entity=entity, label=SECRET, allowed=[DOCUMENTS], expires_on=clock.today() + timedelta(30), user_id=None,
            actor=DESK,
        )  # fmt: skip
        SuggestionThreshold.objects.create(entity=entity, cents=1_000_00, valid_from=clock.today(), source=SECRET)
    receipt_quarantine(
        raw=f"<{SECRET}/>".encode(), reason=QuarantinedMessage.Reason.MALFORMED, detail=SECRET, entity_id=entity.pk
    )
    NodeCall.objects.filter(entity=entity).update(fault_code=SECRET)
    with scope(entity=entity):
        row = ReceiptTransfer.objects.filter(receipt__case__state=CaseState.TO_REVIEW).latest("pk")
        stamp = StampAttachment.objects.create(
            entity=entity, transfer=row, received_at=clock.now(), raw=SECRET.encode()
        )
        StampCheck.objects.create(entity=entity, attachment=stamp, checked_at=clock.now(), state="valid", iubd=SECRET)


def _refund(entity: Entity) -> None:
    """Somebody of the books asks to give back the second payment."""
    asker = make.make_staff(entity, Role.ACCOUNTANT, name="Chiede")
    refund_request(
        case_id=ReceiptCase.objects.get(state=CaseState.TO_REVIEW).pk, cents=100, beneficiary_name=f"{SECRET} paga",
        iban="IT60X0542811101000000123456", reason=f"{SECRET} due volte", actor=Actor("Chiede", user_id=asker.pk),
    )  # fmt: skip


def _unasked(entity: Entity) -> None:
    """Somebody pays without an avviso."""
    spontaneous_open(
        service=SpontaneousService.objects.select_related("entity").get(entity=entity, code="00001"),
        wanted=Wanted(Payer("F", "VRDLCU70C15G702E", f"Giulia {SECRET}"), Asked(), reason=f"{SECRET} motivo"),
        channel=SpontaneousPayment.Channel.WEB,
        actor=DESK,
    )


def _outside(entity: Entity) -> None:
    """Money for what was asked without an avviso came by bank transfer: it waits for a second person."""
    clerk = make.make_staff(entity, Role.ACCOUNTANT, name="Registra")
    payment = SpontaneousPayment.objects.get(entity=entity)
    arrived = Arrived(
        clock.today(), 100, How.TRANSFER, f"{SECRET} CRO", f"{SECRET} nota", pages.pdf(f"{SECRET}-contabile.pdf")
    )
    position = Position.objects.get(charge=payment.charge_id)
    outside_record(position_id=position.pk, arrived=arrived, actor=Actor("Registra", user_id=clerk.pk))


def _campaign(entity: Entity) -> None:
    """The notice of who pays without an avviso is printed in a volume; a position that was paid is left out."""
    asker = Actor(label="Prepara", user_id=make.make_staff(entity, Role.ACCOUNTANT, name="Prepara").pk)
    with scope(entity=entity):
        campaign = campaign_create(
            entity=entity, name=f"{SECRET} verbali", output=Output.BOOK, actor=asker,
            selection=Selection(created_from=date(2020, 1, 1)),
        )  # fmt: skip
        campaign_move(campaign_id=campaign.pk, action=CampaignAction.QUEUE, actor=asker)
    campaigns_work()


def _position_file(entity: Entity) -> None:
    """A file of positions that waits to be brought in."""
    head = "id_esterno;codice_fiscale;nome;tipo;importo;descrizione"
    content = f"{head}\n{SECRET};RSSMRA60D20F205C;{SECRET} deve;TE_BOLLO;48,00;{SECRET} causale\n".encode()
    position_file_receive(entity=entity, name=f"{SECRET}.csv", content=content, actor=DESK)


def _login_rows(person: Person, entity: Entity) -> None:
    now = clock.now()
    membership = ServiceProviderEntity.objects.create(body=entity, with_cie=True, municipality="G702")
    SigningCertificate.objects.create(
        provider=membership, folder=f"chiavi-{SECRET}", fingerprint="0" * 64, active_from=now,
        expires_at=now + timedelta(days=700),
    )  # fmt: skip
    provider = IdentityProvider.objects.create(
        issuer="https://idp.example", name="Gestore di prova", sso_post_url="https://idp.example/sso", certificates="-"
    )
    Identity.objects.create(
        person=person, scheme="spid", subject_key=person.fiscal_code or "", level=2, idp=provider, first_login=now,
        last_login=now,
    )  # fmt: skip
    started = AuthnTransaction.objects.create(
        code=f"{SECRET}"[:10], request_id="_1", issued_at=now, idp=provider, level=2, relay_state="r" * 43,
        next_path="/area/", created_at=now,
    )  # fmt: skip
    message_keep(started, SamlDirection.OUT, f"<{SECRET}/>".encode())
    Alert.objects.create(kind=AlertKind.REGISTRY, subject=SECRET, text=SECRET, first_at=now, last_at=now)
    RegistryRefresh.objects.create(at=now, source=SECRET, outcome=RefreshOutcome.REFUSED)
    RegisterPurge.objects.create(started_at=now, cutoff=now)


def _people_rows(acting: Acting) -> None:
    """A mandate asked for with a paper, and a declared codice fiscale with its document."""
    company = CompanyData(f"Cantieri {SECRET} S.r.l.", "09999990501", "", "Via Prova 2, Pisa")
    rules = UploadRules()
    mandate_request(
        acting=acting,
        company=company,
        terms=Terms((), date(2026, 1, 1)),
        signed=store_upload(upload=pages.pdf(f"{SECRET}-delega.pdf"), rules=rules),
        entity=None,
    )
    paper = store_upload(upload=pages.pdf(f"{SECRET}-tessera.pdf"), rules=rules)
    claim_make(person=make.make_person("Ana", SECRET, fiscal_code=None), fiscal_code="BNCGLI85C52Y999U", file=paper)


def staff_of(entity: Entity) -> dict[Role, User]:
    """One of the staff for each role."""
    found = {role: make.make_staff(entity, role, name=role.value.title()) for role in Role}
    RecoveryCodes.activate(found[Role.OFFICER])
    attempt_begin(name=found[Role.OFFICER].username)
    return found
