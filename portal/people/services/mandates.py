"""Mandates: asked for, given by the company's representative, decided by the office, ended by who may."""

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from portal import clock
from portal.audit.actor import Actor
from portal.entities.models import Entity
from portal.kernel.errors import DomainError
from portal.kernel.states import move
from portal.kernel.taxcodes import is_codice_fiscale, is_partita_iva
from portal.people import events
from portal.people.acting import Acting
from portal.people.domain.declarations import CompanyData, grant_text, representative_text
from portal.people.domain.mandates import (
    ALLOWED,
    NEEDS_REASON,
    OPEN,
    TRANSITIONS,
    Action,
    Kind,
    Role,
    State,
    check_period,
    is_past,
)
from portal.people.models import Company, EvidenceKind, Mandate, MandateEvidence, Person
from portal.people.post import tell
from portal.people.selectors import is_representative, representatives_of

if TYPE_CHECKING:
    from portal.documents.models import StoredFile

LONGEST_REASON = 2000
SYSTEM = Actor.system("people")
# What is told to the people touched, by the state a mandate has come to.
MESSAGES = {
    State.ACTIVE: "mandate_approved",
    State.REFUSED: "mandate_refused",
    State.REVOKED: "mandate_revoked",
    State.WITHDRAWN: "mandate_withdrawn",
}


class NotForThisRole(DomainError):
    """The action on the mandate belongs to somebody else."""

    def __init__(self) -> None:
        super().__init__("not_for_this_role", "Non puoi eseguire questa operazione sulla delega.")


@dataclass(frozen=True, slots=True)
class Terms:
    """For which services (none: all of them) and from when to when."""

    services: tuple[str, ...]
    valid_from: date
    valid_to: date | None = None

    @property
    def period(self) -> str:
        """In words, for the declaration."""
        end = f" al {self.valid_to:%d/%m/%Y}" if self.valid_to else ", fino a revoca"
        return f"dal {self.valid_from:%d/%m/%Y}{end}"


@dataclass(frozen=True, slots=True)
class Holder:
    """To whom a mandate is given: a person by codice fiscale and name, or an agency already known here."""

    fiscal_code: str
    name: str
    is_agency: bool = False


@transaction.atomic
def representation_request(
    *, person: Person, company: CompanyData, entity: Entity | None, record: "StoredFile | None" = None
) -> Mandate:
    """Ask to be recognised as legal representative: the declaration (DPR 445/2000 art. 46-47) is the evidence.

    Raises DomainError: wrong codes, a mandate already open for that company.
    """
    row = company_known(company)
    mandate = _open(
        Mandate(
            person=person,
            company=row,
            kind=Kind.LEGAL_REPRESENTATIVE,
            valid_from=clock.today(),
            declared=asdict(company),
            asked_by=person,
        )
    )
    text = representative_text(person=_words(person), company=company)
    _paper(mandate, EvidenceKind.DECLARATION, by=person, text=text)
    if record is not None:
        _paper(mandate, EvidenceKind.COMPANY_RECORD, by=person, file=record)
    _asked(mandate, actor=Acting(person).actor, entity=entity)
    return mandate


@transaction.atomic
def mandate_request(
    *, acting: Acting, company: CompanyData, terms: Terms, signed: "StoredFile", entity: Entity | None,
    for_agency: bool = False,
) -> Mandate:  # fmt: skip
    """Ask for a mandate that the company signed on paper, for oneself or for the agency one represents.

    Raises DomainError: wrong codes or dates, a mandate already open, not a representative of the agency.
    """
    check_period(valid_from=terms.valid_from, valid_to=terms.valid_to, on=clock.today())
    agency = _own_company(acting) if for_agency else None
    row = company_known(company)
    if agency is not None and agency.pk == row.pk:
        raise DomainError("agency_itself", "L'agenzia e l'impresa sono la stessa: non serve una delega.")
    mandate = _open(
        Mandate(
            person=None if agency else acting.person,
            agency=agency,
            company=row,
            kind=Kind.DELEGATE,
            services=sorted(terms.services),
            valid_from=terms.valid_from,
            valid_to=terms.valid_to,
            declared=asdict(company),
            asked_by=acting.person,
        )
    )
    _paper(mandate, EvidenceKind.SIGNED_MANDATE, by=acting.person, file=signed)
    _asked(mandate, actor=acting.actor, entity=entity)
    return mandate


@transaction.atomic
def mandate_grant(
    *, acting: Acting, holder: Holder, terms: Terms, services_words: str, entity: Entity | None
) -> Mandate:
    """The company's representative gives a mandate; the office still approves it.

    Who has never logged in receives it at the first login. Raises DomainError: not a representative, wrong codes or
    dates, an agency nobody represents here, a mandate already open.
    """
    check_period(valid_from=terms.valid_from, valid_to=terms.valid_to, on=clock.today())
    company = _own_company(acting)
    mandate = Mandate(
        company=company,
        kind=Kind.DELEGATE,
        services=sorted(terms.services),
        valid_from=terms.valid_from,
        valid_to=terms.valid_to,
        asked_by=acting.person,
        holder_name=holder.name,
    )
    if holder.is_agency:
        mandate.agency = _known_agency(holder.fiscal_code, company)
    else:
        _check(is_codice_fiscale(holder.fiscal_code), "Il codice fiscale del delegato non è giusto: controllalo.")
        mandate.holder_fiscal_code = holder.fiscal_code
        mandate.person = Person.objects.filter(fiscal_code=holder.fiscal_code).first()
    _open(mandate)
    data = CompanyData(company.name, company.fiscal_code, company.vat_number, company.seat, company.pec, company.rea)
    text = grant_text(
        person=_words(acting.person),
        company=data,
        holder=f"{holder.name}, codice fiscale {holder.fiscal_code}",
        services=services_words,
        period=terms.period,
    )
    _paper(mandate, EvidenceKind.DECLARATION, by=acting.person, text=text)
    _asked(mandate, actor=acting.actor, entity=entity)
    return mandate


@transaction.atomic
def mandate_apply(
    *,
    mandate_id: int,
    action: Action,
    actor: Actor,
    role: Role = Role.OFFICE,
    reason: str = "",
    entity: Entity | None = None,
) -> Mandate:
    """Move a mandate and tell the people touched. `entity` is the body in whose name it is done.

    Raises MoveNotAllowed (stale page), NotForThisRole, DomainError (no reason, approved after its last day).
    """
    if action not in ALLOWED[role]:
        raise NotForThisRole
    mandate = Mandate.objects.select_for_update(of=("self",)).get(pk=mandate_id)
    before = State(mandate.state)
    mandate.state = move(TRANSITIONS, before, action)
    mandate.reason = reason.strip()[:LONGEST_REASON]
    if role is Role.OFFICE and action in NEEDS_REASON and not mandate.reason:
        raise DomainError("reason_missing", "Scrivi il motivo: viene comunicato alle persone interessate.")
    if action is Action.APPROVE:
        _approve(mandate)
    if role is Role.OFFICE:
        mandate.decided_by, mandate.decided_for, mandate.decided_at = actor.label[:150], entity, clock.now()
    mandate.save()
    events.mandate_moved(mandate, actor=actor, before=before, after=mandate.state, entity=entity)
    if mandate.state in MESSAGES:
        touched = [each for each in people_touched(mandate) if each.pk != actor.person_id]
        _tell(mandate, MESSAGES[State(mandate.state)], touched, entity=entity)
    return mandate


def mandate_close(*, mandate: Mandate, acting: Acting, entity: Entity | None) -> Mandate:
    """End a mandate, or take back a request, by who holds it or by the company's representative.

    Raises NotForThisRole, MoveNotAllowed.
    """
    closing = closing_of(mandate, acting)
    if closing is None:
        raise NotForThisRole
    role, action = closing
    return mandate_apply(mandate_id=mandate.pk, action=action, actor=acting.actor, role=role, entity=entity)


def closing_of(mandate: Mandate, acting: Acting) -> tuple[Role, Action] | None:
    """How whoever acts may end a mandate; None when they may not.

    A representative ends delegations of their company, not the other representatives: those are for the office.
    """
    state, person, company = State(mandate.state), acting.person, acting.company
    if state not in OPEN:
        return None
    represents = company is not None and acting.is_representative
    asked = mandate.asked_by_id == person.pk and state is State.REQUESTED
    if mandate.person_id == person.pk or asked or (represents and mandate.agency_id == getattr(company, "pk", 0)):
        return Role.HOLDER, Action.WITHDRAW if state is State.REQUESTED else Action.GIVE_UP
    if represents and mandate.company == company and mandate.kind == Kind.DELEGATE:
        return Role.REPRESENTATIVE, Action.WITHDRAW if state is State.REQUESTED else Action.REVOKE
    return None


def people_touched(mandate: Mandate) -> list[Person]:
    """Who must know: who holds it, who asked for it, who represents the company and the agency."""
    today = clock.today()
    people = [each for each in (mandate.person, mandate.asked_by) if each is not None]
    people += representatives_of(mandate.company, on=today)
    if mandate.agency is not None:
        people += representatives_of(mandate.agency, on=today)
    return people


def company_known(company: CompanyData) -> Company:
    """The row of a company, made when it is new. What is already written there is not touched before the approval.

    Raises DomainError when the codes are wrong.
    """
    code = company.fiscal_code
    _check(is_partita_iva(code) or is_codice_fiscale(code), "Il codice fiscale dell'impresa non è giusto: controllalo.")
    _check(
        not company.vat_number or is_partita_iva(company.vat_number),
        "La partita IVA non è giusta: sono undici cifre, l'ultima è di controllo.",
    )
    defaults = {key: value for key, value in asdict(company).items() if key != "fiscal_code"}
    row, _created = Company.objects.get_or_create(fiscal_code=code, defaults=defaults)
    return row


def _approve(mandate: Mandate) -> None:
    if is_past(mandate.valid_to, on=clock.today()):
        raise DomainError("mandate_past", "L'ultimo giorno della delega è già passato: non si può più approvare.")
    if mandate.kind == Kind.LEGAL_REPRESENTATIVE and mandate.declared:
        # The office has seen what the representative declares beside what was known: now it is what is known.
        data = {key: value for key, value in mandate.declared.items() if key != "fiscal_code" and value}
        Company.objects.filter(pk=mandate.company_id).update(**data)


def _open(mandate: Mandate) -> Mandate:
    """Write a new request; the last one for the same company leaves its place when its days are over."""
    mandate.asked_at = clock.now()
    holder = {"person": mandate.person, "agency": mandate.agency}
    if mandate.person is None and mandate.agency is None:
        holder["holder_fiscal_code"] = mandate.holder_fiscal_code  # type: ignore[assignment]
    before = Mandate.objects.select_for_update(of=("self",)).filter(
        **{key: value for key, value in holder.items() if value is not None},
        company=mandate.company,
        state=State.ACTIVE,
        valid_to__lt=clock.today(),
    )
    for past in before:
        mandate_apply(mandate_id=past.pk, action=Action.EXPIRE, actor=SYSTEM, role=Role.SYSTEM)
    try:
        with transaction.atomic():
            mandate.save(force_insert=True)
    except IntegrityError as error:
        if "mandate_one_open" not in str(error):
            raise
        text = "Per questa impresa c'è già una delega attiva o una richiesta da decidere: la trovi nell'elenco."
        raise DomainError("mandate_already_open", text) from error
    return mandate


def _asked(mandate: Mandate, *, actor: Actor, entity: Entity | None) -> None:
    events.mandate_asked(mandate, actor=actor)
    _tell(mandate, "mandate_asked", people_touched(mandate), entity=entity)


def _tell(mandate: Mandate, template: str, people: list[Person], *, entity: Entity | None) -> None:
    tell(people, entity=entity, template=template, source=f"mandate:{mandate.pk}", context={"mandate": mandate})


def _paper(
    mandate: Mandate, kind: EvidenceKind, *, by: Person, text: str = "", file: "StoredFile | None" = None
) -> None:
    MandateEvidence.objects.create(mandate=mandate, kind=kind, text=text, file=file, given_by=by, given_at=clock.now())


def _own_company(acting: Acting) -> Company:
    """The company whose representative acts. Raises DomainError when it is somebody else."""
    company = acting.company
    if company is None or not is_representative(acting.person, company, on=clock.today()):
        text = "Solo il legale rappresentante può farlo: scegli prima di operare per l'impresa che rappresenti."
        raise DomainError("not_a_representative", text)
    return company


def _known_agency(fiscal_code: str, company: Company) -> Company:
    agency = Company.objects.filter(fiscal_code=fiscal_code).first()
    if agency is None or not representatives_of(agency, on=clock.today()):
        text = "Questa agenzia non è ancora nel portale: il suo legale rappresentante deve prima farsi riconoscere."
        raise DomainError("agency_unknown", text)
    if agency.pk == company.pk:
        raise DomainError("agency_itself", "L'agenzia e l'impresa sono la stessa: non serve una delega.")
    return agency


def _check(good: bool, message: str) -> None:
    if not good:
        raise DomainError("company_codes", message)


def _words(person: Person) -> str:
    code = f", codice fiscale {person.fiscal_code}" if person.fiscal_code else ""
    return f"{person}{code}"
