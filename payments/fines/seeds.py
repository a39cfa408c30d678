"""What the demonstration needs to have fines. Safe to run again; every figure is labelled as invented."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings
from django.db import transaction
from django_scopes import scope, scopes_disabled

from payments.demo import CONFIRMED_BY, CREDITORS, SOURCE, DemoKind
from payments.fines import conf
from payments.fines.domain.stages import AppealTo
from payments.fines.models import FileKind, Fine
from payments.fines.services.files import file_receive
from payments.fines.services.importing import import_run
from payments.fines.services.stages import fine_appeal, fine_instalments
from payments.models import DebtKind
from payments.seeds import VALID_FROM
from portal import clock
from portal.accounts.models import Kind, User
from portal.audit.actor import Actor
from portal.entities.models import Entity, Office, Role, StaffRole
from portal.operations.seeds import PASSWORD

KINDS = (
    DemoKind(conf.SANCTION_KIND, "Sanzioni del Codice della Strada", "DEMO04TS"),
    DemoKind(conf.COSTS_KIND, "Spese di procedura e notifica dei verbali", "DEMO05TS"),
)
# Without a known day of service a notice stays payable for the 90 days in which it is served and the 60 after them.
OPEN_DAYS = 150


CLERK = ("verbali.pisa", "Silvia", "Landi")
ACTOR = Actor.system("dimostrazione")
FOREIGN = "MAB1234"
APPEALED, BY_PLAN = "1007", "1008"
BY_TRANSFER, BY_SILENT_TRANSFER = "1009", "1010"
HEADINGS = (
    "numero_verbale;serie;anno;data_violazione;luogo;targa;nazione;articolo;importo_minimo;importo_massimo;spese;"
    "costo_send;sconto;dati_conducente;tipo_debitore;codice_fiscale;debitore;indirizzo;civico;cap;comune;provincia;"
    "data_notifica;modo_notifica"
)


@dataclass(frozen=True, slots=True)
class DemoFine:
    """A fine to one of the people of the demonstration; `served` days before today, None when nobody knows."""

    number: str
    code: str
    name: str
    plate: str
    served: int | None
    country: str = "IT"
    article: str = "art. 142 c. 8"
    place: str = "S.P. 11 delle Colline km 4+200"
    minimum: str = "42,00"
    maximum: str = "173,00"
    send: str = ""
    discount: str = "S"
    driver: str = "N"


GIULIA, MARCO, ELENA = "BNCGLI85C52Y999U", "RSSMRC78L04Y998P", "CNTLNE90S61Y997V"
FINES = (
    DemoFine("1001", GIULIA, "Giulia Bianchi", "AB123CD", 2, driver="S"),
    DemoFine("1002", MARCO, "Marco Rossi", "EF456GH", 30, place="S.P. 2 Vicarese km 9+100"),
    DemoFine("1003", ELENA, "Elena Conti", "GH789JK", 75, article="art. 7 c. 14"),
    DemoFine("1004", "", "Hans Müller", FOREIGN, None, country="DE"),
    DemoFine("1005", GIULIA, "Giulia Bianchi", "AB123CD", None, send="3,10", article="art. 146 c. 2"),
    DemoFine("1006", "01234560504", "Autotrasporti Bianchi S.r.l.", "XA456YZ", 20, discount="N", driver="S",
             minimum="430,00", maximum="1731,00", article="art. 10 c. 18"),
    DemoFine(APPEALED, MARCO, "Marco Rossi", "EF456GH", 12),
    DemoFine(BY_PLAN, ELENA, "Elena Conti", "GH789JK", 10, minimum="430,00", maximum="1731,00",
             article="art. 10 c. 18"),
    # Paid from abroad: one credit names the act, the other says nothing.
    DemoFine(BY_TRANSFER, "", "Anna Schmidt", "WIL123A", None, country="AT"),
    DemoFine(BY_SILENT_TRANSFER, "", "Piotr Nowak", "WA12345", None, country="PL"),
)  # fmt: skip


@transaction.atomic
def seed_kinds(entity: Entity) -> None:
    """The two kinds of debt of a fine."""
    with scopes_disabled():
        for kind in KINDS:
            DebtKind.objects.get_or_create(
                entity=entity,
                code=kind.code,
                valid_from=VALID_FROM,
                defaults={
                    "description": kind.description,
                    "taxonomy_code": kind.taxonomy_code,
                    "office_name": "Polizia Provinciale",
                    "open_days": OPEN_DAYS,
                    "source": SOURCE,
                    "confirmed_by": CONFIRMED_BY,
                },
            )


def seed() -> None:
    """Kinds of debt of every body of the demonstration; for the first one an office, and fines in every state."""
    for entity in Entity.objects.filter(fiscal_code__in=[row.fiscal_code for row in CREDITORS]):
        seed_kinds(entity)
    first = Entity.objects.filter(fiscal_code=CREDITORS[0].fiscal_code).first()
    if first is not None:
        _seed_office(first)
        _seed_fines(first)


def _seed_office(entity: Entity) -> None:
    """The office of fines and one who works there."""
    username, first_name, last_name = CLERK
    user, created = User.objects.get_or_create(
        username=username,
        defaults={"first_name": first_name, "last_name": last_name, "kind": Kind.STAFF, "is_staff": True},
    )
    if created:
        user.set_password(PASSWORD)
        user.save()
    with scopes_disabled():
        office, _ = Office.objects.get_or_create(
            entity=entity, code=conf.OFFICE, defaults={"name": "Polizia Provinciale - Ufficio verbali"}
        )
        StaffRole.objects.get_or_create(entity=entity, user=user, role=Role.OFFICER, office=office)


def _seed_fines(entity: Entity) -> None:
    """Fines by the import itself, served so many days before today: made once, they grow old with the demonstration."""
    with scope(entity=entity):
        if Fine.objects.exists():
            return
        content = "\r\n".join([HEADINGS, *(_line(row, clock.today()) for row in FINES)]).encode()
        reading = file_receive(
            entity=entity, kind=FileKind.ACTS, name="verbali-dimostrativi.csv", content=content, actor=ACTOR
        )
        import_run(import_id=reading.pk, entity_id=entity.pk, actor=ACTOR)
        fine_appeal(fine_id=Fine.objects.get(number=APPEALED).pk, to=AppealTo.JUDGE, actor=ACTOR)
        # An income under the limit of art. 202-bis CdS, whoever she lives with.
        by_plan = Fine.objects.get(number=BY_PLAN).pk
        fine_instalments(fine_id=by_plan, count=4, income_cents=900_000, relatives=0, actor=ACTOR)


def _line(row: DemoFine, today: date) -> str:
    violated = today - timedelta(days=(row.served or 0) + 20)
    served = f"{today - timedelta(days=row.served):%d/%m/%Y};consegna" if row.served is not None else ";"
    kind = "G" if len(row.code) == 11 else "F"
    return (
        f"{row.number};D;{violated.year};{violated:%d/%m/%Y};{row.place};{row.plate};{row.country};{row.article};"
        f"{row.minimum};{row.maximum};16,50;{row.send};{row.discount};{row.driver};{kind};{row.code};{row.name};"
        f"Via Prova;{row.number[-1]};56100;Pisa;PI;{served}"
    )


def guide() -> list[str]:
    """Lines for the list of pages printed at the start."""
    portal = settings.PORTAL_BASE_URL
    return [
        f"Multe dimostrative: Giulia Bianchi (entro 5 giorni), Marco Rossi (entro 60), Elena Conti (oltre 60),"
        f" targa estera {FOREIGN} su {portal}/pagamenti/multe/estero/",
        f"  {CLERK[0]:20} {CLERK[1]} {CLERK[2]}, ufficio verbali, {portal}/admin/payments_fines/fine/",
    ]
