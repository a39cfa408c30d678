"""A walk through every address of the portal and every page of the admin, with the rows of one body in hand.

Whoever adds an admin or a named address finds these tables empty of it, and the test red: it must be said here who
may open it, or why anybody may.
"""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django_scopes import scopes_disabled

from payments.fines.models import Fine, FineImport
from payments.models import (
    Campaign,
    CampaignPart,
    NodeCall,
    OutsidePayment,
    Position,
    PositionFile,
    QuarantinedMessage,
    Receipt,
    Refund,
)
from payments.reconciliation.domain.outcomes import PROBLEMS
from payments.reconciliation.models import (
    CollectionOrderProposal,
    EvidenceFile,
    FlowLine,
    Match,
    ProposalExport,
    Verdict,
)
from portal.accounts.models import Kind, User
from portal.api.models import ServiceKey
from portal.audit.models import Event
from portal.entities.models import Entity, Role
from portal.people.acting import Acting
from portal.people.models import FiscalCodeClaim, MandateEvidence
from spid_auth.models import AuthnTransaction, IdentityProvider, SamlMessage
from tests.factories import platform as make
from tests.factories.world import World, build, citizen_client, staff_of

DESK = frozenset({Role.OFFICER, Role.HEAD})
READERS = DESK | {Role.ADMINISTRATOR}
BOOKS = frozenset({Role.ACCOUNTANT, Role.ADMINISTRATOR})
ACCOUNTANT = frozenset({Role.ACCOUNTANT})
DECIDERS = frozenset({Role.HEAD, Role.ADMINISTRATOR})
SYSTEM: frozenset[Role] = frozenset()  # who runs the installation, no role of a body

# Which roles of the body read the rows of each admin.
ADMINS: dict[str, frozenset[Role]] = {
    "portal_entities.Entity": SYSTEM,
    "portal_entities.Office": SYSTEM,
    "portal_entities.StaffRole": SYSTEM,
    "portal_accounts.User": SYSTEM,
    "portal_accounts.LoginLock": frozenset({Role.ADMINISTRATOR}),
    "portal_people.Person": SYSTEM,
    "portal_people.Company": SYSTEM,
    "portal_people.Mandate": DECIDERS,
    "portal_people.FiscalCodeClaim": DECIDERS,
    "portal_audit.Event": SYSTEM,
    "portal_registry.ProtocolEntry": frozenset({Role.HEAD, Role.ADMINISTRATOR}),
    "mfa.Authenticator": SYSTEM,
    "portal_outbox.OutboxMessage": SYSTEM,
    "portal_api.ServiceKey": frozenset({Role.ADMINISTRATOR}),
    "portal_cases.Case": DESK,
    "portal_cases.LegalTerm": SYSTEM,
    "spid_auth.IdentityProvider": SYSTEM,
    "spid_auth.Alert": SYSTEM,
    "spid_auth.RegistryRefresh": SYSTEM,
    "spid_auth.RegisterPurge": SYSTEM,
    "spid_auth.AuthnTransaction": SYSTEM,
    "spid_auth.Identity": SYSTEM,
    "spid_auth.ServiceProviderEntity": SYSTEM,
    "spid_auth.SigningCertificate": SYSTEM,
    "payments.Position": BOOKS,
    "payments.Instalment": BOOKS,
    "payments.Receipt": BOOKS,
    "payments.NodeCall": BOOKS,
    "payments.QuarantinedMessage": BOOKS,
    "payments.ReceiptCase": BOOKS,
    "payments.StampAttachment": BOOKS,
    "payments.Refund": BOOKS,
    "payments.OutsidePayment": BOOKS,
    "payments.Campaign": BOOKS,
    "payments.PositionFile": BOOKS,
    "payments.CreditorEntity": BOOKS,
    "payments.Broker": BOOKS,
    "payments.Station": BOOKS,
    "payments.StationLink": BOOKS,
    "payments.DebtKind": BOOKS,
    "payments.SpontaneousService": BOOKS,
    "payments.SpontaneousPayment": BOOKS,
    "payments.ProviderExport": BOOKS,
    "payments.ProviderUpload": BOOKS,
    "payments.ReceiptPull": BOOKS,
    "payments.IbanCheck": BOOKS,
    "payments_fines.Fine": BOOKS,
    "payments_fines.FineImport": BOOKS,
    "payments_fines.DriverData": BOOKS,
    "payments_fines.ReadyNotice": BOOKS,
    "payments_reconciliation.ReconciledReceipt": ACCOUNTANT,
    "payments_reconciliation.FollowedPayment": BOOKS | DESK,
    "payments_reconciliation.SuggestionThreshold": BOOKS,
    "payments_reconciliation.EvidenceFile": ACCOUNTANT,
    "payments_reconciliation.ReportingFlow": ACCOUNTANT,
    "payments_reconciliation.TreasuryJournal": ACCOUNTANT,
    "payments_reconciliation.TreasuryMovement": ACCOUNTANT,
    "payments_reconciliation.TreasuryAccount": ACCOUNTANT,
    "payments_reconciliation.Correspondent": ACCOUNTANT,
    "payments_reconciliation.RevenueAssessment": ACCOUNTANT,
    "payments_reconciliation.AllocationRule": ACCOUNTANT,
    "payments_reconciliation.AssessmentFile": ACCOUNTANT,
    "payments_reconciliation.LedgerEntry": ACCOUNTANT,
    "payments_reconciliation.CollectionOrderProposal": ACCOUNTANT,
    "payments_reconciliation.ProposalExport": ACCOUNTANT,
    "exceptional_transport.FeeRate": READERS,
    "exceptional_transport.WearTable": READERS,
    "exceptional_transport.NetworkVersion": READERS,
    "exceptional_transport.RoadSection": READERS,
    "exceptional_transport.Structure": READERS,
    "exceptional_transport.Permit": READERS,
    "exceptional_transport.LegalFigure": SYSTEM,
    "exceptional_transport.Vehicle": SYSTEM,
}
# Rows that belong to no body: the deciders of every body read them, whoever they work for.
OF_EVERY_BODY = frozenset({"portal_people.Mandate", "portal_people.FiscalCodeClaim"})
PAPERS_OF_EVERY_BODY = frozenset({"documents:mandate_paper", "documents:claim_paper"})
READING = ("changelist", "change", "history")
WRITING = ("add", "delete")

# Addresses open to anybody, and why.
PUBLIC: dict[str, str] = {
    "status": "health of the installation, without details",
    "set_language": "a cookie of the visitor",
    "spid_auth:choose": "the way in",
    "spid_auth:start": "the way in",
    "spid_auth:acs": "identity providers post here",
    "spid_auth:finish": "the second step of the way in",
    "spid_auth:arpa_start": "the way in",
    "spid_auth:arpa_back": "the second step of the way in",
    "spid_auth:arpa_left": "the end of a logout",
    "spid_auth:slo": "identity providers ask for a logout here",
    "spid_auth:slo_finish": "the second step of a logout",
    "spid_auth:cie_acs": "the identity provider of CIE posts here",
    "spid_auth:cie_slo": "the identity provider of CIE asks for a logout here",
    "spid_auth:left": "the end of a logout",
    "spid_auth:metadata": "the federation and the identity providers read it",
    "spid_auth:cie_metadata": "the federation of CIE reads it",
    "spid_auth:body_metadata": "as above, for a body that is not the default one",
    "spid_auth:body_cie_metadata": "as above",
    "spid_auth:aggregated_metadata": "as above, for an aggregated body",
    "payments:fines:foreign": "asks for the number of a notice and a foreign plate",
    "payments:find": "asks for the two codes of a notice",
    "payments:visitor": "what this browser opened with the two codes of a notice",
    "payments:visitor_pay": "as above",
    "payments:visitor_back": "as above",
    "payments:visitor_notice": "as above",
    "payments:visitor_receipt": "as above",
    "payments:visitor_close": "as above",
    "payments:spontaneous": "what can be paid without an avviso",
    "payments:spontaneous_fill": "as above",
    "payments:spontaneous_make": "opens only what this browser wrote a moment before",
    "payments:node": "the node of pagoPA, recognised by its certificate",
    "payments:api_documents": "the systems of others, recognised by their key",
    "payments:api_document": "as above",
    "api:schema": "how the services are called, without data",
    "payments:options": "the node of pagoPA, recognised by its certificate",
    "documents:verify": "whoever holds the paper checks it: facts of the act, nobody's name",
    "exceptional_transport:network": "the public roads of a body",
    "site:home": "public page",
    "site:services": "public page",
    "site:service": "public page",
    "site:service_start": "leads to the login",
    "site:verify_start": "public page",
    "site:help": "public page",
    "site:privacy": "public page",
    "site:legal": "public page",
    "site:accessibility": "public page",
    "site:sitemap": "public page",
    "site:logout": "ends one's own session",
    "account_login": "the staff's way in",
    "account_logout": "ends one's own session",
    "mfa_authenticate": "the staff's second factor",
    "account_reset_password": "whoever forgot the password; the answer is the same for every address",
    "account_reset_password_done": "the same words for everybody",
    "account_reset_password_from_key": "whoever has the link of the e-mail",
    "account_reset_password_from_key_done": "the same words for everybody",
    "admin:login": "sends to the staff's way in",
    "admin:logout": "ends one's own session",
}
# Addresses without arguments behind a login: they show who asks their own things.
OWN = frozenset(
    {
        "site:welcome", "site:welcome_email", "site:area", "site:cases", "site:payments", "site:documents",
        "site:inbox", "site:profile", "site:email_start", "site:email_confirm", "site:act_as", "site:pec_start",
        "site:pec_confirm", "site:phone", "site:claim", "site:mandates", "site:ask_representation", "site:ask_mandate",
        "site:grant_mandate", "site:receipts",
        "exceptional_transport:start", "exceptional_transport:restart", "exceptional_transport:summary",
        "exceptional_transport:submit", "exceptional_transport:upload", "exceptional_transport:step",
        "account_inactive", "account_signup", "account_reauthenticate", "account_email",
        "account_email_verification_sent", "account_change_password", "account_set_password",
        "account_confirm_login_code", "account_confirm_email", "accounts:second_factor",
        "socialaccount_login_cancelled", "socialaccount_login_error", "socialaccount_signup",
        "socialaccount_connections",
        "mfa_list_webauthn", "mfa_add_webauthn", "mfa_reauthenticate_webauthn", "mfa_edit_webauthn",
        "mfa_remove_webauthn",
        "mfa_index", "mfa_reauthenticate", "mfa_activate_totp", "mfa_deactivate_totp", "mfa_view_recovery_codes",
        "mfa_generate_recovery_codes", "mfa_download_recovery_codes",
        "admin:index", "admin:password_change", "admin:password_change_done", "admin:autocomplete", "admin:jsi18n",
        "admin:app_list", "admin:view_on_site", "admin:portal_cases_queue", "admin:payments_reconciliation_unpaired",
        "admin:payments_reconciliation_upload", "admin:payments_reconciliation_suggestions",
        "admin:payments_reconciliation_sources", "admin:payments_reconciliation_queue",
        "admin:payments_reconciliation_reports", "admin:payments_reconciliation_doubles",
        "admin:payments_reconciliation_foreign", "admin:payments_reconciliation_link",
        "admin:payments_reconciliation_reports_csv", "admin:payments_reconciliation_reports_pdf",
        "admin:payments_reconciliation_reports_xlsx",
        "admin:payments_dashboard", "admin:payments_dashboard_csv", "admin:portal_api_servicekey_new",
        "admin:payments_position_csv", "admin:payments_fines_upload",
        "admin:payments_positionfile_upload", "admin:payments_reconciliation_assessments_upload",
        "admin:payments_reconciliation_books_update", "admin:payments_reconciliation_account",
        "admin:payments_reconciliation_year_end", "admin:payments_reconciliation_year_end_file",
        "admin:payments_reconciliation_proposals_approve", "admin:payments_reconciliation_proposals_export",
    }
)  # fmt: skip
# Addresses that name a row: how to name one of the body's.
ROWS: dict[str, Callable[[World], list[Any]]] = {
    "payments:fines:driver": lambda world: [Fine.objects.order_by("pk")[0].position.charge.uuid],
    "payments:fines:driver_receipt": lambda world: [Fine.objects.order_by("pk")[0].position.charge.uuid],
    "admin:payments_fines_action": lambda world: [Fine.objects.order_by("pk")[0].pk, "notifica"],
    "admin:payments_fines_start": lambda world: [FineImport.objects.order_by("pk")[0].pk],
    "admin:payments_fines_check": lambda world: [FineImport.objects.order_by("pk")[0].pk],
    "admin:payments_fines_download": lambda world: [FineImport.objects.order_by("pk")[0].pk],
    "payments:position": lambda world: [world.charge.uuid],
    "payments:pay": lambda world: [world.charge.uuid],
    "payments:back": lambda world: [world.charge.uuid, "ok"],
    "payments:notice": lambda world: [world.charge.uuid],
    "payments:receipt": lambda world: [world.charge.uuid],
    "payments:receipt_of": lambda world: [world.charge.uuid, world.charge.notice_number],
    "exceptional_transport:sent": lambda world: [world.case.code],
    "exceptional_transport:remove_file": lambda world: [world.draft_attachment.uuid],
    "documents:download": lambda world: [world.document.uuid],
    "cases:attachment": lambda world: [world.attachment.uuid],
    "cases:receipt": lambda world: [world.case.code],
    "site:case": lambda world: [world.case.code],
    "site:answer": lambda world: [world.case.code],
    "site:write": lambda world: [world.case.code],
    "site:withdraw": lambda world: [world.case.code],
    "site:draft_discard": lambda world: [world.draft.uuid],
    "site:notice": lambda world: [world.charge.uuid],
    "site:charge_receipt": lambda world: [world.charge.uuid],
    "site:message": lambda world: [world.message.uuid],
    "site:mandate": lambda world: [MandateEvidence.objects.order_by("pk")[0].mandate_id],
    "site:mandate_close": lambda world: [MandateEvidence.objects.order_by("pk")[0].mandate_id],
    "documents:mandate_paper": lambda world: [MandateEvidence.objects.order_by("pk")[0].uuid],
    "documents:claim_paper": lambda world: [FiscalCodeClaim.objects.order_by("pk")[0].uuid],
    "admin:auth_user_password_change": lambda world: [User.objects.filter(kind=Kind.STAFF).order_by("pk")[0].pk],
    "admin:portal_api_servicekey_revoke": lambda world: [ServiceKey.objects.order_by("pk")[0].pk],
    "admin:portal_cases_action": lambda world: [world.case.code, "note"],
    "admin:portal_cases_page": lambda world: [world.case.code],
    "admin:payments_position_action": lambda world: [Position.objects.get(charge=world.charge).pk, "sospendi"],
    "admin:payments_positionfile_download": lambda world: [PositionFile.objects.order_by("pk")[0].pk],
    "admin:payments_receiptcase_refund": lambda world: [Refund.objects.order_by("pk")[0].case_id],
    "admin:payments_position_outside": lambda world: [OutsidePayment.objects.order_by("pk")[0].position_id],
    "admin:payments_outside_action": lambda world: [OutsidePayment.objects.order_by("pk")[0].pk, "confirm"],
    "admin:payments_outside_document": lambda world: [OutsidePayment.objects.order_by("pk")[0].pk],
    "admin:payments_refund_action": lambda world: [Refund.objects.order_by("pk")[0].pk, "approve"],
    "admin:payments_campaign_action": lambda world: [Campaign.objects.order_by("pk")[0].pk, "cancel"],
    "admin:payments_campaign_file": lambda world: [
        Campaign.objects.order_by("pk")[0].pk,
        CampaignPart.objects.filter(file__isnull=False).order_by("pk")[0].pk,
    ],
    "admin:payments_campaign_index": lambda world: [Campaign.objects.order_by("pk")[0].pk],
    "admin:payments_campaign_skipped": lambda world: [Campaign.objects.order_by("pk")[0].pk],
    "admin:payments_reconciliation_undo": lambda world: [
        Match.objects.filter(entity=world.entity, kind="flow_movement")[0].pk
    ],
    "admin:payments_reconciliation_work": lambda world: [
        Verdict.objects.filter(entity=world.entity, code__in=PROBLEMS).order_by("pk")[0].pk
    ],
    "admin:payments_reconciliation_double": lambda world: [
        Receipt.objects.filter(entity=world.entity, outcome="OK").order_by("pk")[0].pk
    ],
    "admin:payments_reconciliation_double_line": lambda world: [
        FlowLine.objects.filter(entity=world.entity, cents__gt=0).order_by("pk")[0].pk
    ],
    "admin:payments_reconciliation_ask_receipt": lambda world: [
        Verdict.objects.filter(entity=world.entity).order_by("pk")[0].pk
    ],
    "admin:payments_reconciliation_download": lambda world: [EvidenceFile.objects.order_by("pk")[0].pk],
    "admin:payments_reconciliation_proposal_take_back": lambda world: [
        CollectionOrderProposal.objects.order_by("pk")[0].pk
    ],
    "admin:payments_reconciliation_export_download": lambda world: [ProposalExport.objects.order_by("pk")[0].pk],
    "admin:payments_reconciliation_orders_void": lambda world: [ProposalExport.objects.order_by("pk")[0].pk],
    "admin:exceptional_transport_permit_state": lambda world: [world.permit.pk],
    "admin:spid_auth_register_transaction": lambda world: [AuthnTransaction.objects.order_by("pk")[0].pk],
    "admin:spid_auth_register_message": lambda world: [
        AuthnTransaction.objects.order_by("pk")[0].pk,
        SamlMessage.objects.order_by("pk")[0].pk,
    ],
    "admin:spid_auth_registry_approve": lambda world: [IdentityProvider.objects.order_by("pk")[0].pk],
}
# Which roles of the same body open the rows above; citizens' addresses open to no staff at all.
SAME_BODY: dict[str, frozenset[Role]] = {
    "documents:download": DESK,
    "documents:mandate_paper": DECIDERS,
    "documents:claim_paper": DECIDERS,
    "cases:attachment": DESK,
    "admin:portal_cases_action": DESK,
    "admin:portal_cases_page": DESK,
    "admin:payments_position_action": ACCOUNTANT,
    "admin:payments_positionfile_download": BOOKS,
    "admin:payments_receiptcase_refund": ACCOUNTANT,
    "admin:payments_position_outside": ACCOUNTANT,
    "admin:payments_outside_action": BOOKS,
    "admin:payments_outside_document": BOOKS,
    "admin:payments_refund_action": BOOKS,
    "admin:payments_campaign_action": ACCOUNTANT,
    "admin:payments_campaign_file": BOOKS,
    "admin:payments_campaign_index": BOOKS,
    "admin:payments_campaign_skipped": BOOKS,
    "admin:payments_reconciliation_download": ACCOUNTANT,
    "admin:payments_reconciliation_work": ACCOUNTANT,
    "admin:payments_reconciliation_double": ACCOUNTANT,
    "admin:payments_reconciliation_export_download": ACCOUNTANT,
    "admin:payments_fines_action": ACCOUNTANT,
    "admin:payments_fines_download": BOOKS,
    "admin:exceptional_transport_permit_state": DESK,
}
ARGUMENTS: dict[str, Callable[[World], list[Any]]] = {
    "exceptional_transport:upload": lambda world: ["schema-carico"],
    "exceptional_transport:step": lambda world: ["veicoli"],
    "documents:verify": lambda world: [world.document.verify_token],
    "payments:visitor_back": lambda world: ["ok"],
    "payments:api_document": lambda world: ["0" * 64],
    "payments:options": lambda world: [world.entity.fiscal_code, world.charge.notice_number],
    "payments:spontaneous_fill": lambda world: ["PI", "00001"],
    "payments:spontaneous_make": lambda world: ["PI", "00001"],
    "exceptional_transport:network": lambda world: ["PI"],
    "spid_auth:body_metadata": lambda world: ["pi"],
    "spid_auth:body_cie_metadata": lambda world: ["pi"],
    "spid_auth:aggregated_metadata": lambda world: ["pub-ag-full", "pi"],
    "site:service": lambda world: ["autorizzazione-trasporto-eccezionale"],
    "site:service_start": lambda world: ["autorizzazione-trasporto-eccezionale"],
    "account_confirm_email": lambda world: ["a:b"],
    "mfa_edit_webauthn": lambda world: [1],
    "mfa_remove_webauthn": lambda world: [1],
    "account_reset_password_from_key": lambda world: ["1", "a-b"],
    "admin:app_list": lambda world: ["payments"],
    "admin:payments_reconciliation_account": lambda world: ["provisionals"],
    "admin:payments_reconciliation_reports_csv": lambda world: ["giorni"],
    "admin:payments_reconciliation_reports_xlsx": lambda world: ["giorni"],
    "admin:payments_reconciliation_year_end_file": lambda world: ["csv"],
    "admin:view_on_site": lambda world: [1, 1],
}
LEAVING = {"site:logout", "account_logout", "admin:logout"}
REFUSED = {302, 400, 403, 404, 405}


def named(resolver: Any, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """Every named address of the project."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLResolver):
            yield from named(pattern, spaces + ((pattern.namespace,) if pattern.namespace else ()))
        elif isinstance(pattern, URLPattern) and pattern.name:
            yield ":".join((*spaces, pattern.name))


def admin_addresses() -> dict[str, type[Model]]:
    """The addresses each registered admin has from Django, by name."""
    found = {}
    for model in admin.site._registry:
        for page in (*READING, *WRITING):
            found[f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"] = model
    return found


def address(name: str, world: World) -> str:
    arguments = ROWS.get(name) or ARGUMENTS.get(name)
    with scopes_disabled():
        return reverse(name, args=arguments(world) if arguments else [])


def row_of(model: type[Model], entity: Entity) -> Model:
    """A row of the body; of any, for tables that belong to none."""
    rows = model._default_manager.order_by("pk")
    if model is User:
        rows = rows.filter(kind=Kind.STAFF)
    if any(each.name == "entity" for each in model._meta.fields) and model._meta.label != "portal_outbox.OutboxMessage":
        rows = rows.filter(entity=entity)
    row = rows.first()
    assert row is not None, f"the body of the test has no {model._meta.label}: make one"
    return row


def browser(user: User | None) -> Client:
    client = Client()
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(response: Any) -> str:
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return f"{response.headers}{content.decode('utf-8', 'replace')}"


def leaks(response: Any, words: set[str], *, asked: str) -> set[str]:
    """Words of the body's rows in an answer, apart from what the address itself said."""
    said = text_of(response)
    return {word for word in words if word in said and word not in asked}


def state_of(world: World) -> tuple[Any, ...]:
    """What a stranger must not have moved."""
    with scopes_disabled():
        for row in (world.case, world.charge, world.message, world.permit, world.draft):
            row.refresh_from_db()
        return (
            world.case.state, world.charge.state, world.message.read_at, world.permit.state, world.draft.saved_at,
            Event.objects.filter(entity=world.entity).count(), world.draft.attachments.count(),
        )  # fmt: skip


@pytest.fixture
def world(db: None, tmp_path: Path, settings: Any) -> World:
    settings.DATA_DIR = tmp_path
    return build(tmp_path)


def test_every_admin_and_every_address_is_in_the_tables():
    known = set(PUBLIC) | OWN | set(ROWS) | set(admin_addresses())
    models = {model._meta.label for model in admin.site._registry}
    assert models == set(ADMINS)
    assert sorted(set(named(get_resolver())) - known) == []
    assert sorted((set(PUBLIC) | OWN | set(ROWS)) - set(named(get_resolver()))) == [], "addresses that are gone"


def test_nobody_outside_opens_moves_or_reads_a_row_of_the_body(world: World):
    firenze = Entity.objects.get(code="FI")
    stranger = Acting(make.make_person("Altro", "Cittadino"))
    outsiders: dict[str, Callable[[], Client]] = {
        "anonymous": lambda: browser(None),
        "citizen": lambda: citizen_client(stranger),
        **{f"FI {role}": partial(browser, user) for role, user in staff_of(firenze).items()},
    }
    deciders = {f"FI {role}" for role in DECIDERS}
    before = state_of(world)
    addresses = {name: address(name, world) for name in sorted(set(PUBLIC) | OWN | set(ROWS))}
    wrong: list[Any] = []
    for who, enter in outsiders.items():
        client: Client | None = None
        for name, url in addresses.items():
            for method in ("get", "post"):
                client = enter() if name in LEAVING or client is None else client
                response = getattr(client, method)(url)
                client = None if name in LEAVING else client
                found = leaks(response, world.private if name in PUBLIC or name in OWN else world.office, asked=url)
                opened = name in ROWS and response.status_code not in REFUSED
                if method == "get" and name in PAPERS_OF_EVERY_BODY and who in deciders:
                    continue
                if found or opened or response.status_code >= 500:
                    wrong.append((who, method, name, response.status_code, found))
    assert wrong == []
    assert state_of(world) == before


def test_staff_of_the_same_body_open_only_what_their_role_works_on(world: World):
    addresses = {name: address(name, world) for name in sorted(ROWS)}
    wrong: list[Any] = []
    for role, user in staff_of(world.entity).items():
        client = browser(user)
        for name, url in addresses.items():
            response = client.get(url)
            may = role in SAME_BODY.get(name, frozenset())
            opened = response.status_code == 200
            if name == "admin:portal_cases_action":
                response = client.post(url, {"text": ""})
                opened = response.status_code == 422
            if opened != may or response.status_code >= 500:
                wrong.append((role, name, response.status_code))
            elif leaks(response, world.office, asked=url) and not may:
                wrong.append((role, name, "leak"))
    assert wrong == []


def admin_pages(world: World) -> Iterator[tuple[str, str, str]]:
    """(label of the model, page, address) of every page of every admin, on a row of the body."""
    with scopes_disabled():
        for model in admin.site._registry:
            options = model._meta
            for page in (*READING, *WRITING):
                arguments = [] if page in {"changelist", "add"} else [row_of(model, world.entity).pk]
                try:
                    yield (
                        options.label,
                        page,
                        reverse(f"admin:{options.app_label}_{options.model_name}_{page}", args=arguments),
                    )
                except NoReverseMatch:
                    continue


def test_the_admin_shows_rows_only_to_the_roles_of_their_body(world: World):
    staff_of(world.entity)
    firenze = Entity.objects.get(code="FI")
    visitors: list[tuple[str, User | None, Role | None]] = [
        ("anonymous", None, None),
        ("citizen", make.make_person("Altro", "Cittadino").user, None),
    ]
    visitors += [("PI", user, role) for role, user in staff_of(world.entity).items()]
    visitors += [("FI", user, role) for role, user in staff_of(firenze).items()]
    wrong: list[Any] = []
    found = list(admin_pages(world))
    for where, user, role in visitors:
        client = browser(user)
        for label, page, url in found:
            response = client.get(url)
            here = where == "PI" or label in OF_EVERY_BODY
            may = here and role in ADMINS[label] and page in READING
            if response.status_code >= 500:
                wrong.append((where, role, label, page, response.status_code))
            elif may and response.status_code != 200 and label != "portal_cases.Case":
                wrong.append((where, role, label, page, "closed", response.status_code))
            elif not may and where != "PI" and leaks(response, world.office, asked=url):
                wrong.append((where, role, label, page, "leak", leaks(response, world.office, asked=url)))
            elif (
                not may
                and page in READING
                and response.status_code == 200
                and not (where == "FI" and role in ADMINS[label] and page == "changelist")
            ):
                wrong.append((where, role, label, page, "open"))
            elif page == "delete" and response.status_code == 200:
                wrong.append((where, role, label, page, "can be deleted"))
    assert wrong == []


def test_who_runs_the_system_without_a_role_keeps_registers_and_sees_no_case(world: World):
    keeper = User.objects.create(username="custode", kind=Kind.STAFF, is_staff=True, is_superuser=True)
    system = {label for label, roles in ADMINS.items() if roles == SYSTEM} | {
        "payments.NodeCall", "payments.QuarantinedMessage", *OF_EVERY_BODY,  # rows without a body are theirs to see
        "portal_accounts.LoginLock",
    }  # fmt: skip
    wrong: list[Any] = []
    with scopes_disabled():
        staff_of(world.entity)
    client = browser(keeper)
    for label, page, url in list(admin_pages(world)):
        response = client.get(url)
        if response.status_code >= 500 or (page in READING and (response.status_code == 200) != (label in system)):
            wrong.append((label, page, response.status_code))
    assert client.get("/admin/").status_code == 200
    for name in ("admin:portal_cases_page", "documents:download", "cases:attachment", "admin:portal_cases_queue"):
        response = client.get(address(name, world))
        if response.status_code not in REFUSED:
            wrong.append((name, response.status_code))
    assert wrong == []


LISTS = ["portal_cases_queue", "payments_position_changelist", "payments_instalment_changelist",
         "payments_receipt_changelist", "payments_receiptcase_changelist", "payments_nodecall_changelist",
         "payments_reconciliation_evidencefile_changelist", "exceptional_transport_permit_changelist",
         "exceptional_transport_feerate_changelist", "exceptional_transport_roadsection_changelist",
         "exceptional_transport_structure_changelist", "payments_fines_fine_changelist",
         "payments_fines_fineimport_changelist"]  # fmt: skip


def test_lists_of_the_office_ask_the_same_number_of_queries_however_many_rows(
    world: World, django_assert_max_num_queries: Any
):
    user = make.make_staff(world.entity, Role.HEAD)
    with scopes_disabled():
        for role in (Role.ACCOUNTANT, Role.ADMINISTRATOR):
            user.staff_roles.create(entity=world.entity, role=role)
        for model in (NodeCall, QuarantinedMessage, Receipt):
            assert model.objects.exists()
        for number in range(12):
            make.make_case(world.entity, what=f"altra {number}")
    client = browser(user)
    for name in LISTS:
        with django_assert_max_num_queries(22):
            assert client.get(reverse(f"admin:{name}")).status_code == 200
