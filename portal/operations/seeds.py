"""Demonstration data of the platform: bodies, offices, staff, companies, people's mandates. Safe to run again."""

from datetime import date

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django_scopes import scopes_disabled

from portal.accounts.models import Kind, User
from portal.cases.services.legal_terms import load_legal_terms
from portal.entities.models import Entity, Office, Role, StaffRole
from portal.people.domain.mandates import Kind as MandateKind
from portal.people.domain.mandates import State as MandateState
from portal.people.models import Company, Mandate, Person

PASSWORD = "prova-prova-prova"  # noqa: S105 - printed on the demonstration's first page
DEMO = "dimostrativo"
# One of the staff comes in with a second factor, so that it can be tried. Its app has this key.
WITH_SECOND_FACTOR = "sicurezza.pisa"
APP_KEY = "PORTALEDIMOSTRATIVOPROVA2PASSAGG"

ENTITIES = (
    {
        "code": "PI",
        "ipa_code": "p_pi",
        "fiscal_code": "80000410508",
        "name": "Provincia di Pisa",
        "is_default": True,
        "phone": "+39050000000",
        "email": "servizi@provincia-pisa.example",
        "address": "Piazza Vittorio Emanuele II, 14 - 56125 Pisa",
    },
    {
        "code": "FI",
        "ipa_code": "cmfi",
        "fiscal_code": "80016450480",
        "name": "Città Metropolitana di Firenze",
        "hostname": "firenze.localhost",
        "phone": "+39055000000",
        "email": "servizi@cittametropolitana-firenze.example",
        "address": "Via Cavour, 1 - 50129 Firenze",
    },
    {
        "code": "LI",
        "ipa_code": "p_li",
        "fiscal_code": "80011010495",
        "name": "Provincia di Livorno",
        "hostname": "livorno.localhost",
        "phone": "+39058600000",
        "email": "servizi@provincia-livorno.example",
        "address": "Piazza del Municipio, 4 - 57123 Livorno",
    },
)

# username, first name, last name, role, office code or "" for the whole body
STAFF = {
    "PI": (
        ("istruttore.pisa", "Paolo", "Conti", Role.OFFICER, "transport"),
        ("istruttrice.pisa", "Marta", "Neri", Role.OFFICER, "transport"),
        ("responsabile.pisa", "Anna", "Ferri", Role.HEAD, "transport"),
        ("ragioneria.pisa", "Luca", "Sarti", Role.ACCOUNTANT, ""),
        ("tesoreria.pisa", "Marina", "Lupi", Role.ACCOUNTANT, ""),
        ("sistemi.pisa", "Gino", "Reti", Role.ADMINISTRATOR, ""),
        (WITH_SECOND_FACTOR, "Irene", "Bassi", Role.OFFICER, "transport"),
    ),
    "FI": (
        ("istruttore.firenze", "Sara", "Galli", Role.OFFICER, "transport"),
        ("ragioneria.firenze", "Piero", "Masi", Role.ACCOUNTANT, ""),
    ),
    "LI": (("istruttore.livorno", "Dario", "Rossi", Role.OFFICER, "transport"),),
}

# An agency (consulenza per la circolazione dei mezzi di trasporto) and the companies it acts for.
AGENCY = "03456780505"
CLIENTS = ("01234560504", "07654320501")

COMPANIES = (
    {
        "name": "Autotrasporti Bianchi S.r.l.",
        "fiscal_code": "01234560504",
        "vat_number": "01234560504",
        "rea": "PI-123456",
        "seat": "Via Toscoromagnola 100, 56025 Pontedera (PI)",
    },
    {
        "name": "Edil Tirreno S.p.A.",
        "fiscal_code": "07654320501",
        "vat_number": "07654320501",
        "rea": "PI-654321",
        "seat": "Via Aurelia 20, 56121 Pisa",
    },
    {
        "name": "Pratiche Auto Arno S.r.l.",
        "fiscal_code": AGENCY,
        "vat_number": AGENCY,
        "rea": "PI-345678",
        "seat": "Via Bonaini 5, 56125 Pisa",
    },
)


def seed() -> None:
    """Bodies, offices, staff, companies, legal terms confirmed as demonstrative, and the administrator."""
    with scopes_disabled():
        for row in ENTITIES:
            entity, _ = Entity.objects.update_or_create(code=row["code"], defaults=row)
            _seed_office_and_staff(entity)
        for company in COMPANIES:
            Company.objects.update_or_create(fiscal_code=company["fiscal_code"], defaults=company)
        _staff_user("amministratore", "Ada", "Gestione", superuser=True)
        _seed_second_factor()
        load_legal_terms(confirmed_by=DEMO)


def _seed_second_factor() -> None:
    user = User.objects.get(username=WITH_SECOND_FACTOR)
    if not Authenticator.objects.filter(user=user).exists():
        User.objects.filter(pk=user.pk).update(second_factor_required=True)
        TOTP.activate(user, APP_KEY)


def _seed_office_and_staff(entity: Entity) -> None:
    office, _ = Office.objects.get_or_create(
        entity=entity, code="transport", defaults={"name": "Ufficio Trasporti eccezionali"}
    )
    for username, first, last, role, office_code in STAFF[entity.code]:
        user = _staff_user(username, first, last)
        StaffRole.objects.get_or_create(entity=entity, user=user, role=role, office=office if office_code else None)


def _staff_user(username: str, first: str, last: str, *, superuser: bool = False) -> User:
    user, created = User.objects.get_or_create(
        username=username,
        defaults={
            "first_name": first,
            "last_name": last,
            "kind": Kind.STAFF,
            "is_staff": True,
            "is_superuser": superuser,
        },
    )
    if created:
        user.set_password(PASSWORD)
        user.save()
    return user


# codice fiscale of a demo identity -> (first, last, [(company, kind, valid to)])
PEOPLE = (
    (
        "Giulia",
        "Bianchi",
        (
            ("01234560504", MandateKind.LEGAL_REPRESENTATIVE, None),
            ("07654320501", MandateKind.DELEGATE, date(2027, 12, 31)),
        ),
    ),
    ("Elena", "Conti", (("01234560504", MandateKind.DELEGATE, date(2024, 12, 31)),)),
    ("Lucia", "Ferri", ((AGENCY, MandateKind.DELEGATE, None),)),
)


def seed_mandates(fiscal_codes: dict[tuple[str, str], str]) -> None:
    """Mandates of the demo identities. They are found by codice fiscale, which the test identity provider knows."""
    for first, last, mandates in PEOPLE:
        person = _person(first, last, fiscal_codes[first, last])
        for company_code, kind, valid_to in mandates:
            Mandate.objects.get_or_create(
                person=person,
                company=Company.objects.get(fiscal_code=company_code),
                defaults={
                    "kind": kind,
                    "state": MandateState.ACTIVE,
                    "valid_from": date(2024, 1, 1),
                    "valid_to": valid_to,
                    "evidence": DEMO,
                },
            )

    for client in CLIENTS:
        Mandate.objects.get_or_create(
            agency=Company.objects.get(fiscal_code=AGENCY),
            company=Company.objects.get(fiscal_code=client),
            defaults={
                "kind": MandateKind.DELEGATE,
                "state": MandateState.ACTIVE,
                "valid_from": date(2024, 1, 1),
                "evidence": DEMO,
            },
        )


def _person(first: str, last: str, fiscal_code: str) -> Person:
    person = Person.objects.filter(fiscal_code=fiscal_code).first()
    if person is None:
        user = User(first_name=first, last_name=last)
        user.set_unusable_password()
        user.save()
        person = Person.objects.create(user=user, fiscal_code=fiscal_code, first_name=first, last_name=last)
    return person


def guide() -> list[str]:
    """Lines for the end of `make demo`."""
    people = [f"  {name:20} {first} {last}, {role}" for rows in STAFF.values() for name, first, last, role, _ in rows]
    second = (
        f"{WITH_SECOND_FACTOR} entra anche con il codice di un'app di autenticazione. Chiave da scriverci: {APP_KEY}"
    )
    return [f"Personale degli enti (password di tutti: {PASSWORD}), pagina /admin/:", *people, second]
