"""Scenarios of verify and activation: what can be paid, what cannot and why."""

from datetime import timedelta

from django_scopes import scope

from payments.domain.codes import PROBE_NAV, issue
from payments.sandbox.scenarios.stage import CENTS, HOME, NEIGHBOUR, PLAIN, Stage
from payments.services.positions import position_suspend
from portal import clock
from portal.audit.actor import Actor
from portal.billing.services import cancel_charge

UNKNOWN = "PAA_PAGAMENTO_SCONOSCIUTO"
CANCELLED = "PAA_PAGAMENTO_ANNULLATO"
ACTOR = Actor.system("scenario")
SHARES = ("data/transferList/transfer/transferAmount", "data/transferList/transfer/fiscalCodePA")


def payable(stage: Stage) -> None:
    """A notice that can be paid answers with its amount, in all three forms."""
    (nav,) = stage.notice()
    amount = {"paymentList/paymentOptionDescription/amount": "48.00"}
    stage.step("verifica", lambda: stage.verify(nav), nav=nav, texts=amount)
    stage.step("attivazione V1", lambda: stage.get(nav, first=True), nav=nav, texts={"data/paymentAmount": "48.00"})
    stage.step("attivazione V2", lambda: stage.get(nav), nav=nav, texts={"data/paymentAmount": "48.00"})


def probe(stage: Stage) -> None:
    """The Stand-In probe is answered before anything else is looked at, even for a body we do not serve."""
    asked = {"entity": "00000000000", "broker": "00000000000", "station": "00000000000_01"}
    stage.step("sonda", lambda: stage.verify(PROBE_NAV, **asked), outcome="KO", fault=UNKNOWN)


def nobody_issued(stage: Stage) -> None:
    """A number that nobody issued."""
    nav = issue(segregation_code=HOME.segregation_code, sequence=10**13 - 2).nav
    stage.step("verifica", lambda: stage.verify(nav), nav=nav, outcome="KO", fault=UNKNOWN)
    stage.step("attivazione", lambda: stage.get(nav), nav=nav, outcome="KO", fault=UNKNOWN)


def wrong_address(stage: Stage) -> None:
    """Another body, broker or station: the first one that is wrong is named."""
    (nav,) = stage.notice()
    for head, fault in (
        ({"entity": "00000000000"}, "PAA_ID_DOMINIO_ERRATO"),
        ({"broker": "00000000000"}, "PAA_ID_INTERMEDIARIO_ERRATO"),
        ({"station": f"{HOME.fiscal_code}_99"}, "PAA_STAZIONE_INT_ERRATA"),
        ({"entity": NEIGHBOUR.fiscal_code}, "PAA_ID_DOMINIO_ERRATO"),
    ):
        stage.step(f"{head}", lambda head=head: stage.verify(nav, **head), nav=nav, outcome="KO", fault=fault)  # type: ignore[misc]


def too_late(stage: Stage) -> None:
    """Past the due date of a way of paying that is refused afterwards; welcome where it is not."""
    (nav,) = stage.notice(due_on=clock.today() - timedelta(days=1))
    stage.step("in ritardo ma accettato", lambda: stage.verify(nav), nav=nav)
    stage.option(nav, refused_after_due=True)
    stage.step("scaduto", lambda: stage.verify(nav), nav=nav, outcome="KO", fault="PAA_PAGAMENTO_SCADUTO")


def too_early(stage: Stage) -> None:
    """Not payable yet."""
    (nav,) = stage.notice()
    stage.option(nav, valid_from=clock.today() + timedelta(days=1))
    stage.step("non ancora pagabile", lambda: stage.verify(nav), nav=nav, outcome="KO", fault=UNKNOWN)


def taken_back(stage: Stage) -> None:
    """Suspended by the office, then cancelled."""
    (nav,) = stage.notice()
    position = stage.position(nav)
    with scope(entity=position.entity_id):
        position_suspend(position_id=position.pk, reason="Ricorso", actor=ACTOR)
    stage.step("sospesa", lambda: stage.verify(nav), nav=nav, outcome="KO", fault=CANCELLED)
    with scope(entity=position.entity_id):
        cancel_charge(charge_id=position.charge_id, actor=ACTOR)
    stage.step("annullata", lambda: stage.get(nav), nav=nav, outcome="KO", fault=CANCELLED, state="cancelled")


def by_post(stage: Stage) -> None:
    """Postal circuit and backing account: which account goes where."""
    (nav,) = stage.notice()
    stage.step(
        "POSTAL",
        lambda: stage.get(nav, kind="POSTAL"),
        nav=nav,
        texts={"data/transferList/transfer/IBAN": HOME.postal_iban},
    )
    stage.step(
        "PAGOPA",
        lambda: stage.get(nav, kind="PAGOPA"),
        nav=nav,
        texts={
            "data/transferList/transfer/IBAN": HOME.iban,
            "data/transferList/transfer/metadata/mapEntry/key": "IBANAPPOGGIO",
            "data/transferList/transfer/metadata/mapEntry/value": HOME.postal_iban,
        },
    )


def five_shares(stage: Stage) -> None:
    """Five transfers, one of them of another body."""
    kinds = [stage.kind(f"SCENARIO_{index}") for index in range(1, 4)]
    neighbour = stage.kind(
        "SCENARIO_VICINO",
        beneficiary_fiscal_code=NEIGHBOUR.fiscal_code,
        beneficiary_name="Ente vicino",
        iban=NEIGHBOUR.iban,
    )
    lines = [(PLAIN, 1000), *((kind, 500) for kind in kinds), (neighbour, 250)]
    (nav,) = stage.notice(lines=lines)
    home = HOME.fiscal_code
    stage.step(
        "attivazione",
        lambda: stage.get(nav),
        nav=nav,
        texts={
            "data/paymentAmount": "27.50",
            SHARES[0]: "10.00 5.00 5.00 5.00 2.50",
            SHARES[1]: f"{home} {home} {home} {home} {NEIGHBOUR.fiscal_code}",
        },
    )


def stamp_asked(stage: Stage) -> None:
    """A digital stamp has the hash of its document instead of an account; the first form cannot carry it."""
    stamp = stage.kind("SCENARIO_BOLLO", digital_stamp=True)
    (nav,) = stage.notice(lines=[(PLAIN, CENTS), (stamp, 1600)], stamp="ab" * 32)
    stage.step(
        "attivazione V2",
        lambda: stage.get(nav),
        nav=nav,
        texts={
            "data/paymentAmount": "64.00",
            "data/transferList/transfer/richiestaMarcaDaBollo/tipoBollo": "01",
            "data/transferList/transfer/richiestaMarcaDaBollo/provinciaResidenza": "PI",
        },
    )
    stage.step("attivazione V1", lambda: stage.get(nav, first=True), nav=nav, outcome="KO", fault="PAA_SEMANTICA")
