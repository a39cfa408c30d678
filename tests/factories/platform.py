"""Bodies, staff, people, companies, cases of an invented service."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from django.test import Client
from django_scopes import scopes_disabled

from portal import clock
from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.billing.socket import ChargeLineDraft
from portal.cases.handlers import Block, Panel, register_handler
from portal.cases.models import Case, LegalTerm
from portal.cases.services.drafts import draft_open
from portal.cases.services.submission import case_submit
from portal.catalogue import cards
from portal.documents.models import Document
from portal.documents.services import document_create
from portal.entities.models import Entity, Office, Role, StaffRole
from portal.people.acting import Acting
from portal.people.domain.mandates import Kind as MandateKind
from portal.people.domain.mandates import State as MandateState
from portal.people.models import Company, Mandate, Person
from portal.people.session import BACKEND, IDENTITY_KEY

_number = count(1)

SERVICE = "servizio-di-prova"
CARD = cards.ServiceCard(
    slug=SERVICE,
    title="Servizio di prova",
    category="Mobilità e trasporti",
    summary="Serve alle prove.",
    audience=("A chi prova.",),
    how_to=("Provando.",),
    needed=("Niente.",),
    obtained=("Un documento.",),
    times=("Quindici giorni.",),
    costs=("Dipende.",),
    conditions=("Nessuna.",),
    contacts=("Ufficio delle prove.",),
    topics=("Prove",),
    office_code="transport",
    term=cards.Term(days=15, source="norma di prova"),
)


class TrialHandler:
    """Drives the cases of the invented service; `lines` is what granting costs."""

    lines: list[ChargeLineDraft] = []

    def describe(self, case: Case) -> list[Block]:
        return [Block("Domanda", [("Che cosa", str(case.snapshot.get("what", "")))])]

    def office_panels(self, case: Case) -> list[Panel]:
        return []

    def prescriptions(self, case: Case) -> list[tuple[str, str, bool]]:
        return [("weather", "Fermarsi con la neve.", True), ("night", "Solo di notte.", False)]

    def charges(self, case: Case) -> list[ChargeLineDraft]:
        return self.lines

    def issue(self, case: Case, actor: Actor) -> Document:
        return document_create(
            entity=case.entity,
            kind="trial_act",
            title="Atto di prova",
            content=b"%PDF-1.7 trial",
            filename="atto.pdf",
            source=case.source,
            actor=actor,
            holder_person=case.applicant_person,
            holder_company=case.applicant_company,
        )


def make_entity(code: str = "PI", **extra: Any) -> Entity:
    """A body with its transport office. The same code gives the same body."""
    number = next(_number)
    entity, _ = Entity.objects.get_or_create(
        code=code,
        defaults={
            "ipa_code": f"ipa_{code.lower()}",
            "fiscal_code": f"{80000000000 + number}",
            "name": f"Ente {code}",
            "is_default": code == "PI",
            **extra,
        },
    )
    with scopes_disabled():
        Office.objects.get_or_create(entity=entity, code="transport", defaults={"name": "Ufficio Trasporti"})
    return entity


def make_staff(entity: Entity, role: Role = Role.OFFICER, *, name: str = "Paolo") -> User:
    """A staff user with one role in the body's transport office."""
    user = User.objects.create(
        username=f"staff{next(_number)}", first_name=name, last_name="Conti", kind=Kind.STAFF, is_staff=True
    )
    with scopes_disabled():
        StaffRole.objects.create(
            entity=entity, user=user, role=role, office=Office.objects.get(entity=entity, code="transport")
        )
    return user


def log_in(client: Client, person: Person, *, level: int = 2) -> None:
    """A browser whose session was opened by a digital identity of a level."""
    client.force_login(person.user, backend=BACKEND)
    session = client.session
    session[IDENTITY_KEY] = {"scheme": "spid", "level": level, "idp": "prova", "at": clock.now().isoformat()}
    session.save()


def make_person(first: str = "Giulia", last: str = "Bianchi", **extra: Any) -> Person:
    """A person with a citizen user and a confirmed e-mail."""
    number = next(_number)
    user = User(first_name=first, last_name=last)
    user.set_unusable_password()
    user.save()
    values: dict[str, Any] = {
        "fiscal_code": f"TSTPRS80A01Y{number % 1000:03d}X",
        "email": f"persona{number}@posta.example",
        "email_verified_at": datetime(2026, 1, 1, tzinfo=UTC),
        **extra,
    }
    return Person.objects.create(user=user, first_name=first, last_name=last, **values)


def make_company(name: str = "Autotrasporti Bianchi S.r.l.") -> Company:
    number = next(_number)
    return Company.objects.create(name=name, fiscal_code=f"{90000000000 + number}", seat="Via Prova 1, Pisa")


def make_mandate(person: Person, company: Company, **extra: Any) -> Mandate:
    """An active mandate without end."""
    values: dict[str, Any] = {
        "kind": MandateKind.DELEGATE,
        "state": MandateState.ACTIVE,
        "valid_from": date(2020, 1, 1),
        **extra,
    }
    return Mandate.objects.create(person=person, company=company, **values)


def confirm_terms(codes: Iterable[str] = ("integration", "refusal_notice")) -> None:
    """Legal terms that the invented office confirmed."""
    for code in codes:
        LegalTerm.objects.get_or_create(
            code=code,
            valid_from=date(2000, 1, 1),
            defaults={"days": 10, "source": "norma di prova", "confirmed_by": "prova"},
        )


def trial_service() -> TrialHandler:
    """The invented service, in the catalogue and plugged into the cases."""
    if CARD not in cards.all_cards():
        cards.register(CARD)
    handler = TrialHandler()
    register_handler(SERVICE, handler)
    return handler


def make_case(entity: Entity, acting: Acting | None = None, *, what: str = "una prova") -> Case:
    """A submitted case of the invented service."""
    trial_service()
    acting = acting or Acting(make_person())
    draft = draft_open(acting=acting, service=SERVICE)
    return case_submit(
        draft_id=draft.pk,
        acting=acting,
        entity=entity,
        title="Servizio di prova",
        snapshot={"what": what},
        on_created=lambda case: None,
    )
